"""Portfolios as bots are told them: numbers are text with all their digits, what nobody can say is null.

What a portfolio is worth is said by the very code that speaks on the socket (``rows``), of the quotes that a
page would be made with (``prices``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Exists, OuterRef

from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import prices, queries
from marketdash.portfolios.accounting.basis import price_of
from marketdash.portfolios.accounting.exact import ONE, plain
from marketdash.portfolios.accounting.ledger import REVERSAL
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import Lot
from marketdash.portfolios.executions.queries import told as fills
from marketdash.portfolios.models import Entry, Leg, Portfolio, Rate
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.valuing import valuation
from marketdash.portfolios.valuing.lines import Holding, Open
from marketdash.portfolios.valuing.moving import Moving
from marketdash.portfolios.valuing.overall import currency_of, overall
from marketdash.portfolios.valuing.pricing import Pricing
from marketdash.portfolios.valuing.rows import Rows, figure, standing
from marketdash.portfolios.valuing.summary import FIGURES, Summary
from marketdash.portfolios.valuing.valuation import Market, Quote

__all__ = ["entries", "fills", "listed", "lots", "total", "worth"]

Body = dict[str, Any]


def listed(user: Any) -> list[Body]:
    """One's own and those that are shown to one."""
    found = [*queries.portfolios(user), *queries.shown_to(user)]
    return [_head(each, user) for each in found]


def _head(portfolio: Portfolio, user: Any) -> Body:
    return {
        "id": portfolio.pk,
        "name": portfolio.name,
        "base": portfolio.base.code,
        "method": portfolio.method,
        "owner": portfolio.owner.get_username(),
        "own": portfolio.owner_id == user.pk,
    }


async def worth(portfolio: Portfolio) -> Body:
    """What it is worth now, its lines and its accounts."""
    await catalogue.ensure()
    book, accounts = await sync_to_async(_book)(portfolio)
    priced = await prices.of_books([book])
    return {"accounts": accounts, **await sync_to_async(_worth)(book, priced)}


async def total(user: Any) -> Body | None:
    """What one's own portfolios come to, all in the currency of most of them; None of nothing."""
    await catalogue.ensure()
    books = await sync_to_async(lambda: [queries.book(each) for each in queries.portfolios(user)])()
    if not books:
        return None
    bases = [book.base for book in books]
    currency = currency_of(bases)
    priced = await prices.of_books(books, also={currency: {*bases} - {currency}})
    return await sync_to_async(_total)(books, currency, priced)


def _total(books: Sequence[Book], currency: str, priced: Prices) -> Body:
    found = overall([priced.of(book) for book in books], currency, priced.market(currency).rate)
    whole = found.whole
    return {
        "ts": priced.read_us,
        "base": currency,
        "portfolios": found.count,
        **_standing(found.sums),
        "total": plain(whole.total),
        **{name: figure(getattr(whole, name)) for name in FIGURES},
        "day_pct": _text(whole.day_percent),
        **{name: list(getattr(whole, name)) for name in ("missing", "stale", "uncosted")},
        "rates": [_crossed(code, rate, priced.read_us) for code, rate in found.rates.items() if rate],
    }


def _standing(sums: Iterable[Summary]) -> Body:
    found = [standing(each.base, {"missing": each.missing, "stale": each.stale}) for each in sums]
    why = [each["reason"] for each in found if each["reason"]]
    return {"state": "stale" if why else "live", "reason": "; ".join(why)}


def _crossed(code: str, rate: valuation.Rate, read_us: int) -> Body:
    return {
        "currency": code,
        "rate": plain(rate.of(ONE)),
        "live": rate.is_live,
        "path": rate.path,
        "by": [step.symbol for step in rate.steps],
        "ts_received": read_us - rate.age_us,
    }


def _book(portfolio: Portfolio) -> tuple[Book, list[Body]]:
    accounts = portfolio.accounts.select_related("venue")
    names = [
        {"id": each.pk, "name": each.name, "venue": each.venue.name if each.venue else None}
        for each in accounts
    ]
    return queries.book(portfolio), names


