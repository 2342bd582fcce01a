"""What the mouth does: from a voice's own durations, and from kana when there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.voice.visemes import SHAPES, Timeline, from_kana, from_phonemes


def shapes(line: Timeline) -> str:
    return " ".join(line.v)


def test_phonemes_become_shapes_at_their_own_times() -> None:
    line = from_phonemes("aoba.", [0.1, 0.1, 0.05, 0.1, 0.2])
    assert shapes(line) == "a o cl a sil"
    assert line.t == (0.0, 0.1, 0.2, 0.25, 0.35) and line.seconds == pytest.approx(0.55)


def test_consonants_behind_the_lips_take_the_shape_of_their_vowel() -> None:
    assert shapes(from_phonemes("kʲikɯ", [0.05] * 5)) == "i u"


def test_the_tongue_moves_between_equal_vowels() -> None:
    assert shapes(from_phonemes("sasa", [0.05] * 4)) == "a N a" == shapes(from_kana("ササ", 0.3))


def test_lips_close_for_m_b_p_and_teeth_show_for_f() -> None:
    assert shapes(from_phonemes("mapɸɯ", [0.05] * 5)) == "cl a cl FF u"


def test_a_long_vowel_stays_and_a_doubled_consonant_holds() -> None:
    assert shapes(from_phonemes("oːʔta", [0.05] * 5)) == "o N a"


def test_kana_become_morae_that_fill_the_time() -> None:
    line = from_kana("ミオです。", 1.2)
    assert shapes(line) == "cl i o e u sil"
    assert line.seconds == pytest.approx(1.2, abs=0.001)


def test_small_kana_belong_to_the_mora_before() -> None:
    assert shapes(from_kana("シャ", 0.2)) == "a"
    assert shapes(from_kana("キュート", 0.5)) == "u o"


def test_a_comma_is_a_rest_and_a_doubled_p_is_closed() -> None:
    assert shapes(from_kana("ハ、イッパイ", 1.0)) == "a sil i cl a i"


def test_a_timeline_can_be_moved_within_its_sound() -> None:
    line = from_phonemes("ao", [0.3, 0.3]).shifted(-0.1, 0.45)
    assert line.t == (0.0, 0.2) and line.seconds == pytest.approx(0.45)


def test_nothing_said_is_a_closed_mouth() -> None:
    assert from_kana("", 0.5).v == ("sil",) and from_kana("", 0.0) == Timeline((), (), ())


@given(st.text(max_size=60), st.floats(0, 30))
def test_any_reading_gives_a_timeline_without_gaps(reading: str, seconds: float) -> None:
    line = from_kana(reading, seconds)
    assert set(line.v) <= set(SHAPES) and all(d >= 0 for d in line.d)
    for n in range(len(line.t) - 1):
        assert line.t[n] + line.d[n] == pytest.approx(line.t[n + 1], abs=0.001)


@given(st.text(min_size=1, max_size=40))
def test_any_phonemes_give_known_shapes(phonemes: str) -> None:
    assert set(from_phonemes(phonemes, [0.05] * len(phonemes)).v) <= set(SHAPES)


def test_silences_that_were_heard_part_the_stretches() -> None:
    line = from_kana("アイ、ウエ", 2.0, [(0.5, 1.4)])
    shapes_at = dict(zip(line.v, line.t, strict=True))
    assert shapes_at["sil"] == pytest.approx(0.5) and shapes_at["u"] == pytest.approx(1.4)
    assert from_kana("アイ、ウエ", 2.0, [(0.1, 0.2), (0.5, 1.4)]) == from_kana("アイ、ウエ", 2.0), "one comma, two rests"
