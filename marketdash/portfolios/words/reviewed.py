"""What an entry would do, in words and numbers, before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html

from marketdash.numerals import ENGLISH, Style
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.basis import price_of, valued
from marketdash.portfolios.accounting.exact import ZERO, precisely
from marketdash.portfolios.accounting.ledger import (
    CONTRACTS,
    KINDS,
    POSITION,
    PRINCIPAL,
    Contract,
    Entry,
    Leg,
)
from marketdash.portfolios.accounting.ledger import Rate as StatedRate
from marketdash.portfolios.accounting.lots import POSITION_GAIN, PREMIUM, Outcome
from marketdash.portfolios.accounting.pools import Closed
from marketdash.portfolios.accounting.preview import Change, Preview, unvalued
from marketdash.portfolios.entering.typed import Known
from marketdash.portfolios.valuing.valuation import Rate
from marketdash.portfolios.words.shown import NOTHING, Cell, money, named, quantity, unit, within


class Moved(NamedTuple):
    account: str
    asset: str
    before: str
    after: str
    owes: bool


class Ended(NamedTuple):
    """A part of a lot that the entry closes. Of contracts ``cost`` and ``value`` are prices of one."""

    what: str
    quantity: str
    opened: str
    cost: Cell
    value: Cell
    gain: Cell


class Review(NamedTuple):
    """``is_brief``: what it closes and gains is not worked out."""

    kind: str
    base: str
    time: str
    moved: list[Moved]
    ended: list[Ended]
    realised: Cell
    warnings: list[str]
    notes: list[str]
    is_brief: bool


def shown(entry: Entry, found: Preview, known: Known, style: Style = ENGLISH) -> Review:
    base, accounts = known.base, known.accounts
    with precisely():
        return Review(
            KINDS[entry.kind],
            base,
            f"{datetime.fromtimestamp(entry.at_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC",
            [_moved(each, accounts, style) for each in found.changes],
            [_ended(each, entry, base, style) for each in found.outcomes if _is_told(each, base)],
            money(found.realised, base, style, signed=True),
            list(_warnings(entry, found, known, style)),
            list(_notes(entry, found.outcomes, base, style)),
            found.is_brief,
        )


def _moved(change: Change, accounts: Mapping[int, str], style: Style) -> Moved:
    before, after = (quantity(each, style) for each in (change.before, change.after))
    return Moved(accounts.get(change.account, ""), change.asset, before, after, change.owes)


def _is_told(outcome: Outcome, base: str) -> bool:
    """Money of the currency itself goes and comes at what it is: lots of it that gain nothing say nothing."""
    closed = outcome.closed
    return closed is not None and (outcome.thing != base or closed.gain != 0)


def _ended(outcome: Outcome, entry: Entry, base: str, style: Style) -> Ended:
    closed = outcome.closed
    assert closed is not None
    what, when = outcome.thing, datetime.fromtimestamp(closed.opened_us // 1_000_000, UTC)
    head = what, quantity(closed.quantity, style), f"{when:%Y-%m-%d}"
    if outcome.what in (POSITION_GAIN, PREMIUM):
        terms = next(leg.contract for leg in entry.legs if leg.contract and leg.instrument == what)
        return Ended(*head, *_at(closed, terms, style), _gained(outcome, entry, base, style))
    value = None if closed.value is None else -closed.value
    gain = NOTHING if closed.gain is None else money(closed.gain, base, style, signed=True)
    return Ended(*head, money(closed.cost, base, style), money(value, base, style), gain)


def _at(closed: Closed, terms: Contract, style: Style) -> tuple[Cell, Cell]:
    """The prices at which such contracts were opened and are closed."""
    opened = price_of(closed.quantity, closed.cost, terms)
    return tuple(each._replace(text=f"at {each}") for each in (unit(opened, style), unit(terms.price, style)))  # type: ignore[return-value]


def _gained(outcome: Outcome, entry: Entry, base: str, style: Style) -> Cell:
    """In the currency, or where its worth then is not known in what it settles in. What goes with that which
    is delivered is no gain."""
    if outcome.what == PREMIUM:
        return NOTHING
    if outcome.value is not None:
        return money(outcome.value, base, style, signed=True)
    asset = next(leg.asset for leg in entry.legs if leg.instrument == outcome.thing)
    gain = outcome.closed.gain if outcome.closed is not None else None
    found = money(gain, asset, style, signed=True)
    return found._replace(text=f"{found} {asset}")


def _warnings(entry: Entry, found: Preview, known: Known, style: Style) -> Iterator[str]:
    for each in found.changes:
        if each.owes:
            where, owed = known.accounts.get(each.account, ""), within(quantity(-each.after, style))
            yield format_html(
                "More {0} goes out of {1} than is there: {2} {0} are then owed, as a short position, "
                "until they come in",
                *(each.asset, where, owed),
            )
    if unknown := unvalued(entry, known.base):
        words = f"What {named(unknown)} was worth in {known.base} then is not known"
        way = "state its rate on the entry's page" if entry.kind in CONTRACTS else "say it under worth"
        yield f"{words}: {way}, or what follows from it is unknown"
    if found.unknown > 0:
        yield f"Of {found.unknown} part{'' if found.unknown == 1 else 's'} of lots the gain is unknown"


def _notes(entry: Entry, outcomes: Iterable[Outcome], base: str, style: Style) -> Iterator[str]:
    """Where the premium of an option goes."""
    parts = [each.value for each in outcomes if each.what == PREMIUM]
    known = [value for value in parts if value is not None]
    what = next((leg for leg in entry.legs if leg.role == PRINCIPAL and not _is_money(leg, entry)), None)
    if what is None or not known or len(known) < len(parts):
        return
    premium = sum(known, ZERO)
    came, words = what.amount > 0, within(str(money(abs(premium), base, style)))
    cost = "more" if came else "less"
    if premium < 0:
        cost = "less" if came else "more"
    did = f"cost {cost}" if came else f"brought {cost}"
    head = "What the option was bought or written for goes with it: what is delivered"
    yield format_html("{} {} by {} {}", head, did, words, base)


def _is_money(leg: Leg, entry: Entry) -> bool:
    return leg.asset in {each.asset for each in entry.legs if each.role == POSITION}


class Rated(NamedTuple):
    """What a rate says, and changes; ``worths``: of each amount that it is about."""

    base: str
    rate: str
    worths: list[tuple[str, Cell]]
    realised: Cell
    unknown: str
    others: list[str]
    is_brief: bool


def rated(entry: Entry, rate: StatedRate, found: Preview, base: str, style: Style = ENGLISH) -> Rated:
    """``entry`` with the rate."""
    with precisely():
        moves = [move for move in valued(entry, base) if move.asset == rate.asset and move.role != POSITION]
        worths = [
            (f"{quantity(abs(move.amount), style)} {move.asset}", _size(move.value, base, style))
            for move in moves
        ]
    realised, fewer = money(found.realised, base, style, signed=True), -found.unknown
    parts = "1 part of a lot has" if fewer == 1 else f"{fewer} parts of lots have"
    words = f"{parts} a gain that is known then" if fewer > 0 else ""
    others = unvalued(entry, base)
    return Rated(base, quantity(rate.rate, style), worths, realised, words, others, found.is_brief)


def _size(value: Decimal | None, base: str, style: Style) -> Cell:
    return money(None if value is None else abs(value), base, style)


def hint(rate: Rate, amount: Decimal, base: str, when: str, style: Style) -> dict[str, str]:
    """What so much was worth; ``worth`` as the form takes it, with all its digits."""
    worth = rate.of(amount)
    shown = str(money(worth, base, style))
    return {"worth": exact.plain(worth), "shown": shown, "by": f"{rate.path}, {when}"}
