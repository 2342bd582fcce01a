"""Encodings and broken text forms are read right or refused, never garbled."""

import unicodedata

import pytest

from assistant.ingestion.decode import NotText, clean, decode

JAPANESE = "お問い合わせの前に、よくあるご質問をご覧ください。キャッシュカードの再発行は１，１００円です。\n"
SHORT = "振込手数料は無料です。"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("text", [JAPANESE, "question,answer\n口座を開くには,本人確認書類をお持ちください\n"])
def test_japanese_is_read_in_every_usual_encoding(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_one_line_of_utf_16_without_its_mark_is_refused_rather_than_garbled(encoding: str) -> None:
    with pytest.raises(NotText):
        decode(SHORT.encode(encoding))


def test_other_encodings_than_utf_8_are_flagged() -> None:
    assert decode(JAPANESE.encode("utf-8")).flags == ()
    assert "cp932" in decode(JAPANESE.encode("cp932")).flags[0]


def test_western_text_of_old_windows_is_read() -> None:
    text = "Café fees: £5 – see “fees”.\n"
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(128, 256)) * 8,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"\xff\xfe\x00",
        "日本語".encode()[:-1] + b"\xff" * 40,
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


def test_half_width_kana_and_decomposed_kana_are_repaired() -> None:
    assert clean("ｶﾞｿﾘﾝ ﾊﾟｽﾜｰﾄﾞ").text == "ガソリン パスワード"
    assert clean(unicodedata.normalize("NFD", "ガイドブック")).text == "ガイドブック"


def test_radicals_that_pdf_files_hold_become_letters() -> None:
    assert clean("⼀覧 購⼊⽇").text == "一覧 購入日"


def test_full_width_punctuation_is_left_as_the_team_wrote_it() -> None:
    assert clean("（例）１００％！").text == "（例）１００％！"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u202e", "\u2066", "\U000e0041", "\u00a0\u2062"[1], "\x00", "\x1b", "\u3164"]
)
def test_invisible_code_points_are_stripped_and_reported(hidden: str) -> None:
    cleaned = clean(f"限度{hidden}額")
    assert cleaned.text == "限度額"
    assert "1 invisible" in cleaned.flags[0]


def test_emoji_keep_their_joiners() -> None:
    family = "👨‍👩‍👧 ❤️ 1️⃣"
    assert clean(family).text == family


def test_line_ends_become_one_kind() -> None:
    assert clean("a\r\nb\rc\n").text == "a\nb\nc\n"
