"""A server that echoes and speaks: the real hub, sockets and speech flow, with a voice that beeps one tone per mora."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.flows.speech import SpeechFlow
from assistant.ports import Manner, Sound
from assistant.server.parts import Flows
from assistant.voice.plain import Names
from assistant.voice.visemes import from_kana
from assistant.voice.wave import MIME, wav
from tests.server.harness import Client, EchoFlow, Running, make_parts, running

NAMES = {"ja": Names("画面のリンク", "画面のメールアドレス", "表は、画面をご覧ください。"),
         "en": Names("the link", "the e-mail address", "See the table.")}


class Beeper:
    """Implements ``ports.Voice``: 20 ms of tone for each character, ``takes_s`` to make it; 「壊」 breaks it."""

    name = "beeper"
    languages = frozenset({"ja"})

    def __init__(self, takes_s: float = 0.0) -> None:
        self.takes_s = takes_s
        self.said: list[tuple[str, Manner]] = []
        self.at: list[float] = []

    def warm_up(self) -> None:
        """Nothing to load."""

    async def say(self, text: str, language: str, manner: Manner, pause: float) -> Sound:
        """Beep."""
        if "壊" in text:
            raise ModelUnavailable("broken on purpose")
        await asyncio.sleep(self.takes_s)
        self.said.append((text, manner))
        self.at.append(time.monotonic())
        seconds = 0.02 * len(text) / manner.speed
        tone = 0.3 * np.sin(np.arange(round(seconds * 8000)) * 0.3).astype(np.float32)
        line = from_kana(text, seconds)
        return Sound(wav(tone, 8000), MIME, seconds, line.t, line.d, line.v)


class Talker(Client):
    """A visitor who listens."""

    async def ask(self, message: str, txn: str) -> dict[str, Any]:
        await self.send({"type": "speech.request", "txn": txn, "data": {"message": message}})
        return await self.reply(txn)

    async def whole(self, text: str, txn: str) -> str:
        """Say something and give the id of the stored reply."""
        await self.say(text, txn)
        fact = await self.until(lambda f: f["type"] == "message.created" and f["actor"]["kind"] == "assistant")
        return str(fact["data"]["message"])

    async def ending(self, message: str) -> dict[str, Any]:
        return await self.until(lambda f: f["type"] in ("speech.done", "speech.interrupted")
                                and f["message"] == message)

    def speech(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"].startswith("speech.")]


@asynccontextmanager
async def speaking(folder: Path, voice: Beeper | None, *, places: int = 3,
                   pause_s: float = 0.0) -> AsyncIterator[tuple[Running, SpeechFlow]]:
    """Run a server whose replies can be heard."""
    made: list[SpeechFlow] = []

    def flows(echo: EchoFlow) -> Flows:
        made.append(SpeechFlow(echo.store, echo.hub, NAMES, voice, places))
        if voice is not None:
            echo.hub.watchers.append(made[0].saw_facts)
            echo.hub.frame_watchers.append(made[0].saw_frame)
        return Flows(take=echo.take, cancel=echo.cancel, drain=echo.drain, commands=made[0].commands)

    parts = make_parts(folder, pause_s=pause_s, flows=flows)
    parts = replace(parts, start=(made[0].start,), stop=(made[0].stop,))
    async with running(parts) as server:
        async with asyncio.timeout(5):
            while voice is not None and not made[0].speaks("ja"):
                await asyncio.sleep(0.01)
        yield server, made[0]


def sound_of(frame: dict[str, Any]) -> bytes:
    return base64.b64decode(frame["b64"])
