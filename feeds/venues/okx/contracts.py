"""What OKX's frames tell of contracts beside their prices, of options, and of the venue itself."""

from __future__ import annotations

from decimal import Decimal

from feeds.events import (
    BUY,
    CONTRACTS,
    SELL,
    Event,
    Funding,
    InstrumentStatus,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Unknown,
    VenueStatus,
)
from feeds.symbols import instrument_name, is_number
from feeds.venues.okx import shapes
from feeds.venues.okx.messages import micros, same, trade
from feeds.venues.okx.naming import FUTURES, OPTION, SPOT, SWAP, VENUE

_STATUS = {"live": "trading", "expired": "delisted"}
_FOLLOWED = frozenset((SPOT, SWAP, FUTURES, OPTION))
# Of the others only some products, accounts or robots are concerned.
_WHOLE_SERVICES = frozenset(("0", "5"))
_OVER = frozenset(("completed", "canceled"))


def status_of(state: str) -> str:
    """``live`` trades, ``expired`` never again, all others (``suspend``, ``preopen`` …) not now."""
    return _STATUS.get(state, "halted")


def settlements(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """What a contract would settle at, told in the hour before it does."""
    return [
        Mark(_named(row.instId), "", "", row.settlePx, micros(row.ts), ns)
        for row in shapes.settlements(frame).data
    ]


def _named(native: str) -> str:
    return instrument_name(VENUE, native)


def funding_rates(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``fundingRate`` is charged at ``fundingTime``, and the next one an interval later.

    https://www.okx.com/docs-v5/en/#public-data-websocket-funding-rate-channel
    """
    events: list[Event] = []
    for row in shapes.funding_rates(frame).data:
        same(row.instId, instrument)
        due, after = micros(row.fundingTime), micros(row.nextFundingTime)
        lasts = max(0, after - due) if due else 0
        rates = row.fundingRate, due, lasts, row.nextFundingRate
        events.append(Funding(instrument, *rates, micros(row.ts), ns))
    return events


def interests(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``oi`` is in contracts, as all quantities are; ``oiCcy`` and ``oiUsd`` are the same in others."""
    events: list[Event] = []
    for row in shapes.interests(frame).data:
        same(row.instId, instrument)
        events.append(OpenInterest(instrument, row.oi, CONTRACTS, micros(row.ts), ns))
    return events


def liquidations(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """``side`` is that of the order which closes the position: ``posSide`` short is bought back. ``bkPx`` is
    the price at which the venue took it over. Not all of them are told.

    https://www.okx.com/docs-v5/en/#public-data-websocket-liquidation-orders-channel
    """
    events: list[Event] = []
    for row in shapes.liquidations(frame).data:
        name = _named(row.instId)
        for each in row.details:
            if each.side not in (BUY, SELL):
                raise ValueError(f"liquidation: expected buy or sell, found {each.side!r:.20}")
            events.append(Liquidation(name, each.side, each.bkPx, "", each.sz, "", micros(each.ts), ns))
    return events or [Unknown("no liquidation")]


def summaries(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """Of all options of a family. Volatilities are fractions; the greeks are those of Black and Scholes, in
    dollars, and not the ones in coins: what the other venues tell."""
    return [
        OptionQuote(
            instrument=_named(row.instId),
            bid_iv=percent(row.bidVol),
            ask_iv=percent(row.askVol),
            mark_iv=percent(row.markVol),
            delta=row.deltaBS,
            gamma=row.gammaBS,
            vega=row.vegaBS,
            theta=row.thetaBS,
            rho="",
            underlying=row.uly,
            underlying_price=row.fwdPx,
            rate="",
            exchange_us=micros(row.ts),
            received_ns=ns,
        )
        for row in shapes.summaries(frame).data
    ]


def percent(fraction: str) -> str:
    """The same digits, the point two places to the right; what is no plain number stays what it is."""
    if not is_number(fraction):
        return fraction
    return f"{Decimal(fraction).scaleb(2):f}"


def option_trades(frame: bytes, instrument: str, ns: int) -> list[Event]:
    return [trade(row, _named(row.instId), ns) for row in shapes.trades(frame).data]


def listings(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """What is told of spot once more for its margin says nothing new."""
    events: list[Event] = []
    for row in shapes.listings(frame).data:
        if row.instType not in _FOLLOWED:
            events.append(Unknown(f"instruments {row.instType:.20}"))
            continue
        status = status_of(row.state)
        reason = "" if status == "trading" else row.state[:40]
        events.append(InstrumentStatus(_named(row.instId), status, reason, ns))
    return events


def maintenances(frame: bytes, instrument: str, ns: int) -> list[Event]:
    """Where all of trading, or of the sockets, is down; ``env`` 2 is the demo's.

    https://www.okx.com/docs-v5/en/#status-ws-status-channel
    """
    events: list[Event] = []
    for row in shapes.maintenances(frame).data:
        if row.serviceType not in _WHOLE_SERVICES or row.env == "2" or row.state == "scheduled":
            events.append(Unknown("maintenance of a part"))
            continue
        halted = row.state not in _OVER
        reason = (row.title or row.state)[:80] if halted else ""
        events.append(VenueStatus(VENUE, "halted" if halted else "online", reason, ns))
    return events
