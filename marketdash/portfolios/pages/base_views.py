"""Another currency to measure a portfolio in: what it would know and not know, and only then the change."""

from __future__ import annotations

from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from marketdash.portfolios import actions, prices, queries
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.views import mine, moment, page, shown_now, with_account
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.words.shown import Cell, Shown, named


class Row(NamedTuple):
    """One figure, as it is and as it would be."""

    label: str
    now: Cell
    now_without: str
    then: Cell
    then_without: str


@with_account
async def base(request: HttpRequest, key: int) -> HttpResponseBase:
    """Asked with ``base``, it shows what would become of it; a POST does it."""
    held = await mine(request, key)
    sent = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"portfolio": held, "typed": sent, "assets": queries.suggested()}
    if "base" not in sent:
        return await page(request, "base_currency.html", context)
    try:
        code = await sync_to_async(_chosen)(held, sent["base"])
        if request.method == "POST":
            await sync_to_async(actions.set_base)(held, code)
            messages.success(request, f"It is measured in {code} now; nothing of the ledger changed.")
            return redirect("portfolio", key=key)
    except Refused as refused:
        return await page(request, "base_currency.html", {**context, "refused": refused}, 422)
    return await page(request, "base_currency.html", context | await _compared(request, held, code))


def _chosen(held: Portfolio, typed: str) -> str:
    code = queries.codes([typed]).get(typed)
    if code is None:
        found = repr(typed)[:40] if typed.strip() else "nothing"
        raise Refused("base", f"expected the code of a known asset, such as EUR, found {found}")
    if code == held.base.code:
        raise Refused("base", f"expected another currency than {code}, in which it is measured already")
    return code


async def _compared(request: HttpRequest, held: Portfolio, code: str) -> dict[str, Any]:
    now, then, lacks = await sync_to_async(_books)(held, code)
    priced = await prices.of_books([now, then])
    assets = sorted({asset for each in lacks for asset in each.assets})
    return {
        **await sync_to_async(_rows)(request, priced, now, then),
        **{"code": code, "entries": sum(1 for each in lacks if each.assets), "of": named(assets)},
        **{"costs": sum(1 for each in lacks if each.cost)},
        **moment(priced),
    }


def _books(held: Portfolio, code: str) -> tuple[Book, Book, list[Lack]]:
    other = queries.folded_in(held, code)
    return queries.book(held), other.book, other.lacks()


def _rows(request: HttpRequest, priced: Prices, *books: Book) -> dict[str, Any]:
    now, then = (shown_now(request, priced, book) for book in books)
    figures = [
        Row(one.label, one.cell, one.without, other.cell, other.without)
        for one, other in zip(now.numbers, then.numbers, strict=True)
        if not (one.is_idle and other.is_idle)
    ]
    return {"rows": [_total(now, then), *figures], "uncosted": then.uncosted, "partial": then.partial}


def _total(now: Shown, then: Shown) -> Row:
    words = ["not the whole" if each.partial else "" for each in (now, then)]
    return Row("Total", now.total, words[0], then.total, words[1])
