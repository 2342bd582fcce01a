"""Sound files and silences: small, decodable, and heard where they are."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.voice.wave import halved, loud, mu_law, rested, rests, wav

RATE = 24_000


def tone(seconds: float, hertz: float = 200.0, rate: int = RATE) -> np.ndarray:
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate), np.float32)


def expand(data: bytes) -> np.ndarray:
    """Decode mu-law as ITU-T G.711 does, to check what was encoded."""
    code = ~np.frombuffer(data, np.uint8) & 0xFF
    magnitude = (((code & 0x0F).astype(int) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude) / 32_767


def test_mu_law_keeps_speech_within_a_few_percent() -> None:
    sound = tone(0.2)
    assert np.abs(expand(mu_law(sound)) - sound).max() < 0.02
    assert np.sqrt(np.mean((expand(mu_law(sound)) - sound) ** 2)) < 0.006


@given(st.lists(st.floats(width=32), max_size=50))
def test_any_samples_become_one_byte_each(samples: list[float]) -> None:
    assert len(mu_law(np.asarray(samples, np.float32))) == len(samples)


def test_a_file_says_how_long_its_parts_are() -> None:
    for length in (0, 1, 100, 101):
        data = wav(np.zeros(length, np.float32), RATE)
        assert struct.unpack("<I", data[4:8])[0] == len(data) - 8 and len(data) % 2 == 0
        assert struct.unpack("<I", data[data.index(b"data") + 4 :][:4])[0] == length


def test_sound_is_found_with_a_little_silence_around_it() -> None:
    sound = rested(np.concatenate([np.zeros(RATE, np.float32), tone(0.5)]), RATE, 1.0)
    begin, end = loud(sound, RATE)
    assert begin / RATE == pytest.approx(0.97, abs=0.01) and end / RATE == pytest.approx(1.53, abs=0.01)
    assert loud(np.zeros(100, np.float32), RATE) == (0, 0) == loud(np.zeros(0, np.float32), RATE)


def test_the_longest_rests_are_found_in_their_order() -> None:
    gap = np.zeros(round(0.2 * RATE), np.float32)
    sound = np.concatenate([tone(0.3), gap, tone(0.3), gap[: round(0.03 * RATE)], tone(0.3), gap, gap, tone(0.3)])
    found = rests(sound, RATE, 2)
    assert [round(start, 1) for start, _ in found] == [0.3, 1.1] and found[1][1] - found[1][0] > 0.39
    assert rests(sound, RATE, 0) == [] and rests(np.zeros(10, np.float32), RATE, 3) == []


def test_halving_keeps_the_voice_and_drops_what_would_alias() -> None:
    low, high = tone(0.2, 1_000, 48_000), tone(0.2, 20_000, 48_000)
    assert np.abs(halved(low)[200:-200]).max() == pytest.approx(0.5, abs=0.02)
    assert np.abs(halved(high)[200:-200]).max() < 0.01
