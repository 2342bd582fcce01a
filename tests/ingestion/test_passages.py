"""Pages are cut where a reader would cut them, and anchors stay where they are."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ingestion.pages import markdown_page
from assistant.ingestion.passages import LARGEST, embedded_text, headings, pieces, plain, slug, split, units
from assistant.knowledge import Page

MARKDOWN = """# 限度額

はじめの文。

## 上げる {#raise}

窓口で受け付けます。

## よくある質問

一つめ。

## よくある質問

二つめ。

```
## これは見出しではない
```
"""


def page(markdown: str, name: str = "ja/a.md", title: str = "限度額") -> Page:
    return Page(name, "ja", title, markdown)


def test_each_heading_is_a_passage_with_a_stable_anchor() -> None:
    found = split(page(MARKDOWN))
    assert [p.id for p in found] == [
        "ja/a.md#限度額",
        "ja/a.md#raise",
        "ja/a.md#よくある質問",
        "ja/a.md#よくある質問-2",
    ]
    assert found[1].headings == ("限度額", "上げる")
    assert "これは見出しではない" in found[3].text


def test_headings_lists_the_same_anchors_for_whoever_renders_the_page() -> None:
    assert [(h.level, h.text, h.anchor) for h in headings(MARKDOWN)] == [
        (1, "限度額", "限度額"),
        (2, "上げる", "raise"),
        (2, "よくある質問", "よくある質問"),
        (2, "よくある質問", "よくある質問-2"),
    ]


def test_a_table_is_never_cut_from_its_header_row() -> None:
    rows = "\n".join(f"| 支店{n} | 東京都千代田区{n}丁目{n}番地、平日は九時から | 0120-000-{n:03} |" for n in range(60))
    table = f"| 店 | 所在地と時間 | 電話 |\n|---|---|---|\n{rows}"
    found = pieces(f"前の文。\n\n{table}\n\n後の文。")
    with_rows = [piece for piece in found if "支店" in piece]
    assert len(with_rows) > 2
    assert all("| 店 | 所在地と時間 | 電話 |\n|---|---|---|\n" in piece for piece in with_rows)
    for n in range(60):
        assert sum(f"| 支店{n} |" in piece for piece in with_rows) == 1


def test_long_paragraphs_are_cut_between_sentences() -> None:
    body = "".join(f"これは{n}番目の文で、ある程度の長さがあります。" for n in range(80))
    found = pieces(body)
    assert "".join(found) == body
    assert all(piece.endswith("。") for piece in found)


@given(st.text(alphabet="あ漢a |。\n#-`", max_size=3000))
@settings(max_examples=80, deadline=None)
def test_no_text_is_lost_and_pieces_stay_small(body: str) -> None:
    found = pieces(body)
    kept = "".join("".join(found).split())
    for character in "あ漢":
        assert kept.count(character) >= body.count(character)
    assert all(units(piece) <= 2.6 * LARGEST for piece in found)


def test_an_faq_row_is_one_passage_with_its_question() -> None:
    found = split(page("# 口座は?\n\n窓口で開けます。", "faq.csv#12", "口座は?"))
    assert [(p.id, p.anchor, p.question, p.text) for p in found] == [("faq.csv#12", "", "口座は?", "窓口で開けます。")]


def test_the_digest_follows_what_is_embedded() -> None:
    first, second = split(page("# 限度額\n\n本文。"))[0], split(page("# 限度額\n\n**本文**。"))[0]
    assert first.digest == second.digest
    assert embedded_text(("限度額", "限度額", "上げる"), "- 項目") == "限度額 / 上げる\n項目"


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("Fees & Charges!", "fees-charges"),
        ("１日の限度額", "1日の限度額"),
        ("🙂", "section"),
        ("ＡＴＭ手数料（税込）", "atm手数料-税込"),
    ],
)
def test_slugs_are_readable_in_every_script(text: str, anchor: str) -> None:
    assert slug(text) == anchor


HOSTILE = ["[" * 200_000, "# " + " x" * 200_000, " " * 400_000 + "x", "|-" * 200_000, "<a " * 200_000, "[a](" * 100_000]
HOSTILE += ["<!--" * 100_000, "<p hidden>" * 50_000]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_take_no_time(line: str) -> None:
    began = time.perf_counter()
    split(markdown_page("en/a.md", f"# Title\n\n{line}\n").pages[0])
    assert time.perf_counter() - began < 5


def test_plain_text_has_no_marks_and_no_targets() -> None:
    assert plain("- [暗証番号](pin.md)を**3回**\n| a | b |\n|---|---|\n| 1 | 2 |") == "暗証番号を3回\na b\n1 2"
