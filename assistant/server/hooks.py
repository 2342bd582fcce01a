"""What other help desks call when their agents answer: signed, checked before anything is read."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from assistant.engines.chatwoot import read_callback
from assistant.errors import OmotenashiError, Unauthorized, Unavailable
from assistant.flows.post import Post
from assistant.settings import Settings

MOST_BYTES = 262_144


def hook_routes(settings: Settings, post: Post) -> APIRouter:
    """Serve ``POST /v1/hooks/chatwoot``: the callback URL of its API inbox, signed with the inbox's secret."""
    router = APIRouter()

    @router.post("/v1/hooks/chatwoot", openapi_extra={"x-signed": "chatwoot"})
    async def chatwoot(request: Request) -> Response:
        raw = b""
        async for piece in request.stream():
            raw += piece
            if len(raw) > MOST_BYTES:
                return JSONResponse({"error": {"code": "too_long"}}, 413)
        try:
            said = read_callback(str(settings.chatwoot_secret), request.headers, raw)
            ours = said is not None and await post.agent_said(
                "chatwoot", said.thread, said.agent, said.name, said.message, said.text)
        except Unauthorized as error:
            return JSONResponse({"error": {"code": error.code}}, 401)
        except Unavailable as error:
            return JSONResponse({"error": {"code": error.code}}, 503)
        except OmotenashiError as error:
            return JSONResponse({"error": {"code": error.code}}, 400)
        return JSONResponse({"ok": True, "ours": ours})

    return router
