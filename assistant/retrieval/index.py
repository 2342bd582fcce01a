"""The search index: an immutable snapshot of pages, passages, keywords and vectors, and its form on disk.

It owns loading and saving whole; what goes in is ``ingestion``'s, how it is searched is ``retrieve``'s. Nothing is
pickled, every file is checked by its digest, and a new version replaces the old one by one atomic rename.
"""

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexUnavailable
from assistant.knowledge import Page, Passage
from assistant.retrieval.keywords import Keywords
from assistant.retrieval.vectors import Vectors

FORMAT = 3
_KEEP_OLD_S = 60.0
_FAMILIAR = "e5-small"  # names of the model whose cosines the constants of ranking.py were fitted on begin so
_VERSION = re.compile(r"[0-9a-f]{32}")
_DATES = ("valid_from", "valid_until", "reviewed")
_FOREVER = date.max.toordinal()


def _never() -> None:
    """Rest never."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors by the digest of their text: ``rows`` (n, d) float16; ``parts`` (m, 3) gives a passage's number (each
    once, ascending) and the rows of its head (question or headings) and its body."""

    digests: tuple[str, ...]
    parts: NDArray[np.int32]
    rows: NDArray[np.float16]

    def means(self, which: NDArray[np.intp]) -> NDArray[np.float32]:
        """Give the mean of head and body for some rows of ``parts``."""
        head, body = self.parts[which, 1], self.parts[which, 2]
        return np.asarray((self.rows[head].astype(np.float32) + self.rows[body].astype(np.float32)) / 2)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One language's part of the index; documents are numbered by their place in ``numbers``."""

    numbers: NDArray[np.int32]
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    keywords: Keywords
    vectors: Vectors | None

    def valid(self, today: date) -> NDArray[np.bool_]:
        """Tell of each document whether its page holds on that day."""
        day = today.toordinal()
        return (self.begins <= day) & (self.ends >= day)


