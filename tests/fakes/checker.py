"""The checker: what clients made of their frames is what the worker holds, for every channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from feeds.frames import bar_row, liquidation_row, trade_row
from feeds.state import MarketState
from feeds.symbols import split_topic
from tests.fakes.sockets import FakeSocket


def truth(state: MarketState, topic: str, depth: int = 10) -> dict[str, Any]:
    """The value of a topic by the worker's own state, as a client that missed nothing holds it."""
    channel, instrument, interval = split_topic(topic)
    shown = state.topic_state(channel, instrument)
    value: dict[str, Any] = {"state": shown.state, "reason": shown.reason}
    value.update(_READ[channel](state, instrument, interval if channel == "ohlc" else depth))
    return json.loads(json.dumps(value))


def _book(state: MarketState, instrument: str, depth: int) -> dict[str, Any]:
    book = state.book(instrument)
    return {} if book is None else dict(zip(("bids", "asks"), book.best(depth), strict=True))


def _trades(state: MarketState, instrument: str, _: int) -> dict[str, Any]:
    return {"trades": [trade_row(trade) for trade in list(state.trades(instrument))[-200:]]}


def _bars(state: MarketState, instrument: str, interval: int) -> dict[str, Any]:
    return {"bars": [bar_row(bar) for bar in state.bars(instrument, interval)[-500:]]}


def _liquidations(state: MarketState, instrument: str, _: int) -> dict[str, Any]:
    since_us = state.topic_state("liquidation", instrument).since_us
    rows = [liquidation_row(each) for each in list(state.liquidations(instrument))[-200:]]
    return {"since": since_us, "liquidations": rows}


_READ: dict[str, Callable[[MarketState, str, int], Any]] = {
    "ticker": lambda state, instrument, _: state.ticker(instrument),
    "mark": lambda state, instrument, _: state.mark(instrument),
    "funding": lambda state, instrument, _: state.funding(instrument),
    "option": lambda state, instrument, _: state.option(instrument),
    **{"trade": _trades, "liquidation": _liquidations, "ohlc": _bars, "book": _book},
}


def differences(socket: FakeSocket, state: MarketState, topics: Iterable[str], depth: int = 10) -> list[str]:
    """Topics that the socket's client sees otherwise than the worker does, each with what it sees."""
    found = []
    for topic in topics:
        channel, instrument, interval = split_topic(topic)
        param = depth if channel == "book" else interval
        seen = without_times(socket.value(channel, instrument, param) or {}, channel)
        true = without_times(truth(state, topic, depth), channel)
        if seen != true:
            found.append(f"{topic}: sees {seen!r:.300}, true is {true!r:.300}")
    return found


def without_times(value: dict[str, Any], channel: str) -> dict[str, Any]:
    """A book's times move when levels out of the window do; those of other channels are compared."""
    if channel != "book":
        return value
    return {name: field for name, field in value.items() if not name.startswith("ts_")}
