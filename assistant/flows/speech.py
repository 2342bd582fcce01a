"""Sound for replies, for visitors who asked for it: sentences are said as they are written, until somebody interrupts.

Text never waits for sound: this flow only watches what is sent. It owns the order of ``speech.*`` frames (``started``,
then pieces, then exactly one of ``done`` and ``interrupted``) and notes in the transcript what was not heard out.
"""

import asyncio
import base64
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.conversation import SYSTEM
from assistant.errors import BadRequest, NotAllowed, OmotenashiError, Unavailable
from assistant.events import Fact, draft
from assistant.facts import SpeechHeard
from assistant.flows.replies import Growing, Replies, said_by_visitor
from assistant.ports import Broadcast, Manner, Voice
from assistant.transcript.store import Store
from assistant.understanding.language import detect
from assistant.voice.plain import Names
from assistant.voice.speak import Script, Utterance, manner

log = logging.getLogger(__name__)

LONGEST_REPLY = 900
"""Code points of a reply that are said, about three minutes; the rest is read."""
TELLING = 16
"""Code points from which on a growing text tells its language."""
AHEAD_S = 8.0
"""How far sound may be sent before it is heard: an interruption then wastes little, and no socket's queue fills up."""
PATIENCE_S = 30.0
"""A piece that is not there by then ends the speech."""
_REMEMBERED = 512


class Asked(Protocol):
    """One command of a visitor; ``data`` has not been checked."""

    conversation: str
    locale: str
    data: Mapping[str, Any]


Command = Callable[[Any], Awaitable[Mapping[str, Any] | None]]


@dataclass(slots=True)
class _Mouth:
    """What is said in one conversation: replies one after the other. ``until``: when the sound sent so far ends."""

    replies: list[Growing] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    until: float = 0.0


