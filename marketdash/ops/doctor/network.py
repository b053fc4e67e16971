"""The way out: name servers, proxies, certificates, and what the venues answer at the end of it."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.registry import Place, Site, check
from marketdash.threads import in_thread

ANSWER_S = 8.0
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"marketdash\0doctor"[:16]).decode(),
}
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
_SCHEMES = ("http", "https")
_NO_KEY = (401, 403)
_REFUSED_HERE = (403, 451)
_PROXY = "correct HTTPS_PROXY (http://host:port), or unset it where there is none"


@check("certificates")
def certificates(site: Site) -> list[Finding]:
    """A path that leads nowhere ends every connection, and the error names no file."""
    named = [(name, site.variables.get(name, "")) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")]
    found = [
        fail(f"{name}={path}", "the certificates of authorities", f"correct or unset {name}")
        for name, path in named
        if path and not Path(path).exists()
    ]
    return found or [ok(", ".join(path for _, path in named if path) or "those of the system")]


@check("proxy", within_s=10)
def proxy(site: Site) -> list[Finding]:
    """Of the environment, for what goes out."""
    named = {name: url for name in PROXIES if (url := site.variables.get(name, ""))}
    found = [_proxy(name, url) for name, url in named.items()]
    return found or [ok("none")]


def _proxy(name: str, url: str) -> Finding:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in _SCHEMES or not host:
        return fail(f"{name} is no URL of a proxy", "http://host:port", _PROXY)
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as problem:
        return fail(f"{name}: {host}:{port}: {problem.strerror or problem}", "a proxy that answers", _PROXY)
    return ok(f"{name}: {host}:{port}")


@check("name server", within_s=12)
async def name_server(site: Site) -> list[Finding]:
    """Names are the proxy's to look up where there is one."""
    if any(site.variables.get(name) for name in PROXIES):
        return [skipped("the proxy looks names up")]
    hosts = {urlsplit(url).hostname or "" for place in site.venues.values() for url in place[:2]}
    lost = await asyncio.gather(*(_lost(host) for host in sorted(hosts)))
    todo = "look at /etc/resolv.conf, at dns of the compose file, or for a misspelt VENUE_…_URL"
    found = [fail(words, "the address of every venue", todo) for words in lost if words]
    return found or [ok(f"{len(hosts)} names known")]


async def _lost(host: str) -> str:
    try:
        async with asyncio.timeout(ANSWER_S):
            await in_thread(lambda: socket.getaddrinfo(host, 443))
        return ""
    except TimeoutError:
        return f"{host}: no answer of the name server within {ANSWER_S:g} s"
    except OSError as problem:
        return f"{host}: {problem.strerror or problem}"


@check("venue", needs=["certificates"], within_s=20)
async def venue(site: Site) -> list[Finding]:
    """Both ways in, by the proxy and the certificates of the environment, as the feeds do."""
    found = await asyncio.gather(*(_venue(site, name, place) for name, place in site.venues.items()))
    return list(found) or [skipped("none asked for")]


async def _venue(site: Site, name: str, place: Place) -> Finding:
    async with httpx.AsyncClient(timeout=ANSWER_S) as client:
        for url, headers in ((place.rest, {}), (http_url(place.ws), {} if place.lines else UPGRADE)):
            finding = await _way_in(site, client, name, url, headers, keyed=place.keyed)
            if finding is not None:
                return finding._replace(name=name)
    return ok("REST and WebSocket answer", name)


async def _way_in(
    site: Site, client: httpx.AsyncClient, name: str, url: str, headers: Mapping[str, str], *, keyed: bool
) -> Finding | None:
    host = urlsplit(url).netloc
    asked_s = time.time()
    try:
        async with client.stream("GET", url, headers=headers) as answer:
            status = answer.status_code
            _compare_clocks(site, name, answer.headers.get("Date", ""), (asked_s + time.time()) / 2)
    except httpx.HTTPError as problem:
        words, todo = why(problem)
        return fail(f"{host}: {words}", "an answer", todo)
    if keyed and status in _NO_KEY:
        return None
    return _judged(host, status, 101 if headers else 200)


def _judged(host: str, status: int, expected: int) -> Finding | None:
    if status == expected:
        return None
    found, wanted = f"{host}: HTTP {status}", f"HTTP {expected}"
    if status in _REFUSED_HERE:
        todo = "run Marketdash where the venue serves, or disable the venue in the admin"
        return fail(f"{found}, refused in this region", wanted, todo)
    if status in (418, 429):
        return warn(f"{found}, too many requests", wanted, "wait; other programs at this address count too")
    if status == 407:
        return fail(f"{found} of the proxy", wanted, "write user and password into HTTPS_PROXY")
    todo = "look at the venue's own status page, or correct the VENUE_…_URL: it may lead to something else"
    return (warn if status >= 500 else fail)(found, wanted, todo)


def _compare_clocks(site: Site, name: str, date: str, now_s: float) -> None:
    """A date is cut to the second: half of one is added."""
    try:
        site.clocks[name] = now_s - parsedate_to_datetime(date).timestamp() - 0.5
    except (TypeError, ValueError):
        return


def http_url(url: str) -> str:
    """The same address as the first request of a WebSocket asks it."""
    return url.replace("ws", "http", 1) if url.startswith("ws") else url


def why(problem: BaseException) -> tuple[str, str]:
    """What a failed connection was, by the error at its root, and what to do."""
    roots = list(_chain(problem))
    for root in roots:
        if isinstance(root, ssl.SSLCertVerificationError):
            todo = (
                "something between here and there ends TLS, or its authority is not known here: give its "
                "certificate in SSL_CERT_FILE"
            )
            return f"certificate: {root.verify_message}", todo
        if isinstance(root, socket.gaierror):
            return f"name not found: {root.strerror}", "look at the name server, or for a misspelt address"
        if isinstance(root, ConnectionRefusedError):
            return "nobody listens there", "correct the address, or start what should listen there"
    if any(isinstance(root, ssl.SSLError) for root in roots):
        return f"no TLS: {roots[-1]}", "correct the scheme of the address, or what ends TLS on the way"
    if isinstance(problem, httpx.ProxyError):
        return f"proxy: {problem}", _PROXY
    if isinstance(problem, httpx.TimeoutException):
        return "no answer in time", "a firewall drops it: allow connections to port 443, or set HTTPS_PROXY"
    return f"{type(problem).__name__}: {problem}", "look at the network between here and there"


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """It, what it came from, and all parts of a group."""
    while problem is not None:
        yield problem
        parts: Iterable[BaseException] = getattr(problem, "exceptions", ())
        for part in parts:
            yield from _chain(part)
        problem = problem.__cause__ or problem.__context__
