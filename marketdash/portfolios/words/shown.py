"""A portfolio's numbers as people read them. What is rounded for the eye has the whole number beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from feeds.frames import LIVE
from marketdash.instruments import display
from marketdash.instruments.display import ABSENT
from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.accounting import exact, pools
from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.valuing.lines import HUNDRED, Holding, Open
from marketdash.portfolios.valuing.summary import Figure, Summary
from marketdash.portfolios.valuing.valuation import Rate

_FIAT = "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN SEK SGD TRY USD ZAR"
_STABLE = "USDT USDC USDG USDS USDE DAI EURC EURT FDUSD TUSD PYUSD RLUSD"
_CENTS = frozenset([*_FIAT.split(" "), *_STABLE.split(" ")])
"""Currencies of which a hundredth is the smallest that people count; of all others, such as BTC, 8 places."""
_OTHER_PLACES, _DIGITS = 8, 7


class Cell(NamedTuple):
    """``exact``: all digits, where ``text`` has fewer. ``way``: up, down or nothing."""

    text: str
    exact: str = ""
    way: str = ""

    def __str__(self) -> str:
        return self.text


NOTHING = Cell(ABSENT)


def money(value: Decimal | None, currency: str, style: Style = ENGLISH, signed: bool = False) -> Cell:
    """To the currency's places. What is smaller than the last of them is said to be so, never 0."""
    if value is None:
        return NOTHING
    decimals = places(currency)
    text = display.fixed(value, decimals, style)
    if value and value.copy_abs() < Decimal(5).scaleb(-decimals - 1):
        least = display.fixed(Decimal(1).scaleb(-decimals), decimals, style)
        text = f"< {least}" if value > 0 else f"> −{least}"
    elif signed and value > 0:
        text = f"+{text}"
    return Cell(text, _whole(value, decimals), _way(value) if signed else "")


def places(currency: str) -> int:
    """To which sums in it are shown."""
    return 2 if currency in _CENTS else _OTHER_PLACES


def _whole(value: Decimal, places: int) -> str:
    """All its digits, where it has more than so many."""
    digits = exact.plain(value)
    return digits if len(digits.partition(".")[2]) > places else ""


def _way(value: Decimal) -> str:
    return "up" if value > 0 else "down" if value < 0 else ""


def quantity(value: Decimal, style: Style = ENGLISH) -> str:
    """All its digits: it is exact."""
    return display.digits(exact.plain(value), 0, style)


def unit(value: Decimal | None, style: Style = ENGLISH) -> Cell:
    """A price or a cost of one, to seven digits and at least two places."""
    if value is None:
        return NOTHING
    decimals = min(exact.PLACES, max(2, _DIGITS - 1 - value.adjusted())) if value else 2
    rounded = display.fixed(value, decimals)
    text = display.digits(rounded.replace(",", "").replace("−", "-"), 2, style)
    return Cell(text, _whole(value, decimals))


def percent(value: Decimal | None, style: Style = ENGLISH) -> Cell:
    if value is None:
        return NOTHING
    text = display.fixed(value, 2, style)
    return Cell(f"+{text}%" if value > 0 else f"{text}%", "", _way(value))


def within(text: str) -> SafeString:
    """An amount in the middle of a sentence, which privacy mode hides there."""
    return format_html('<span class="amount">{}</span>', text)


def weight(value: Decimal | None, style: Style = ENGLISH) -> str:
    return ABSENT if value is None else f"{display.fixed(exact.EXACT.multiply(value, HUNDRED), 1, style)}%"


class Number(NamedTuple):
    """A figure of the head; ``without`` says how much of it nobody knows, ``is_idle`` that it has nothing."""

    label: str
    cell: Cell
    without: str
    about: str
    is_idle: bool = False


class Row(NamedTuple):
    """``by``: path and age of its price; ``where``: its accounts; ``unknown``: what has no known cost."""

    name: str
    where: str
    quantity: str
    average: Cell
    price: Cell
    by: str
    value: Cell
    weight: str
    gain: Cell
    percent: Cell
    day: Cell
    unknown: str
    state: str
    account: int = 0


class Shown(NamedTuple):
    """``partial``: in words why the total is not whole; empty where it is. ``age``: of the oldest price."""

    total: Cell
    base: str
    day: Cell
    day_percent: Cell
    partial: str
    age: str
    numbers: list[Number]
    rows: list[Row]
    positions: list[Row]
    uncosted: str
    places: int
    has_unknown: bool


