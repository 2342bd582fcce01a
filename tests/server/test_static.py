"""Files over HTTP: compressed once, asked for by tag, under a policy that lets nothing foreign in."""

import gzip
from pathlib import Path

import httpx

from assistant.server.guard import Origins
from assistant.server.routes import policies
from assistant.server.static import load_assets, make_asset
from tests.server.harness import make_parts, running


async def test_the_widget_and_its_pages_are_served(tmp_path: Path) -> None:
    shop = "https://www.aoba-bank.example"
    parts = make_parts(tmp_path, origins=(shop,))
    async with running(parts) as server, httpx.AsyncClient(base_url=server.url) as http:
        loader = await http.get("/widget.js")
        assert loader.status_code == 200
        assert loader.headers["content-type"].startswith("text/javascript")
        assert loader.headers["access-control-allow-origin"] == "*"
        frame = await http.get("/widget/frame.html")
        policy = frame.headers["content-security-policy"]
        assert f"frame-ancestors 'self' {shop}" in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert frame.headers["x-content-type-options"] == "nosniff"
        again = await http.get("/widget/frame.html", headers={"if-none-match": frame.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = await http.get("/widget/frame.html", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == frame.content
        home = await http.get("/")
        assert (home.status_code, home.headers["location"]) == (307, "/demo/")


async def test_nothing_outside_the_web_folder_is_served(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, httpx.AsyncClient(base_url=server.url) as http:
        for path in ("/widget/../../pyproject.toml", "/widget/%2e%2e/%2e%2e/pyproject.toml", "/etc/passwd",
                     "/widget/..%2f..%2fpyproject.toml", "/assistant/settings.py", "/widget/none.js", "/shared/",
                     "/widget/.hidden", "/%00", "/docs", "/redoc"):
            answer = await http.get(path)
            assert answer.status_code in (404, 400), path
            assert "omotenashi" not in answer.text


async def test_config_speaks_the_visitors_language_to_allowed_sites(tmp_path: Path) -> None:
    shop = "https://www.aoba-bank.example"
    parts = make_parts(tmp_path, origins=(shop,))
    async with running(parts) as server, httpx.AsyncClient(base_url=server.url) as http:
        japanese = await http.get("/v1/config?locale=ja", headers={"origin": shop})
        assert japanese.json()["persona"]["name"] == "みお"
        assert japanese.headers["access-control-allow-origin"] == shop
        english = await http.get("/v1/config?locale=fr", headers={"origin": "https://evil.example"})
        assert english.json()["persona"]["name"] == "Mio"
        assert "access-control-allow-origin" not in english.headers
        schema = (await http.get("/v1/schema.json")).json()
        assert schema["facts"]["note.added"]["audience"] == "agent"


def test_links_out_of_the_folder_are_left_out(tmp_path: Path) -> None:
    web = tmp_path / "web"
    (web / ".git").mkdir(parents=True)
    (web / ".git" / "config").write_text("secret")
    (web / "a.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "secret.txt").write_text("secret")
    (web / "link.txt").symlink_to(tmp_path / "secret.txt")
    assets = load_assets(web)
    assert list(assets) == ["a.js"]
    squeezed = assets["a.js"].squeezed
    assert squeezed is not None
    assert gzip.decompress(squeezed) == assets["a.js"].body


def test_small_and_packed_files_are_not_compressed() -> None:
    assert make_asset(b"x" * 100, ".css").squeezed is None
    assert make_asset(bytes(range(256)) * 20, ".png").squeezed is None


def test_every_policy_forbids_foreign_code() -> None:
    for rule in policies(Origins((), "", ())).values():
        parts = dict(part.strip().split(" ", 1) for part in rule.split(";"))
        assert parts["default-src"] == "'none'"
        assert parts["script-src"] == parts["style-src"] == "'self'"
        assert parts["base-uri"] == "'none'"