def _worth(book: Book, priced: Prices) -> Body:
    made = priced.market(book.base)
    market = Market(book.base, (_dated(each, priced.read_us) for each in priced.quotes.values()), made.most)
    marks = {name: _dated(each, priced.read_us) for name, each in priced.marks.items()}
    moving = Moving(book, Pricing(market, priced.earlier), marks, priced.earlier)
    body, summary = Rows(moving).whole(priced.read_us), moving.summary()
    lines: dict[Any, Holding | Open] = {each.asset: each for each in summary.holdings}
    lines |= {(each.name, each.account): each for each in summary.positions}
    for each in (*body["holdings"], *body["positions"]):
        line = lines[each["asset"] if "name" not in each else (each["name"], each["account"])]
        each["weight"] = _text(line.weight)
        if isinstance(line, Holding):
            each["gain_pct"] = _text(line.percent)
    return {**body, "day_pct": _text(summary.day_percent)}


def _dated(quote: Quote, read_us: int) -> Quote:
    """As :mod:`marketdash.portfolios.valuing.rows` has it: the age as of the wall clock's beginning."""
    return quote._replace(age_us=quote.age_us - read_us)


def lots(portfolio: Portfolio, asset: str) -> list[Body]:
    """What is open, account by account, the first to go first by the portfolio's method. Those of contracts
    stand below, by their instrument: with the price of one, and no cost of their own."""
    book = queries.book(portfolio)
    return [*_lots(book, asset), *_contract_lots(book, asset)]


def _lots(book: Book, asset: str) -> Iterator[Body]:
    held = [(code, account, pool) for (account, code), pool in book.pools.items() if asset in ("", code)]
    for code, account, pool in sorted(held, key=lambda each: each[:2]):
        for lot in pool.lots():
            yield {"account": account, "asset": code, **_lot(lot), "cost": _text(lot.cost)}


def _contract_lots(book: Book, name: str) -> Iterator[Body]:
    held = [(of, account, each) for (account, of), each in book.positions.items() if name in ("", of)]
    for of, account, position in sorted(held, key=lambda each: each[:2]):
        for lot in position.pool.lots():
            price = price_of(lot.quantity, lot.cost, position.contract)
            yield {"account": account, "asset": of, **_lot(lot), "cost": None, "price": _text(price)}


def _lot(lot: Lot) -> Body:
    return {"quantity": plain(lot.quantity), "opened": lot.opened_us, "entry": lot.origin[0]}


def entries(portfolio: Portfolio, after: int, limit: int) -> tuple[list[Body], int | None]:
    """By their numbers, in which they were recorded, and what to ask with for those behind."""
    reversals = Entry.objects.filter(corrects=OuterRef("pk"), kind=REVERSAL)
    rows = Entry.objects.filter(portfolio=portfolio, pk__gt=after).annotate(over=Exists(reversals))
    related = ("legs__asset", "legs__currency", "rates__asset", "rates__currency")
    found = list(rows.prefetch_related(*related).order_by("pk")[: limit + 1])
    kept = found[:limit]
    return [_entry(each) for each in kept], kept[-1].pk if len(found) > limit else None


def _entry(row: Entry) -> Body:
    return {
        "id": row.pk,
        "time": row.at_us,
        "kind": row.kind,
        "account": row.account_id,
        "counts": row.kind != REVERSAL and not row.over,  # type: ignore[attr-defined]
        "corrects": row.corrects_id,
        "source": row.source,
        "reference": row.reference,
        "note": row.note,
        "recorded": round(row.recorded.timestamp() * 1_000_000),
        "legs": list(_legs(row)),
        "rates": [_rate(rate) for rate in row.rates.all()],
    }


def _legs(row: Entry) -> Iterator[Body]:
    leg: Leg
    for leg in row.legs.all():
        terms = {"price": _text(leg.price), "multiplier": _text(leg.multiplier), "inverse": leg.inverse}
        yield {
            "account": leg.account_id,
            "asset": leg.asset.code,
            "amount": plain(leg.amount),
            "role": leg.role,
            "worth": _text(leg.worth),
            "worth_currency": leg.currency.code if leg.currency is not None else None,
            **({"instrument": leg.instrument, **terms} if leg.instrument else {}),
        }


def _rate(rate: Rate) -> Body:
    return {
        "asset": rate.asset.code,
        "currency": rate.currency.code,
        "rate": plain(rate.rate),
        "source": rate.source,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
