"""The markets list and the page of one instrument: numbers in place on the first paint, sockets after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

from channels.db import database_sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from feeds import symbols
from marketdash import access, publish
from marketdash.instruments.catalogue import BLANK, Listed, catalogue
from marketdash.instruments.contracts import Contract, contract, needed
from marketdash.instruments.kin import elsewhere
from marketdash.instruments.lines import (
    Line,
    by_turnover,
    embedded,
    line,
    phase_of,
    remembered,
    unfollowed,
)
from marketdash.instruments.ranking import best
from marketdash.venues import zone_of

FIRST_PAINT_S = 0.3
"""A page that waits longer for numbers is worse than a page that says it has none yet."""
MAX_SEARCH, MAX_ANSWERS, MAX_LINES = 64, 8, 16
SPARKLINE_MINUTES, SPARKLINE_BARS, MAX_SPARKLINES = 15, 96, 60
"""A day of quarter hours, for about as many instruments as a screen shows."""

View = Callable[..., Awaitable[HttpResponseBase]]


def readers_only(view: View) -> View:
    """Who may not read markets is asked to sign in. Leaves ``request.user`` loaded, for templates."""

    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.user = await request.auser()
        if not access.may_read_markets(request.user):
            return redirect_to_login(request.get_full_path())
        await catalogue.ensure()
        return await view(request, *args, **kwargs)

    return guarded


async def markets(
    request: HttpRequest, chosen: Iterable[Line] | None = None, **context: Any
) -> HttpResponseBase:
    """All that is followed, the largest first; or ``chosen`` in its own order, its values read here.

    ``context`` is what the caller adds to the page. For views that are :func:`readers_only`.
    """
    if chosen is None:
        lines = by_turnover(await _lines(request, catalogue.all()))
    else:
        lines = await _filled(request, list(chosen))
    venues = sorted({(each.listed.venue, each.listed.venue_title) for each in lines})
    kinds = sorted({each.listed.kind for each in lines})
    context |= {
        "lines": lines,
        "embedded": embedded(lines),
        "venues": venues,
        "kinds": kinds,
        "version": catalogue.version,
        "blank": line(BLANK, None),
    }
    return await _page(request, "instruments/markets.html", context)


class Seen(NamedTuple):
    """An instrument with its values, and the same asset's other ones. ``contract``: of one that is."""

    line: Line
    others: list[Line]
    zone_word: str
    contract: Contract | None = None


async def instrument(request: HttpRequest, **context: Any) -> HttpResponseBase:
    """The page of one; ``context`` holds what :func:`seen` found. For views that are :func:`readers_only`."""
    return await _page(request, "instruments/instrument.html", context)


def known(slug: str) -> Listed:
    listed = catalogue.by_slug(slug)
    if listed is None:
        raise Http404(f"no enabled instrument has the slug {slug!r}")
    return listed


async def seen(request: HttpRequest, names: Iterable[str]) -> dict[str, Seen]:
    """Each by the name that was asked; one that is not followed here says so. One read for all."""
    asked = {name: catalogue.get(catalogue.renamed(name) or name) for name in names}
    kin = {listed.symbol: elsewhere(listed, catalogue.all()) for listed in asked.values() if listed}
    shown = {each.symbol: each for listed in asked.values() if listed for each in _with(listed, kin)}
    read, held = await asyncio.gather(
        _lines(request, shown.values()), _contracts(request, filter(None, asked.values()))
    )
    lines = {each.listed.symbol: each for each in read}
    return {
        name: Seen(
            lines[listed.symbol] if listed else _missing(name),
            [lines[each.symbol] for each in kin[listed.symbol]] if listed else [],
            request.display.zone_word(zone_of(listed.venue) if listed else "UTC"),
            held.get(listed.symbol) if listed else None,
        )
        for name, listed in asked.items()
    }


async def _contracts(request: HttpRequest, listed: Iterable[Listed]) -> dict[str, Contract]:
    """By name, of those that are."""
    topics = {each: needed(each) for each in listed if each.channels}
    rows = await publish.read([name for each in topics.values() for name in each.values()], FIRST_PAINT_S)
    now_us, display = time.time_ns() // 1000, request.display
    return {
        each.symbol: contract(
            each,
            {channel: rows[name] for channel, name in of.items() if name in rows},
            display.zone_at(zone_of(each.venue)),
            display.style,
            now_us,
        )
        for each, of in topics.items()
    }


def held_contracts(found: Iterable[Seen]) -> dict[str, Contract]:
    """What a page embeds of contracts, by name."""
    return {each.line.listed.symbol: each.contract for each in found if each.contract}


def _with(listed: Listed, kin: Mapping[str, list[Listed]]) -> list[Listed]:
    return [listed, *kin[listed.symbol]]


