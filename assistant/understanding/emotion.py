"""The trained heads: plain arrays that turn features and the message's vector into calibrated probabilities.

How they were trained, on what, and how well they do is told in ``heads/MODEL_CARD.md``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import KnowledgeError
from assistant.understanding.features import BUCKETS, DENSE, VERSION, Features

KINDS = ("fraud_or_loss", "safety", "crisis", "bereavement", "life_event", "disruption", "money_at_stake", "privacy",
         "complaint", "legal_or_media", "churn", "delight", "none")
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
ROUTES = ("answer", "clarify", "offer", "hand_off")
URGENT = ("none", "freeze_card", "stop_transfer", "emergency", "crisis_line")
GAMMA = 0.12
"""How fast nearness falls with squared distance; part of the trained arrays."""
FAREST = 40.0
"""Exponent beyond which nearness is nought; smaller numbers would be denormal and slow."""
HEADS = Path(__file__).parent / "heads" / "heads.npz"


@dataclass(frozen=True, slots=True)
class Scores:
    """What the heads say of one message: probabilities 0–1 by name, valence −1…1, strong = P(people say "strong")."""

    kind: Mapping[str, float]
    route: Mapping[str, float]
    emotion: Mapping[str, float]
    urgent: Mapping[str, float]
    wish: float
    abuse: float
    vulnerable: float
    strong: float
    valence: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """One set of weights over [vector, dense numbers, hashed pieces]; ``vector`` is None where none is read."""

    vector: NDArray[np.float32] | None
    dense: NDArray[np.float32]
    hashed: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Near:
    """Weights over the nearness (Gaussian kernel) of a message to landmark messages, known by their numbers alone."""

    spread: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    lengths: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def columns(self, centred: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give what nearness says, in the order of the columns."""
        point = place(centred, dense, self.spread)
        far = self.lengths + point @ point - 2.0 * (self.landmarks @ point)
        near = np.exp(-np.clip(GAMMA * far, 0.0, FAREST))
        return np.asarray(near @ self.weights + self.bias, np.float32)


def place(centred: NDArray[np.float32], dense: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the point (or points, row by row) whose distances make the nearness."""
    scaled = centred / spread * (2.0 / np.sqrt(spread.shape[0]))
    return np.concatenate([scaled, 0.8 * dense], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Heads:
    """The arrays: ``full`` and ``near`` read the vector too and are added up; ``words`` stands in without one.

    The mood branch, which read the message's tokens, has a say of ``MOOD_SHARE`` beside them.
    """

    columns: Mapping[str, slice]
    mean: NDArray[np.float32]
    full: _Layer
    words: _Layer
    embedder: str
    near: _Near | None = None

    def scores(self, read: Features, heard: NDArray[np.float32] | None) -> Scores:
        """Give the probabilities; ``heard`` of another length than a listener's, or with NaN in it, counts as none."""
        usable = heard is not None and heard.shape == (len(self.mean) + WIDTH,) and bool(np.isfinite(heard).all())
        layer = self.full if usable else self.words
        out = layer.bias + read.dense @ layer.dense + read.weights @ layer.hashed[read.buckets]
        if usable and heard is not None and layer.vector is not None:
            centred = np.clip(heard[:len(self.mean)] - self.mean, -1.0, 1.0)
            out = out + centred @ layer.vector
            if self.near is not None:
                out = out + self.near.columns(centred, read.dense)
            out = out + MOOD_SHARE * (heard[len(self.mean):] - out)
        return Scores(
            kind=self._softmax(out, "kind", KINDS), route=self._softmax(out, "route", ROUTES),
            emotion=self._softmax(out, "emotion", EMOTIONS), urgent=self._softmax(out, "urgent", URGENT),
            wish=self._sigmoid(out, "wish"), abuse=self._sigmoid(out, "abuse"),
            vulnerable=self._sigmoid(out, "vulnerable"), strong=self._sigmoid(out, "strong"),
            valence=float(np.clip(out[self.columns["valence"]][0], -1.0, 1.0)))

    def _softmax(self, out: NDArray[np.float32], head: str, names: tuple[str, ...]) -> dict[str, float]:
        part = out[self.columns[head]].astype(np.float64)
        part = np.exp(part - part.max())
        return dict(zip(names, (part / part.sum()).tolist(), strict=True))

    def _sigmoid(self, out: NDArray[np.float32], head: str) -> float:
        return float(1.0 / (1.0 + np.exp(-np.clip(float(out[self.columns[head]][0]), -30.0, 30.0))))


COLUMNS = {"kind": slice(0, 13), "route": slice(13, 17), "emotion": slice(17, 24), "urgent": slice(24, 29),
           "wish": slice(29, 30), "abuse": slice(30, 31), "vulnerable": slice(31, 32), "strong": slice(32, 33),
           "valence": slice(33, 34)}
"""Where each head's columns are in the arrays."""
WIDTH = COLUMNS["valence"].stop
MOOD_SHARE = np.full(WIDTH, 0.5, np.float32)
MOOD_SHARE[COLUMNS["route"]] = 0.6
MOOD_SHARE[COLUMNS["emotion"]] = 0.6
MOOD_SHARE[COLUMNS["valence"]] = 0.9
"""What the mood branch counts for beside the heads, by column: chosen on messages that neither was trained on."""


def load_heads(path: Path = HEADS) -> Heads:
    """Read the arrays. Raises KnowledgeError when the file is missing, broken or made for other features."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: np.asarray(arrays[name]) for name in arrays.files}
        about = json.loads(bytes(found["about"]).decode("utf-8"))
        layers = [_Layer(found[f"{name}_vector"].astype(np.float32) if f"{name}_vector" in found else None,
                         found[f"{name}_dense"].astype(np.float32), found[f"{name}_hashed"].astype(np.float32),
                         found[f"{name}_bias"].astype(np.float32)) for name in ("full", "words")]
        mean = found["mean"].astype(np.float32)
        near = _near(found) if "landmarks" in found else None
    except (OSError, ValueError, KeyError) as error:
        raise KnowledgeError(path, 0, f"the trained heads cannot be read: {error}") from error
    fits = all(layer.dense.shape == (len(DENSE), WIDTH) and layer.hashed.shape == (BUCKETS, WIDTH) for layer in layers)
    fits = fits and (near is None or near.landmarks.shape[1] == mean.shape[0] + len(DENSE))
    if about.get("version") != VERSION or not fits:
        raise KnowledgeError(path, 0, "the trained heads belong to another version of the features; train them again")
    return Heads(COLUMNS, mean, layers[0], layers[1], str(about.get("embedder", "")), near)


def _near(found: Mapping[str, NDArray[np.generic]]) -> _Near:
    spread, landmarks = found["spread"].astype(np.float32), found["landmarks"].astype(np.float32)
    return _Near(spread, landmarks, (landmarks * landmarks).sum(axis=1), found["near_weights"].astype(np.float32),
                 found["near_bias"].astype(np.float32))
