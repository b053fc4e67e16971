"""The underlyings that have options, and the chain of one, as their first paint has them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from feeds import symbols
from marketdash import publish
from marketdash.instruments import display
from marketdash.instruments.catalogue import Listed, catalogue
from marketdash.instruments.views import FIRST_PAINT_S, readers_only
from marketdash.options import embedding
from marketdash.options.cells import Painted, painted
from marketdash.options.chains import Chain, Expiry, around, chains, trading
from marketdash.options.choices import ALL, AROUND, COLUMNS, SHOWS, SIDES, Choice, chosen
from marketdash.options.lines import (
    CALL_CELLS,
    HEADS,
    PUT_CELLS,
    Line,
    Rows,
    Scale,
    forward_of,
    lines,
    shown_side,
)
from marketdash.venues import zone_of

MOST_PAINTED = 80
"""Strikes in the page itself, where all expiries are shown; its scripts make the rest when it is in view."""


class Section(NamedTuple):
    """One expiry of the table. ``forward`` is what its options are priced off, as people read it."""

    expiry: Expiry
    left: str
    forward: str
    lines: list[Painted]


@readers_only
async def overview(request: HttpRequest) -> HttpResponseBase:
    """Every underlying; with none of them, how there come to be some."""
    now_us = _now_us()
    found = [(each, _trading(each, now_us)) for each in chains(catalogue.all()).values()]
    rows = [(each, expiries, expiries[0].left(now_us) if expiries else "") for each, expiries in found]
    return await _page(request, "options/overview.html", {"chains": rows})


@readers_only
async def chain(request: HttpRequest, underlying: str) -> HttpResponseBase:
    """``?expiry=`` a day or all; ``show``, ``columns``, ``side``, ``around``, ``smile`` as in choices."""
    known = chains(catalogue.all())
    found = known.get(underlying)
    if found is None:
        return await _elsewhere(request, underlying, known)
    choice, now_us = chosen(request.GET), _now_us()
    tabs = _trading(found, now_us)
    shown, said = _chosen(found, tabs, choice)
    rows = await _rows(_painted(shown))
    scale = Scale(found.magnitude, choice.show, request.display.style)
    sections = [_section(each, rows, scale, choice, now_us) for each in shown]
    context = {
        "chain": found,
        "choice": choice,
        "tab": ALL if choice.expiry == ALL else shown[0].key,
        "tabs": [(each, each.left(now_us), choice._replace(expiry=each.key).query) for each in tabs],
        "all_tab": choice._replace(expiry=ALL).query,
        "said": said,
        "sections": _cut(sections),
        "summary": _summary(shown, rows),
        "switches": _switches(choice),
        "arounds": AROUND,
        "heads": _heads(),
        "blank": _blank(found, scale),
        "embedded": embedding.first_paint(shown, rows),
        "model": embedding.model(found, shown, choice, request.display.zone_word(zone_of(found.venue))),
        "when": _when(request, shown),
    }
    return await _page(request, "options/chain.html", context)


async def _elsewhere(request: HttpRequest, asked: str, known: dict[str, Chain]) -> HttpResponseBase:
    """An asset's code leads to its largest chain; of anything else there is none here, which is said."""
    same = [
        each
        for each in known.values()
        if asked.lower() in (each.first.asset.lower(), each.first.base.lower())
    ]
    if same:
        largest = max(same, key=lambda each: each.count)
        return HttpResponseRedirect(reverse("chain", args=[largest.slug]))
    return await _page(request, "options/none.html", {"asked": asked, "any": bool(known)}, status=404)


def _now_us() -> int:
    return time.time_ns() // 1000


def _trading(found: Chain, now_us: int) -> list[Expiry]:
    return [each for each in found.expiries if trading(each, now_us)]


