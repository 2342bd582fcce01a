"""Runs the application: a listening socket that lets no dead peer linger, one uvicorn worker, an orderly end."""

import asyncio
import logging
import socket
import sys
from collections.abc import Sequence
from typing import cast

import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from assistant.server.frames import MAX_FRAME
from assistant.server.lobby import Lobby
from assistant.server.parts import Parts
from assistant.settings import Settings

DRAIN_S = 25.0
_CLOSING_S = 3
_PEER_TIMEOUT_MS = 15_000
_SEND_BUFFER = 262_144


class Server(uvicorn.Server):
    """uvicorn, which first lets running replies finish and tells clients where the door is."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._parts = cast(Parts, app.state.parts)
        self._lobby = cast(Lobby, app.state.lobby)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain for at most 25 s, then close every socket with 1012; a second signal ends it at once."""
        for server in self.servers:
            server.close()
        if not self.force_exit:
            await self._lobby.drain(lambda: None)
            await self._parts.flows.drain(DRAIN_S)
        await super().shutdown(sockets)


async def serve(app: FastAPI, settings: Settings, sockets: Sequence[socket.socket] = ()) -> None:
    """Serve until SIGTERM or SIGINT; give ``sockets`` to use listening sockets of your own."""
    quiet = logging.getLogger("uvicorn.error")
    quiet.addFilter(_no_strangers_traceback)
    config = uvicorn.Config(
        app, ws="websockets-sansio", ws_max_size=MAX_FRAME, ws_per_message_deflate=False, ws_ping_interval=None,
        timeout_graceful_shutdown=_CLOSING_S, access_log=False, log_level="warning", server_header=False,
        timeout_keep_alive=15,
    )
    try:
        await Server(config, app).serve(sockets=list(sockets) or [listening_socket(settings.host, settings.port)])
    finally:
        quiet.removeFilter(_no_strangers_traceback)


def new_loop() -> asyncio.AbstractEventLoop:
    """Make the event loop that uvicorn would choose (uvloop where there is one); for ``asyncio.Runner``."""
    factory = auto_loop_factory()
    return factory()


def listening_socket(host: str, port: int) -> socket.socket:
    """Open a listening socket. On Linux a peer that takes nothing for 15 s is cut, which uvicorn alone never does.

    The system's send buffer is kept to 256 KiB, or it would hide a slow reader behind megabytes.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    if sys.platform == "linux":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_TIMEOUT_MS)
    sock.bind((host, port))
    return sock


def _no_strangers_traceback(record: logging.LogRecord) -> bool:
    """Leave out what any stranger could fill the log with: a traceback per frame that is not UTF-8."""
    return not str(record.msg).startswith("Invalid UTF-8 sequence")
