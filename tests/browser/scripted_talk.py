"""What the scripted server keeps of a conversation, and what it says by default."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

READY = {
    "ja": {"greeting": "こんにちは。あおば銀行のAIアシスタント、みおです。\nお手続きや手数料のことをおたずねください。",
           "quick_replies": ["カードをなくしました", "振込手数料を知りたい", "住宅ローンの相談をしたい"],
           "persona": {"name": "みお", "role": "あおば銀行 AIアシスタント", "look": "mio"}},
    "en": {"greeting": "Hello, I am Mio, Aoba Bank's AI assistant.\nAsk me about accounts, fees or procedures.",
           "quick_replies": ["I lost my card", "What does a transfer cost?", "I would like to discuss a home loan"],
           "persona": {"name": "Mio", "role": "AI assistant of Aoba Bank", "look": "mio"}},
}


@dataclass
class Talk:
    """One conversation: its facts, the ranges a visitor may not see, and who listens."""

    id: str
    locale: str
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    facts: list[dict[str, Any]] = field(default_factory=list)
    head: int = 0
    hidden: list[list[int]] = field(default_factory=list)
    acks: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    listeners: set["Listener"] = field(default_factory=set)
    driver: str = "assistant"


@dataclass(eq=False)
class Listener:
    """One socket and the order of what goes over it."""

    socket: WebSocket
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, frame: dict[str, Any]) -> None:
        async with self.lock:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):
                await self.socket.send_text(json.dumps(frame, ensure_ascii=False))


@dataclass(frozen=True)
class Answer:
    """What the assistant says to a message: the text, piece by piece, and what comes with it."""

    text: str
    extra: dict[str, Any] = field(default_factory=dict)
    pause_s: float = 0.01
    size: int = 6
    fail: bool = False


Script = Callable[[str], Answer]


def echo(text: str) -> Answer:
    """The default script: says the visitor's words back."""
    return Answer(f"「{text}」ですね。承りました。")
