"""The desk's REST side: sign-in, the one-time ticket for the socket, earlier conversations, what only seniors see.

A session is a cookie that scripts cannot read; every unsafe request carries the session's CSRF token as well.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from assistant.errors import BadRequest, Forbidden, OmotenashiError, RateLimited, Unauthorized, UnknownConversation
from assistant.handoff import outbox
from assistant.handoff.accounts import ABSOLUTE_S, Session
from assistant.handoff.audit import entries, note
from assistant.handoff.brief import Brief
from assistant.phrases import LANGUAGES
from assistant.server.desk_parts import DeskParts
from assistant.server.desk_views import closed_list, customer_list, mine_list, one_conversation, open_list
from assistant.server.guard import Origins
from assistant.server.socket import report
from assistant.settings import Settings

COOKIE, PLAIN_COOKIE = "__Host-omotenashi", "omotenashi"
PEOPLE = frozenset({"agent", "supervisor", "admin"})
SENIOR = frozenset({"supervisor", "admin"})
ADMIN = frozenset({"admin"})
EVERYONE = PEOPLE | {"editor"}
_STATUS = {"unauthorized": 401, "forbidden": 403, "unknown_conversation": 404, "rate_limited": 429,
           "unavailable": 503, "storage_full": 503, "not_allowed": 409, "internal": 500}
_HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-store", "referrer-policy": "no-referrer"}

Answer = Callable[..., Awaitable[Any]]


class SignIn(BaseModel):
    """What the sign-in form sends."""

    login: str = Field(max_length=64)
    password: str = Field(max_length=256)


class DeskGuard:
    """Finds out who asks, and turns errors into answers."""

    def __init__(self, settings: Settings, desk: DeskParts) -> None:
        self.desk, self.phrases = desk, desk.side.phrases
        self._public_url = str(settings.public_url)
        self._origins = Origins((), self._public_url, ())

    async def session(self, request: Request, roles: frozenset[str]) -> Session:
        """Give the session of a request. Raises Unauthorized or Forbidden (role, CSRF, another origin)."""
        token = request.cookies.get(COOKIE) or (request.cookies.get(PLAIN_COOKIE) if self.plain(request) else None)
        if not token:
            raise Unauthorized("no cookie")
        session = await self.desk.side.accounts.session(token)
        if request.method not in ("GET", "HEAD"):
            self.same_origin(request)
            if request.headers.get("x-csrf-token") != session.csrf:
                raise Forbidden("no CSRF token")
        if session.agent.role not in roles:
            raise Forbidden("not for this role")
        return session

    def same_origin(self, request: Request) -> None:
        """Refuse what another site's page sends. Raises Forbidden."""
        origin = request.headers.get("origin")
        if origin is not None and not self._origins.own(origin, request.headers.get("host", "")):
            raise Forbidden("another origin")

    def plain(self, request: Request) -> bool:
        """Tell whether this is plain HTTP on this machine: there, and only there, a cookie may go without Secure."""
        host = (request.headers.get("host") or "").rsplit(":", 1)[0]
        secure = request.url.scheme == "https" or self._public_url.startswith("https:")
        return not secure and host in ("127.0.0.1", "localhost", "[::1]")

    async def answer(self, request: Request, work: Awaitable[Any]) -> Response:
        """Await the work and answer with it, or with the error in the reader's language."""
        try:
            result = await work
        except Exception as error:
            return self.error(request, error)
        return result if isinstance(result, Response) else JSONResponse(result, headers=_HEADERS)

    def error(self, request: Request, error: Exception) -> Response:
        """Give ``{"error": {code, message}}``; the message is a sentence, never the exception."""
        if not isinstance(error, OmotenashiError):
            report(error)
            error = OmotenashiError()
        language = request.headers.get("accept-language", "ja")[:2].lower()
        message = self.phrases.say(error.phrase, language if language in LANGUAGES else "en",
                                         **({"limit": 4000} if error.code == "too_long" else {}))
        headers = dict(_HEADERS)
        if isinstance(error, RateLimited):
            headers["retry-after"] = str(-(-error.retry_after_ms // 1000))
        body = {"error": {"code": error.code, "message": message}}
        return JSONResponse(body, _STATUS.get(error.code, 400), headers=headers)


def desk_routes(settings: Settings, desk: DeskParts) -> APIRouter:
    """Serve ``/v1/desk/…`` and the brief's schema."""
    router, guard = APIRouter(), DeskGuard(settings, desk)
    _sign_in_routes(router, guard)
    _conversation_routes(router, guard)
    _senior_routes(router, guard)

    @router.get("/v1/schema/brief.json")
    async def brief_schema() -> Response:
        return JSONResponse(Brief.model_json_schema(), headers={"x-content-type-options": "nosniff"})

    return router


def protected(router: APIRouter, guard: DeskGuard, method: str, path: str, roles: frozenset[str],
              work: Callable[[Session, Request], Awaitable[Any]]) -> None:
    """Add a route for signed-in people of these roles; the table of roles is in the OpenAPI document (x-roles)."""
    async def endpoint(request: Request) -> Response:
        async def run() -> Any:
            return await work(await guard.session(request, roles), request)

        return await guard.answer(request, run())

    router.add_api_route(path, endpoint, methods=[method], name=f"{method} {path}",
                         openapi_extra={"x-roles": sorted(roles)}, response_class=JSONResponse)


def _sign_in_routes(router: APIRouter, guard: DeskGuard) -> None:
    accounts = guard.desk.side.accounts

    @router.post("/v1/desk/sign-in")
    async def sign_in(body: SignIn, request: Request) -> Response:
        async def work() -> Response:
            guard.same_origin(request)
            address = request.client.host if request.client else ""
            session, token = await accounts.sign_in(body.login, body.password, address)
            answer = JSONResponse({"agent": session.agent.shown(), "csrf": session.csrf}, headers=_HEADERS)
            plain = guard.plain(request)
            answer.set_cookie(PLAIN_COOKIE if plain else COOKIE, token, max_age=int(ABSOLUTE_S), path="/",
                              secure=not plain, httponly=True, samesite="strict")
            return answer

        return await guard.answer(request, work())

    async def sign_out(session: Session, request: Request) -> Response:
        await accounts.sign_out(session)
        answer = JSONResponse({}, headers=_HEADERS)
        for name, secure in ((COOKIE, True), (PLAIN_COOKIE, False)):
            answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
        return answer

    async def me(session: Session, request: Request) -> Mapping[str, Any]:
        language = request.headers.get("accept-language", "ja")[:2].lower()
        return {"agent": session.agent.shown(), "csrf": session.csrf,
                "locale": language if language in LANGUAGES else "en"}

    async def ticket(session: Session, _request: Request) -> Mapping[str, Any]:
        return {"ticket": await accounts.socket_ticket(session)}

    async def snippets(_session: Session, _request: Request) -> Mapping[str, Any]:
        return {"snippets": list(guard.desk.snippets)}

    protected(router, guard, "POST", "/v1/desk/sign-out", EVERYONE, sign_out)
    protected(router, guard, "GET", "/v1/desk/me", EVERYONE, me)
    protected(router, guard, "POST", "/v1/desk/ticket", PEOPLE, ticket)
    protected(router, guard, "GET", "/v1/desk/snippets", PEOPLE, snippets)


def _conversation_routes(router: APIRouter, guard: DeskGuard) -> None:
    side, store = guard.desk.side, guard.desk.side.store

    async def audited(session: Session, action: str, target: str) -> None:
        await store.write(lambda connection: note(connection, side.now(), session.agent.id, action, target))

    async def conversations(session: Session, request: Request) -> Mapping[str, Any]:
        customer, state = request.query_params.get("customer"), request.query_params.get("state")
        if customer:
            await audited(session, "customer.list", customer[:64])
            return {"conversations": await customer_list(store, customer)}
        if state == "mine":
            return {"conversations": await mine_list(store, side.line, session.agent.id)}
        if state == "closed":
            return {"conversations": await closed_list(store, session.agent)}
        if state == "open":
            if session.agent.role not in SENIOR:
                raise Forbidden("supervisors only")
            return {"conversations": await open_list(store, side.line)}
        raise BadRequest("customer or state is needed")

    async def conversation(session: Session, request: Request) -> Mapping[str, Any]:
        name = str(request.path_params["conversation"])
        found = await one_conversation(store, name)
        await audited(session, "conversation.read", name)
        return {**found, "brief": await guard.desk.brief(name)}

    async def brief(session: Session, request: Request) -> Mapping[str, Any]:
        name = str(request.path_params["conversation"])
        await store.conversation(name)
        await audited(session, "brief.read", name)
        found = await guard.desk.brief(name)
        if found is None:
            raise UnknownConversation("no brief")
        return found

    protected(router, guard, "GET", "/v1/desk/conversations", PEOPLE, conversations)
    protected(router, guard, "GET", "/v1/desk/conversations/{conversation}", PEOPLE, conversation)
    protected(router, guard, "GET", "/v1/desk/conversations/{conversation}/brief", PEOPLE, brief)


def _senior_routes(router: APIRouter, guard: DeskGuard) -> None:
    side, store = guard.desk.side, guard.desk.side.store

    async def agents(_session: Session, _request: Request) -> Mapping[str, Any]:
        here = {one["id"]: one for one in side.floor.team()}
        return {"agents": [{**agent.shown(), "disabled": agent.disabled,
                            "presence": here.get(agent.id, {}).get("presence", "gone"),
                            "load": side.line.load(agent.id)} for agent in await side.accounts.all()]}

    async def audit(_session: Session, _request: Request) -> Mapping[str, Any]:
        return {"audit": await entries(store)}

    async def webhooks(_session: Session, _request: Request) -> Mapping[str, Any]:
        return {"webhooks": await outbox.dead_letters(store)}

    async def retry(session: Session, request: Request) -> Mapping[str, Any]:
        name = str(request.path_params["delivery"])
        if not await outbox.retry(store, name, side.now()):
            raise UnknownConversation("no such delivery")
        await store.write(lambda c: note(c, side.now(), session.agent.id, "webhook.retry", name))
        return {"id": name}

    protected(router, guard, "GET", "/v1/desk/agents", SENIOR, agents)
    protected(router, guard, "GET", "/v1/desk/audit", SENIOR, audit)
    protected(router, guard, "GET", "/v1/desk/webhooks", ADMIN, webhooks)
    protected(router, guard, "POST", "/v1/desk/webhooks/{delivery}/retry", ADMIN, retry)
