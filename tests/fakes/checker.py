"""The checker: what clients made of their frames is what the worker holds, for every channel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from feeds.frames import bar_row, trade_row
from feeds.state import MarketState
from feeds.symbols import split_topic
from tests.fakes.sockets import FakeSocket


def truth(state: MarketState, topic: str, depth: int = 10) -> dict[str, Any]:
    """The value of a topic by the worker's own state, as a client that missed nothing holds it."""
    channel, instrument, interval = split_topic(topic)
    shown = state.topic_state(channel, instrument)
    value: dict[str, Any] = {"state": shown.state, "reason": shown.reason}
    if channel == "ticker":
        value.update(state.ticker(instrument))
    elif channel == "trade":
        value["trades"] = [trade_row(trade) for trade in list(state.trades(instrument))[-200:]]
    elif channel == "ohlc":
        value["bars"] = [bar_row(bar) for bar in state.bars(instrument, interval)[-500:]]
    elif (book := state.book(instrument)) is not None:
        bids, asks = book.best(depth)
        value.update(bids=bids, asks=asks)
    return json.loads(json.dumps(value))


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
