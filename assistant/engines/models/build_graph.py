"""Draws encoder and mood branch as ONNX graphs: token numbers in, a vector and a mood per text out. Owns their layout.

Every text of a batch has the same length: there is no mask and no padding, and a vector depends on its text alone.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.engines.models.build_source import BLOCK, Floats, Source

CONTRIB = "com.microsoft"  # operators that every onnxruntime build for CPUs carries


class Linear(Protocol):
    """How a linear layer is drawn; `weight` is (inputs, outputs)."""

    def __call__(self, graph: "Graph", name: str, x: str, weight: Floats, bias: Floats) -> str:
        """Add the layer's nodes and give the name of its result."""


class Graph:
    """Nodes and weights in the order they were added, so that the same input gives the same bytes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, op: str, inputs: Sequence[str], out: str, domain: str = "", **options: object) -> str:
        """Add a node with one result."""
        made = helper.make_node(op, inputs, [out], name=out, domain=domain, **options)  # type: ignore[arg-type]
        self.nodes.append(made)
        return out


def plain(graph: Graph, name: str, x: str, weight: Floats, bias: Floats) -> str:
    """A linear layer in fp32."""
    product = graph.node("MatMul", [x, graph.weight(f"{name}.weight", weight)], f"{name}.product")
    return graph.node("Add", [product, graph.weight(f"{name}.bias", bias)], name)


def draw(source: Source, kept: Sequence[int], linear: Linear, fork: int, also: Sequence[str] = ()) -> onnx.ModelProto:
    """Draw the encoder. `also` names inner values to give out (for calibration).

    Inputs `input_ids` int64 (batch, length) and `weights` float (batch, 1, length), how much each token counts in the
    mean; outputs `embedding` (batch, hidden), L2-normalised, and `middle` (batch, length, hidden), the states after
    the first `fork` layers, where the mood branch begins.
    """
    graph = Graph()
    x = _embeddings(graph, source, kept)
    for layer in range(source.layers):
        x = _layer(graph, source, layer, x, linear)
    graph.node("Identity", [f"l{fork - 1}.out"], "middle")
    graph.node("MatMul", ["weights", x], "pooled")
    graph.node("Squeeze", ["pooled", graph.weight("axis", np.array([1], np.int64))], "sum")
    graph.node("LpNormalization", ["sum"], "embedding", axis=-1, p=2)
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"]),
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, ["batch", 1, "length"]),
    ]
    outputs: dict[str, Sequence[str | int]] = {
        "embedding": ["batch", source.hidden], "middle": ["batch", "length", source.hidden]}
    return _model(graph, "multilingual-e5-small", inputs, outputs, also)


def draw_mood(source: Source, head: Mapping[str, Floats], linear: Linear, fork: int,
              also: Sequence[str] = ()) -> onnx.ModelProto:
    """Draw the mood branch: the layers from `fork` on as trained for it, attention over the tokens, log-odds.

    Input `middle` (batch, length, hidden); output `mood` (batch, columns of ``understanding.emotion.COLUMNS``).
    `head` holds `look` (hidden, looks: how much each of some looks heeds a token), `mix` (hidden, hidden) and `out`
    (hidden, columns), each with a `.bias`.
    """
    graph = Graph()
    x = "middle"
    for layer in range(fork, source.layers):
        x = _layer(graph, source, layer, x, linear)
    looks = head["look"].shape[1]
    split = graph.weight("split", np.array([0, 0, looks, source.hidden // looks], np.int64))
    joined = graph.weight("joined", np.array([0, source.hidden], np.int64))
    heeded = graph.node("Softmax", [plain(graph, "look", x, head["look"], head["look.bias"])], "heeded", axis=1)
    heeded = graph.node("Transpose", [heeded], "heeded.turned", perm=[0, 2, 1])
    heeded = graph.node("Unsqueeze", [heeded, graph.weight("row", np.array([2], np.int64))], "heeded.rows")
    parts = graph.node("Transpose", [graph.node("Reshape", [x, split], "parts")], "parts.turned", perm=[0, 2, 1, 3])
    seen = graph.node("Reshape", [graph.node("MatMul", [heeded, parts], "noticed"), joined], "noticed.joined")
    mixed = graph.node("Tanh", [plain(graph, "mix", seen, head["mix"], head["mix.bias"])], "mixed")
    graph.node("Identity", [plain(graph, "out", mixed, head["out"], head["out.bias"])], "mood")
    inputs = [helper.make_tensor_value_info("middle", TensorProto.FLOAT, ["batch", "length", source.hidden])]
    return _model(graph, "mood", inputs, {"mood": ["batch", head["out"].shape[1]]}, also)


def _model(graph: Graph, name: str, inputs: Sequence[onnx.ValueInfoProto],
           shapes: Mapping[str, Sequence[str | int]], also: Sequence[str]) -> onnx.ModelProto:
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(shape)) for n, shape in shapes.items()]
    outputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in also if n not in shapes]
    drawn = helper.make_graph(graph.nodes, name, list(inputs), outputs, graph.weights)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(drawn, opset_imports=opsets, ir_version=9, producer_name="omotenashi")


def _embeddings(graph: Graph, source: Source, kept: Sequence[int]) -> str:
    """Look up the kept rows in their published 4 bits: no further loss here."""
    scales, levels = source.blocks("emb.word", source.rows)
    nibbles = levels[list(kept)].reshape(len(kept), -1)
    graph.weight("words", (nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)).astype(np.uint8))
    graph.weight("words.half", scales[list(kept)].astype(np.float16))  # as published; widened once, when loaded
    graph.node("Cast", ["words.half"], "words.scales", to=TensorProto.FLOAT)
    graph.node(
        "GatherBlockQuantized",
        ["words", "input_ids", "words.scales"],
        "word",
        CONTRIB,
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
        bits=4,
    )
    places = source.floats("emb.pos").reshape(source.positions, -1) + source.floats("emb.type")[: source.hidden]
    graph.weight("places", places)
    graph.weight("first", np.array([0], np.int64))
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    graph.node("Slice", ["places", "first", "length", "first"], "place")
    graph.node("Add", ["word", "place"], "placed")
    return _normalise(graph, source, "placed", "emb.ln", "start")


def _layer(graph: Graph, source: Source, layer: int, x: str, linear: Linear) -> str:
    at = f"l{layer}"
    joint = linear(graph, f"{at}.qkv", x, *_weights(source, at, ("q", "k", "v")))
    heads = [f"{at}.{part}" for part in "qkv"]
    graph.nodes.append(helper.make_node("Split", [joint], heads, name=f"{at}.split", axis=-1, num_outputs=3))
    graph.node("MultiHeadAttention", heads, f"{at}.seen", CONTRIB, num_heads=source.heads)
    seen = linear(graph, f"{at}.ao", f"{at}.seen", *_weights(source, at, ("ao",)))
    x = _normalise(graph, source, graph.node("Add", [x, seen], f"{at}.sum1"), f"{at}.aln", f"{at}.mid")
    wide = linear(graph, f"{at}.fi", x, *_weights(source, at, ("fi",)))
    bent = graph.node("Gelu", [wide], f"{at}.gelu", CONTRIB)
    thought = linear(graph, f"{at}.fo", bent, *_weights(source, at, ("fo",)))
    return _normalise(graph, source, graph.node("Add", [x, thought], f"{at}.sum2"), f"{at}.oln", f"{at}.out")


def _weights(source: Source, at: str, parts: Sequence[str]) -> tuple[Floats, Floats]:
    biases = [source.floats(f"{at}.{part}.b") for part in parts]
    matrices = [source.matrix(f"{at}.{p}.w", len(b)) for p, b in zip(parts, biases, strict=True)]
    return np.concatenate(matrices).T, np.concatenate(biases)


def _normalise(graph: Graph, source: Source, x: str, key: str, out: str) -> str:
    gain, shift = (graph.weight(f"{key}.{k}", source.floats(f"{key}.{k}")) for k in "wb")
    return graph.node("LayerNormalization", [x, gain, shift], out, axis=-1, epsilon=source.epsilon)
