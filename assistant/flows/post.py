"""Sends what other systems must hear, and hears what their agents answer. What cannot be sent now is sent later."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import DriverConflict, NotAllowed, OmotenashiError, UnknownConversation
from assistant.events import Fact
from assistant.flows.assist import Assist
from assistant.flows.desk import Asked, Desk
from assistant.handoff import outbox
from assistant.handoff.accounts import OUTSIDE, Agent
from assistant.handoff.brief import signed
from assistant.handoff.human_side import HumanSide
from assistant.handoff.mirrors import conversation_of
from assistant.handoff.tickets import HELD, WAITING
from assistant.ports import Delivery, Outlet

log = logging.getLogger(__name__)

_WITH_BRIEF = frozenset({"handoff.queued", "handoff.accepted", "oncall.needed"})
_MIRRORED = "message.mirrored"
_FACTS = 500


class Post:
    """``outlets`` by target name; ``secret`` signs briefs that leave the house."""

    def __init__(self, side: HumanSide, desk: Desk, assist: Assist, outlets: Sequence[Outlet], secret: str,
                 every_s: float = 0.5) -> None:
        self._side, self._desk, self._assist, self._secret, self._every_s = side, desk, assist, secret, every_s
        self._outlets = {outlet.name: outlet for outlet in outlets}
        self._task: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to send; what a stop left is sent now."""
        if self._outlets:
            for ticket in self._side.line.all():
                await self._mirror(ticket.conversation)
            self._task = asyncio.create_task(self._run(), name="post")

    async def stop(self) -> None:
        """End it; what is on its way is sent again after the next start."""
        tasks = [task for task in (self._task, *self._work) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def heard(self, conversation: str, facts: Sequence[Fact]) -> None:
        """See facts go by: what is said while a person is wanted is mirrored."""
        if "chatwoot" in self._outlets and any(fact.type == "message.created" for fact in facts) \
                and self._side.line.of(conversation):
            task = asyncio.create_task(self._mirror(conversation))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def deliver(self) -> int:
        """Send everything that is due; give how many were tried."""
        waiting = await outbox.due(self._side.store, self._side.now())
        for delivery in waiting:
            await self._send(delivery)
        return len(waiting)

    async def agent_said(self, target: str, thread: str, agent: str, name: str, message: str,
                         text: str | None) -> bool:
        """Take what an agent of another desk wrote (None: closed it); False when no conversation of ours is meant."""
        conversation = await conversation_of(self._side.store, target, thread)
        ticket = self._side.line.of(conversation) if conversation else None
        if conversation is None or ticket is None:
            return False
        who = Agent(f"{OUTSIDE}{target}_{agent}", f"{target}:{agent}", name, "agent")
        if text is None:
            who = replace(who, id=ticket.agent or who.id, name=name or "Agent")
            if ticket.state == HELD:
                await self._do(who, "handoff.close", conversation, f"{target}-{message}", {"outcome": "resolved"})
            return True
        if ticket.state in WAITING:
            await self._do(who, "handoff.accept", conversation, f"{target}-accept-{ticket.id}-{ticket.rank}",
                           {"ticket": ticket.id})
        elif ticket.agent != who.id and ticket.agent and ticket.agent.startswith(OUTSIDE):
            who = replace(who, id=ticket.agent)  # a colleague over there took over: still one talk for us
        await self._do(who, "message.send", conversation, f"{target}-{message}", {"text": text})
        return True

    async def _do(self, who: Agent, command: str, conversation: str, txn: str, data: Mapping[str, Any]) -> None:
        try:
            await self._desk.answer(command, Asked(who, txn[:64], conversation, data))
        except (DriverConflict, NotAllowed, UnknownConversation):
            log.warning("another desk's %s came too late", command)

    async def _mirror(self, conversation: str) -> None:
        if "chatwoot" not in self._outlets:
            return
        now = self._side.now()
        await self._side.store.write(lambda connection: self._side.ledger.outbox.add(
            connection, _MIRRORED, conversation, {"conversation": conversation}, now, now, ("chatwoot",)))

    async def _run(self) -> None:
        while True:
            tried = 0
            try:
                tried = await self.deliver()
            except OmotenashiError as error:
                log.warning("the post goes on after %s", type(error).__name__)
            except Exception:
                log.exception("the post goes on")
            await asyncio.sleep(0 if tried else self._every_s)

    async def _send(self, delivery: Delivery) -> None:
        store, outlet = self._side.store, self._outlets.get(delivery.target)
        try:
            if outlet is None:
                raise UnknownConversation("no such target any more")
            await outlet.send(await self._complete(delivery))
        except OmotenashiError as error:
            await outbox.failed(store, delivery, f"{type(error).__name__}: {error}", self._side.now())
        except Exception as error:
            log.error("a delivery failed: %s", type(error).__name__)
            await outbox.failed(store, delivery, type(error).__name__, self._side.now())
        else:
            await outbox.sent(store, delivery)

    async def _complete(self, delivery: Delivery) -> Delivery:
        """Add the brief, and for a mirror the messages; a webhook's retry sends the very same body."""
        data = dict(delivery.body.get("data", {}))
        if delivery.conversation and delivery.type in _WITH_BRIEF and "brief" not in data:
            brief = signed(await self._assist.packet(delivery.conversation), self._secret)
            data |= {"brief": brief.as_json(), "customer": brief.customer.model_dump()}
        if delivery.conversation and delivery.target == "chatwoot":
            data["messages"] = await self._messages(delivery.conversation)
        if data == delivery.body.get("data"):
            return delivery
        body = {**delivery.body, "data": data}
        if delivery.target == "webhook":
            await outbox.complete(self._side.store, delivery, body)
        return replace(delivery, body=body)

    async def _messages(self, conversation: str) -> list[dict[str, Any]]:
        facts = await self._side.store.facts_before(conversation, 2**53, _FACTS)
        return [{"seq": fact.seq, "by": fact.actor.kind, "name": fact.actor.name, "text": fact.data["text"]}
                for fact in facts if fact.type == "message.created"
                and not (fact.actor.id or "").startswith(f"{OUTSIDE}chatwoot")]
