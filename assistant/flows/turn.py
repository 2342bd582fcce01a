"""The way of one visitor's message to its reply: understand, decide, retrieve, compose, or hand over to a person.

This is the file to read first. It owns the order of the stages and the guarantee that every turn ends in exactly one
of: a whole reply, a place in the line, an honest failure with the offer of a person. It never raises into a socket.
"""

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from assistant.conversation import ASSISTANT_SPEAKS, IN_LINE, SYSTEM, Conversation, Driver, new_id
from assistant.decision.decide import Decision, advance, decide, regrade
from assistant.decision.policy import Policy
from assistant.errors import DriverConflict, OmotenashiError
from assistant.events import Draft, Fact, draft
from assistant.facts import HandoffOffered
from assistant.flows.hear import Heard, Hearing
from assistant.flows.run import Run
from assistant.handoff.hand_over import HandoffRequest, HandOver, Words
from assistant.knowledge import Evidence
from assistant.phrases import Phrases
from assistant.ports import Broadcast, Embedder, Listener
from assistant.reply.compose import Composer, Reply, Request
from assistant.reply.markup import to_html
from assistant.reply.tone import lead
from assistant.reply.urgent import urgent_step
from assistant.retrieval.retrieve import Retriever
from assistant.transcript.store import Store
from assistant.understanding.judge import Judge
from assistant.understanding.language import detect

log = logging.getLogger(__name__)

SURE = 0.75
"""To somebody who is waiting and upset, a page is quoted only when it surely answers (evidence strength, 0–1)."""
LONGEST_TURN_S = 28.0
"""A turn is over before the 30 s that every visitor is promised."""

@dataclass(frozen=True, slots=True)
class Stages:
    """Everything a turn passes through, made once at start."""

    store: Store
    broadcast: Broadcast
    phrases: Phrases
    policy: Policy
    listener: Listener | None
    embedder: Embedder | None
    judge: Judge
    retriever: Retriever
    composer: Composer
    hand_over: HandOver


@dataclass(slots=True)
class _Queue:
    """One conversation's waiting messages and the task that works on them: one turn at a time."""

    messages: deque[Fact] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    run: Run | None = None


