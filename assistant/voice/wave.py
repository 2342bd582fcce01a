"""Makes a sound file that browsers decode without a codec library: WAV with 8-bit mu-law samples (ITU-T G.711)."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
MIME = "audio/wav"
_MU_LAW = 7
_BIAS, _CLIP = 0x84, 32_635


def mu_law(samples: Samples) -> bytes:
    """Give one byte for each sample in -1..1; half the size of 16 bits, with the noise of a good telephone line."""
    linear = np.clip(np.clip(np.nan_to_num(samples), -1, 1) * 32_767, -_CLIP, _CLIP).astype(np.int32)
    magnitude = np.abs(linear) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def wav(samples: Samples, rate: int) -> bytes:
    """Give a mono WAV file of ``rate`` samples a second."""
    data = mu_law(samples)
    head = struct.pack("<HHIIHHH", _MU_LAW, 1, rate, rate, 1, 8, 0)
    facts = struct.pack("<4sII", b"fact", 4, len(data))
    padding = b"\0" if len(data) % 2 else b""
    body = b"WAVE" + struct.pack("<4sI", b"fmt ", len(head)) + head + facts + struct.pack("<4sI", b"data", len(data))
    return b"RIFF" + struct.pack("<I", len(body) + len(data) + len(padding)) + body + data + padding


def loud(samples: Samples, rate: int, threshold: float = 0.01, pad_s: float = 0.03) -> tuple[int, int]:
    """Give where sound begins and ends (sample numbers), with a little silence around; (0, 0) when there is none."""
    found = np.flatnonzero(np.abs(samples) > threshold)
    if not len(found):
        return 0, 0
    pad = round(pad_s * rate)
    return max(0, int(found[0]) - pad), min(len(samples), int(found[-1]) + 1 + pad)


def rested(samples: Samples, rate: int, seconds: float) -> Samples:
    """Add silence at the end."""
    return np.concatenate([samples, np.zeros(round(max(0.0, seconds) * rate), np.float32)])


def halved(samples: NDArray[np.floating[Any]]) -> Samples:
    """Give every second sample after a low-pass at 0.23 of the rate (windowed sinc of 63 taps), so that none alias."""
    if not len(samples):
        return np.zeros(0, np.float32)
    n = np.arange(-31, 32)
    taps = np.sinc(2 * 0.23 * n) * np.hamming(63)
    return np.asarray(np.convolve(samples, taps / taps.sum(), mode="same")[::2], np.float32)


def rests(samples: Samples, rate: int, most: int, shortest_s: float = 0.08) -> list[tuple[float, float]]:
    """Give the ``most`` longest silences inside the sound as (start, end) in seconds, in order."""
    voiced = np.flatnonzero(np.abs(samples) > 0.01)
    gaps = np.diff(voiced)
    longest = [n for n in np.argsort(gaps, kind="stable")[::-1][:most] if gaps[n] >= shortest_s * rate]
    return [(float(voiced[n] / rate), float(voiced[n + 1] / rate)) for n in sorted(longest)]
