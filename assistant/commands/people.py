"""Puts the human side together: line, desk, clockwork and their doors, around one store and one hub."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.decision.policy import Policy
from assistant.events import Audience, Fact
from assistant.flows.assist import Assist
from assistant.flows.board import Board
from assistant.flows.desk import Desk
from assistant.flows.post import Post
from assistant.flows.shift import Shift
from assistant.flows.waiting import ASK_AFTER_S, Waiting
from assistant.handoff.accounts import Accounts
from assistant.handoff.floor import Floor
from assistant.handoff.hand_over import HandOver
from assistant.handoff.human_side import HumanSide
from assistant.handoff.ledger import Ledger
from assistant.handoff.line import Line
from assistant.handoff.outbox import Outbox
from assistant.handoff.snippets import load_snippets
from assistant.handoff.wait import Waits
from assistant.phrases import Phrases
from assistant.ports import Embedder, Outlet, Writer
from assistant.retrieval.retrieve import Retriever
from assistant.server.agent import AgentDoor
from assistant.server.desk_parts import DeskParts
from assistant.server.hub import Hub
from assistant.transcript.store import Store


@dataclass(frozen=True, slots=True)
class Outward:
    """Which other systems are told; ``secret`` signs the briefs that they get."""

    outlets: Sequence[Outlet] = ()
    secret: str = ""


NOWHERE = Outward()


@dataclass(frozen=True, slots=True)
class People:
    """The human side, put together. ``start`` and ``stop`` run its clockwork."""

    side: HumanSide
    desk: DeskParts
    shift: Shift
    board: Board
    assist: Assist
    post: Post
    hub: Hub

    def waiting(self, take: Callable[[str, Fact], Awaitable[None]], ask_after_s: float = ASK_AFTER_S) -> Waiting:
        """Stand before the turn flow's ``take``."""
        waiting = Waiting(self.side, take, ask_after_s)
        self.hub.watchers.append(waiting.heard)
        return waiting

    @property
    def start(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Give what is started, in order."""
        return (self.shift.start, self.board.start, self.post.start)

    @property
    def stop(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Give what is stopped, in order."""
        return (self.post.stop, self.shift.stop, self.board.stop)

    def door(self, parts: Any, lobby: Any) -> AgentDoor:
        """Make the agents' endpoint."""
        return AgentDoor(parts, self.desk, lobby)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the human side takes from a needs."""

    knowledge: Path
    packaged: Path
    phrases: Phrases
    policy: Policy
    retriever: Retriever
    embedder: Embedder | None
    quoting: Writer


def assemble_people(needs: Needs, store: Store, hub: Hub, stop_reply: Callable[[str], Awaitable[None]],
                    outward: Outward = NOWHERE, clock: Callable[[], float] = time.time,
                    check_s: float = 15.0) -> People:
    """Make the parts; ``stop_reply`` ends the reply that is being made in a conversation."""
    line, policy = Line(), needs.policy
    floor = Floor(line)
    ledger = Ledger(store, hub, line, Outbox([outlet.name for outlet in outward.outlets]), clock)
    waits = Waits(policy.line.wait_quantile, policy.line.wait_default_s, policy.line.ringing_timeout_s)
    hand_over = HandOver(ledger, needs.phrases, policy, floor, waits,
                         any(outlet.name == "chatwoot" for outlet in outward.outlets))
    side = HumanSide(ledger, hand_over, floor, waits, Accounts(store, clock), needs.phrases, policy, stop_reply)
    shift, assist = Shift(side), Assist(side, needs.retriever, needs.embedder, needs.quoting)
    board = Board(side, lambda conversation: hub.listening(conversation, Audience.EVERYONE) > 0)
    commands = Desk(side, shift.unring)
    post = Post(side, commands, assist, outward.outlets, outward.secret)
    hub.watchers += [shift.heard, board.heard, post.heard]
    desk = DeskParts(side, commands, board, assist.suggest, assist.brief,
                     load_snippets(needs.knowledge, needs.packaged), check_s)
    return People(side, desk, shift, board, assist, post, hub)


