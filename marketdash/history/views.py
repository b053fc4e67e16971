"""Stored bars for charts: page after page into the past."""

from __future__ import annotations

import time

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware

from feeds.symbols import INTERVALS
from marketdash import access
from marketdash.history import backfills, queries, retention
from marketdash.history.derive import MINUTE_US
from marketdash.instruments.models import Instrument

DEFAULT_PAGE = 500
# What is older than that changes no more, unless it was incomplete.
_SETTLED_US = 24 * 60 * MINUTE_US
_SETTLED_S, _FRESH_S = 3600, 5
_pack = GZipMiddleware(lambda request: HttpResponse()).process_response
"""For these alone: there is no secret in them, and 500 bars take ten seconds of a slow line, packed one."""


class BadParameter(ValueError):
    """``name: what was expected, what was found``."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f"{name}: expected {expected}, found {found!r:.40}")


async def bars(request: HttpRequest, slug: str) -> HttpResponseBase:
    """``?interval=5&before=<µs>&limit=500`` → closed bars before it, oldest first, numbers as text.

    ``before`` in the answer is what to ask with next, ``more`` says whether there is anything older, and
    ``coming`` that older ones are being fetched from the venue: ask again in some seconds.
    """
    user = await request.auser()
    if not access.may_read_markets(user):
        return _refused(403, "sign in to read markets")
    now_us = time.time_ns() // 1000
    try:
        interval = _number(request, "interval", 1, 1, INTERVALS[-1])
        before_us = _number(request, "before", now_us, 1, 1 << 53)
        limit = _number(request, "limit", DEFAULT_PAGE, 1, queries.MAX_PAGE)
        if interval not in INTERVALS:
            raise BadParameter("interval", f"one of {', '.join(map(str, INTERVALS))}", str(interval))
    except BadParameter as problem:
        return _refused(400, str(problem))
    found = await database_sync_to_async(_read)(slug, interval, min(before_us, now_us), limit, now_us)
    if found is None:
        return _refused(404, f"no instrument has the slug {slug!r:.120}")
    symbol, page, coming = found
    body = {"symbol": symbol, "interval": interval, "bars": [queries.row_of(bar) for bar in page.bars]}
    body |= {"before": page.before_us, "more": page.more, "coming": coming}
    kept = "no-store" if coming else _kept(page, before_us, now_us)
    return _pack(request, JsonResponse(body, headers={"Cache-Control": kept}))


def _number(request: HttpRequest, name: str, default: int, low: int, high: int) -> int:
    text = request.GET.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or not low <= int(text) <= high:
        raise BadParameter(name, f"a whole number from {low} to {high}", text)
    return int(text)


def _read(
    slug: str, interval: int, before_us: int, limit: int, now_us: int
) -> tuple[str, queries.Page, bool] | None:
    """Also of instruments that nobody follows any more: their past is still theirs.

    The last of all: whether the worker is fetching older ones, asked by this if nobody did.
    """
    row = Instrument.objects.filter(slug=slug).select_related("venue").first()
    if row is None:
        return None
    page = queries.page(row.pk, interval, before_us, limit)
    wanted = backfills.follows(row) and not page.more
    coming = wanted and backfills.deepen(row.pk, interval, now_us, _oldest_us(interval, now_us))
    return row.symbol, page, coming


def _oldest_us(interval: int, now_us: int) -> int:
    """Minutes that would be removed at once are not fetched."""
    return now_us - settings.BARS_RETENTION_DAYS * retention.DAY_US if interval == 1 else 0


def _kept(page: queries.Page, before_us: int, now_us: int) -> str:
    """How long a browser, or a proxy where markets are public, may keep the answer."""
    scope = "public" if settings.PUBLIC_MARKETS else "private"
    settled = page.more and before_us < now_us - _SETTLED_US and not any(bar.incomplete for bar in page.bars)
    return f"{scope}, max-age={_SETTLED_S if settled else _FRESH_S}"


def _refused(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status, headers={"Cache-Control": "no-store"})