def all_lines(found: Iterable[Seen]) -> list[Line]:
    """What a page embeds, each once."""
    lines = (line for each in found for line in (each.line, *each.others))
    return list({each.listed.symbol: each for each in lines}.values())


def _missing(name: str) -> Line:
    venue, _, native = name.partition(":")
    return unfollowed(BLANK._replace(symbol=name, base=native, venue=venue, venue_title=venue))


@readers_only
async def lines(request: HttpRequest) -> HttpResponseBase:
    """``?symbol=…&symbol=…`` → what a page embeds of instruments that are chosen on it, with the same assets'
    other ones."""
    found = await seen(request, request.GET.getlist("symbol")[:MAX_LINES])
    rows = embedded(all_lines(found.values()), held_contracts(found.values()))
    return JsonResponse({"listed": rows}, headers={"Cache-Control": "no-store"})


@readers_only
async def find(request: HttpRequest) -> HttpResponseBase:
    """``?q=`` → the best answers among what is followed, as a page embeds them, without values."""
    found = best(request.GET.get("q", "")[:MAX_SEARCH], catalogue.all(), MAX_ANSWERS)
    rows = embedded([line(each, None, request.display.style) for each in found])
    return JsonResponse({"found": rows}, headers={"Cache-Control": "no-store"})


@readers_only
async def listing(request: HttpRequest) -> HttpResponseBase:
    """``?since=<version>`` → what changed since: ``listed`` as a page embeds it, ``gone`` by name."""
    changes = catalogue.since(request.GET.get("since", ""))
    listed = embedded([line(each, None, request.display.style) for each in changes.listed])
    return JsonResponse({**changes._asdict(), "listed": listed}, headers={"Cache-Control": "no-store"})


@readers_only
async def sparklines(request: HttpRequest) -> HttpResponseBase:
    """``?symbol=…&symbol=…`` → ``{symbol: [close, …]}``, oldest first, a day at most, numbers as text."""
    asked = [symbol for symbol in request.GET.getlist("symbol") if catalogue.get(symbol)]
    topics = {symbols.topic(symbols.OHLC, name, SPARKLINE_MINUTES): name for name in asked[:MAX_SPARKLINES]}
    rows = await publish.read(list(topics), FIRST_PAINT_S * 4)
    closes = {topics[topic]: _closes(row[3]) for topic, row in rows.items() if topic in topics}
    few = [name for name in topics.values() if len(closes.get(name, ())) < SPARKLINE_BARS // 2]
    for name, stored in (
        await publish.closes(few, SPARKLINE_MINUTES, SPARKLINE_BARS, FIRST_PAINT_S * 4)
    ).items():
        closes[name] = max(stored, closes.get(name, []), key=len)
    return JsonResponse(
        {"minutes": SPARKLINE_MINUTES, "closes": closes}, headers={"Cache-Control": "no-store"}
    )


def _closes(body: Any) -> list[str]:
    return [bar["close"] for bar in body.get("bars", [])[-SPARKLINE_BARS:]]


async def _lines(request: HttpRequest, listed: Iterable[Listed]) -> list[Line]:
    by_topic = {symbols.topic(symbols.TICKER, each.symbol): each for each in listed}
    of_venue = {each.venue: symbols.topic(symbols.STATUS, each.venue) for each in by_topic.values()}
    rows = await publish.read([*by_topic, *of_venue.values()], FIRST_PAINT_S) if by_topic else {}
    phases = {venue: phase_of(rows.get(topic)) for venue, topic in of_venue.items()}
    priceless = [each.symbol for topic, each in by_topic.items() if not _has_price(rows.get(topic))]
    past = await publish.last_closes(priceless, FIRST_PAINT_S) if priceless else {}
    now_us, style = time.time_ns() // 1000, request.display.style
    lines = [
        remembered(each, past[each.symbol], now_us, style)
        if each.symbol in past
        else line(each, rows.get(topic), style)
        for topic, each in by_topic.items()
    ]
    return [each._replace(phase=phases[each.listed.venue]) for each in lines]


async def _filled(request: HttpRequest, chosen: list[Line]) -> list[Line]:
    """The followed ones with their values, the others as they are, in their order."""
    lines = await _lines(request, [each.listed for each in chosen if each.followed])
    values = {each.listed.symbol: each for each in lines}
    return [values.get(each.listed.symbol, each) for each in chosen]


def _has_price(row: publish.Row | None) -> bool:
    """What a venue refuses or has ended says so itself, with or without one; a silent feed says nothing."""
    if row is None or row[:2] == publish.UNHEARD[:2]:
        return False
    return bool(row[3]) or row[0] not in ("live", "syncing", "stale")


async def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Rendered in a thread: hundreds of rows take tens of milliseconds, and the loop serves sockets."""
    return await database_sync_to_async(render, thread_sensitive=False)(request, template, context)
