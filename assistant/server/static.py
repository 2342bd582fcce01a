"""The web files as they are served: read, stripped, typed and compressed once at start, answered from memory."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import rcssmin
import rjsmin
from starlette.requests import Request
from starlette.responses import Response

_WORTH_BYTES = 256
_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html",
          ".svg": "image/svg+xml", ".json": "application/json", ".woff2": "font/woff2", ".webp": "image/webp",
          ".ico": "image/x-icon", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg"}

_LEANER = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: ``squeezed`` is its gzip form where that is smaller."""

    body: bytes
    squeezed: bytes | None
    kind: str
    etag: str

    def respond(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Answer with 304, the gzip form or the file; browsers ask each time and mostly get 304."""
        shared = {"etag": self.etag, "cache-control": "no-cache", "vary": "accept-encoding",
                  "content-type": self.kind, **headers}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=shared)
        if self.squeezed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.squeezed, headers={**shared, "content-encoding": "gzip"})
        return Response(self.body, headers=shared)


def load_assets(root: Path) -> dict[str, Asset]:
    """Read every file below ``root`` (hidden ones and links that lead outside are left out), by its relative path."""
    assets = {}
    base = root.resolve()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and path.resolve().is_relative_to(base):
            assets[relative.as_posix()] = make_asset(path.read_bytes(), path.suffix)
    return assets


def make_asset(body: bytes, suffix: str) -> Asset:
    """Make the served form of a file; scripts and styles lose comments and indentation: a third less to load."""
    if suffix in _LEANER:
        body = _LEANER[suffix](body.decode()).encode()
    kind = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    squeezed = None
    if len(body) >= _WORTH_BYTES and kind.startswith(_COMPRESSIBLE):
        packed = gzip.compress(body, 9, mtime=0)
        squeezed = packed if len(packed) < len(body) else None
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return Asset(body, squeezed, kind, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
