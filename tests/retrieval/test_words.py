"""Words are counted alike however they are written."""

import pytest

from assistant.retrieval.words import normalise, script_language, stem, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("引っ越し", "引越し"),
        ("振り込み", "振込"),
        ("わかりました", "分かる"),
        ("なくした", "無くす"),
        ("失くして", "なくしました"),
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
        ("ＡＴＭ", "atm"),
        ("子ども", "子供"),
        ("止めたい", "停止"),
        ("カード", "キャッシュカード"),
        ("はんこが", "はんこは"),
        ("𠮷野家", "𠮷野"),
        ("transferring", "transfers"),
        ("Cards", "card"),
        ("fees", "fee"),
        ("CLOSED", "closing"),
    ],
)
def test_two_ways_of_writing_a_word_meet(one: str, other: str) -> None:
    assert set(words(one)) & set(words(other)) - {"~clos"}


def test_particles_and_politeness_do_not_count() -> None:
    assert [word for word in words("カードを止めたいのですが、どうすればよいですか？") if word[0] != "~"] == [
        "カード",
        "止",
    ]
    assert [word for word in words("How can I please stop my card?") if word[0] != "~"] == ["stop", "card"]


def test_what_many_questions_share_does_not_count() -> None:
    assert words("どうしたらいいか教えてください") == []
    assert words("いくらですか") == []


def test_parts_of_words_are_fragments() -> None:
    assert {"~振", "~confirmation"[:5]} <= set(words("振替のconfirmation"))


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800", "🙂" * 10, "あ" * 100_000, "a" * 100_000, "\u202e\u200b", "𠮷野家"]
)
def test_hostile_text_gives_words_or_none_but_never_fails(text: str) -> None:
    assert isinstance(words(text), list)
    assert normalise(text).isprintable()


def test_languages_are_told_by_script() -> None:
    assert [
        script_language(text) for text in ("料金表", "料金はATMで", "Fee table", "USD 東京 branch opening hours", "123")
    ] == ["ja", "ja", "en", "en", "en"]


def test_stems_stay_words() -> None:
    assert [stem(word) for word in ("is", "bus", "address", "stopped", "cities", "bank's")] == [
        "is",
        "bus",
        "address",
        "stop",
        "city",
        "bank",
    ]
