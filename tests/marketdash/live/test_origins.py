"""Pages of others open no socket: raw handshakes with every form of Origin that somebody may think of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fakes.raw_socket import Header, RawSocket
from tests.scoreboard import Score
from tests.socket_site import SocketSite

HOSTS = (
    "evil.example", "127.0.0.1.evil.example", "evil-127.0.0.1", "127.0.0.1evil.example", "localhost",
    "LOCALHOST", "localhost.", "127.0.0.1.", "127.1", "127.0.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433",
    "0.0.0.0", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "[::]", "127.0.0.1%00.evil.example",
    "127.0.0.1%2eevil.example", "127.0.0.1&evil.example", "127.0.0.1`evil", "127。0。0。1", "①27.0.0.1",
    "xn--127-0-0-1", "www.127.0.0.1", "127.0.0.1..", ".127.0.0.1", "*.127.0.0.1", "*", "null", "file",
)  # fmt: skip
SCHEMES = (
    "https",
    "ws",
    "wss",
    "file",
    "chrome-extension",
    "moz-extension",
    "data",
    "blob:http",
    "HTTPS",
    "",
)
PORTS = ("", "80", "443", "0", "1", "65535", "65536", "-1", "00080", "abc", "{port}0", "1{port}")
WHOLE = (
    "null", "NULL", "Null", "undefined", "none", "*", "about:blank", "about:srcdoc", "file://", "data:,x",
    "javascript:alert(1)", "http://", "http:", "//{own}", "{own}", "http:/{own}", "http:///{own}",
    "http:\\\\{own}", "http://{own}/", "http://{own}/x", "http://{own}?x", "http://{own}#x", "http://{own}\\",
    "http://user@{own}", "http://user:pass@{own}", "http://@{own}", "http://{own}@evil.example",
    "http://evil.example#@{own}", "http://evil.example/{own}", "http://evil.example?{own}",
    "http://evil.example\\@{own}", "http://{own}.evil.example", "http://{own}:80", "http://{own}:",
    "http://{own} http://evil.example", "http://evil.example http://{own}", "http://evil.example, http://{own}",
    "http://{own}, http://evil.example", "http://{own};http://evil.example", "http://{own}%20", "http://{own}%0d%0a",
    "\"http://{own}\"", "'http://{own}'", "<http://{own}>", "http://{own}\t.evil.example", "blob:http://{own}",
    "view-source:http://{own}", "http+unix://{own}", "http://[{own}]", "http://{own}]", "http://[::1]:{port}",
    "http://127.0.0.1", "http://127.0.0.1:", "ht tp://{own}", "http ://{own}", "http: //{own}", "http//{own}",
    "http:{own}", "hxxp://{own}", "http://127.0.0.1 :{port}", "http://127.0.0.1: {port}", "http://127.0.0.1:+{port}",
    "http://127.0.0.1:{port}.0", "http://127.0.0.1:{port}e0", "http://127.0.0.1:{port}_", "http://127.0.0.1:٣",
)  # fmt: skip


def variants(port: int) -> list[str]:
    """No two alike, and none is ours."""
    own = f"127.0.0.1:{port}"
    ours = {f"http://{own}"}
    by_host = [f"http://{host}{end}" for host in HOSTS for end in ("", f":{port}", ":1", ":443")]
    by_scheme = [f"{scheme}://{own}" for scheme in SCHEMES]
    by_port = [f"http://127.0.0.1:{each.format(port=port)}" for each in PORTS]
    whole = [each.format(own=own, port=port) for each in WHOLE]
    return sorted({*by_host, *by_scheme, *by_port, *whole} - ours)


def dressed(port: int) -> Iterator[list[Header]]:
    """Where one Origin is not all there is to it: several, and other headers that try to vouch for it."""
    ours, evil = f"http://127.0.0.1:{port}", "http://evil.example"
    yield [("Origin", evil), ("Origin", ours)]
    yield [("Origin", ours), ("Origin", evil)]
    yield [("Origin", ours), ("Origin", "null")]
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "Referer", "Sec-WebSocket-Origin", "X-Origin"):
        yield [("Origin", evil), (name, "evil.example" if "ost" in name else ours)]
    for name in ("X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X_Forwarded_Proto"):
        yield [("Origin", f"https://127.0.0.1:{port}"), (name, "https")]


def sent(origin: str) -> str:
    """As bytes on the wire: beyond Latin 1 a client sends UTF-8."""
    return origin.encode().decode("latin-1")


@pytest.mark.fault(
    "F42",
    "a page of another origin opens a socket with the cookie of somebody, {site}",
    goal="100 % refused, ours is not",
)
async def test_every_other_origin_is_refused(site: SocketSite, score: Score) -> None:
    cookie, opened = ("Cookie", f"sessionid={site.sessions['ann']}"), []
    asked = [[("Origin", sent(origin))] for origin in variants(site.port)]
    asked += [*dressed(site.port), []]
    began_s = time.monotonic()
    for headers in asked:
        raw = await RawSocket.opened(site.port, *headers, cookie)
        if raw.status in (0, 101):
            opened.append((raw.status, headers))
        raw.abort()
    assert len(asked) >= 200 and opened == []
    score.took(time.monotonic() - began_s)
    score.note("variants", len(asked), "")

    for host, origin in ((f"127.0.0.1:{site.port}",) * 2, (f"localhost:{site.port}",) * 2):
        ours = await RawSocket.opened(site.port, ("Origin", f"http://{origin}"), cookie, host=host)
        assert ours.status == 101
        ours.abort()


@pytest.mark.fault(
    "F42", "a name of another leads to this server, in Host and in Origin, {site}", goal="100 % refused"
)
async def test_a_rebound_name_is_refused(site: SocketSite, score: Score) -> None:
    cookie = ("Cookie", f"sessionid={site.sessions['ann']}")
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2", "", " "):
        named = f"{host}:{site.port}"
        for more in ((cookie,), ()):
            raw = await RawSocket.opened(site.port, ("Origin", f"http://{named}"), *more, host=named)
            assert raw.status not in (0, 101), named
            score.runs += 1
            raw.abort()


async def test_a_visitor_from_another_page_is_refused_too(site: SocketSite) -> None:
    """It would cost what our own visitors cost, and a page could make thousands do it."""
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{site.port}"):
        raw = await RawSocket.opened(site.port, ("Origin", origin))
        assert raw.status not in (0, 101), origin
        raw.abort()
