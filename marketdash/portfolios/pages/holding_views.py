"""The page of one holding: what it is worth, its lots and entries, its market with what was traded on it."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from feeds import symbols
from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.lines import embedded
from marketdash.instruments.views import all_lines
from marketdash.instruments.views import seen as seen_markets
from marketdash.portfolios import prices, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages import traded
from marketdash.portfolios.pages.traded import Thing
from marketdash.portfolios.pages.views import closed, moment, page, seen, with_account
from marketdash.portfolios.valuing.lines import Holding
from marketdash.portfolios.valuing.summary import Summary
from marketdash.portfolios.words import journal, shown

INTERVALS = [(each, symbols.interval_name(each)) for each in symbols.INTERVALS]


@with_account
@require_GET
async def asset(request: HttpRequest, key: int, code: str) -> HttpResponseBase:
    return await _page(request, await seen(request, key), Thing(code))


@with_account
@require_GET
async def contracts(request: HttpRequest, key: int, name: str) -> HttpResponseBase:
    return await _page(request, await seen(request, key), Thing(name, is_contract=True))


async def _page(request: HttpRequest, held: Portfolio, thing: Thing) -> HttpResponseBase:
    known = thing.name.isprintable() and await sync_to_async(traded.touches(held, thing).exists)()
    if not known:
        raise Http404("no entry of this portfolio has anything to do with that")
    book, names = await sync_to_async(_book)(held)
    priced = await prices.of_books([book])
    found = priced.of(book)
    market = _market(held, thing, found)
    markets = await seen_markets(request, [market]) if market else {}
    lines = shown.shown(found, names, closed(priced), request.display.style)
    context = {
        **{"portfolio": held, "thing": thing, "shown": lines, "here": request.path},
        "rows": [row for row in _rows(lines, thing) if row.name == thing.name],
        "can_change": access.may_change(request.user, held),
        "seen": markets.get(market),
        "embedded": embedded(all_lines(markets.values())),
        **{"intervals": INTERVALS, "panel": {"own": True}},
        **await sync_to_async(_told)(request, held, thing, book, names),
        **moment(priced),
    }
    return await page(request, "holding.html", context)


def _rows(lines: shown.Shown, thing: Thing) -> list[shown.Row]:
    return lines.positions if thing.is_contract else lines.rows


def _book(held: Portfolio) -> tuple[Book, dict[int, str]]:
    return queries.book(held), {each.pk: each.name for each in held.accounts.all()}


def _told(
    request: HttpRequest, held: Portfolio, thing: Thing, book: Book, names: dict[int, str]
) -> dict[str, Any]:
    style, before = request.display.style, request.GET.get("before", "")
    marks = traded.marks(held, thing, style)
    lots, more = traded.lots(book, thing, names, style)
    entries = journal.page(held, before, style=style, among=traded.touches(held, thing))
    by_entry = {mark.entry: mark for mark in marks}
    return {
        **{"lots": lots, "more_lots": more, "trades": traded.told(marks)},
        "entries": [(each, by_entry.get(each.pk)) for each in entries.entries],
        "older": entries.older,
        "older_ones": bool(before),
        "address": _address(held, thing),
    }


def _address(held: Portfolio, thing: Thing) -> str:
    name = "portfolio_contracts" if thing.is_contract else "portfolio_asset"
    return reverse(name, args=[held.pk, thing.name])


def _market(held: Portfolio, thing: Thing, found: Summary) -> str:
    """Of an asset the one in the portfolio's currency, else the first on the way to it, else any; by name."""
    if thing.is_contract:
        return thing.name if catalogue.get(thing.name) else ""
    about = [pair for pair in prices.pairs() if pair.base == thing.name]
    direct = [pair.symbol for pair in about if pair.quote == held.base.code]
    row = next((each for each in found.holdings if each.asset == thing.name), None)
    by = [step.symbol for step in row.rate.steps[:1]] if isinstance(row, Holding) and row.rate else []
    on_way = [pair.symbol for pair in about if pair.symbol in by]
    return next(iter([*on_way, *direct, *(pair.symbol for pair in about), *by]), "")
