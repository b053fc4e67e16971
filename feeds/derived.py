"""What is held of a contract beside its prices: mark, funding, open interest, liquidations."""

from __future__ import annotations

import re
from collections import Counter, deque
from operator import attrgetter

from msgspec.structs import replace

from feeds.events import Funding, Liquidation, Mark, OpenInterest, OptionQuote
from feeds.symbols import FUNDING, LIQUIDATION, MARK, OPTION, is_native, plain

KEPT = 200
"""Liquidations kept of each instrument: a venue that tells them all has as many in a bad minute."""
_PRICES = ("mark", "index", "settle")
_VOLATILITIES = ("bid_iv", "ask_iv", "mark_iv")
_SIGNED = ("delta", "gamma", "vega", "theta", "rho", "rate")
_OPTION = (*_VOLATILITIES, *_SIGNED, "underlying", "underlying_price")
# All numbers of an event at once, each of them there or not: a match a number would cost ten times as much.
_NUMBER = r"[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+"
_ANY, _MORE, _EITHER = rf"(?:{_NUMBER})?+", rf"(?:(?=[0.]*+[1-9]){_NUMBER})?+", rf"(?:[+-]?+{_NUMBER})?+"
_proper_mark = re.compile(" ".join([_MORE, _MORE, _MORE])).fullmatch
_proper_option_mark = re.compile(" ".join([_ANY, _MORE, _MORE])).fullmatch
_proper_option = re.compile(" ".join([_ANY] * 3 + [_EITHER] * 6 + [_MORE])).fullmatch

Row = dict[str, str | int]
_told = attrgetter(*_OPTION)


