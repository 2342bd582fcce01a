"""Chatwoot as another desk: conversations that wait for a person are mirrored into an API inbox of it.

The customer's words go in through its public API; what only agents may read (the brief, the assistant's words) through
its account API as an agent bot. What its agents answer comes back by webhook; ``read_callback`` checks and reads it.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.engines.guarded import GuardedClient
from assistant.errors import BadRequest, Unauthorized, Unavailable
from assistant.ports import Delivery

TOLERANCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Mirror:
    """Under which names Chatwoot knows a conversation; ``seq`` is the last fact that it has."""

    contact: str
    thread: str
    seq: int = 0


class Mirrors(Protocol):
    """Keeps the mirrors over a restart."""

    async def get(self, conversation: str) -> Mirror | None:
        """Give a conversation's mirror."""

    async def put(self, conversation: str, mirror: Mirror) -> None:
        """Keep it."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where: base address, inbox identifier, account number, agent-bot token."""

    url: str
    inbox: str
    account: int
    token: str


class ChatwootOutlet:
    """Mirrors what the events name: ``data.messages`` (seq, by, name, text), ``data.brief``, ``data.customer``."""

    name = "chatwoot"

    def __init__(self, inbox: Inbox, client: GuardedClient, mirrors: Mirrors) -> None:
        self._inbox, self._client, self._mirrors = inbox, client, mirrors

    async def send(self, delivery: Delivery) -> None:
        """Bring the other side up to date; what it has already is not sent again. Raises Unavailable."""
        data = delivery.body.get("data", {})
        if delivery.conversation is None or not delivery.type.startswith(("handoff.", "message.", "conversation.")):
            return
        mirror = await self._mirrors.get(delivery.conversation)
        if mirror is None:
            if delivery.type != "handoff.queued":
                return
            mirror = await self._open(delivery.conversation, data)
        for message in data.get("messages", ()):
            if int(message["seq"]) > mirror.seq:
                await self._message(mirror, message)
                mirror = Mirror(mirror.contact, mirror.thread, int(message["seq"]))
                await self._mirrors.put(delivery.conversation, mirror)
        if delivery.type == "handoff.queued" and "brief" in data:
            await self._note(mirror, _as_note(data["brief"]))

    async def _open(self, conversation: str, data: Mapping[str, Any]) -> Mirror:
        """Make contact and conversation there; ``identifier`` makes a second try find the same contact."""
        base = f"/public/api/v1/inboxes/{self._inbox.inbox}/contacts"
        customer = data.get("customer", {})
        contact = await self._post(base, {"identifier": conversation, "name": customer.get("name") or "Web visitor"})
        thread = await self._post(f"{base}/{contact['source_id']}/conversations", {})
        mirror = Mirror(str(contact["source_id"]), str(thread["id"]))
        await self._mirrors.put(conversation, mirror)
        return mirror

    async def _message(self, mirror: Mirror, message: Mapping[str, Any]) -> None:
        if message["by"] == "visitor":
            path = (f"/public/api/v1/inboxes/{self._inbox.inbox}/contacts/{mirror.contact}"
                    f"/conversations/{mirror.thread}/messages")
            await self._post(path, {"content": message["text"], "echo_id": str(message["seq"])})
        else:
            name = message.get("name") or "assistant"
            await self._note(mirror, f"{name}: {message['text']}")

    async def _note(self, mirror: Mirror, text: str) -> None:
        path = f"/api/v1/accounts/{self._inbox.account}/conversations/{mirror.thread}/messages"
        await self._post(path, {"content": text, "message_type": "outgoing", "private": True})

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = await self._client.post(self._inbox.url.rstrip("/") + path, json.dumps(body).encode(),
                                         {"api_access_token": self._inbox.token})
        if not 200 <= answer.status_code < 300:
            raise Unavailable(f"status {answer.status_code}")
        try:
            return answer.json()
        except ValueError as error:
            raise Unavailable("not JSON") from error


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """An agent of Chatwoot wrote (``text``), or closed the conversation (``text`` None)."""

    thread: str
    agent: str
    name: str
    message: str
    text: str | None


def read_callback(secret: str, headers: Mapping[str, str], raw: bytes, now: float | None = None) -> AgentSaid | None:
    """Check a webhook's signature (HMAC-SHA256 over ``timestamp.body``) and read it; None for what does not concern us.

    Raises Unauthorized when it is forged or older than five minutes, BadRequest when it cannot be read.
    """
    stamp, given = headers.get("x-chatwoot-timestamp", ""), headers.get("x-chatwoot-signature", "")
    expected = "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected, given) or not stamp.isdecimal():
        raise Unauthorized("forged")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_S:
        raise Unauthorized("too old")
    try:
        event = json.loads(raw)
        return _read(event)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest("not a Chatwoot event") from error


def _read(event: Mapping[str, Any]) -> AgentSaid | None:
    if event.get("event") == "conversation_status_changed" and event.get("status") == "resolved":
        return AgentSaid(str(event["id"]), "0", "", f"resolved-{event['id']}-{event.get('timestamp', '')}", None)
    sender = event.get("sender") or {}
    outgoing = event.get("message_type") in ("outgoing", 1)
    # Our own bot's notes come back as well: only what a person wrote for the customer counts.
    if event.get("event") != "message_created" or not outgoing or event.get("private") or sender.get("type") != "user":
        return None
    if not event.get("content"):
        return None
    return AgentSaid(str(event["conversation"]["id"]), str(sender["id"]), str(sender.get("name") or "Agent")[:80],
                     str(event["id"]), str(event["content"])[:10_000])


def _as_note(brief: Mapping[str, Any]) -> str:
    """Write a brief as an agent reads it."""
    summary = brief.get("summary", {})
    quotes = [("Issue", [summary.get("issue")]), ("Goal", [summary.get("goal")]), ("Tried", summary.get("tried", [])),
              ("Promised", brief.get("promises", [])), ("Unresolved", summary.get("unresolved", []))]
    lines = [f"{brief['reason']['code']} · {brief['severity']} · {brief['moment']['kind']} "
             f"({brief['moment']['intensity']:.2f})"]
    lines += [f"{title}: {one['quote']}" for title, found in quotes for one in found if one]
    lines += [f"{key}: {value}" for key, value in brief.get("collected", {}).items()]
    return "\n".join([*lines, summary.get("tone_advice", "")])
