"""The web process, and the way to it that people take: host names, origins, the proxy before it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from marketdash.ops import reaching
from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.network import UPGRADE, why
from marketdash.ops.doctor.registry import Site, check

ANSWER_S = 5.0
SOCKET, ALIVE, PAGE = "/ws/v1/", "/healthz", "/accounts/login/"
_UPGRADE = "let the proxy speak HTTP/1.1 and pass Upgrade and Connection on; docs/deploy.md has three of them"
_HOST = "let the proxy pass Host on, and name it in ALLOWED_HOSTS"


def _here(site: Site) -> str:
    host = reaching.in_url(reaching.reachable(site.settings.BIND_HOST))
    return f"http://{host}:{site.settings.BIND_PORT}"


def _known_host(site: Site) -> str:
    return reaching.known_host(site.settings.ALLOWED_HOSTS)


@check("web", within_s=10)
async def web(site: Site) -> Finding:
    """At ``BIND``, without any proxy: ours, somebody else's, or nobody's."""
    address = _here(site)
    try:
        async with httpx.AsyncClient(timeout=ANSWER_S, trust_env=False) as client:
            answer = await client.get(address + ALIVE, headers={"Host": _known_host(site)})
    except httpx.ConnectError:
        return skipped(f"no web runs at {address}")
    except httpx.HTTPError as problem:
        return _another(site, f"{address}: {type(problem).__name__}")
    if (answer.status_code, answer.text) != (200, "ok\n"):
        return _another(site, f"{address}{ALIVE}: HTTP {answer.status_code}")
    return ok(address)


def _another(site: Site, found: str) -> Finding:
    todo = f"stop what uses port {site.settings.BIND_PORT}, or choose another one with BIND"
    return fail(found, "Marketdash, or nobody", todo)


@check("socket", needs=["web"], within_s=10)
async def socket(site: Site) -> Finding:
    """Straight to the web, as a visitor: any answer of the socket's own will do."""
    try:
        status, words = await _handshake(_here(site), {"Host": _known_host(site)}, trust_env=False)
    except httpx.HTTPError as problem:
        return fail(why(problem)[0], "a WebSocket", "start the web again, with manage.py serve")
    if status == 101 or words.startswith("Sign in"):
        return ok("opens")
    return fail(f"HTTP {status} {words}", "HTTP 101", "start the web again, with manage.py serve")


async def _handshake(root: str, headers: Mapping[str, str], *, trust_env: bool) -> tuple[int, str]:
    async with (
        httpx.AsyncClient(timeout=ANSWER_S, trust_env=trust_env) as client,
        client.stream("GET", root + SOCKET, headers={**UPGRADE, **headers}) as answer,
    ):
        if answer.status_code == 101:
            return 101, ""
        return answer.status_code, (await answer.aread())[:200].decode("utf-8", "replace").strip()


@check("address", within_s=25)
async def address(site: Site) -> list[Finding]:
    """What people type: ``CSRF_TRUSTED_ORIGINS``, and what was given with ``--origin``."""
    origins = list(dict.fromkeys([*site.settings.CSRF_TRUSTED_ORIGINS, *site.origins]))
    plain = [origin for origin in origins if "*" not in origin]
    found = await asyncio.gather(*(_address(site, origin) for origin in plain))
    return list(found) or [skipped("none known: set CSRF_TRUSTED_ORIGINS, or give --origin")]


async def _address(site: Site, origin: str) -> Finding:
    try:
        finding = await _page(origin) or await _socket_at(site, origin)
    except httpx.HTTPError as problem:
        words, todo = why(problem)
        finding = fail(
            words, "Marketdash", f"{todo}; from inside, some routers do not lead back to themselves"
        )
    return (finding or ok("pages and sockets"))._replace(name=origin)


async def _page(origin: str) -> Finding | None:
    async with httpx.AsyncClient(timeout=ANSWER_S) as client:
        answer = await client.get(origin + PAGE)
    status, target = answer.status_code, answer.headers.get("Location", "")
    if status == 200:
        return None
    if status in (301, 302, 307, 308) and target.rstrip("/") == (origin + PAGE).rstrip("/"):
        todo = "set BEHIND_PROXY=true, and let the proxy write X-Forwarded-Proto: https"
        return fail("sent to itself again and again", "a page", todo)
    if status == 400:
        return fail("HTTP 400: not a host name of this site", "a page", _HOST)
    todo = "let the proxy lead to BIND, and start the web"
    return fail(f"{PAGE}: HTTP {status} {target}".strip(), "a page", todo)


async def _socket_at(site: Site, origin: str) -> Finding | None:
    """With a cookie, as a browser: only then the origin counts."""
    cookie = f"{site.settings.SESSION_COOKIE_NAME}=doctor"
    status, words = await _handshake(origin, {"Origin": origin, "Cookie": cookie}, trust_env=True)
    if status == 101 or words.startswith("Sign in"):
        return None
    if "origin" in words:
        host = urlsplit(origin).netloc
        todo = f"add {origin} to CSRF_TRUSTED_ORIGINS, or let the proxy pass Host ({host}) on"
        return fail(f"sockets: {words}", "HTTP 101", todo)
    verdict = warn if status == 429 else fail
    return verdict(f"sockets: HTTP {status} {words}"[:200], "HTTP 101", _UPGRADE)
