"""A portfolio's tables as CSV and as JSON: every digit; in CSV no cell that a spreadsheet would compute."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.instruments import csvfile, display
from marketdash.portfolios import queries as ledgers
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.basis import price_of
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import Lot
from marketdash.portfolios.equity.returns import Point
from marketdash.portfolios.executions import queries
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Fill, Leg, Portfolio
from marketdash.portfolios.valuing.overall import by_currency, currency_of, overall
from marketdash.portfolios.valuing.summary import Summary
from marketdash.portfolios.valuing.valuation import Rate

HOLDINGS = (
    *("asset", "quantity", "accounts", "average_cost", "cost", "quantity_of_unknown_cost", "price"),
    *("price_path", "price_age_s", "price_live", "value", "weight", "gain", "gain_percent", "change_24h"),
    *("currency", "as_of"),
)
ENTRIES = (
    *("entry", "time", "kind", "account", "leg_account", "role", "amount", "asset", "worth"),
    *("worth_currency", "instrument", "price", "multiplier", "inverse", "source", "reference", "note"),
    *("corrects", "recorded"),
)

LOTS = ("asset", "account", "quantity", "cost", "cost_of_one", "currency", "opened", "entry")
UNKNOWN = ("entry", "time", "kind", "lacks_worth_of", "lacks_cost_of", "currency")
IMPORTS = (
    *("import", "file", "account", "format", "state", "new", "duplicates", "rows_refused", "rows_left_out"),
    *("problem", "brought"),
)
CURVE = ("time", "total", "currency", "partial", "by_closes")
ALL = (
    *("name", "total", "change_24h", "change_24h_percent", "unrealised", "realised", "currency", "method"),
    *("lacks_price_of", "old_price_of", "as_of"),
)
TOTALS = (
    *("of", "portfolios", "total", "change_24h", "change_24h_percent", "unrealised", "realised", "currency"),
    *("rates", "lacks_price_of", "old_price_of", "as_of"),
)
FILLS = (
    *("fill", "time", "account", "symbol", "trade_id", "order_id", "side", "price", "quantity", "base"),
    *("quote", "cost", "liquidity", "fees", "sources", "bid", "ask", "quote_age_us", "no_quote", "slippage"),
    *("slippage_bp", "latency_us", "entry", "waits", "received"),
)
_NUMBERS = frozenset({"price", "qty", "cost", "bid", "ask", "slippage", "slippage_bp"})


class Table(NamedTuple):
    """The same cells in every form; what nobody can say is empty."""

    header: tuple[str, ...]
    rows: Iterable[Iterable[object]]

    def csv(self) -> str:
        return csvfile.table(self.header, self.rows)

    def json(self) -> str:
        """An object a row; numbers are text, because readers take others for binary fractions."""
        rows = (dict(zip(self.header, (_told(cell) for cell in row), strict=True)) for row in self.rows)
        return json.dumps(list(rows), ensure_ascii=False, indent=0)


def _told(cell: object) -> str | None:
    return str(cell) if cell != "" else None


def holdings(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Table:
    """Derivatives stand below, by their instrument."""
    return Table(HOLDINGS, [*_held(summary, accounts, read_us), *_opened(summary, accounts, read_us)])


def _held(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Iterator[Iterable[object]]:
    for row in summary.holdings:
        parts = (f"{accounts.get(pk, '')}: {exact.plain(quantity)}" for pk, quantity in row.accounts)
        yield (
            *(row.asset, _number(row.quantity), "; ".join(parts)),
            *map(_number, (row.average, row.cost, row.unknown, row.price)),
            "" if row.rate is None else row.rate.path,
            *_standing(row.age_us, row.value is not None and not row.is_stale),
            *map(_number, (row.value, row.weight, row.gain, row.percent, row.day)),
            *(summary.base, clock(read_us)),
        )


def _opened(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Iterator[Iterable[object]]:
    for row in summary.positions:
        yield (
            *(row.name, _number(row.quantity), accounts.get(row.account, "")),
            *(_number(row.opened), "", "", _number(row.mark), ""),
            *_standing(row.age_us, row.value is not None and not row.is_stale),
            *map(_number, (row.value, row.weight, row.gain, None, row.day)),
            *(summary.base, clock(read_us)),
        )


def _standing(age_us: int | None, live: bool) -> tuple[str, str]:
    age = "" if age_us is None else exact.plain(Decimal(age_us) / 1_000_000)
    return age, "yes" if live else "no"


def entries(portfolio: Portfolio) -> Table:
    """A row for each leg, in the ledger's order; reversals and what they reversed are there too."""
    legs = Leg.objects.filter(entry__portfolio=portfolio).order_by("entry__at_us", "entry_id", "pk")
    related = ("entry__account", "account", "asset", "currency")
    return Table(ENTRIES, map(_leg, legs.select_related(*related).iterator(chunk_size=2000)))


def _leg(leg: Leg) -> tuple[Any, ...]:
    entry = leg.entry
    return (
        *(entry.pk, clock(entry.at_us), entry.kind, entry.account.name, leg.account.name, leg.role),
        *(_number(leg.amount), leg.asset.code, _number(leg.worth)),
        leg.currency.code if leg.currency is not None else "",
        *(leg.instrument, _number(leg.price), _number(leg.multiplier), "yes" if leg.inverse else "no"),
        *(entry.source, entry.reference, entry.note, entry.corrects_id or "", entry.recorded.isoformat()),
    )


def lots(portfolio: Portfolio) -> Table:
    """What is open, by asset and account, the first to go first by the portfolio's method. Derivatives stand
    below, by their instrument; what one of them was opened at is in what it settles in.

    Raises :class:`marketdash.portfolios.queries.Unfolded`.
    """
    names = {each.pk: each.name for each in portfolio.accounts.all()}
    book = ledgers.book(portfolio)
    return Table(LOTS, [*_lots(book, names), *_contract_lots(book, names)])