def shown(
    summary: Summary, accounts: Mapping[int, str], closed: Mapping[str, str], style: Style = ENGLISH
) -> Shown:
    """``accounts``: names by key. ``closed``: by market whose price is a stored close, its date in words."""
    base = summary.base
    has_prices = any(each.age_us is not None for each in (*summary.holdings, *summary.positions))
    with precisely():
        return Shown(
            money(summary.total, base, style),
            base,
            figure(summary.day, base, style),
            percent(summary.day_percent, style),
            partial(summary),
            display.age(summary.age_us) if has_prices else "",
            _numbers(summary, style),
            [_holding(each, base, accounts, closed, style) for each in summary.holdings],
            [_position(each, base, accounts, closed, style) for each in summary.positions],
            named(summary.uncosted),
            places(base),
            has_unknown(summary),
        )


def has_unknown(summary: Summary) -> bool:
    """Something that an entry could say, and does not."""
    figures = summary.realised, summary.income, summary.fees, summary.funding
    return bool(summary.uncosted) or any(each.unknown for each in figures)


def figure(found: Figure, base: str, style: Style = ENGLISH) -> Cell:
    return NOTHING if found.is_unknown else money(found.value, base, style, signed=True)


def partial(summary: Summary) -> str:
    parts = []
    if summary.missing:
        parts.append(f"no market leads from {named(summary.missing)} to {summary.base}")
    if summary.stale:
        parts.append(f"{named(summary.stale)} at a price that is not live")
    return "; ".join(parts)


def named(names: Iterable[str], most: int = 6) -> str:
    found = list(names)
    further = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + further


def _numbers(summary: Summary, style: Style) -> list[Number]:
    base, method = summary.base, pools.METHODS[summary.method]
    listed = (
        ("24 hours", summary.day, "what is held now, against the prices of a day ago"),
        ("Unrealised", summary.unrealised, "value less cost, of what has both"),
        ("Realised", summary.realised, f"by {method.lower()}"),
        ("Income", summary.income, "rewards, interest, dividends, airdrops"),
        ("Fees", summary.fees, "in no cost and in no gain"),
        ("Funding", summary.funding, "of derivatives"),
    )
    return [
        Number(
            label,
            figure(found, base, style),
            f"without {found.unknown} unknown" if found.unknown else "",
            about,
            label == "Funding" and not found.value and not found.unknown,
        )
        for label, found, about in listed
    ]


def _holding(
    row: Holding, base: str, accounts: Mapping[int, str], closed: Mapping[str, str], style: Style
) -> Row:
    where = [accounts[each.account] for each in row.accounts if each.account in accounts]
    return Row(
        row.asset,
        named(where, 3),
        quantity(row.quantity, style),
        unit(row.average, style),
        unit(row.price, style),
        by(row, base, closed),
        money(row.value, base, style),
        weight(row.weight, style),
        money(row.gain, base, style, signed=True),
        percent(row.percent, style),
        money(row.day, base, style, signed=True),
        f"{quantity(row.unknown, style)} of unknown cost" if row.unknown else "",
        state(row),
    )


def state(row: Holding | Open) -> str:
    return "missing" if row.value is None else "stale" if row.is_stale else "live"


def by(row: Holding, base: str, closed: Mapping[str, str]) -> str:
    return rated(row.rate, base, closed)


def rated(rate: Rate | None, base: str, closed: Mapping[str, str]) -> str:
    """By which path, and how old it is."""
    if rate is None:
        return f"no market leads to {base}"
    if not rate.steps:
        return ""
    old = [step for step in rate.steps if step.symbol in closed]
    if old:
        return f"{rate.path}, last close of {old[0].symbol} {closed[old[0].symbol]}"
    words = [step.state for step in rate.steps if step.state != LIVE][:1]
    return ", ".join([rate.path, *words, display.age(rate.age_us)])


def _position(
    row: Open, base: str, accounts: Mapping[int, str], closed: Mapping[str, str], style: Style
) -> Row:
    return Row(
        row.name,
        accounts.get(row.account, ""),
        quantity(row.quantity, style),
        unit(row.opened, style),
        unit(row.mark, style),
        by_mark(row, closed),
        money(row.value, base, style, signed=True),
        weight(row.weight, style),
        money(row.gain, base, style, signed=True),
        NOTHING,
        money(row.day, base, style, signed=True),
        "",
        state(row),
        row.account,
    )


def by_mark(row: Open, closed: Mapping[str, str]) -> str:
    if row.name in closed:
        return f"last close {closed[row.name]}"
    return "no price" if row.age_us is None else f"{'' if row.live else 'stale, '}{display.age(row.age_us)}"
