"""The page that follows the same symbols by WebSocket and by asking for them, for whoever doubts either."""

from __future__ import annotations

from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from feeds.symbols import TICKER, topic
from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.lines import by_turnover, line
from marketdash.ops import feeds, views

DEFAULTS, MOST = 3, 20
PACES_MS = {250: "250 ms", 500: "500 ms", 1000: "second", 2000: "2 s", 5000: "5 s"}
USUAL_MS = 1000
LENGTH_S = 60


@views.readers_only
async def compare(request: HttpRequest) -> HttpResponseBase:
    """What is compared is measured by the browser; the server only says what there is to choose from."""
    await feeds.read_catalogue()
    found = await _by_turnover()
    context = {
        "listed": sorted(found),
        "picked": found[:DEFAULTS],
        "most": MOST,
        "paces": PACES_MS.items(),
        "usual": USUAL_MS,
        "length_s": LENGTH_S,
    }
    rendered = database_sync_to_async(render, thread_sensitive=False)
    return await rendered(request, "ops/compare.html", context)


async def _by_turnover() -> list[str]:
    """All that is followed, what is traded most first: there the two ways differ."""
    listed = catalogue.all()
    rows = await publish.read([topic(TICKER, each.symbol) for each in listed], feeds.FIRST_PAINT_S)
    lines = [line(each, rows.get(topic(TICKER, each.symbol))) for each in listed]
    return [each.listed.symbol for each in by_turnover(lines)]