def _chosen(found: Chain, tabs: list[Expiry], choice: Choice) -> tuple[list[Expiry], str]:
    """What is shown, and what is to be said of what was asked; never nothing."""
    if choice.expiry == ALL and tabs:
        return tabs, ""
    asked = found.expiry(choice.expiry)
    if asked is not None:
        return [asked], "" if asked in tabs else f"The options of {asked.day} have expired."
    nearest = tabs[:1] or list(found.expiries[-1:])
    if not tabs:
        return nearest, f"All of these options have expired; the last ones are shown, of {nearest[0].day}."
    missing = choice.expiry and choice.expiry != ALL
    return nearest, f"No options of {choice.expiry} are listed; the nearest are shown." if missing else ""


def _painted(shown: list[Expiry]) -> list[Listed]:
    """Those that the page comes with numbers of."""
    if len(shown) == 1:
        return shown[0].options
    strikes = [strike for each in shown for strike in each.strikes][:MOST_PAINTED]
    return [side for strike in strikes for side in strike.sides]


async def _rows(options: Iterable[Listed]) -> Rows:
    topics = {symbols.topic(symbols.OPTION, each.symbol): each.symbol for each in options}
    rows = await publish.read(list(topics), FIRST_PAINT_S)
    return {topics[topic]: row for topic, row in rows.items() if topic in topics}


def _section(expiry: Expiry, rows: Rows, scale: Scale, choice: Choice, now_us: int) -> Section:
    forward = forward_of(rows[each.symbol] for each in expiry.options if each.symbol in rows)
    cut = around(expiry, forward, choice.count)
    shown = display.ABSENT if forward is None else display.fixed(forward, scale.decimals("vega"), scale.style)
    return Section(expiry, expiry.left(now_us), shown, list(map(painted, lines(cut, rows, scale))))


def _cut(sections: list[Section]) -> list[Section]:
    """As many strikes as are painted, if there are several expiries."""
    if len(sections) == 1:
        return sections
    kept, room = [], MOST_PAINTED
    for each in sections:
        if room > 0:
            kept.append(each._replace(lines=each.lines[:room]))
        room -= len(each.lines)
    return kept


def _summary(shown: list[Expiry], rows: Rows) -> str:
    """How many are live, in words; of the others how they are."""
    names = [each.symbol for each in _painted(shown)]
    states = [rows[name].standing.state if name in rows else "syncing" for name in names]
    live = states.count("live")
    if live == len(states):
        return f"All {live} live"
    others = [f"{states.count(state)} {state}" for state in dict.fromkeys(states) if state != "live"]
    return f"{live} of {len(states)} live, {', '.join(others)}"


def _switches(choice: Choice) -> list[dict[str, Any]]:
    """Groups of links of which one is chosen each."""
    groups = (("show", "Whose figures", SHOWS), ("columns", "Columns", COLUMNS), ("side", "Side", SIDES))
    return [
        {
            "name": name,
            "label": label,
            "links": [
                (value, words, choice._replace(**{name: value}).query, value == getattr(choice, name))
                for value, words in values.items()
            ],
        }
        for name, label, values in groups
    ]


def _heads() -> dict[str, list[tuple[str, str, str]]]:
    return {
        side: [(name, *HEADS[name]) for name in cells]
        for side, cells in (("call", CALL_CELLS), ("put", PUT_CELLS))
    }


def _blank(found: Chain, scale: Scale) -> Painted:
    """What rows that come into view later are made from."""
    nobody = found.first._replace(symbol="", slug="", strike="0", right="")
    side = shown_side(nobody, publish.Row("syncing", "waiting for data", 0, {}), scale)
    return painted(Line("0", "0", side, side))


def _when(request: HttpRequest, shown: list[Expiry]) -> str:
    """The time of the expiry, in the reader's zone."""
    if len(shown) > 1:
        return ""
    name = zone_of(shown[0].options[0].venue)
    at = display.date_and_time(shown[0].at_us, request.display.zone_at(name))
    return f"{at} {request.display.zone_word(name)}"


async def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Rendered in a thread, as it takes tens of milliseconds; never kept: its values are of this moment."""
    return await database_sync_to_async(render, thread_sensitive=False)(
        request, template, context, status=status
    )
