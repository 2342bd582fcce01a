"""Reads the pages folder, taking unchanged files from the last time. It owns what is read anew and what is kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import KnowledgeError
from assistant.ingestion.child import Converter
from assistant.ingestion.pages import Source, content, find, read
from assistant.knowledge import Page

READERS_VERSION = 5
"""Raised when readers, splitting or words change, so that files are read and counted anew."""


@dataclass(frozen=True, slots=True)
class Known:
    """A file as read before: SHA-256 of its bytes, ids of its pages, and what was flagged."""

    digest: str
    pages: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything the folder holds now."""

    pages: tuple[Page, ...]
    files: Mapping[str, Known]
    skipped: tuple[tuple[str, str], ...]

    @property
    def flagged(self) -> tuple[tuple[str, str], ...]:
        """Give (file, message) for everything noteworthy."""
        return tuple((name, flag) for name, known in self.files.items() for flag in known.flags)

    def files_json(self) -> str:
        """Give what ``known_files`` reads back."""
        rows = {name: [known.digest, known.pages, known.flags] for name, known in self.files.items()}
        return json.dumps({"readers": READERS_VERSION, "files": rows}, ensure_ascii=False)


def known_files(text: str) -> dict[str, Known]:
    """Read what an earlier ``files_json`` wrote; nothing when other readers wrote it."""
    table = json.loads(text)
    if table["readers"] != READERS_VERSION:
        return {}
    return {name: Known(digest, tuple(pages), tuple(flags)) for name, (digest, pages, flags) in table["files"].items()}


def gather(folder: Path, known: Mapping[str, Known], pages: Mapping[str, Page],
           progress: Callable[[str, int, int], None], breathe: Callable[[], None]) -> Gathered:
    """Read every file of ``folder``; ``known`` and ``pages`` come from the index before.

    A file that cannot be read now but could before (half-written, emptied by an editor) keeps its old pages, so that
    the server goes on answering from them; the report says so.
    """
    found = list(find(folder)) if folder.is_dir() else []
    skipped = [entry for entry in found if isinstance(entry, tuple)]
    sources = [entry for entry in found if isinstance(entry, Source)]
    kept: dict[str, Page] = {}
    files: dict[str, Known] = {}
    with Converter() as converter:
        for number, source in enumerate(sources, 1):
            before = known.get(source.name)
            try:
                fresh, now = _read(source, before, pages, converter)
            except FileNotFoundError:
                continue  # deleted while we were reading the folder
            except KnowledgeError as error:
                reason = str(error).partition(": ")[2]
                if before is None:
                    skipped.append((source.name, reason))
                    continue
                skipped.append((source.name, f"{reason}; the version before is kept"))
                fresh, now = [pages[name] for name in before.pages if name in pages], before
            files[source.name] = now
            kept.update((page.id, page) for page in fresh)
            progress("read", number, len(sources))
            breathe()
    return Gathered(tuple(kept.values()), files, tuple(skipped))


def _read(source: Source, before: Known | None, pages: Mapping[str, Page],
          converter: Converter) -> tuple[list[Page], Known]:
    try:
        data = content(source.path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KnowledgeError(source.path, 0, f"cannot be read: {error}") from error
    digest = hashlib.sha256(data).hexdigest()
    if before is not None and before.digest == digest and all(name in pages for name in before.pages):
        return [pages[name] for name in before.pages], before
    result = read(source, data, converter)
    flags = tuple(f"line {line}: {message}" if line else message for line, message in result.flags)
    return list(result.pages), Known(digest, tuple(page.id for page in result.pages), flags)
