"""An ingest reuses what did not change, remembers its model, and leaves a whole index behind whatever happens."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.errors import IndexUnavailable, ModelUnavailable
from assistant.ingestion.ingest import Report, ingest
from assistant.retrieval.index import Index, current_version
from tests.ingestion.letters import Letters


def write(knowledge: Path, name: str, text: str) -> None:
    path = knowledge / "pages" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


async def make(tmp_path: Path, embedder: Letters | None) -> Report:
    return await ingest(tmp_path / "knowledge", tmp_path / "index", embedder)


async def test_only_changed_passages_are_embedded_again(tmp_path: Path) -> None:
    knowledge, embedder = tmp_path / "knowledge", Letters()
    write(knowledge, "ja/a.md", "# 口座\n\n## 開く {#open}\n\n窓口へ。\n\n## 閉じる {#close}\n\nアプリで。\n")
    write(knowledge, "ja/faq.csv", "id,question,answer\n1,いくらですか,無料です\n")
    first = await make(tmp_path, embedder)
    assert (first.pages, first.passages, first.embedded, first.reused) == (2, 3, 6, 0)
    second = await make(tmp_path, embedder)
    assert (second.embedded, second.reused, second.changed) == (0, 6, False)
    write(knowledge, "ja/a.md", "# 口座\n\n## 開く {#open}\n\nどの窓口でも。\n\n## 閉じる {#close}\n\nアプリで。\n")
    embedder.asked.clear()
    third = await make(tmp_path, embedder)
    assert (third.embedded, third.reused, third.changed) == (1, 5, True)
    assert embedder.asked == ["どの窓口でも。"]


async def test_moving_a_file_embeds_nothing(tmp_path: Path) -> None:
    knowledge, embedder = tmp_path / "knowledge", Letters()
    write(knowledge, "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, embedder)
    (knowledge / "pages/ja/a.md").rename(knowledge / "pages/ja/b.md")
    report = await make(tmp_path, embedder)
    assert (report.embedded, report.reused) == (0, 2)
    assert set(Index.load(tmp_path / "index").pages) == {"ja/b.md"}


async def test_another_model_makes_every_vector_anew(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, Letters("one"))
    report = await make(tmp_path, Letters("two", dimension=64))
    index = Index.load(tmp_path / "index")
    assert (report.embedded, index.model, index.dimension) == (2, "two", 64)


async def test_without_a_model_old_vectors_stay_and_new_pages_are_found_by_keywords(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, Letters())
    write(tmp_path / "knowledge", "ja/b.md", "# 振込\n\n手数料。\n")
    await make(tmp_path, None)
    index = Index.load(tmp_path / "index")
    assert (index.model, len(index.passages)) == ("letters-256", 2)
    report = await make(tmp_path, Letters())
    assert (report.embedded, report.reused) == (2, 2)


async def test_a_large_first_ingest_serves_keywords_while_vectors_are_made(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},質問{n}ですか,答え{n}です" for n in range(300))
    write(tmp_path / "knowledge", "ja/faq.csv", f"id,question,answer\n{rows}\n")
    seen: list[str | None] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "embed" and not seen:
            seen.append(Index.load(tmp_path / "index").model)

    await ingest(tmp_path / "knowledge", tmp_path / "index", Letters(), progress)
    assert seen == [None]
    assert Index.load(tmp_path / "index").model == "letters-256"


async def test_a_failing_model_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    embedder = Letters()
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, embedder)
    before = current_version(tmp_path / "index")
    write(tmp_path / "knowledge", "ja/b.md", "# 振込\n\n手数料。\n")
    embedder.broken = True
    with pytest.raises(ModelUnavailable):
        await make(tmp_path, embedder)
    assert current_version(tmp_path / "index") == before


async def test_an_empty_or_missing_folder_gives_an_empty_index(tmp_path: Path) -> None:
    report = await make(tmp_path, Letters())
    assert (report.pages, report.passages, report.skipped) == (0, 0, ())
    assert Index.load(tmp_path / "index").passages == ()


async def test_a_file_that_breaks_keeps_its_pages_until_it_is_whole_or_gone(tmp_path: Path) -> None:
    path = tmp_path / "knowledge" / "pages" / "ja" / "a.md"
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, None)
    path.write_bytes(b"\xff\x00\xfe" * 50)
    report = await make(tmp_path, None)
    assert "kept" in report.skipped[0][1]
    assert Index.load(tmp_path / "index").pages["ja/a.md"].title == "口座"
    path.unlink()
    await make(tmp_path, None)
    assert Index.load(tmp_path / "index").pages == {}


async def test_the_report_is_json(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    write(tmp_path / "knowledge", "ja/b.bin", "x")
    report = await make(tmp_path, None)
    shown = report.as_json()
    assert shown["pages"] == 1
    assert shown["skipped"] == [{"file": "ja/b.bin", "reason": "files of type .bin are not read"}]
    assert "1 pages" in report.text()


@pytest.mark.parametrize("damage", ["cut", "flip", "remove", "garbage"])
@pytest.mark.parametrize(
    "file", ["manifest.json", "pages.jsonl", "passages.jsonl", "vectors.npy", "words-ja.npz", "current"]
)
async def test_a_damaged_index_says_so_and_is_made_again(tmp_path: Path, file: str, damage: str) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    await make(tmp_path, Letters())
    index = tmp_path / "index"
    path = index / "current" if file == "current" else current_version(index) / file
    data = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": data[: len(data) // 2],
                "garbage": b"\x80\x04garbage" * 9,
                "flip": data[:-3] + bytes([data[-3] ^ 0x55]) + data[-2:],
            }[damage]
        )
    with pytest.raises(IndexUnavailable):
        Index.load(index)
    report = await make(tmp_path, Letters())
    assert report.pages == 1
    assert Index.load(index).pages["ja/a.md"].title == "口座"


PROGRAM = """
import asyncio, sys
from pathlib import Path
from assistant.ingestion.ingest import ingest
from tests.ingestion.letters import Letters
root = Path(sys.argv[1])
n = 0
while True:
    n += 1
    for name in ("a", "b", "c"):
        (root / "knowledge/pages/ja").mkdir(parents=True, exist_ok=True)
        (root / f"knowledge/pages/ja/{name}.md").write_text(f"# 版{n}\\n\\n本文{n}。\\n", encoding="utf-8")
    asyncio.run(ingest(root / "knowledge", root / "index", Letters()))
    print(n, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_killing_an_ingest_at_any_moment_leaves_a_whole_index(tmp_path: Path) -> None:
    for attempt in range(6):
        child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.004 + 0.011 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        titles = {page.title for page in Index.load(tmp_path / "index").pages.values()}
        assert len(titles) == 1, "pages of two versions in one index"


async def test_old_versions_are_cleaned_away_and_nothing_else(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    (index / "precious").mkdir()
    (index / "notes.txt").write_text("keep me")
    for n in range(4):
        write(tmp_path / "knowledge", "ja/a.md", f"# 版\n\n本文{n}。\n")
        await make(tmp_path, None)
        for folder in index.iterdir():
            if folder.is_dir():
                os.utime(folder, (0, 0))
    assert len([folder for folder in index.iterdir() if folder.is_dir()]) == 2
    assert (index / "precious").is_dir()
    assert (index / "notes.txt").read_text() == "keep me"


async def test_an_index_folder_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    write(tmp_path / "knowledge", "ja/a.md", "# 口座\n\n本文。\n")
    (tmp_path / "index").write_text("a file in the way")
    with pytest.raises(OSError, match="index"):
        await make(tmp_path, None)
    shutil.rmtree(tmp_path / "knowledge")


async def test_an_ingest_leaves_the_event_loop_free(tmp_path: Path) -> None:
    for n in range(60):
        write(
            tmp_path / "knowledge",
            f"ja/{n}.md",
            f"# ページ{n}\n\n"
            + "".join(
                f"## 見出し{k}\n\nこれは{n}ページの{k}番目の段落で、手数料と限度額についての説明です。\n\n"
                for k in range(12)
            ),
        )
    late: list[float] = []
    done = asyncio.Event()

    async def tick() -> None:
        while not done.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - began - 0.005)

    ticking = asyncio.create_task(tick())
    await ingest(tmp_path / "knowledge", tmp_path / "index", None, gentle=True)
    done.set()
    await ticking
    late.sort()
    assert len(late) > 20
    assert late[int(len(late) * 0.9)] < 0.030
