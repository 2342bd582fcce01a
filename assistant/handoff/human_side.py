"""The parts of the human side, made once at start and handed to its flows; it does nothing by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assistant.decision.policy import Policy
from assistant.errors import UnknownConversation
from assistant.handoff.accounts import Accounts
from assistant.handoff.floor import Floor
from assistant.handoff.hand_over import HandOver
from assistant.handoff.ledger import Ledger
from assistant.handoff.line import Line
from assistant.handoff.tickets import Ticket
from assistant.handoff.wait import Waits
from assistant.phrases import Phrases
from assistant.transcript.store import Store


@dataclass(frozen=True, slots=True)
class HumanSide:
    """``stop_reply`` ends the reply that is being made in a conversation and waits until it has ended."""

    ledger: Ledger
    hand_over: HandOver
    floor: Floor
    waits: Waits
    accounts: Accounts
    phrases: Phrases
    policy: Policy
    stop_reply: Callable[[str], Awaitable[None]]

    @property
    def line(self) -> Line:
        """The line of open tickets."""
        return self.ledger.line

    @property
    def store(self) -> Store:
        """The transcript."""
        return self.ledger.store

    def now(self) -> float:
        """Give the time in Unix seconds."""
        return self.ledger.clock()

    def ticket(self, ticket: object) -> Ticket:
        """Give an open ticket. Raises UnknownConversation."""
        found = self.line.get(ticket) if isinstance(ticket, str) else None
        if found is None:
            raise UnknownConversation("no such open ticket")
        return found

    def queue_frame(self, ticket: Ticket) -> dict[str, object]:
        """Give ``queue.updated`` for a waiting ticket: place, people ahead and the honest wait."""
        outlook = self.hand_over.outlook(ticket.rank)
        frame: dict[str, object] = {
            "type": "queue.updated", "conversation": ticket.conversation, "ticket": ticket.id,
            "position": outlook.ahead + 1, "ahead": outlook.ahead,
            "wait_s": list(outlook.wait_s) if outlook.wait_s else None, "basis": outlook.basis,
            "open": outlook.state in ("open", "full"),
        }
        if outlook.state != "open":
            duty, now = self.hand_over.duty, self.now()
            opens = duty.opens(now) if outlook.state == "closed" else None
            frame["opens"] = duty.say(opens, ticket.language) if opens else None
            frame["windows"] = [duty.say_window(start, end, ticket.language) for start, end in duty.windows(now)]
        return frame
