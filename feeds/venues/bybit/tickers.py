"""``tickers.{symbol}``: the figures of a day, and what contracts and options have beside.

https://bybit-exchange.github.io/docs/v5/websocket/public/ticker. Of contracts a snapshot is followed by what
changed alone; spot and options send everything each time. Fractions (changes, volatilities) become per cent
by moving the point. ``openInterest`` of contracts counts both sides, so half of it is held.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import Struct

from feeds.events import (
    BASE_UNITS,
    Event,
    Funding,
    Heartbeat,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Stats,
)
from feeds.venues.bybit.wire import (
    Reader,
    decoder,
    difference,
    half,
    micros,
    percent,
    priced,
    unless_zero,
)

_HOUR_US = 3_600_000_000
_BEST = ("bid1Price", "bid1Size", "ask1Price", "ask1Size")
_KEPT = (*_BEST, "lastPrice", "prevPrice24h")


class Ticker(Struct, gc=False):
    """Of spot and contracts; ``""``: the frame did not carry it."""

    symbol: str
    lastPrice: str = ""  # noqa: N815
    prevPrice24h: str = ""  # noqa: N815
    highPrice24h: str = ""  # noqa: N815
    lowPrice24h: str = ""  # noqa: N815
    volume24h: str = ""
    price24hPcnt: str = ""  # noqa: N815
    markPrice: str = ""  # noqa: N815
    indexPrice: str = ""  # noqa: N815
    predictedDeliveryPrice: str = ""  # noqa: N815
    openInterest: str = ""  # noqa: N815
    singleOpenInterest: str = ""  # noqa: N815
    fundingRate: str = ""  # noqa: N815
    nextFundingTime: str = ""  # noqa: N815
    fundingIntervalHour: str = ""  # noqa: N815
    bid1Price: str = ""  # noqa: N815
    bid1Size: str = ""  # noqa: N815
    ask1Price: str = ""  # noqa: N815
    ask1Size: str = ""  # noqa: N815


class _Option(Struct, gc=False):
    symbol: str
    bidPrice: str  # noqa: N815
    bidSize: str  # noqa: N815
    bidIv: str  # noqa: N815
    askPrice: str  # noqa: N815
    askSize: str  # noqa: N815
    askIv: str  # noqa: N815
    markPrice: str  # noqa: N815
    markPriceIv: str  # noqa: N815
    indexPrice: str = ""  # noqa: N815
    underlyingPrice: str = ""  # noqa: N815
    predictedDeliveryPrice: str = ""  # noqa: N815
    lastPrice: str = ""  # noqa: N815
    highPrice24h: str = ""  # noqa: N815
    lowPrice24h: str = ""  # noqa: N815
    volume24h: str = ""
    change24h: str = ""
    openInterest: str = ""  # noqa: N815
    delta: str = ""
    gamma: str = ""
    vega: str = ""
    theta: str = ""


_ticker, _option = decoder(Ticker), decoder(_Option)


class Tickers:
    """Pure but for a memory of what a change is told without: the other best prices, the price of a day ago.

    ``counts``: what an open interest is counted in. ``told``: whether an instrument's best prices come in
    time from elsewhere.
    """

    def __init__(self, venue: str, counts: str, told: Callable[[str], bool]) -> None:
        self._venue, self._counts, self._told = venue, counts, told
        self._held: dict[str, tuple[int, dict[str, str]]] = {}

    def reader(self, instrument: str, native: str) -> Reader:
        return partial(self._read, instrument, native)

    def _read(self, instrument: str, native: str, frame: bytes, received_ns: int) -> list[Event]:
        found = _ticker(frame)
        data, at = found.data, (found.ts * 1000, received_ns)
        if data.symbol != native:
            raise ValueError(f"ticker: expected that of {native!r:.80}, found {data.symbol!r:.80}")
        whole = self._merged(instrument, found.type == "snapshot", data, found.ts)
        events = [
            *_stats(instrument, data, whole, at),
            *_mark(instrument, data, at),
            *_funding(instrument, data, at),
            *self._interest(instrument, data, at),
            *self._best(instrument, data, whole, at),
        ]
        return events or [Heartbeat(self._venue, *at)]

    def _merged(self, instrument: str, snapshot: bool, data: Ticker, ts: int) -> dict[str, str]:
        """What is known of it after this frame. An older change, of another link, tells nothing new."""
        since, held = (0, {}) if snapshot else self._held.get(instrument, (0, {}))
        told = {name: text for name in _KEPT if (text := getattr(data, name))}
        if ts >= since and told:
            held = {**held, **told}
            self._held[instrument] = (ts, held)
        return held

    def _best(self, instrument: str, data: Ticker, whole: dict[str, str], at: tuple[int, int]) -> list[Event]:
        if self._told(instrument) or not any(getattr(data, name) for name in _BEST):
            return []
        if not all(name in whole for name in _BEST):
            return []
        bid, bid_qty, ask, ask_qty = (whole[name] for name in _BEST)
        return [Quote(instrument, *priced(bid, bid_qty), *priced(ask, ask_qty), *at)]

    def _interest(self, instrument: str, data: Ticker, at: tuple[int, int]) -> list[Event]:
        amount = data.singleOpenInterest or half(data.openInterest)
        return [OpenInterest(instrument, amount, self._counts, *at)] if amount else []


def _stats(instrument: str, data: Ticker, whole: dict[str, str], at: tuple[int, int]) -> list[Event]:
    figures = unless_zero(data.lastPrice), data.volume24h, data.highPrice24h, data.lowPrice24h
    change, moved = percent(data.price24hPcnt), ""
    if data.lastPrice or data.prevPrice24h:
        moved = difference(whole.get("lastPrice", ""), whole.get("prevPrice24h", ""))
    if not any((*figures, change, moved)):
        return []
    return [Stats(instrument, *figures, moved, change, *at)]


def _mark(instrument: str, data: Ticker, at: tuple[int, int]) -> list[Event]:
    """Of a future the predicted price of delivery is 0 until half an hour before it."""
    prices = data.markPrice, data.indexPrice, unless_zero(data.predictedDeliveryPrice)
    return [Mark(instrument, *prices, *at)] if any(prices) else []


def _funding(instrument: str, data: Ticker, at: tuple[int, int]) -> list[Event]:
    """Futures have none: their rate is empty."""
    due_us, hours = micros(data.nextFundingTime), data.fundingIntervalHour
    if not (data.fundingRate or due_us):
        return []
    lasts_us = int(hours) * _HOUR_US if hours.isdecimal() and len(hours) < 4 else 0
    return [Funding(instrument, data.fundingRate, due_us, lasts_us, "", *at)]


def read_option(instrument: str, native: str, frame: bytes, received_ns: int) -> list[Event]:
    """A whole line each time; prices of 0 are none. Vega is of one per cent, theta of one day, on the last
    one of what is left of it."""
    found = _option(frame)
    data, at = found.data, (found.ts * 1000, received_ns)
    if data.symbol != native:
        raise ValueError(f"ticker: expected that of {native!r:.80}, found {data.symbol!r:.80}")
    events: list[Any] = [
        Quote(instrument, *priced(data.bidPrice, data.bidSize), *priced(data.askPrice, data.askSize), *at),
        Stats(
            instrument, unless_zero(data.lastPrice), data.volume24h, data.highPrice24h, data.lowPrice24h, "",
            percent(data.change24h), *at,
        ),
        Mark(instrument, data.markPrice, data.indexPrice, unless_zero(data.predictedDeliveryPrice), *at),
        OptionQuote(
            instrument, percent(data.bidIv), percent(data.askIv), percent(data.markPriceIv), data.delta,
            data.gamma, data.vega, data.theta, "", "", data.underlyingPrice, "", *at,
        ),
    ]  # fmt: skip
    if data.openInterest:
        events.append(OpenInterest(instrument, data.openInterest, BASE_UNITS, *at))
    return events