class TurnFlow:
    """Takes visitors' messages; turns of one conversation follow each other, those of different ones run at once."""

    def __init__(self, stages: Stages, longest_s: float = LONGEST_TURN_S) -> None:
        self._stages = stages
        self._longest_s = longest_s
        self._queues: dict[str, _Queue] = {}
        self._hearing = Hearing(stages.store, stages.listener, stages.embedder, stages.judge)

    def read_with(self, judge: Judge) -> None:
        """Read from now on with this one: the company's prototype sentences are embedded once the model is there."""
        self._hearing.judge = judge

    async def take(self, conversation: str, message: Fact) -> None:
        """Schedule the turn for a stored message and return at once; what waits together is answered together."""
        queue = self._queues.setdefault(conversation, _Queue())
        queue.messages.append(message)
        if queue.task is None or queue.task.done():
            queue.task = asyncio.create_task(self._work(conversation, queue), name=f"turn {conversation}")

    async def cancel(self, conversation: str, run: str | None = None) -> None:
        """Stop the running reply (of that id, if given); what had been shown is kept."""
        queue = self._queues.get(conversation)
        if queue and queue.task and queue.run and run in (None, queue.run.id):
            queue.task.cancel()
            await asyncio.gather(queue.task, return_exceptions=True)

    def running(self, conversation: str) -> bool:
        """Tell whether a reply is being made."""
        queue = self._queues.get(conversation)
        return bool(queue and queue.task and not queue.task.done())

    async def drain(self, seconds: float) -> None:
        """Let running turns finish for at most ``seconds``, then end them as interrupted."""
        tasks = [queue.task for queue in self._queues.values() if queue.task and not queue.task.done()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, conversation: str, queue: _Queue) -> None:
        while queue.messages:
            waiting = list(queue.messages)
            queue.messages.clear()
            await self._turn(conversation, waiting, queue)
        self._queues.pop(conversation, None)

    async def _turn(self, conversation: str, messages: list[Fact], queue: _Queue) -> None:
        """Run one turn inside its deadline and see that its run ends, whatever happens."""
        run = queue.run = Run(self._stages.store, self._stages.broadcast, conversation)
        language = "ja"
        try:
            row = await self._stages.store.conversation(conversation)
            question = "\n".join(str(message.data["text"]) for message in messages)
            language = detect(question, row.locale)
            if row.driver not in ASSISTANT_SPEAKS:
                await self._listen(row, question, messages[-1], language)
                return
            async with asyncio.timeout(self._longest_s):
                starting = asyncio.create_task(run.start())  # its commit takes as long as the reading
                try:
                    heard = await self._hearing.hear(row, question, messages[-1], language)
                finally:
                    await asyncio.wait([starting])
                starting.result()
                await self._answer(row, heard, run)
        except DriverConflict:
            await _settle(run.cancel())  # a person took over meanwhile: not a word more
        except asyncio.CancelledError:
            await _settle(run.cancel())
            raise
        except TimeoutError:
            await self._fail(run, "timeout", language)
        except OmotenashiError as error:
            log.warning("turn failed: %s", type(error).__name__)
            await self._fail(run, error.code, language)
        except Exception as error:
            # The error's own text may quote the visitor: only its kind and place are told.
            log.error("turn failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            await self._fail(run, "internal", language)
        finally:
            queue.run = None

    async def _listen(self, row: Conversation, question: str, message: Fact, language: str) -> None:
        """While a person holds the conversation the assistant only reads the mood, for the desk."""
        heard = await self._hearing.hear(row, question, message, language)
        stored = await self._stages.store.append(row.id, [heard.moment(None)])
        await self._stages.broadcast.facts(row.id, stored.facts)

    async def _answer(self, row: Conversation, heard: Heard, run: Run) -> None:
        policy, evidence = self._stages.policy, self._stages.retriever.retrieve(
            heard.question, heard.searched, heard.language, history=heard.history
        )
        decision = decide(heard.reading, heard.progress, policy)
        if row.driver is Driver.OFFERED and heard.reading.intent == "yes":
            decision = replace(decision, route="hand_off", reason_code="customer_request")
        elif heard.reading.intent is None:
            decision = regrade(decision, evidence.strength, heard.progress, policy)
        await self._mood(row.id, decision.mood)
        if self._for_a_person(row, heard, decision, evidence):
            await self._hand_off(row, heard, decision, run)
        else:
            await self._reply(row, heard, decision, evidence, run)

    def _for_a_person(self, row: Conversation, heard: Heard, decision: Decision, evidence: Evidence) -> bool:
        """In the line the assistant goes on helping where a page answers; for the rest the person is on the way."""
        if row.driver not in IN_LINE:
            return decision.route == "hand_off"
        if heard.reading.intent is not None:
            return False
        if decision.urgent is not None or heard.reading.wants_person:
            return True
        charged = decision.route == "hand_off"
        return evidence.strength < (SURE if charged else self._stages.policy.retrieval.abstain)

    async def _reply(self, row: Conversation, heard: Heard, decision: Decision, evidence: Evidence,
                     run: Run) -> None:
        composition = self._stages.composer.compose(Request(
            question=heard.question, language=heard.language, reading=heard.reading, decision=decision,
            evidence=evidence, history=heard.history, waiting=row.driver in IN_LINE,
            abstain=self._stages.policy.retrieval.abstain,
        ))
        async for piece in composition:
            await run.say(piece)
        reply = composition.reply
        before = [heard.moment(decision)]
        if reply.offer and row.driver is Driver.ASSISTANT:
            before.append(draft("handoff.offered", HandoffOffered(), SYSTEM))
        progress = advance(heard.progress, heard.reading, decision, reply.answered)
        await run.complete(reply, to_html(reply.text, reply.citations), before=before, mood=decision.mood,
                           state={"progress": progress.as_json()}, to=_offered(row.driver, reply.offer))

    async def _hand_off(self, row: Conversation, heard: Heard, decision: Decision, run: Run) -> None:
        """The one urgent step first, quoted from its page; then the line, said and done in one transaction."""
        step = self._urgent(heard, decision)
        before: list[Draft] = [heard.moment(decision)]
        words = Words(message=run.message, after=run.finished())
        if step.text:
            await run.say(step.text)
            before += run.ending(step, to_html(step.text, step.citations), mood=decision.mood, urgent=decision.urgent)
            words = Words(message=new_id("m"))
        progress = advance(heard.progress, heard.reading, decision, True)
        state: dict[str, object] = {"progress": progress.as_json()}
        if not step.text:
            words = replace(words, opening=lead(heard.reading.kind, heard.reading.intensity, decision.tone,
                                                self._stages.phrases, heard.language))
        if row.driver in IN_LINE:
            await self._stages.hand_over.remind(row.id, heard.language, words, before, state)
        else:
            request = _request(heard, decision, step)
            await self._stages.hand_over.request(row.id, request, words, before, state)

    def _urgent(self, heard: Heard, decision: Decision) -> Reply:
        urgent = self._stages.policy.urgent.get(decision.urgent or "")
        index = self._stages.retriever.index
        if urgent is None or index is None:
            return Reply("")
        return urgent_step(index, urgent.page(heard.language), heard.reading.kind, self._stages.phrases, heard.language)

    async def _mood(self, conversation: str, mood: str) -> None:
        frame: dict[str, object] = {"type": "avatar.mood", "conversation": conversation, "mood": mood}
        await self._stages.broadcast.frame(conversation, frame)

    async def _fail(self, run: Run, reason: str, language: str) -> None:
        phrase = "run.timeout" if reason == "timeout" else "run.failed"
        await _settle(run.fail(reason, self._stages.phrases.say(phrase, language)))


async def _settle(ending: Coroutine[object, object, None]) -> None:
    """Let a run's ending be stored even while its task is being cancelled; a broken store is logged, not raised."""
    try:
        await asyncio.shield(asyncio.ensure_future(ending))
    except OmotenashiError as error:
        log.error("a run's end could not be stored: %s", type(error).__name__)


def _request(heard: Heard, decision: Decision, step: Reply) -> HandoffRequest:
    return HandoffRequest(
        by="customer" if heard.reading.wants_person or decision.reason_code == "customer_request" else "policy",
        reason=decision.reason_code,
        reasons=tuple(_codes(decision)), severity=decision.severity, language=heard.language, kind=heard.reading.kind,
        grave=decision.tone.name in ("grave", "urgent"),
        urgent_given=(decision.urgent,) if step.text and decision.urgent else (),
    )


def _offered(driver: Driver, offer: bool) -> Driver | None:
    """Give where an offer, or an answer after one that was not taken up, moves the conversation."""
    if offer and driver is Driver.ASSISTANT:
        return Driver.OFFERED
    return Driver.ASSISTANT if driver is Driver.OFFERED and not offer else None


def _codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]
