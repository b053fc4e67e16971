"""Whose address counts: the connection's own; behind declared proxies what the outermost of them wrote."""

from __future__ import annotations

from typing import Any

import pytest

from marketdash import asgi, proxies

PROXY, VISITOR = "172.18.0.5", "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "count", "expected"),
    [
        ([VISITOR], 1, VISITOR),
        (["198.51.100.1, 203.0.113.7"], 1, VISITOR),  # what a client sent stands before what our proxy wrote
        (["198.51.100.1", VISITOR], 1, VISITOR),
        (["198.51.100.1, 203.0.113.7, 10.0.0.3"], 2, VISITOR),
        (["203.0.113.7:51234"], 1, VISITOR),
        (["[2001:db8::7]:443"], 1, "2001:db8::7"),
        (["2001:DB8::7"], 1, "2001:db8::7"),
        ([VISITOR], 0, PROXY),  # nobody was declared
        ([VISITOR], 2, PROXY),  # it came past one of them
        ([], 1, PROXY),
        (["unknown"], 1, PROXY),
        (["203.0.113.7, "], 1, PROXY),
    ],
)
def test_the_address_is_what_the_outermost_of_ours_wrote(forwarded: list[str], count: int, expected: str):
    assert proxies.address(PROXY, forwarded, count) == expected


@pytest.mark.parametrize(("count", "expected"), [(0, (PROXY, 4711)), (1, (VISITOR, 0))])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_pages_and_sockets_see_the_visitor(
    monkeypatch: pytest.MonkeyPatch, settings: Any, kind: str, count: int, expected: tuple[str, int]
) -> None:
    settings.TRUSTED_PROXIES = count
    seen: list[Any] = []

    async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(tuple(scope["client"]))

    monkeypatch.setattr(asgi, "pages", page)
    monkeypatch.setattr(asgi, "_market", page)
    headers = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", VISITOR.encode())]
    scope = {"type": kind, "path": asgi.SOCKET_PATH, "client": (PROXY, 4711), "headers": headers}

    await asgi.application(scope, None, None)

    assert seen == [expected]
