"""Whatever JSON a client sends, an exchange answers in its own way and never falls over."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import State

from feeds.simulator.link import Link
from tests.feeds.simulator.clients import still

NATIVES = {"KRAKEN": "BTC/USD", "BINANCE": "BTCUSDT", "COINBASE": "BTC-USD"}
SIMULATOR = still(*(f"{venue}:{native}" for venue, native in NATIVES.items()))

WORDS = [
    "subscribe", "unsubscribe", "SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY", "LIST_SUBSCRIPTIONS", "ping",
    "book", "trade", "ohlc", "ticker", "level2", "market_trades", "candles", "heartbeats", "instrument",
    "combined", "btcusdt@trade", "btcusdt@depth", "BTC/USD", "BTC-USD", "bbo",
]  # fmt: skip

words = st.sampled_from(WORDS)
scalars = st.one_of(words, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)
symbols = st.one_of(values, st.lists(st.one_of(words, scalars), max_size=3))
params = st.fixed_dictionaries(
    {"channel": words, "symbol": symbols},
    optional={"depth": values, "interval": values, "event_trigger": values, "snapshot": values},
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "method": words, "params": st.one_of(params, symbols), "req_id": values, "id": values,
        "type": words, "channel": words, "product_ids": symbols,
    },
)  # fmt: skip


class DeafSocket:
    """As much of a connection as an exchange touches."""

    def __init__(self) -> None:
        self.state = State.OPEN
        self.request = SimpleNamespace(path="/binance/stream")
        self.controls: list[float] = []


@pytest.mark.parametrize("venue", list(NATIVES))
@given(request=st.one_of(requests, values))
def test_any_request_is_survived(venue: str, request: Any) -> None:
    exchange, socket = SIMULATOR.exchanges[venue], DeafSocket()
    link = Link(socket, 1, [])  # type: ignore[arg-type]
    exchange.open(link)

    exchange.receive(link, json.dumps(request))
    exchange.receive(link, "{" + json.dumps(request))
    exchange.close(link)

    assert link not in exchange.links
    assert len(link.out) >= 1
