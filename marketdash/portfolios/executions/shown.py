"""Fills, and how keys stand, as people read them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from marketdash.instruments import display
from marketdash.instruments.display import ABSENT
from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.executions import queries
from marketdash.portfolios.models import Account, ExchangeKey, Fill, Portfolio
from marketdash.portfolios.words import shown

LATEST = 10
SILENT_US = 15_000_000
"""``engines`` says every 5 s how keys stand: after three times of saying nothing nobody knows."""
_SOURCES = {"stream": "Stream", "list": "Trade list", "file": "File"}
_SIDES = {"buy": ("Buy", "Bought"), "sell": ("Sell", "Sold")}


class Cell(NamedTuple):
    """``note`` stands below ``text``; ``way``: up, down or nothing."""

    text: str
    note: str = ""
    way: str = ""


class Column(NamedTuple):
    """``kind``: classes of its cells. Amounts are what a page may hide."""

    name: str
    head: str
    kind: str = ""


COLUMNS = (
    Column("time", "Time, UTC", "when"),
    Column("trade", "Trade", "traded"),
    Column("quantity", "Quantity", "num amount"),
    Column("price", "Price", "num"),
    Column("fee", "Fee", "num amount"),
    Column("quote", "Quote then", "num"),
    Column("slippage", "Against it", "num amount"),
    Column("latency", "Order to fill", "num"),
    Column("source", "Heard by", "from"),
)


class Row(NamedTuple):
    """A fill, its ``cells`` in the order of :data:`COLUMNS`. ``said``: the words of a notice, of which the
    second is an amount."""

    pk: int
    entry: int | None
    waits: str
    cells: list[Cell]
    said: list[str]

    @property
    def columns(self) -> list[tuple[Column, Cell]]:
        return list(zip(COLUMNS, self.cells, strict=True))


BLANK = Row(0, None, "", [Cell("")] * len(COLUMNS), [])
"""What a script makes the row of a new one from."""


def rows(found: Iterable[Fill], style: Style = ENGLISH) -> list[Row]:
    return [_row(each, style) for each in found]


def _row(row: Fill, style: Style) -> Row:
    side, did = _SIDES.get(row.side, (row.side, row.side))
    at = datetime.fromtimestamp(row.exchange_us // 1_000_000, UTC)
    fees = [f"{_digits(amount, style)} {asset}" for asset, amount in row.fees]
    liquidity = f"as {row.liquidity}" if row.liquidity else "maker or taker: not said"
    qty, price = _digits(row.qty, style), _digits(row.price, style)
    cells = [
        Cell(f"{at:%Y-%m-%d %H:%M:%S}.{row.exchange_us % 1_000_000 // 1000:03d}"),
        Cell(f"{side} {row.instrument}", f"{row.account.name}, {liquidity}"),
        Cell(qty, row.base),
        Cell(price, row.quote),
        Cell("; ".join(fees) or "None"),
        _quote(row, style),
        _slippage(row, style),
        _latency(row),
        Cell(", ".join(_SOURCES[each] for each in queries.sources(row)), f"trade {row.trade_id}"),
    ]
    plainly = display.price(row.qty, 0, style) if display.decimal(row.qty) is not None else qty
    said = [did, plainly, f"{row.base} at {price} {row.quote}, {row.account.name}"]
    return Row(row.pk, row.entry_id, row.waits, cells, said)


def _digits(text: str, style: Style) -> str:
    """All of them, as the exchange wrote them; what is no number is shown as it is."""
    return text if display.decimal(text) is None else display.price(text, _places(text), style)


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def _quote(row: Fill, style: Style) -> Cell:
    if row.quote_age_us is None:
        return Cell("Unknown", row.no_quote)
    return Cell(f"{_digits(row.bid, style)} / {_digits(row.ask, style)}", f"{span(row.quote_age_us)} old")


def _slippage(row: Fill, style: Style) -> Cell:
    found = queries.measured(row)
    if found.slippage is None or found.basis_points is None:
        return Cell(ABSENT)
    if not found.slippage:
        return Cell("The same")
    word, way = ("worse", "down") if found.slippage > 0 else ("better", "up")
    money = shown.money(found.slippage.copy_abs(), row.quote, style)
    points = display.fixed(found.basis_points.copy_abs(), 2, style)
    return Cell(f"{money} {row.quote} {word}", f"{points} bp", way)


def _latency(row: Fill) -> Cell:
    latency_us = queries.measured(row).latency_us
    if latency_us is None:
        return Cell(ABSENT, "taking not heard")
    return Cell(span(latency_us))


def span(us: int) -> str:
    """Short ones to the millisecond."""
    if us < 1_000:
        return "< 1 ms"
    if us < 10_000_000:
        return f"{us // 1000:,} ms".replace(",", "\u202f")
    return display.age(us)


class Standing(NamedTuple):
    """How a key stands: ``state`` for the page's colours, ``label`` and ``words`` for people."""

    state: str
    label: str
    words: str


def standing(key: ExchangeKey, now_us: int | None = None) -> Standing:
    """As ``engines`` said last, and whether it says anything still: nothing is live on an old word."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    since, label = _clock(key.since_us), key.get_state_display()
    if key.state == ExchangeKey.REFUSED:
        words = f"{_sentence(key.words)} Its secret was deleted here: put another key in."
        return Standing("refused", "Refused", words)
    if key.state == ExchangeKey.NEW:
        waits = now_us - key.since_us > SILENT_US
        words = "The process engines has not looked at it yet" + (": is it running?" if waits else ".")
        return Standing("down" if waits else "new", label, words)
    if now_us - key.heard_us > SILENT_US:
        words = f"The process engines says nothing since {_clock(key.heard_us)}: it was {label.lower()} then."
        return Standing("down", "Not known", words)
    words = _sentence(key.words)
    if key.state == ExchangeKey.DOWN:
        return Standing("down", f"Down since {since}", words or "It is tried again.")
    return Standing("live" if key.state == ExchangeKey.LIVE else "going", label, words or f"Since {since}.")


def _sentence(words: str) -> str:
    cut = words.strip()
    return f"{cut[:1].upper()}{cut[1:]}{'' if cut.endswith('.') else '.'}" if cut else ""


def _clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def standings(portfolio: Portfolio) -> dict[int, Standing]:
    """By account, of those that have a key."""
    found = ExchangeKey.objects.filter(account__portfolio=portfolio)
    return {key.account_id: standing(key) for key in found}


def of_account(account: Account) -> Standing | None:
    """Where it came with its key, no further query."""
    key = getattr(account, "exchange_key", None)
    return None if key is None else standing(key)


def latest(portfolio: Portfolio, style: Style = ENGLISH, most: int = LATEST) -> dict[str, Any]:
    """For the portfolio's page, with from where on its script asks for others."""
    found = list(queries.fills(portfolio)[: most + 1])
    last = queries.last(portfolio) if found else queries.NONE
    return {
        "fills": rows(found[:most], style),
        "fills_changed": last.changed_us,
        "fills_newest": last.pk,
        "fill_columns": COLUMNS,
        "blank_fill": BLANK,
        "most_fills": most,
    }
