"""Trains the heads and writes ``heads.npz``: logistic and ridge regression over vector, cue hits and word pieces.

    python -m assistant.understanding.heads.train --data ../shared/data [--tune tests/benchmarks/moments]

Needs scikit-learn and the public sets named in MODEL_CARD.md. The seed is fixed; the same input gives the same arrays.
"""

import argparse
import asyncio
import hashlib
import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped,import-not-found,unused-ignore]
from sklearn.linear_model import LogisticRegression, Ridge

from assistant.ports import Embedder
from assistant.understanding.cues import load_cues
from assistant.understanding.emotion import COLUMNS, EMOTIONS, GAMMA, HEADS, KINDS, ROUTES, URGENT, place
from assistant.understanding.features import BUCKETS, DENSE, VERSION, features
from assistant.understanding.heads.corpus import Example, own, public, tuning

SEED = 7
SCALE = {"vector": 3.0, "dense": 0.6, "hashed": 2.5}
"""How much each block counts before regularisation: a larger number is punished less."""
STRENGTH = {"kind": 1.0, "route": 1.0, "emotion": 1.0, "urgent": 1.0, "wish": 1.0, "abuse": 1.0, "vulnerable": 1.0,
            "strong": 0.5}
"""Inverse regularisation (scikit-learn's C) of each head."""
STEEP = 14.0
"""An intensity label x counts as "strong" with probability 1 / (1 + exp(-STEEP (x - 0.5)))."""

RIDGE = 10.0
"""How much large weights are punished in the valence head."""
PROSE = 0.3
"""Share of the hashed pieces' scale in the valence head: words of one corpus say little of another's mood."""

LANDMARKS = 1500
"""How many of our own messages serve as landmarks of nearness."""
NEAR_SCALE = 3.0
NEAR_SHARE = 0.5
"""What the nearness says counts for this much of a column, the linear part for the rest."""
NOT_NEAR = ("emotion",)
"""Heads that are linear alone: most of what they learn from has no landmark near it."""

Matrix = Any  # scipy has no types here
Target = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]  # rows, classes, weights


def embed(texts: Sequence[str], engine: Embedder, cache: Path | None) -> NDArray[np.float32]:
    """Embed as queries, keeping the vectors in ``cache`` (a folder) if there is one."""
    key = hashlib.sha256((engine.name + "\0".join(texts)).encode("utf-8", "replace")).hexdigest()[:16]
    kept = cache / f"{key}.npy" if cache else None
    if kept is not None and kept.is_file():
        return np.asarray(np.load(kept, allow_pickle=False), np.float32)
    parts = [asyncio.run(engine.embed(texts[i:i + 256], "query")) for i in range(0, len(texts), 256)]
    vectors = np.concatenate(parts)
    if kept is not None:
        np.save(kept, vectors.astype(np.float16))
    return vectors.astype(np.float32)


def blocks(texts: Sequence[str], knowledge: Path) -> tuple[NDArray[np.float32], Matrix]:
    """Give the dense numbers and the hashed pieces (sparse) of all texts."""
    cues = load_cues(knowledge)
    dense = np.zeros((len(texts), len(DENSE)), np.float32)
    at, columns, values = [0], [], []
    for row, text in enumerate(texts):
        read = features(text, *cues.search(text))
        dense[row] = read.dense
        columns.append(read.buckets)
        values.append(read.weights)
        at.append(at[-1] + len(read.buckets))
    hashed = sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), at), (len(texts), BUCKETS))
    return dense, hashed


def target(examples: Sequence[Example], classes: Callable[[Example], dict[int, float] | None]) -> Target:
    """List (row, class, weight); ``classes`` gives the share of every class, or None where nothing is known."""
    rows, labels, weights = [], [], []
    for row, example in enumerate(examples):
        for label, share in (classes(example) or {}).items():
            rows.append(row)
            labels.append(label)
            weights.append(share * example.weight)
    return np.array(rows), np.array(labels), np.array(weights)


def _one(value: str | None, names: tuple[str, ...]) -> dict[int, float] | None:
    return None if value is None else {names.index(value): 1.0}


def _flag(value: bool | None) -> dict[int, float] | None:
    return None if value is None else {int(value): 1.0}


def _emotions(example: Example) -> dict[int, float] | None:
    return {EMOTIONS.index(one): 1.0 / len(example.emotions) for one in example.emotions} or None


def _strong(example: Example) -> dict[int, float] | None:
    if example.intensity is None:
        return None
    share = float(1.0 / (1.0 + np.exp(-STEEP * (example.intensity - 0.5))))
    return {1: share, 0: 1.0 - share}


HEAD_TARGETS: dict[str, Callable[[Example], dict[int, float] | None]] = {
    "kind": lambda one: _one(one.kind, KINDS), "route": lambda one: _one(one.route, ROUTES), "emotion": _emotions,
    "urgent": lambda one: _one(one.urgent, URGENT), "wish": lambda one: _flag(one.wish),
    "abuse": lambda one: _flag(one.abuse), "vulnerable": lambda one: _flag(one.vulnerable), "strong": _strong}


def fit(examples: Sequence[Example], inputs: Matrix, leave_out: Sequence[str] = ()) -> tuple[Any, Any]:
    """Fit every head but those left out; give weights (inputs, columns) and biases."""
    weights, bias = np.zeros((inputs.shape[1], COLUMNS["valence"].stop)), np.zeros(COLUMNS["valence"].stop)
    for head, classes in HEAD_TARGETS.items():
        if head in leave_out:
            continue
        rows, labels, shares = target(examples, classes)
        model = LogisticRegression(C=STRENGTH[head], max_iter=600, tol=1e-4, random_state=SEED)
        model.fit(inputs[rows], labels, sample_weight=shares)
        columns = COLUMNS[head]
        if columns.stop - columns.start == 1:
            weights[:, columns.start], bias[columns.start] = model.coef_[0], model.intercept_[0]
        else:
            weights[:, columns.start + model.classes_] = model.coef_.T
            bias[columns.start + model.classes_] = model.intercept_
    return weights, bias


