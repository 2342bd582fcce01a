"""``omotenashi check`` tells the content team what is wrong, with file and line."""

from datetime import date
from pathlib import Path

import pytest

from assistant.ingestion.claims import figures
from assistant.ingestion.ingest import ingest
from assistant.ingestion.lint import lint
from assistant.ingestion.rules import Finding
from assistant.retrieval.index import Index
from assistant.retrieval.retrieve import Retriever
from tests.ingestion.letters import Letters

TODAY = date(2026, 11, 21)


async def check(tmp_path: Path, pages: dict[str, str], **beside: str) -> list[Finding]:
    for name, text in {f"pages/{name}": text for name, text in pages.items()}.items():
        (tmp_path / "k" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "k" / name).write_text(text, encoding="utf-8")
    for name, text in beside.items():
        (tmp_path / "k" / name.replace("_", ".")).write_text(text, encoding="utf-8")
    report = await ingest(tmp_path / "k", tmp_path / "index", Letters())
    retriever = Retriever(Index.load(tmp_path / "index"), today=lambda: TODAY)
    return await lint(tmp_path / "k", retriever, Letters(), report, TODAY)


def rules(findings: list[Finding]) -> set[tuple[str, int, str]]:
    return {(finding.file, finding.line, finding.rule) for finding in findings}


async def test_a_clean_folder_has_no_findings(tmp_path: Path) -> None:
    assert (
        await check(
            tmp_path,
            {
                "ja/a.md": "# 口座を開く\n\n窓口へお越しください。\n",
                "en/a.md": "# Opening an account\n\nVisit a branch.\n",
            },
        )
        == []
    )


async def test_dates_are_checked(tmp_path: Path) -> None:
    found = await check(
        tmp_path,
        {
            "a.md": "---\ntitle: あ\nvalid_until: 2026-11-20\n---\n本文一。\n",
            "b.md": "---\ntitle: い\nvalid_until: 2026-12-01\n---\n本文二。\n",
            "c.md": "---\ntitle: う\nreviewed: 2025-01-01\n---\n本文三。\n",
            "d.md": "---\ntitle: え\nvalid_until: tomorrow\n---\n本文四。\n",
        },
    )
    assert {
        ("a.md", 3, "expired"),
        ("b.md", 3, "expires-soon"),
        ("c.md", 3, "stale"),
        ("d.md", 3, "front-matter"),
    } <= rules(found)


async def test_links_anchors_and_twins_are_checked(tmp_path: Path) -> None:
    found = await check(
        tmp_path,
        {
            "ja/a.md": "# あ\n\n[よい](b.md#x) [別](../en/a.md) [外](https://a.example) [ない](c.md) [違う](b.md#y) "
            "[外へ](../../../etc/passwd)\n",
            "ja/b.md": "# い\n\n## え {#x}\n\n本文。\n",
            "en/a.md": "# A\n\nText.\n",
        },
    )
    assert {("ja/a.md", 3, "link"), ("ja/a.md", 3, "anchor"), ("ja/b.md", 0, "no-twin")} <= rules(found)
    assert sum(finding.rule == "link" for finding in found) == 2


async def test_contradictions_between_twins_and_between_pages_are_found(tmp_path: Path) -> None:
    found = await check(
        tmp_path,
        {
            "ja/a.md": "# 限度額\n\n## 上限 {#max}\n\n上限は50万円です。\n",
            "en/a.md": "# Limit\n\n## Most {#max}\n\nUp to 600,000 yen.\n",
            "ja/b.md": "# 手数料\n\n通帳の再発行手数料は1,100円です。\n",
            "en/b.md": "# Fees\n\nA new passbook costs 1,100 yen.\n",
            "ja/c.md": "# 通帳\n\n通帳の再発行手数料は550円です。\n",
            "en/c.md": "# Passbook\n\nKeep it safe.\n",
        },
    )
    assert {(f.file, f.line) for f in found if f.rule == "contradiction"} == {("ja/a.md", 3), ("ja/c.md", 3)}


async def test_duplicates_forbidden_words_and_broken_files_are_found(tmp_path: Path) -> None:
    persona = "---\nname: M\n---\n\n## ja\n\n### 禁句\n\n- 「よくあることです」\n"
    text = "紛失の受付は終日です。お電話をいただければ、その場で利用を止めます。再発行は一週間ほどかかります。\n"
    found = await check(
        tmp_path,
        {
            "ja/a.md": f"# あ\n\n{text}",
            "ja/b.md": f"# い\n\n{text}",
            "ja/c.md": "# う\n\nそれはよくあることです。\n",
            "ja/d.docx": "no",
        },
        persona_md=persona,
    )
    assert {("ja/b.md", 3, "duplicate"), ("ja/c.md", 3, "forbidden"), ("ja/d.docx", 0, "unreadable")} <= rules(found)


async def test_golden_questions_and_urgent_steps_are_tried(tmp_path: Path) -> None:
    questions = (
        '[[question]]\nask = "口座を開きたい"\ncites = ["a.md"]\n\n[[question]]\nask = "紛失"\ncites = ["z.md#gone"]\n'
    )
    policy = '[urgent.card]\nja = "a.md#stop"\nen = "a.md"\n'
    found = await check(
        tmp_path,
        {"a.md": "# 口座を開く\n\n窓口へ。\n"},
        questions_toml=questions,
        policy_toml=policy,
        synonyms_toml="groups = [",
    )
    assert rules(found) == {
        ("questions.toml", 6, "anchor"),
        ("questions.toml", 6, "golden"),
        ("policy.toml", 0, "anchor"),
        ("synonyms.toml", 0, "syntax"),
    }


def test_a_finding_is_one_line_and_json() -> None:
    finding = Finding("ja/a.md", 3, "link", "c.md: there is no such page", "error")
    assert finding.text() == "ja/a.md:3: link: c.md: there is no such page"
    assert finding.as_json()["level"] == "error"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("50万円", "¥500,000"),
        ("1億2千万円", "120 million yen"),
        ("年14.5%", "14.5 percent"),
        ("2026年12月10日（木）", "10 December 2026"),
        ("2026年12月10日", "December 10, 2026"),
        ("0120-000-119", "call 0120-000-119 now"),
        ("１，１００円", "1,100 yen"),
    ],
)
def test_figures_compare_across_languages(one: str, other: str) -> None:
    assert figures(one) == figures(other) != frozenset()