class SpeechFlow:
    """Answers ``speech.request`` and ``speech.progress``; ``saw_facts`` and ``saw_frame`` watch what passes the hub.

    ``places``: conversations in which something may be heard at once; more are refused, so that browsers speak instead.
    Without a ``voice`` only what was heard of the browser's own voice is noted.
    """

    def __init__(self, store: Store, broadcast: Broadcast, names: Mapping[str, Names], voice: Voice | None = None,
                 places: int = 3) -> None:
        self._store, self._broadcast, self._names = store, broadcast, names
        self._voice, self._places = voice, places
        self._ready = False
        self._replies = Replies(store)
        self._mouths: dict[str, _Mouth] = {}
        self._said: OrderedDict[str, list[Utterance]] = OrderedDict()
        self._noted: OrderedDict[str, None] = OrderedDict()
        self.commands: Mapping[str, Command] = {
            "speech.request": self.request, "speech.progress": self.progress}

    async def start(self) -> None:
        """Load the voice in the background; until then, and if that fails, browsers speak."""
        if self._voice is not None:
            self._warming = asyncio.create_task(self._warm_up(self._voice), name="voice")

    async def stop(self) -> None:
        """Fall silent everywhere."""
        for conversation in list(self._mouths):
            self.interrupt(conversation)

    def speaks(self, language: str) -> bool:
        """Tell whether this server has a voice for this language now."""
        return self._voice is not None and self._ready and language in self._voice.languages

    async def request(self, asked: Asked) -> Mapping[str, Any] | None:
        """``speech.request {message}``: say this reply, from its beginning, after what is being said already.

        Raises NotAllowed when nothing speaks here, Unavailable when every place is taken (the browser may speak).
        """
        message = asked.data.get("message")
        if not isinstance(message, str):
            raise BadRequest("message must be an id")
        if self._voice is None or not self._ready:
            raise NotAllowed("no voice here")
        reply = await self._replies.find(asked.conversation, message)
        if reply.whole and not self.speaks(detect(reply.text, asked.locale)):
            raise NotAllowed("no voice for this language")
        mouth = self._mouths.get(asked.conversation)
        if mouth is None:
            if len(self._mouths) >= self._places:
                raise Unavailable("every place is taken")
            mouth = self._mouths[asked.conversation] = _Mouth()
        if all(one.message != message for one in mouth.replies):
            mouth.replies.append(reply)
        if mouth.task is None:
            mouth.task = asyncio.create_task(self._talk(asked.conversation, mouth, asked.locale), name="speech")
        return {}

    async def progress(self, asked: Asked) -> Mapping[str, Any] | None:
        """``speech.progress {message, played_ms, heard}``: note what was heard of a reply that was cut short."""
        message, heard, played = (asked.data.get("message"), _count(asked.data.get("heard")),
                                  _count(asked.data.get("played_ms")))
        if not isinstance(message, str):
            raise BadRequest("message must be an id")
        reply = await self._replies.find(asked.conversation, message)
        place = place_in(self._said.get(message), heard, len(reply.text))
        if place >= len(reply.text) or message in self._noted:
            return None
        mouth = self._mouths.get(asked.conversation)
        if mouth and mouth.replies and mouth.replies[0].message == message:
            self.interrupt(asked.conversation)
        _remember(self._noted, message, None)
        noted = SpeechHeard(message=message, heard=place, of=len(reply.text), played_ms=played)
        stored = await self._store.append(asked.conversation, [draft("speech.heard", noted, SYSTEM)])
        await self._broadcast.facts(asked.conversation, stored.facts)
        return None

    def interrupt(self, conversation: str) -> None:
        """Fall silent in this conversation at once; what waits to be said is dropped."""
        mouth = self._mouths.pop(conversation, None)
        if mouth and mouth.task:
            mouth.task.cancel()

    def saw_facts(self, conversation: str, facts: Sequence[Fact]) -> None:
        """Watch committed facts: a visitor's message or a person who joins interrupts."""
        for fact in facts:
            self._replies.saw_fact(conversation, fact)
            if fact.type == "agent.joined" or said_by_visitor(fact):
                self.interrupt(conversation)

    def saw_frame(self, conversation: str, frame: Mapping[str, object]) -> None:
        """Watch passing frames: typing interrupts."""
        self._replies.saw_frame(conversation, frame)
        if frame["type"] == "typing" and frame.get("actor") == "visitor" and frame.get("on"):
            self.interrupt(conversation)

    async def _warm_up(self, voice: Voice) -> None:
        try:
            await asyncio.to_thread(voice.warm_up)
            self._ready = True
        except OmotenashiError as error:
            log.error("no voice, browsers speak: %s", error)

    async def _talk(self, conversation: str, mouth: _Mouth, locale: str) -> None:
        """Say one reply after the other; whatever happens, every one that was started ends exactly once."""
        try:
            while mouth.replies:
                await self._say(mouth.replies[0], mouth, locale)
                mouth.replies.pop(0)
        finally:
            if self._mouths.get(conversation) is mouth:
                del self._mouths[conversation]

    async def _say(self, reply: Growing, mouth: _Mouth, locale: str) -> None:
        end = "speech.interrupted"
        await self._tell(reply, "speech.started")
        try:
            if await self._pieces(reply, mouth, locale):
                # Until the last sound is over it can be interrupted, and nothing else may begin.
                await asyncio.sleep(max(0.0, mouth.until - _now()))
                end = "speech.done"
        except OmotenashiError as error:
            log.warning("speech ended early: %s", type(error).__name__)
        except TimeoutError:
            log.warning("speech ended early: the voice is too slow")
        finally:
            await self._tell(reply, end)

    async def _pieces(self, reply: Growing, mouth: _Mouth, locale: str) -> bool:
        """Send piece after piece, a little ahead of what is heard; tell whether all of it was said."""
        script: Script | None = None
        language, sent = locale, 0
        while not reply.broken:
            reply.grown.clear()
            text, whole = reply.text[:LONGEST_REPLY], reply.whole or len(reply.text) > LONGEST_REPLY
            if script is None and (len(text) >= TELLING or whole):
                language = detect(text, locale)
                if not self.speaks(language):
                    return False
                script = Script(language, self._names[language])
            for utterance in script.more(text, whole) if script else ():
                await self._piece(reply, mouth, utterance, language, sent)
                sent += 1
            if whole:
                return True
            await reply.grown.wait()
        return False

    async def _piece(self, reply: Growing, mouth: _Mouth, utterance: Utterance, language: str, seq: int) -> None:
        how: Manner = manner(reply.mood, reply.urgent)
        assert self._voice is not None
        async with asyncio.timeout(PATIENCE_S):
            sound = await self._voice.say(utterance.said, language, how, utterance.pause)
        if sound.seconds <= 0:
            return
        await asyncio.sleep(max(0.0, mouth.until - _now() - AHEAD_S))
        _remember(self._said, reply.message, [*self._said.get(reply.message, ()), utterance] if seq else [utterance])
        encoded = base64.b64encode(sound.data).decode("ascii")
        await self._tell(reply, "speech.chunk", seq=seq, mime=sound.mime, b64=encoded, text=utterance.shown)
        await self._tell(reply, "speech.visemes", seq=seq, t=list(sound.t), d=list(sound.d), v=list(sound.v))
        mouth.until = max(mouth.until, _now()) + sound.seconds

    async def _tell(self, reply: Growing, kind: str, **fields: object) -> None:
        frame: dict[str, object] = {"type": kind, "message": reply.message, **fields}
        await self._broadcast.frame(reply.conversation, frame, "visitor")


def place_in(said: Sequence[Utterance] | None, heard: int, length: int) -> int:
    """Give the place in the written text (code points) when ``heard`` code points of the captions have been heard.

    Without captions (the browser's own voice) clients count in the written text already.
    """
    if said is None:
        return min(heard, length)
    before = 0
    for utterance in said:
        share = len(utterance.shown)
        if heard < before + share:
            done = (heard - before) / share
            return utterance.start + round((utterance.end - utterance.start) * done)
        before += share
    return length


def _remember(shelf: OrderedDict[str, Any], key: str, value: object) -> None:
    shelf[key] = value
    shelf.move_to_end(key)
    while len(shelf) > _REMEMBERED:
        shelf.popitem(last=False)


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    raise BadRequest("heard and played_ms must be numbers")


def _now() -> float:
    return asyncio.get_running_loop().time()
