"""Makes the search index from the knowledge folder, once (``ingest``) or for as long as a server runs (``watch``).

It owns the order (read, split, tokenise, embed, swap) and when to look again; it serves nobody.
"""

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import IndexUnavailable, ModelUnavailable, OmotenashiError
from assistant.ingestion.changes import Changes
from assistant.ingestion.gather import Gathered, Known, gather, known_files
from assistant.ingestion.pace import Pace, hurry
from assistant.ingestion.prepare import Progress, all_passages, all_vectors, all_words, fresh_texts
from assistant.ports import Embedder
from assistant.retrieval.index import Embedded, Index, current_version, load_embedded

log = logging.getLogger(__name__)

_KEYWORDS_FIRST = 200  # texts to embed above which keywords go live before the vectors are made
_RETRY_S = 30.0

OnSwap = Callable[[Index], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did; ``embedded`` and ``reused`` count vectors, ``skipped`` and ``flagged`` are (file, reason)."""

    pages: int
    passages: int
    languages: tuple[str, ...]
    embedded: int
    reused: int
    skipped: tuple[tuple[str, str], ...]
    flagged: tuple[tuple[str, str], ...]
    seconds: float
    model: str | None = None
    changed: bool = True

    def as_json(self) -> dict[str, Any]:
        """Give the report as JSON values."""
        return {**asdict(self), "skipped": [{"file": file, "reason": reason} for file, reason in self.skipped],
                "flagged": [{"file": file, "reason": reason} for file, reason in self.flagged],
                "seconds": round(self.seconds, 2)}

    def text(self) -> str:
        """Give the report as a person reads it."""
        lines = [f"{self.pages} pages, {self.passages} passages ({', '.join(self.languages) or 'none'}) in "
                 f"{self.seconds:.1f} s; {self.embedded} texts embedded, {self.reused} reused"]
        lines += [f"skipped {file}: {reason}" for file, reason in self.skipped]
        lines += [f"note    {file}: {reason}" for file, reason in self.flagged]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Before:
    """The saved index that this one starts from; empty when there is none."""

    index: Index | None
    files: Mapping[str, Known]
    embedded: Embedded | None


async def ingest(knowledge: Path, index_dir: Path, embedder: Embedder | None, progress: Progress | None = None,
                 *, gentle: bool = False) -> Report:
    """Bring the saved index up to date with ``knowledge/pages``; unchanged passages are not embedded again.

    Without an embedder new passages can be found by keywords alone. ``gentle`` leaves room for a server in the same
    process. Raises ModelUnavailable when the model fails and OSError when the index cannot be written; the index
    before stays as it was.
    """
    began = time.monotonic()
    show = progress or (lambda stage, done, total: None)
    breathe = Pace() if gentle else hurry
    before = await asyncio.to_thread(_before, index_dir, embedder.name if embedder else None, breathe)
    old_pages = before.index.pages if before.index else {}
    gathered = await asyncio.to_thread(gather, knowledge / "pages", before.files, old_pages, show, breathe)
    passages = await asyncio.to_thread(all_passages, gathered.pages, before.index, breathe)
    model = embedder.name if embedder else before.index.model if before.index else None
    fresh = await asyncio.to_thread(fresh_texts, passages, before.embedded) if embedder else {}
    if before.index is not None and before.index.model == model and not fresh and _same(before, gathered):
        return _report(gathered, before.index, 0, before.embedded, began, changed=False)
    same_readers = before.index if before.files else None  # else words may have been counted otherwise
    words = await asyncio.to_thread(all_words, passages, same_readers, show, breathe)

    def save(embedded: Embedded | None) -> Index:
        name = model if embedded is not None else None
        index = Index.build(gathered.pages, passages, words, name, embedded, breathe)
        index.save(index_dir, embedded, {"files.json": gathered.files_json()})
        return index

    if len(fresh) > _KEYWORDS_FIRST and before.embedded is None:
        await asyncio.to_thread(save, None)
    embedded = await all_vectors(embedder, passages, fresh, before.embedded, show, breathe)
    index = await asyncio.to_thread(save, embedded)
    return _report(gathered, index, len(fresh), embedded, began)


async def watch(knowledge: Path, index_dir: Path, embedder: Embedder | None, on_swap: OnSwap,
                stop: asyncio.Event) -> None:
    """Ingest now and after every change below ``knowledge`` until ``stop`` is set; ``on_swap`` gets each new index.

    Nothing that a file holds ends the watch. When the model fails, keywords go live and the model is tried again.
    """
    served = ""
    async with Changes(knowledge, stop) as changes:
        while await changes.settled():
            healthy = await _refresh(knowledge, index_dir, embedder)
            try:
                index = await asyncio.to_thread(Index.load, index_dir)
                if index.version != served or changes.beside_pages:
                    result = on_swap(index)
                    if inspect.isawaitable(result):
                        await result
                    served = index.version
            except OmotenashiError as error:
                log.error("the index cannot be used: %s", error)
            await changes.next(None if healthy else _RETRY_S)


async def _refresh(knowledge: Path, index_dir: Path, embedder: Embedder | None) -> bool:
    """Ingest once; False when it should be tried again though no file changes."""
    try:
        report = await ingest(knowledge, index_dir, embedder, gentle=True)
    except ModelUnavailable as error:
        log.error("no vectors now, keywords serve: %s", error)
        await ingest(knowledge, index_dir, None, gentle=True)
        return False
    except (OSError, OmotenashiError) as error:
        log.error("the index stays as it was: %s", error)
        return False
    if report.changed:
        log.info("index: %d pages, %d passages, %d embedded, %d files skipped, %.2f s", report.pages, report.passages,
                 report.embedded, len(report.skipped), report.seconds)
    return True


def _before(index_dir: Path, model: str | None, breathe: Callable[[], None]) -> Before:
    """Load what was saved; its vectors only count for the same model (or when none is at hand)."""
    try:
        index = Index.load(index_dir, breathe)
        folder = current_version(index_dir)
        files = known_files((folder / "files.json").read_text(encoding="utf-8"))
        return Before(index, files, load_embedded(folder) if model in (index.model, None) else None)
    except (IndexUnavailable, OSError, ValueError, KeyError):
        return Before(None, {}, None)


def _same(before: Before, gathered: Gathered) -> bool:
    assert before.index is not None
    return dict(gathered.files) == dict(before.files) and gathered.pages == tuple(before.index.pages.values())


def _report(gathered: Gathered, index: Index, new: int, embedded: Embedded | None, began: float,
            changed: bool = True) -> Report:
    reused = len(embedded.digests) - new if embedded is not None else 0
    return Report(len(gathered.pages), len(index.passages), tuple(index.shelves), new, reused, gathered.skipped,
                  gathered.flagged, time.monotonic() - began, index.model, changed)
