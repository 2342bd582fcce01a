"""A running server follows its knowledge folder within five seconds, and no search ever sees two versions."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from assistant.ingestion.ingest import ingest, watch
from assistant.retrieval.index import Index
from assistant.retrieval.retrieve import Retriever
from tests.ingestion.letters import Letters

LIVE_WITHIN_S = 5.0


def write(knowledge: Path, name: str, text: str) -> None:
    path = knowledge / "pages" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@asynccontextmanager
async def watching(tmp_path: Path, embedder: Letters | None) -> AsyncIterator[tuple[Retriever, list[Index]]]:
    retriever, swaps, stop = Retriever(None), [], asyncio.Event()

    def swap(index: Index) -> None:
        retriever.swap(index)
        swaps.append(index)

    task = asyncio.create_task(watch(tmp_path / "knowledge", tmp_path / "index", embedder, swap, stop))
    try:
        yield retriever, swaps
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def until(true: Callable[[], bool], seconds: float = LIVE_WITHIN_S) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "not live in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def titles(retriever: Retriever) -> set[str]:
    return {page.title for page in retriever.index.pages.values()} if retriever.index else set()


async def test_a_save_and_a_deletion_are_live_within_five_seconds(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    async with watching(tmp_path, Letters()) as (retriever, _):
        await until(lambda: titles(retriever) == {"口座"})
        write(tmp_path / "knowledge", "ja/b.md", "# 振込\n\n手数料。\n")
        await until(lambda: titles(retriever) == {"口座", "振込"})
        (tmp_path / "knowledge/pages/ja/a.md").unlink()
        await until(lambda: titles(retriever) == {"振込"})


async def test_a_folder_that_appears_later_is_followed(tmp_path: Path) -> None:
    async with watching(tmp_path, None) as (retriever, swaps):
        await until(lambda: len(swaps) == 1)
        write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
        await until(lambda: titles(retriever) == {"口座"})


async def test_a_half_written_file_leaves_the_old_version_serving(tmp_path: Path) -> None:
    path = tmp_path / "knowledge/pages/ja/a.md"
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n古い本文。\n")
    async with watching(tmp_path, None) as (retriever, _):
        await until(lambda: titles(retriever) == {"口座"})
        with path.open("wb", buffering=0) as file:
            for piece in (b"", b"# \xe5\x8f", b"\xa3\xe5\xba", b"\xa7\n\n"):
                file.write(piece)
                os.fsync(file.fileno())
                await asyncio.sleep(0.15)
                index = retriever.index
                assert index is not None
                assert [p.text for p in index.passages] == ["古い本文。"]
            file.write("新しい本文。\n".encode())
        await until(
            lambda: [p.text for p in retriever.index.passages] == ["新しい本文。"] if retriever.index else False
        )


async def test_changed_synonyms_are_handed_on_though_no_page_changed(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    async with watching(tmp_path, None) as (_, swaps):
        await until(lambda: len(swaps) == 1)
        (tmp_path / "knowledge/synonyms.toml").write_text('groups = [["口座", "アカウント"]]', encoding="utf-8")
        await until(lambda: len(swaps) == 2)
        assert swaps[0].version == swaps[1].version


async def test_a_failing_model_goes_live_with_keywords(tmp_path: Path) -> None:
    embedder = Letters()
    embedder.broken = True
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    async with watching(tmp_path, embedder) as (retriever, _):
        await until(lambda: titles(retriever) == {"口座"})
        assert retriever.retrieve("口座", None, "ja").mode == "keywords"


def test_no_search_mixes_two_versions_in_200_rounds(tmp_path: Path) -> None:
    """Every version's three pages name the same number; whatever is served must agree with itself."""
    retriever, stop, mixed, searches = Retriever(None), threading.Event(), [], [0]

    def search() -> None:
        while not stop.is_set():
            found = retriever.retrieve("番号は何番ですか", None, "ja", 8)
            searches[0] += 1
            time.sleep(0.001)
            numbers = {hit.passage.text for hit in found.hits}
            if len(numbers) > 1:
                mixed.append(numbers)

    async def rounds(step: Callable[[int], Awaitable[None]]) -> None:
        for number in range(200):
            await step(number)

    async def step(number: int) -> None:
        for name in ("a", "b", "c"):
            write(tmp_path / "knowledge", f"ja/{name}.md", f"# 番号\n\n番号は{number}番です。\n")
        await ingest(tmp_path / "knowledge", tmp_path / "index", None)
        retriever.swap(Index.load(tmp_path / "index"))

    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        asyncio.run(rounds(step))
    finally:
        stop.set()
        searcher.join()
    assert not mixed
    assert searches[0] > 200