@dataclass(frozen=True, slots=True)
class Index:
    """A snapshot that never changes; a running server swaps one for the next by one assignment."""

    version: str
    model: str | None
    dimension: int
    pages: Mapping[str, Page]
    passages: tuple[Passage, ...]
    shelves: Mapping[str, Shelf]

    def page(self, page_id: str) -> Page | None:
        """Give a page by its id, or None."""
        return self.pages.get(page_id)

    @classmethod
    def build(cls, pages: Sequence[Page], passages: Sequence[Passage], words: Mapping[str, Sequence[str]],
              model: str | None = None, embedded: Embedded | None = None,
              breathe: Callable[[], None] = _never) -> "Index":
        """Make a snapshot; ``words`` gives each passage's tokens by its id. May take seconds: call in a thread."""
        by_id = {page.id: page for page in pages}
        shelves = {}
        for language in sorted({passage.language for passage in passages}):
            numbers = np.asarray([n for n, p in enumerate(passages) if p.language == language], dtype=np.int32)
            keywords = Keywords.build([words[passages[n].id] for n in numbers], breathe)
            shelves[language] = _shelf(by_id, passages, numbers, keywords, embedded, model, None)
        dimension = embedded.rows.shape[1] if embedded is not None else 0
        return cls(uuid.uuid4().hex, model, dimension, by_id, tuple(passages), shelves)

    @classmethod
    def load(cls, directory: Path, breathe: Callable[[], None] = _never) -> "Index":
        """Read the current version; ``breathe`` is called between rows.

        Raises IndexUnavailable when there is none or it is damaged.
        """
        for attempt in range(3):
            folder = current_version(directory)
            try:
                return cls._read(folder, breathe)
            except FileNotFoundError as error:  # swapped away while we read: the pointer names a newer one now
                if attempt == 2 or current_version(directory) == folder:
                    raise IndexUnavailable(f"the index in {directory} is not whole; run omotenashi ingest") from error
            except (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, MemoryError) as error:
                raise IndexUnavailable(f"the index in {directory} is damaged; run omotenashi ingest") from error
        raise IndexUnavailable(f"the index in {directory} keeps changing")

    @classmethod
    def _read(cls, folder: Path, breathe: Callable[[], None]) -> "Index":
        manifest = _manifest(folder)
        for name, digest in manifest["files"].items():
            if _digest(folder / name) != digest:
                raise ValueError(f"{name} is not what was written")
        pages = {row["id"]: _page(row) for row in _rows(folder / "pages.jsonl", breathe)}
        passages = tuple(_passage(row) for row in _rows(folder / "passages.jsonl", breathe))
        embedded = load_embedded(folder)
        shelves = {}
        for language in manifest["languages"]:
            terms = json.loads((folder / f"words-{language}.json").read_text(encoding="utf-8"))
            with np.load(folder / f"words-{language}.npz", allow_pickle=False) as arrays:
                numbers = arrays["numbers"]
                keywords = Keywords.restore({term: n for n, term in enumerate(terms)}, arrays["starts"],
                                            arrays["documents"], arrays["counts"], len(numbers))
            shelves[language] = _shelf(pages, passages, numbers, keywords, embedded, manifest["model"],
                                       folder / f"graph-{language}.faiss")
        return cls(folder.name, manifest["model"], manifest["dimension"], pages, passages, shelves)

    def save(self, directory: Path, embedded: Embedded | None, extra: Mapping[str, str] | None = None) -> Path:
        """Write a new version beside the old and point to it; readers see the old one or the new one, whole."""
        directory.mkdir(parents=True, exist_ok=True)
        folder = directory / self.version
        folder.mkdir()
        _write_rows(folder / "pages.jsonl", (asdict(page) for page in self.pages.values()))
        _write_rows(folder / "passages.jsonl", (asdict(passage) for passage in self.passages))
        if embedded is not None:
            (folder / "vectors.txt").write_text("\n".join(embedded.digests), encoding="ascii")
            np.save(folder / "vectors.npy", embedded.rows)
            np.save(folder / "parts.npy", embedded.parts)
        for language, shelf in self.shelves.items():
            words = shelf.keywords
            (folder / f"words-{language}.json").write_text(json.dumps(list(words.terms), ensure_ascii=False), "utf-8")
            np.savez(folder / f"words-{language}.npz", starts=words.starts, documents=words.documents,
                     counts=words.counts, numbers=shelf.numbers)
            if shelf.vectors is not None and shelf.vectors.graph:
                shelf.vectors.save(folder / f"graph-{language}.faiss")
        for name, text in (extra or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        self._seal(folder)
        _point(directory, self.version)
        return folder

    def _seal(self, folder: Path) -> None:
        files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
        manifest = {"format": FORMAT, "model": self.model, "dimension": self.dimension,
                    "languages": list(self.shelves), "files": files}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in folder.iterdir():
            _sync(path)
        _sync(folder)


def current_version(directory: Path) -> Path:
    """Give the folder of the version in use. Raises IndexUnavailable when there is none."""
    try:
        name = (directory / "current").read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise IndexUnavailable(f"no index in {directory}; run omotenashi ingest") from error
    if not _VERSION.fullmatch(name):
        raise IndexUnavailable(f"the index in {directory} is damaged; run omotenashi ingest")
    return directory / name


def load_embedded(folder: Path) -> Embedded | None:
    """Read a version's vectors, or None when it has none."""
    if not (folder / "vectors.npy").is_file():
        return None
    digests = tuple((folder / "vectors.txt").read_text(encoding="ascii").split())
    rows = np.load(folder / "vectors.npy", allow_pickle=False)
    parts = np.load(folder / "parts.npy", allow_pickle=False)
    if len(digests) != len(rows) or (len(parts) and parts[:, 1:].max() >= len(rows)):
        raise ValueError("vectors and what they belong to do not match")
    return Embedded(digests, parts, rows)


def _shelf(pages: Mapping[str, Page], passages: Sequence[Passage], numbers: NDArray[np.int32], keywords: Keywords,
           embedded: Embedded | None, model: str | None, graph: Path | None) -> Shelf:
    own = [passages[n] for n in numbers]
    begins = [page.valid_from.toordinal() if (page := pages[p.page]).valid_from else 0 for p in own]
    ends = [p.valid_until.toordinal() if p.valid_until else _FOREVER for p in own]
    vectors = None
    if embedded is not None:
        place = np.full(len(passages), -1, dtype=np.int32)
        place[numbers] = np.arange(len(numbers), dtype=np.int32)
        mine = np.flatnonzero(place[embedded.parts[:, 0]] >= 0)
        if len(mine):
            familiar = (model or "").startswith(_FAMILIAR)
            vectors = Vectors.build(embedded.means(mine), place[embedded.parts[mine, 0]], familiar, graph)
    return Shelf(numbers, np.asarray(begins, dtype=np.int32), np.asarray(ends, dtype=np.int32), keywords, vectors)


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise ValueError(f"format {manifest['format']} is not {FORMAT}")
    return manifest


def _point(directory: Path, version: str) -> None:
    """Make ``version`` the current one, then remove versions nobody can be reading any more."""
    pointer = directory / f".current-{version}"
    pointer.write_text(version, encoding="ascii")
    _sync(pointer)
    os.replace(pointer, directory / "current")
    _sync(directory)
    for folder in directory.iterdir():
        ours = _VERSION.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
        if ours and folder.name != version and time.time() - folder.stat().st_mtime > _KEEP_OLD_S:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder to flush it
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, default=date.isoformat) + "\n")


def _rows(path: Path, breathe: Callable[[], None]) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            for name in _DATES:
                if row.get(name):
                    row[name] = date.fromisoformat(row[name])
            row["tags"] = tuple(row["tags"])
            breathe()
            yield row


def _page(row: dict[str, Any]) -> Page:
    return Page(**row)


def _passage(row: dict[str, Any]) -> Passage:
    return Passage(**{**row, "headings": tuple(row["headings"])})