def _lots(book: Book, accounts: Mapping[int, str]) -> Iterator[tuple[object, ...]]:
    for (account, asset), pool in sorted(book.pools.items(), key=lambda each: each[0][::-1]):
        for lot in pool.lots():
            one = None if lot.cost is None else exact.share(lot.cost, exact.ONE, lot.quantity)
            yield _lot(asset, accounts.get(account, ""), lot, lot.cost, one, book.base)


def _contract_lots(book: Book, accounts: Mapping[int, str]) -> Iterator[tuple[object, ...]]:
    for (account, name), held in sorted(book.positions.items(), key=lambda each: each[0][::-1]):
        for lot in held.pool.lots():
            price = price_of(lot.quantity, lot.cost, held.contract)
            yield _lot(name, accounts.get(account, ""), lot, None, price, held.asset)


def _lot(
    name: str, account: str, lot: Lot, cost: Decimal | None, one: Decimal | None, currency: str
) -> tuple[object, ...]:
    numbers = map(_number, (lot.quantity, cost, one))
    return name, account, *numbers, currency, clock(lot.opened_us), lot.origin[0]


def unknown(portfolio: Portfolio) -> Table:
    """Entries of which something is not known, the oldest first. Raises
    :class:`marketdash.portfolios.queries.Unfolded`."""
    base = portfolio.base.code
    rows = (
        (each.entry, clock(each.at_us), each.kind, ", ".join(each.assets), ", ".join(each.cost), base)
        for each in ledgers.lacks(portfolio)
    )
    return Table(UNKNOWN, rows)


def imports(portfolio: Portfolio) -> Table:
    """Files that were brought, the newest first."""
    return Table(IMPORTS, map(_import, ledgers.imports(portfolio)))


def _import(held: Import) -> tuple[object, ...]:
    counts = held.new, held.duplicates, held.refused, held.left
    head = held.pk, held.file_name, held.account.name, held.format, held.state
    return *head, *counts, held.problem, held.made.isoformat()


def worths(found: Iterable[tuple[Portfolio, Summary | None]], read_us: int) -> Table:
    """Portfolios and what each is worth now; of one that is still being worked out nobody can say."""
    return Table(ALL, [_worth(held, summary, clock(read_us)) for held, summary in found])


def _worth(held: Portfolio, found: Summary | None, at: str) -> tuple[object, ...]:
    told = _sums(found) if found else [""] * 5
    lacking = _lacking(found) if found else ["", ""]
    return held.name, *told, held.base.code, held.method, *lacking, at


def _sums(found: Summary) -> Iterable[object]:
    figures = (None if each.is_unknown else each.value for each in (found.unrealised, found.realised))
    day = None if found.day.is_unknown else found.day.value
    return map(_number, (found.total, day, found.day_percent, *figures))


def _lacking(found: Summary) -> list[str]:
    return [", ".join(names) for names in (found.missing, found.stale)]


def totals(found: Sequence[Summary], rate_of: Callable[[str], Rate | None], read_us: int) -> Table:
    """What portfolios come to in each currency, and all of them in that of most: ``rates`` are of one of each
    other currency in it."""
    counts, sums = Counter(each.base for each in found), by_currency(found)
    rows = [_total(base, counts[base], each, "", read_us) for base, each in sums.items()]
    if len(sums) > 1:
        all_of_it = overall(found, currency_of(each.base for each in found), rate_of)
        rates = ", ".join(f"{code} {_rate(rate)}" for code, rate in all_of_it.rates.items() if rate)
        rows.append(_total("all", all_of_it.count, all_of_it.whole, rates, read_us))
    return Table(TOTALS, rows)


def _total(of: str, count: int, found: Summary, rates: str, read_us: int) -> tuple[object, ...]:
    return of, count, *_sums(found), found.base, rates, *_lacking(found), clock(read_us)


def _rate(rate: Rate) -> str:
    return f"{exact.plain(rate.of(exact.ONE))} by {rate.path}"


def curve(found: Iterable[Point], base: str) -> Table:
    """Stored points, the oldest first: of days by closes, and behind them what was noted."""
    yes = {True: "yes", False: "no"}
    rows = (
        (clock(each.at_us), _number(each.total), base, yes[each.partial], yes[each.by_closes])
        for each in found
    )
    return Table(CURVE, rows)


def fills(portfolio: Portfolio) -> Table:
    """A row for each, the newest first; slippage above 0 is worse than the quote, below it better."""
    return Table(FILLS, map(_fill, queries.fills(portfolio).iterator(chunk_size=2000)))


def _fill(fill: Fill) -> tuple[Any, ...]:
    told = queries.body(fill)
    names = ("symbol", "trade_id", "order_id", "side", "price", "qty", "base", "quote", "cost", "liquidity")
    fees = "; ".join(f"{amount} {asset}" for asset, amount in fill.fees)
    measured = ("bid", "ask", "quote_age_us", "no_quote", "slippage", "slippage_bp", "latency_us")
    return (
        *(fill.pk, clock(fill.exchange_us), fill.account.name),
        *(_plain(name, told[name]) for name in names),
        *(fees, ", ".join(told["sources"])),
        *(_plain(name, told[name]) for name in measured),
        *(fill.entry_id or "", fill.waits, clock(fill.received_us)),
    )


def _plain(name: str, value: object) -> object:
    """A number below 0 is no formula."""
    if value is None:
        return ""
    return csvfile.Plain(value) if name in _NUMBERS and display.decimal(value) is not None else value


def clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{us % 1_000_000:06d}Z"


def _number(value: Decimal | None) -> str:
    return "" if value is None else csvfile.Plain(exact.plain(value))
