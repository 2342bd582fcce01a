"""What a visitor may choose instead of waiting here, and the window that may honestly be promised for it."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from assistant.errors import BadRequest, NotAllowed
from assistant.facts import HandoffContact
from assistant.handoff.duty import Duty
from assistant.handoff.tickets import Ticket

_EMAIL = re.compile(r"[^\s@＠]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_PHONE = re.compile(r"\+?[\d\-() ]{9,22}")


def read_choice(fields: Mapping[str, Any], ticket: Ticket, duty: Duty, now: float) -> tuple[HandoffContact, str | None]:
    """Check what was chosen and give the window that is promised. Raises BadRequest or NotAllowed."""
    choice: Literal["wait", "email", "callback"]
    match fields.get("choice"):
        case "wait":
            return HandoffContact(ticket=ticket.id, choice="wait"), None
        case "email":
            if not isinstance(fields.get("email"), str) or not _EMAIL.fullmatch(fields["email"]):
                raise BadRequest("an e-mail address is needed")
            choice, window = "email", duty.say(duty.email_by(now), ticket.language)
        case "callback":
            phone = fields.get("phone")
            if not isinstance(phone, str) or not _PHONE.fullmatch(phone) or sum(map(str.isdigit, phone)) < 9:
                raise BadRequest("a phone number is needed")
            offered = [duty.say_window(start, end, ticket.language) for start, end in duty.windows(now)]
            if not offered:
                raise NotAllowed("nobody can call back")
            choice, window = "callback", wished_window(fields.get("window"), offered)
        case _:
            raise BadRequest("choice must be wait, email or callback")
    return HandoffContact(ticket=ticket.id, choice=choice, email=fields.get("email") if choice == "email" else None,
                          phone=fields.get("phone") if choice == "callback" else None, window=window), window


def wished_window(wish: object, offered: list[str]) -> str:
    """Give the offered window that fits a wish: the same words, or the first whose hours hold the wish's first hour."""
    if isinstance(wish, str):
        if wish in offered:
            return wish
        hours = re.findall(r"\d{1,2}", wish)
        for window in offered if hours else ():
            start, end = (int(clock.split(":")[0]) for clock in re.findall(r"\d{1,2}:\d\d", window))
            if start <= int(hours[0]) < end:
                return window
    return offered[0]
