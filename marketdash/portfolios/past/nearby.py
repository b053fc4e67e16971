"""Which rates of its time an entry lacks, and what stored closes make of them. Pure.

A rate of the past follows the rules of live ones (:mod:`..valuing.valuation`): a close that is
further than :data:`NEAR_US` from the time stands where a price that is not live does.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from feeds.frames import LIVE
from feeds.symbols import interval_name
from marketdash.portfolios.accounting.basis import Move, units_of, valued
from marketdash.portfolios.accounting.drafts import SOURCE_LENGTH
from marketdash.portfolios.accounting.exact import ONE, InvalidNumber, number, precisely
from marketdash.portfolios.accounting.ledger import (
    CARRIES,
    DEPOSIT,
    FEE,
    POSITION,
    PRINCIPAL,
    WITHDRAWAL,
    Entry,
    Leg,
    Rate,
)
from marketdash.portfolios.valuing.routes import Pair
from marketdash.portfolios.valuing.valuation import Market, Quote, Step
from marketdash.portfolios.valuing.valuation import Rate as MarketRate

NEAR_US = 3_600_000_000
FAR = "stale"
_THROUGH = (DEPOSIT, WITHDRAWAL)


class Close(NamedTuple):
    """What a market said near a time: of a bar of ``interval`` minutes that ended at ``end_us``."""

    pair: Pair
    close: str
    end_us: int
    interval: int


def lacking(entry: Entry, base: str) -> list[str]:
    """What one of each would have to be worth, so that each leg is worth something in ``base``: currencies of
    stated worths first, because what somebody said is the cost; then what was given, what was got, fees.

    Of deposits and withdrawals too: their rates are no costs, but say how much was paid in.
    """
    with precisely():
        units, moves = units_of(entry.rates, base), valued(entry, base)
    unknown = {(move.account, move.asset, move.amount) for move in moves if move.value is None}
    said = [
        leg.worth.currency
        for leg in entry.legs
        if leg.worth and leg.worth.currency not in units and leg[:3] in unknown
    ]
    told = {leg.asset for leg in entry.legs if leg.role == PRINCIPAL and _is_told(leg, units)}
    wanting = [move for move in moves if _lacks(entry.kind, move, units, told)]
    wanting.sort(key=lambda move: (move.role == FEE, move.amount > 0))
    return list(dict.fromkeys([*said, *(move.asset for move in wanting)]))


def least(entry: Entry, base: str, within: Container[str]) -> list[str]:
    """Of what it lacks: what would do if all that is ``within`` reach of markets were known. One side of a
    trade says what the other was worth."""
    needed: list[str] = []
    rates: list[Rate] = []
    while wanting := [asset for asset in lacking(with_rates(entry, rates), base) if asset in within]:
        needed.append(wanting[0])
        rates.append(Rate(wanting[0], base, ONE, ""))
    return [*needed, *lacking(with_rates(entry, rates), base)]


def _is_told(leg: Leg, units: Mapping[str, object]) -> bool:
    return leg.asset in units or (leg.worth is not None and leg.worth.currency in units)


def _lacks(kind: str, move: Move, units: Mapping[str, object], told: Iterable[str]) -> bool:
    if move.asset in units:
        return False
    if move.role == POSITION:
        return True
    if move.role == PRINCIPAL and kind in CARRIES:
        return False
    if move.role == PRINCIPAL and kind in _THROUGH:
        return move.asset not in told
    return move.value is None


def has_unknown_cost(entry: Entry, base: str) -> bool:
    """Whether a part of it cost, brought or was worth what nobody can say."""
    through = entry.kind in CARRIES or entry.kind == WITHDRAWAL
    with precisely():
        return any(
            move.value is None
            for move in valued(entry, base)
            if move.role != POSITION and not (through and move.role == PRINCIPAL)
        )


def market(base: str, closes: Iterable[Close], at_us: int, most: Mapping[str, int]) -> Market:
    """What closes near a time make of rates at it."""
    return Market(base, (_quote(each, abs(each.end_us - at_us)) for each in closes), most)


def _quote(close: Close, age_us: int) -> Quote:
    return Quote(*close.pair, "", "", close.close, age_us, LIVE if age_us <= NEAR_US else FAR)


def stated(
    entry: Entry, found: Market, closes: Mapping[str, Close], only_near: bool = False
) -> tuple[list[Rate], list[str]]:
    """The rates that ``found`` adds, one after another, because one may say what another asset was worth; and
    what is lacking still."""
    rates: list[Rate] = []
    tried: set[str] = set()
    while True:
        lacks = lacking(with_rates(entry, rates), found.currency)
        asset = next((each for each in lacks if each not in tried), None)
        if asset is None:
            return rates, lacks
        tried.add(asset)
        rate = found.rate(asset)
        if rate is not None and (rate.is_live or not only_near):
            rates += _kept(asset, rate, found.currency, closes, entry.at_us)


def with_rates(entry: Entry, rates: Iterable[Rate]) -> Entry:
    return entry._replace(rates=(*entry.rates, *rates))


def _kept(asset: str, rate: MarketRate, base: str, closes: Mapping[str, Close], at_us: int) -> list[Rate]:
    """Markets may say what is too small or too large for a ledger."""
    try:
        value = number(rate.of(ONE))
    except InvalidNumber:
        return []
    return [Rate(asset, base, value, _source(rate, closes, at_us))] if value else []


def _source(rate: MarketRate, closes: Mapping[str, Close], at_us: int) -> str:
    """``USDT → USD by KRAKEN:USDT/USD 1 m close of 2026-03-05 10:01 UTC, 21 s later``"""
    told = "; ".join(_told(step, closes[step.symbol], at_us) for step in rate.steps)
    whole = f"{rate.path} by {told}"
    if len(whole) <= SOURCE_LENGTH:
        return whole
    return f"{rate.path} by {len(rate.steps)} closes, at most {_length(rate.age_us)} away"[:SOURCE_LENGTH]


def _told(step: Step, close: Close, at_us: int) -> str:
    ended = f"{datetime.fromtimestamp(close.end_us // 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"
    away = (
        ""
        if not step.age_us
        else f", {_length(step.age_us)} {'later' if close.end_us > at_us else 'earlier'}"
    )
    return f"{step.symbol} {interval_name(close.interval)} close of {ended}{away}"


def _length(us: int) -> str:
    """Two units at most: ``21 s``, ``3 min``, ``13 h 59 min``."""
    seconds = us // 1_000_000
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
