"""How well the mouth keeps time: the estimate from kana against the durations that Kokoro itself decided.

Run with the extra ``[voice]`` installed: ``python -m tests.benchmarks.voice_timing``. The first 25 sentences of
``voice_sentences.txt`` (from the bank's own pages) may be used to choose the proportions in ``visemes.PACE``
(``--tune``); only the other 25 are scored. An error is the distance, in ms, between the moments at which a mora's vowel
begins, when the estimate is given the sentence's true length, and when it is given the pauses too (which can be heard
in the sound; the light voice does that).
"""

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from assistant.engines.kokoro_voice import FRAME, RATE, SOUND_LEADS_S, KokoroVoice, settled
from assistant.voice.reading_ja import read_ja
from assistant.voice.visemes import PACE, Pace, stretches
from assistant.voice.wave import Samples, loud, rests

SENTENCES = Path(__file__).with_name("voice_sentences.txt")
TUNED = 25
_VOWELS = frozenset("aiueoɯɨ")
_STOPPED = frozenset("ptkbdɡʦʨ")


def reference(voice: KokoroVoice, text: str) -> dict[str, Any]:
    """Give phonemes with their seconds, the sounding length, and the kana the voice read."""
    said = read_ja(text)
    phonemes, frames, samples = voice.speak(said, 1.0)
    begin, end = loud(samples, RATE, pad_s=0.0)
    seconds = settled(phonemes, [n * FRAME / RATE for n in frames], samples)
    return {"text": text, "kana": voice.kana(said).replace(" 、", "、").replace(" 。", "。"), "phonemes": phonemes, "seconds": seconds,
            "begin": begin / RATE + SOUND_LEADS_S, "end": end / RATE + SOUND_LEADS_S,
            "edges": edges(phonemes, seconds, samples)}


def edges(phonemes: list[str], seconds: list[float], samples: Samples) -> list[float]:
    """Give, in ms, how far the first shape after each silence is from the sound that ends the silence.

    Stops are left out: their closure is silent.
    """
    starts = np.concatenate([[0.0], np.cumsum(seconds)]) - SOUND_LEADS_S
    after = [n + 1 + (phonemes[n + 1] == " ") for n, p in enumerate(phonemes[:-2]) if n == 0 or p == ","]
    first = float(np.flatnonzero(np.abs(samples) > 0.01)[0] / RATE)
    heard = [first, *(end for _, end in rests(samples, RATE, len(after) - 1))]
    if len(heard) != len(after):
        return []
    return [1000 * (float(starts[n]) - at) for n, at in zip(after, heard, strict=True) if phonemes[n] not in _STOPPED]


def vowel_times(row: dict[str, Any]) -> list[float]:
    """Give when each mora's vowel (or moraic nasal, or doubling) begins in Kokoro's speech, from its first sound."""
    times, at = [], 0.0
    phonemes = row["phonemes"]
    for n, (phoneme, seconds) in enumerate(zip(phonemes, row["seconds"], strict=True)):
        following = phonemes[n + 1] if n + 1 < len(phonemes) else ""
        nasal = phoneme in "ɴŋ" or (phoneme in "mnɲ" and not (following in _VOWELS or following in "ʲj"))
        if phoneme in _VOWELS or phoneme in "ːʔ" or nasal:
            times.append(at - row["begin"])
        at += seconds
    return times


def rests_of(row: dict[str, Any]) -> list[tuple[float, float]]:
    """Give the pauses inside the sentence as Kokoro made them."""
    found, at = [], 0.0
    phonemes, seconds = row["phonemes"], row["seconds"]
    for n, phoneme in enumerate(phonemes):
        length = seconds[n] + (seconds[n + 1] if phonemes[n + 1 : n + 2] == [" "] else 0.0)
        if phoneme in ",." and 0 < n < len(phonemes) - 2:
            found.append((at - row["begin"], at + length - row["begin"]))
        at += seconds[n]
    return found


def estimated(row: dict[str, Any], pace: Pace, heard: bool) -> list[float]:
    """Give the same moments by the estimate, spread over the true length, or between the pauses that can be heard."""
    times: list[float] = []
    length = row["end"] - row["begin"]
    for parts, start, end in stretches(row["kana"].rstrip("。、 "), length, rests_of(row) if heard else (), pace):
        whole, at = sum(part.length for part in parts), start
        for part in parts:
            if part.mora:
                times.append(at)
            at += part.length / whole * (end - start)
    return times


def errors(rows: list[dict[str, Any]], pace: Pace, heard: bool) -> tuple[list[float], int]:
    """Give all errors in ms and the number of sentences whose morae could not be paired."""
    found: list[float] = []
    unpaired = 0
    for row in rows:
        true, guess = vowel_times(row), estimated(row, pace, heard)
        if len(true) != len(guess):
            unpaired += 1
            continue
        found += [1000 * abs(a - b) for a, b in zip(true, guess, strict=True)]
    return found, unpaired


def main() -> None:
    """Measure, or with ``--tune`` look at the first half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--kept", type=Path, help="keep the voice's durations here (JSON) and use them again")
    options = parser.parse_args()
    rows = durations(options.kept)
    chosen = rows[:TUNED] if options.tune else rows[TUNED:]
    own = [abs(error) for row in chosen for error in row["edges"]]
    print(json.dumps({"kokoro's own timeline against its sound": "after silences", "places": len(own),
                      "median_ms": round(statistics.median(own), 1),
                      "p95_ms": round(float(np.percentile(own, 95)), 1)}))
    for heard in (False, True):
        found, unpaired = errors(chosen, PACE, heard)
        print(json.dumps({
            "given": "length and pauses" if heard else "length", "sentences": len(chosen) - unpaired,
            "unpaired": unpaired, "morae": len(found), "median_ms": round(statistics.median(found), 1),
            "p95_ms": round(float(np.percentile(found, 95)), 1),
            "share_within_60_ms": round(sum(e <= 60 for e in found) / len(found), 3),
        }))


def durations(kept: Path | None) -> list[dict[str, Any]]:
    """Let the voice speak every sentence, or read what it said before."""
    if kept and kept.exists():
        loaded: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
        return loaded
    voice = KokoroVoice()
    voice.warm_up()
    rows = [reference(voice, text) for text in SENTENCES.read_text(encoding="utf-8").split("\n") if text]
    if kept:
        kept.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
