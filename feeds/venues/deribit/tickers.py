"""``ticker.{instrument}.{interval}``: best prices, figures of a day, mark, open interest, funding, greeks.

https://docs.deribit.com/subscriptions/market-data/tickerinstrument_nameinterval
"""

from __future__ import annotations

from feeds.bare import all_digits, digits
from feeds.events import (
    BASE_UNITS,
    QUOTE_UNITS,
    Event,
    Funding,
    InstrumentStatus,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Stats,
)
from feeds.venues.deribit import shapes
from feeds.venues.deribit.channels import instrument, is_inverse

FUNDING_US = 8 * 3600 * 1_000_000
"""Rates are those of eight hours; they are paid all the time, so there is no next time."""
_STATUS = {"open": "trading", "delivered": "delisted", "archivized": "delisted"}
# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"

_NO_FIGURES = shapes.Figures()

_ticker = shapes.decoder(shapes.Ticker)


def status_of(state: str) -> str:
    """Of a book: ``open`` trades, what was delivered never will again, all others (``settlement``,
    ``locked`` …) do not now."""
    return _STATUS.get(state, "halted")


def quote(found: shapes.Best, name: str, ns: int) -> Quote:
    """An empty side has the price 0.0."""
    best = (found.best_bid_price, found.best_bid_amount, found.best_ask_price, found.best_ask_amount)
    bid, bid_qty, ask, ask_qty = all_digits(best)
    if bid <= _ZERO:
        bid = bid_qty = ""
    if ask <= _ZERO:
        ask = ask_qty = ""
    return Quote(name, bid, bid_qty, ask, ask_qty, found.timestamp * 1000, ns)


def read_ticker(frame: bytes, channel: str, ns: int) -> list[Event]:
    """A frame says all that there is: what is null there is not.

    What is delivered is said of every contract: a perpetual never is, and of an option it is what its
    underlying would be delivered at.
    """
    found = _ticker(frame)
    name, us = instrument(found.instrument_name), found.timestamp * 1000
    inverse = is_inverse(found.instrument_name)
    events: list[Event] = [quote(found, name, ns), _stats(found, inverse, name, us, ns)]
    contract = (found.open_interest, found.current_funding, found.mark_price, found.index_price)
    held, rate, mark, index = all_digits(contract)
    if held:
        settle = "" if rate or found.greeks is not None else digits(found.estimated_delivery_price)
        events.append(Mark(name, mark, index, settle, us, ns))
        unit = QUOTE_UNITS if inverse else BASE_UNITS
        events.append(OpenInterest(name, held, unit, us, ns))
    if rate:
        events.append(Funding(name, rate, 0, FUNDING_US, "", us, ns))
    if found.greeks is not None:
        events.append(_option(found, found.greeks, name, us, ns))
    if found.state != "open":
        events.append(InstrumentStatus(name, status_of(found.state), found.state[:40], ns))
    return events


def _stats(found: shapes.Ticker, inverse: bool, name: str, us: int, ns: int) -> Stats:
    """``volume`` is in the base, also where amounts are dollars: there ``volume_usd`` counts what they do."""
    told = found.stats or _NO_FIGURES
    volume = told.volume_usd if inverse else told.volume
    figures = (found.last_price, volume, told.high, told.low, told.price_change)
    last, volume_text, high, low, change = all_digits(figures)
    return Stats(name, last, volume_text, high, low, "", change, us, ns)


def _option(found: shapes.Ticker, greeks: shapes.Greeks, name: str, us: int, ns: int) -> OptionQuote:
    """Volatilities in per cent. Greeks in the currency of the strike: vega and rho for one per cent, theta
    for a day, or for what is left where that is less."""
    bid_iv, ask_iv, mark_iv, *signed, underlying_price, interest_rate = all_digits(
        (
            *(found.bid_iv, found.ask_iv, found.mark_iv),
            *(greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho),
            *(found.underlying_price, found.interest_rate),
        )
    )
    underlying = found.underlying_index or ""
    return OptionQuote(
        name, bid_iv, ask_iv, mark_iv, *signed, underlying, underlying_price, interest_rate, us, ns
    )
