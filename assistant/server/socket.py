"""One WebSocket of ours, visitor's or agent's: opening, first frame, reading, closing; it gives no frame a meaning."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, cast

from starlette.types import Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.errors import BadJson, OmotenashiError, RateLimited, TextTooLong
from assistant.events import SUBPROTOCOL
from assistant.phrases import Phrases
from assistant.server.frames import VISITOR_TEXT, check_tree, encode, parse

log = logging.getLogger(__name__)

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, UNKNOWN_CONVERSATION = 4000, 4001, 4003, 4004
VERSION, HELLO_TIMEOUT, REPLACED, FULL, RATE_LIMITED = 4006, 4008, 4009, 4100, 4129


class Hangup(Exception):
    """Ends a session with a close code; ``error`` is told to the client first."""

    def __init__(self, code: int, error: OmotenashiError | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.error = error


async def open_socket(websocket: WebSocket, phrases: Phrases) -> bool:
    """Accept with our subprotocol; a client that does not offer it is told so and closed with 4006."""
    if SUBPROTOCOL in websocket.scope["subprotocols"]:
        await websocket.accept(subprotocol=SUBPROTOCOL)
        return True
    await websocket.accept()
    await hang_up(websocket, Hangup(VERSION, BadJson("no known subprotocol")), phrases, "en")
    return False


async def first_frame(websocket: WebSocket, within_s: float) -> dict[str, object]:
    """Read the hello. Raises Hangup: 4008 when it does not come, 4000 when it is none."""
    try:
        async with asyncio.timeout(within_s):
            raw = await next_text(websocket)
        frame = parse(raw)
        check_tree(frame, raw)
    except TimeoutError:
        raise Hangup(HELLO_TIMEOUT) from None
    except OmotenashiError as error:
        raise Hangup(BAD_REQUEST, error) from error
    data = frame.pop("data", None)
    frame = {**frame, **(data if isinstance(data, dict) else {})}
    if frame.get("type") != "session.hello":
        raise Hangup(BAD_REQUEST, BadJson("the first frame must be session.hello"))
    return frame


async def next_text(websocket: WebSocket) -> str:
    """Read the next frame. Raises BadJson for a binary one and WebSocketDisconnect at the end."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1005)
    text = message.get("text")
    if text is None:
        raise BadJson("binary frames are not part of this protocol")
    return str(text)


def plain(send: Send) -> Callable[[str], Coroutine[Any, None, None]]:
    """Give the sender of text frames straight into the server (its ``send`` is a coroutine function)."""
    return lambda text: cast(Coroutine[Any, None, None], send({"type": "websocket.send", "text": text}))


async def hang_up(websocket: WebSocket, hangup: Hangup, phrases: Phrases, locale: str) -> None:
    """Tell why, then close; a client that has left already is no trouble."""
    try:
        if hangup.error:
            await websocket.send_text(encode(error_frame(hangup.error, phrases, locale, None)).text)
        await websocket.close(hangup.code)
    except (RuntimeError, WebSocketDisconnect):
        return


def error_frame(error: Exception, phrases: Phrases, locale: str, txn: str | None) -> dict[str, object]:
    """Give the frame that tells a person, in their language, what did not work; never ``str(error)``."""
    if not isinstance(error, OmotenashiError):
        report(error)
        error = OmotenashiError()
    values = {"limit": VISITOR_TEXT} if isinstance(error, TextTooLong) else {}
    frame: dict[str, object] = {"type": "error", "code": error.code, "retryable": error.retryable,
                                "message": phrases.say(error.phrase, locale, **values)}
    if txn is not None:
        frame["txn"] = txn
    if isinstance(error, RateLimited):
        frame["retry_after_ms"] = error.retry_after_ms
    return frame


def report(error: BaseException) -> None:
    """Log an unexpected error by its kind and place. Its text may quote a person and stays out of the log."""
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s\n%s", type(error).__name__, place)
