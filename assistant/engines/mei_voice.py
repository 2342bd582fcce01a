"""The light voice: Open JTalk with the HTS voice "Mei", for many visitors on a core; the mouth is estimated from kana.

Both come with ``pyopenjtalk-plus`` of the extra ``[voice]``. Japanese only.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.ports import Manner, Sound
from assistant.voice.visemes import from_kana
from assistant.voice.wave import MIME, halved, loud, rested, rests, wav

RATE = 24_000
"""The voice speaks at 48 kHz; half of it is sent."""


class MeiVoice:
    """Implements ``ports.Voice``. One utterance at a time; about 0.07 s of one processor core for each second said."""

    name = "mei"
    languages = frozenset({"ja"})

    def __init__(self) -> None:
        self._openjtalk: Any = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="voice")

    def warm_up(self) -> None:
        """Load the dictionary and the voice, about 1 s and 120 MB of memory. Raises ModelUnavailable."""
        if self._openjtalk is not None:
            return
        try:
            import pyopenjtalk
        except ImportError as error:
            raise ModelUnavailable("the voice needs: pip install 'omotenashi[voice]'") from error
        pyopenjtalk.tts("あ")
        self._openjtalk = pyopenjtalk

    async def say(self, text: str, language: str, manner: Manner, pause: float) -> Sound:
        """Speak one utterance. Raises ModelUnavailable before ``warm_up``, for other languages and on failure."""
        if self._openjtalk is None or language not in self.languages:
            raise ModelUnavailable(f"no voice for {language} is loaded")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, self._say, text, manner, pause)
        except Exception as error:
            raise ModelUnavailable(f"the voice failed: {type(error).__name__}") from error

    def _say(self, text: str, manner: Manner, pause: float) -> Sound:
        wide, rate = self._openjtalk.tts(text, speed=manner.speed)
        samples = halved(np.asarray(wide, np.float32) / 32_768) if rate == 2 * RATE else np.zeros(0, np.float32)
        begin, end = loud(samples, RATE)
        if begin == end:
            return Sound(wav(samples[:0], RATE), MIME, 0.0, (), (), ())
        said = rested(samples[begin:end], RATE, pause * manner.pause)
        kana = self._openjtalk.g2p(text, kana=True).rstrip("。、")
        heard = rests(samples[begin:end], RATE, sum(kana.count(mark) for mark in "。、"))
        line = from_kana(kana, (end - begin) / RATE, heard)
        return Sound(wav(said, RATE), MIME, len(said) / RATE, line.t, line.d, line.v)
