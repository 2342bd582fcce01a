"""Turns linear layers into int8; owns calibration and the arithmetic of quantisation.

Activations get one fixed range per layer (so a vector never depends on its batch), after their loud channels were
turned down and the weights turned up by as much (SmoothQuant, arXiv:2211.10438). Weights get one scale per output.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from assistant.engines.models.build_graph import CONTRIB, Graph
from assistant.engines.models.build_source import Floats

# How much of the difficulty moves from activations into weights, by kind of layer (0 none, 1 all). Chosen by cosine
# to fp32 on Japanese encyclopaedia text and English requests, none of which is in the calibration text.
STRENGTH = {"qkv": 0.6, "ao": 0.0, "fi": 0.6, "fo": 0.7}
Feed = Mapping[str, NDArray[np.generic]]  # one run's inputs by name
LEVEL = 63  # largest weight: with 7 bits, pairs of products fit 16 bits on x86 without VNNI and nothing overflows
MARGIN = 1.1  # room beyond the largest activation seen in calibration


@dataclass(frozen=True, slots=True)
class Seen:
    """Lowest and highest value of every channel of one layer's input over the calibration text."""

    low: Floats
    high: Floats


def inputs(layers: Sequence[int], first: str) -> dict[str, str]:
    """Name the input of each linear layer, {layer: value}; ``first`` is what goes into the first of ``layers``."""
    names: dict[str, str] = {}
    for i in layers:
        before = first if i == layers[0] else f"l{i - 1}.out"
        names |= {f"l{i}.qkv": before, f"l{i}.ao": f"l{i}.seen", f"l{i}.fi": f"l{i}.mid", f"l{i}.fo": f"l{i}.gelu"}
    return names


def calibrate(model: onnx.ModelProto, feeds: Iterable[Feed], names: Mapping[str, str]) -> dict[str, Seen]:
    """Run the fp32 model, which gives out the values of ``inputs``, and note the range of every channel."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    seen: dict[str, Seen] = {}
    for feed in feeds:
        values = session.run(list(names.values()), dict(feed))
        for name, value in zip(names, values, strict=True):
            low, high = value.min(axis=(0, 1)), value.max(axis=(0, 1))
            old = seen.get(name)
            seen[name] = Seen(np.minimum(old.low, low), np.maximum(old.high, high)) if old else Seen(low, high)
    return seen


class Int8:
    """Draws a linear layer as: turn down loud channels, quantise with a fixed range, multiply integers, scale back."""

    def __init__(self, seen: Mapping[str, Seen]) -> None:
        self.seen = seen

    def __call__(self, graph: Graph, name: str, x: str, weight: Floats, bias: Floats) -> str:
        """Add the layer's nodes and give the name of its result."""
        seen, strength = self.seen[name], STRENGTH[name.rpartition(".")[2]]
        loud = _loudness(seen, weight, strength)
        if strength:
            x = graph.node("Mul", [x, graph.weight(f"{name}.quieter", (1 / loud).astype(np.float32))], f"{name}.quiet")
        step, zero = _range(float((seen.low / loud).min()), float((seen.high / loud).max()))
        louder = weight * loud[:, None]
        scale = (np.abs(louder).max(axis=0) / LEVEL).astype(np.float32)
        integers = np.rint(louder / scale).astype(np.int8)
        steps = graph.weight(f"{name}.step", np.array(step, np.float32))
        zeros = graph.weight(f"{name}.zero", np.array(zero, np.uint8))
        operands = [
            graph.node("QuantizeLinear", [x, steps, zeros], f"{name}.integers"),
            graph.weight(f"{name}.weight", integers),
            steps,
            graph.weight(f"{name}.scale", scale),
            zeros,
            "",
            graph.weight(f"{name}.bias", bias),
        ]
        return graph.node("MatMulIntegerToFloat", operands, name, CONTRIB)


def _loudness(seen: Seen, weight: Floats, strength: float) -> Floats:
    """Factors per channel, on a grid of a quarter octave so that rounding on another machine changes nothing."""
    if not strength:
        return np.ones(len(weight), np.float32)
    activation = np.maximum(np.maximum(-seen.low, seen.high), 1e-3)
    strongest = np.maximum(np.abs(weight).max(axis=1), 1e-4)
    octaves = strength * np.log2(activation) - (1 - strength) * np.log2(strongest)
    return np.asarray(np.exp2(np.rint((octaves - octaves.mean()) * 4) / 4), np.float32)


def _range(low: float, high: float) -> tuple[float, int]:
    """Give (step, zero point) of unsigned 8 bits for a range with margin; ends are on a grid of 1/64."""
    low = np.floor(min(low, 0.0) * MARGIN * 64) / 64
    high = np.ceil(max(high, 0.0) * MARGIN * 64) / 64
    step = (high - low) / 255
    return step, int(np.rint(-low / step))