def fit_valence(examples: Sequence[Example], inputs: Matrix) -> tuple[Any, float]:
    """Fit the ridge regression of valence; the last BUCKETS inputs are the hashed pieces."""
    known = [row for row, example in enumerate(examples) if example.valence is not None]
    scale = np.ones(inputs.shape[1])
    scale[-BUCKETS:] = PROSE
    ridge = Ridge(alpha=RIDGE, random_state=SEED)
    ridge.fit((inputs @ sparse.diags(scale))[known], [examples[row].valence for row in known],
              [examples[row].weight for row in known])
    return ridge.coef_ * scale, float(ridge.intercept_)


def nearness(points: NDArray[np.float32], chosen: NDArray[np.int64]) -> tuple[Any, Any]:
    """Give Nyström features of all points for the chosen landmarks, and the matrix that makes them from the kernel."""
    marks = points[chosen].astype(np.float16).astype(np.float32)

    def kernel(some: NDArray[np.float32]) -> NDArray[np.float64]:
        far = (some * some).sum(1)[:, None] + (marks * marks).sum(1)[None] - 2.0 * some @ marks.T
        return np.asarray(np.exp(-GAMMA * np.maximum(far, 0.0)), np.float64)

    values, vectors = np.linalg.eigh(kernel(marks) + 1e-3 * np.eye(len(chosen)))
    turn = vectors / np.sqrt(values) * NEAR_SCALE
    return kernel(points) @ turn, turn


def train(examples: Sequence[Example], vectors: NDArray[np.float32], knowledge: Path) -> dict[str, NDArray[Any]]:
    """Give the arrays of ``heads.npz`` but for ``about``."""
    dense, hashed = blocks([example.text for example in examples], knowledge)
    ours = np.array([row for row, example in enumerate(examples) if example.kind is not None])
    mine = np.array([row for row in ours if examples[row].weight == 1.0])
    mean = vectors[ours].mean(axis=0)
    centred, size = vectors - mean, vectors.shape[1]
    rest = [sparse.csr_matrix(dense * SCALE["dense"]), hashed * SCALE["hashed"]]
    whole = sparse.hstack([sparse.csr_matrix(centred * SCALE["vector"]), *rest]).tocsr()
    words = sparse.hstack(rest).tocsr()
    known = np.array([row for row, example in enumerate(examples) if example.kind or example.wish is not None])
    some = [examples[row] for row in known]
    spread = vectors[mine].std(axis=0)
    chosen = np.random.default_rng(SEED).choice(mine, min(LANDMARKS, len(mine)), replace=False)
    points = place(centred, dense, spread)
    near, turn = nearness(points, chosen)
    near_weights, near_bias = fit(some, near[known], NOT_NEAR)
    near_weights, near_bias = turn @ near_weights * NEAR_SHARE, near_bias * NEAR_SHARE
    arrays: dict[str, NDArray[Any]] = {"mean": mean, "spread": spread, "landmarks": points[chosen].astype(np.float16)}
    valence, emotion = COLUMNS["valence"].start, COLUMNS["emotion"]
    for name, inputs in (("full", whole), ("words", words)):
        weights, bias = fit(examples, inputs)
        if name == "full":
            others = np.array([column for column in range(valence) if not emotion.start <= column < emotion.stop])
            weights[:, others] *= 1.0 - NEAR_SHARE
            bias[others] *= 1.0 - NEAR_SHARE
        weights[:, valence], bias[valence] = fit_valence(examples, inputs)
        start = size if name == "full" else 0
        if start:
            arrays["full_vector"] = (weights[:size] * SCALE["vector"]).astype(np.float32)
        arrays[f"{name}_dense"] = (weights[start:start + len(DENSE)] * SCALE["dense"]).astype(np.float32)
        arrays[f"{name}_hashed"] = (weights[start + len(DENSE):] * SCALE["hashed"]).astype(np.float16)
        arrays[f"{name}_bias"] = bias.astype(np.float32)
    return arrays | {"near_weights": near_weights.astype(np.float32), "near_bias": near_bias.astype(np.float32)}


def main(given: Sequence[str] | None = None) -> None:
    """Train on everything and write the arrays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--tune", type=Path, help="folder of the benchmark: its tune files are trained on as well")
    parser.add_argument("--knowledge", type=Path, default=Path("knowledge"))
    parser.add_argument("--engine", default="assistant.engines.e5_small:E5Small")
    parser.add_argument("--cache", type=Path, help="keep vectors in this folder")
    parser.add_argument("--out", type=Path, default=HEADS)
    options = parser.parse_args(given)
    module, _, name = options.engine.partition(":")
    engine: Embedder = getattr(importlib.import_module(module), name)()
    examples = own() + public(options.data)
    examples += tuning(options.tune) if options.tune else []
    vectors = embed([example.text for example in examples], engine, options.cache)
    arrays = train(examples, vectors, options.knowledge)
    about = {"version": VERSION, "embedder": engine.name, "examples": len(examples), "seed": SEED}
    arrays["about"] = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    np.savez_compressed(options.out, **arrays)  # type: ignore[arg-type]  # one array per name


if __name__ == "__main__":
    main()