class Derived:
    """Last values, merged field by field as a ticker's are, and the newest liquidations, oldest first.

    Each ``put_…`` says whether what came changed anything: what is older than what is held does not, nor
    does a liquidation that is on the list. ``heard`` counts what came, by channel. A value that is no proper
    number is empty, and counted as ``refused``.
    """

    __slots__ = ("mark", "funding", "interest", "option", "liquidations", "heard")

    def __init__(self) -> None:
        self.mark: Mark | None = None
        self.funding: Funding | None = None
        self.interest: OpenInterest | None = None
        self.option: OptionQuote | None = None
        self.liquidations: deque[Liquidation] = deque(maxlen=KEPT)
        self.heard: Counter[str] = Counter()

    def put_mark(self, event: Mark, counters: Counter[str], *, zero: bool = False) -> bool:
        """``zero``: the mark itself may be, as that of an option which nobody will exercise."""
        self.heard[MARK] += 1
        held = self.mark
        if held is not None and event.exchange_us < held.exchange_us:
            return False
        proper = _proper_option_mark if zero else _proper_mark
        if not proper(f"{event.mark} {event.index} {event.settle}"):
            counters["refused"] += 1
            told = {name: getattr(event, name) for name in _PRICES}
            clean = {name: plain(text, zero=zero and name == "mark") for name, text in told.items()}
            event = replace(event, **clean)
        if held is not None and not (event.mark and event.index and event.settle):
            event = _merged_mark(event, held)
        self.mark = event
        return True

    def put_funding(self, event: Funding, counters: Counter[str]) -> bool:
        self.heard[FUNDING] += 1
        held = self.funding
        if held is not None and event.exchange_us < held.exchange_us:
            return False
        rate, predicted = plain(event.rate, signed=True), plain(event.predicted, signed=True)
        counters["refused"] += (rate, predicted) != (event.rate, event.predicted)
        if held is not None:
            rate, predicted = rate or held.rate, predicted or held.predicted
            # The time of the next payment is told when it is another one; a past one is none.
            due_us = event.next_us or (held.next_us if held.next_us > event.exchange_us else 0)
            lasts_us = event.interval_us or held.interval_us
            event = replace(event, next_us=due_us, interval_us=lasts_us)
        self.funding = replace(event, rate=rate, predicted=predicted)
        return True

    def put_interest(self, event: OpenInterest, counters: Counter[str]) -> bool:
        self.heard[MARK] += 1
        held = self.interest
        if held is not None and event.exchange_us < held.exchange_us:
            return False
        if not plain(event.amount):
            counters["refused"] += 1
            return False
        self.interest = event
        return True

    def put_option(self, event: OptionQuote, counters: Counter[str]) -> bool:
        self.heard[OPTION] += 1
        held = self.option
        if held is not None and event.exchange_us < held.exchange_us:
            return False
        if not _is_proper(event, held):
            counters["refused"] += 1
            event = replace(event, **_clean_option({name: getattr(event, name) for name in _OPTION}))
        if held is not None and "" in _told(event):
            kept = {name: getattr(event, name) or getattr(held, name) for name in _OPTION}
            event = replace(event, **kept)
        self.option = event
        return True

    def put_liquidation(self, event: Liquidation) -> bool:
        self.heard[LIQUIDATION] += 1
        event = event._replace(
            price=plain(event.price, zero=False),
            average=plain(event.average, zero=False),
            filled=plain(event.filled),
        )
        if any(held[:-1] == event[:-1] for held in self.liquidations):
            return False
        self.liquidations.append(event)
        return True

    def received_ns(self, channel: str) -> int:
        """When what is now shown was received; 0 when there is nothing.

        An open interest does not count: it has a time of its own in its row, and what came by REST proves no
        stream.
        """
        newest: Mark | Funding | OptionQuote | Liquidation | None
        if channel == LIQUIDATION:
            newest = self.liquidations[-1] if self.liquidations else None
        else:
            newest = {FUNDING: self.funding, OPTION: self.option, MARK: self.mark}[channel]
        return newest.received_ns if newest is not None else 0

    def mark_row(self) -> Row:
        """Of ``mark``, ``index``, ``settle``, ``open_interest`` and its unit what is known, with times."""
        row: Row = {}
        if self.mark is not None:
            row = {name: text for name in _PRICES if (text := getattr(self.mark, name))}
            row["ts_exchange"], row["ts_received"] = _times(self.mark)
        if self.interest is not None:
            row["open_interest"], row["open_interest_unit"] = self.interest.amount, self.interest.unit
            row["ts_open_interest"] = self.interest.exchange_us or self.interest.received_ns // 1000
        return row

    def funding_row(self) -> Row:
        """``rate``, ``next`` and ``interval`` in µs and ``predicted``, as far as they are known."""
        held = self.funding
        if held is None:
            return {}
        told: Row = {
            "rate": held.rate,
            "next": held.next_us,
            "interval": held.interval_us,
            "predicted": held.predicted,
        }
        row = {name: value for name, value in told.items() if value}
        row["ts_exchange"], row["ts_received"] = _times(held)
        return row

    def option_row(self) -> Row:
        """Volatilities, greeks and what it is priced off, as far as they are known; mark and open interest
        too, with the times of the volatilities."""
        row = self.mark_row()
        row.pop("settle", None)
        row.pop("ts_open_interest", None)
        if self.option is not None:
            row.update((name, text) for name in _OPTION if (text := getattr(self.option, name)))
            row["ts_exchange"], row["ts_received"] = _times(self.option)
        return row


def _merged_mark(event: Mark, held: Mark) -> Mark:
    mark, index, settle = event.mark or held.mark, event.index or held.index, event.settle or held.settle
    return Mark(event.instrument, mark, index, settle, event.exchange_us, event.received_ns)


def _is_proper(event: OptionQuote, held: OptionQuote | None) -> bool:
    name = event.underlying
    known = not name or (held is not None and name == held.underlying) or is_native(name)
    numbers = (
        f"{event.bid_iv} {event.ask_iv} {event.mark_iv} {event.delta} {event.gamma} {event.vega} "
        f"{event.theta} {event.rho} {event.rate} {event.underlying_price}"
    )
    return known and _proper_option(numbers) is not None


def _clean_option(told: dict[str, str]) -> dict[str, str]:
    clean = {name: plain(told[name]) for name in _VOLATILITIES}
    clean |= {name: plain(told[name], signed=True) for name in _SIGNED}
    clean["underlying"] = told["underlying"] if is_native(told["underlying"]) else ""
    clean["underlying_price"] = plain(told["underlying_price"], zero=False)
    return clean


def _times(held: Mark | Funding | OptionQuote) -> tuple[int, int]:
    return held.exchange_us, held.received_ns // 1000
