"""Plain HTTP: the widget's and the demo's files, configuration before a socket, health. Security headers per path."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from assistant.errors import OmotenashiError
from assistant.events import schema
from assistant.phrases import LANGUAGES
from assistant.server.guard import Origins
from assistant.server.lobby import Lobby
from assistant.server.parts import Face, Parts
from assistant.server.static import Asset, load_assets

_LOADERS = ("widget.js", "widget/widget.js", "widget/loader.js")
_ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "strict-origin-when-cross-origin"}
_OURS = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
         "img-src 'self' data:; font-src 'self'; media-src 'self' blob: data:; worker-src 'self'; "
         "base-uri 'none'; form-action {forms}; frame-src {frames}; frame-ancestors {ancestors}")


def policies(origins: Origins) -> dict[str, str]:
    """Give the Content-Security-Policy of each folder of web files."""
    return {
        "widget": _OURS.format(forms="'none'", frames="'none'", ancestors=origins.ancestors()),
        "shared": _OURS.format(forms="'none'", frames="'none'", ancestors="'none'"),
        "desk": _OURS.format(forms="'self'", frames="'none'", ancestors="'none'"),
        "demo": _OURS.format(forms="'self'", frames="'self'", ancestors="'self'"),
    }


def web_routes(web: Path, origins: Origins) -> APIRouter:
    """Serve the web folder: ``/widget.js``, ``/widget/``, ``/shared/``, ``/desk/``, ``/demo/``."""
    router = APIRouter(include_in_schema=False)
    assets = load_assets(web) if web.is_dir() else {}
    rules = policies(origins)

    @router.get("/")
    async def home() -> Response:
        return RedirectResponse("/demo/", 307)

    @router.get("/widget.js")
    async def loader(request: Request) -> Response:
        asset = next((assets[name] for name in _LOADERS if name in assets), None)
        # A module script on another site is fetched with CORS.
        return _serve(asset, request, {"access-control-allow-origin": "*"})

    @router.get("/{folder}/{path:path}")
    async def file(folder: str, path: str, request: Request) -> Response:
        if folder not in rules:
            return _serve(None, request, {})
        name = f"{folder}/{path}"
        asset = assets.get(name) or assets.get(f"{name.rstrip('/')}/index.html")
        if asset and name not in assets and not name.endswith("/"):
            return RedirectResponse(f"/{name}/", 307)
        open_to_all = {"access-control-allow-origin": "*"} if folder in ("shared", "widget") else {}
        return _serve(asset, request, {"content-security-policy": rules[folder], **open_to_all})

    @router.get("/{folder}")
    async def folder(folder: str) -> Response:
        known = folder in rules and folder != "shared"
        return RedirectResponse(f"/{folder}/", 307) if known else Response("Not found", 404, headers=_ALWAYS)

    return router


def _serve(asset: Asset | None, request: Request, headers: Mapping[str, str]) -> Response:
    if asset is None:
        return Response("Not found", 404, media_type="text/plain", headers=_ALWAYS)
    return asset.respond(request, {**_ALWAYS, **headers})


def api_routes(parts: Parts, lobby: Lobby) -> APIRouter:
    """Serve what a client may ask before or beside its socket, and what a balancer asks."""
    router = APIRouter()
    published = schema()

    @router.get("/v1/config")
    async def config(request: Request, locale: str = "ja") -> Response:
        language = locale if locale in LANGUAGES else "en"
        face = parts.faces.get(language) or next(iter(parts.faces.values()))
        body = {"locale": language, "persona": _persona(face), "disclosure": face.disclosure,
                "greeting": face.greeting, "quick_replies": list(face.quick_replies),
                "company": parts.company.get(language, ""), "voice": parts.voice(language)}
        headers = dict(_ALWAYS) | {"cache-control": "no-cache", "vary": "origin"}
        origin = request.headers.get("origin")
        if origin and lobby.origins.admit(origin, request.headers.get("host", ""), None):
            headers["access-control-allow-origin"] = origin
        return JSONResponse(body, headers=headers)

    @router.get("/v1/schema.json")
    async def wire_schema() -> Response:
        return JSONResponse(published, headers=_ALWAYS)

    @router.get("/healthz")
    async def alive() -> Response:
        return JSONResponse({"ok": True}, headers=_ALWAYS)

    @router.get("/readyz")
    async def ready() -> Response:
        state = {"storage": await _stores(parts), "draining": lobby.draining, **parts.ready()}
        ok = state["storage"] and not lobby.draining
        return JSONResponse({"ok": ok, **state}, 200 if ok else 503, headers=_ALWAYS)

    return router


def _persona(face: Face) -> dict[str, str]:
    return {"name": face.name, "role": face.role, "look": face.look}


async def _stores(parts: Parts) -> bool:
    try:
        await parts.store.ping()
    except OmotenashiError:
        return False
    return True
