"""The law of every slot: a keyframe with the rows after it applied is the keyframe of now."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.events import VenueStatus
from feeds.frames import status_body
from feeds.health import LinkHealth
from feeds.log_slots import TradeSlot
from feeds.merge import BarSlot, BookSlot, TickerSlot
from tests.feeds.making import NAME, PlainCodec, delta, quote, snapshot, stats, trade
from tests.feeds.replaying import Recorded

LINK = "link.0"
BIDS = [f"{price}.5" for price in range(1, 40)]
ASKS = [f"{price}.5" for price in range(40, 80)]


class Reader:
    """A state with one slot, and a reader that knows only bodies."""

    def __init__(self, slot, channel: str, *, depth: int = 0) -> None:
        """``depth``: the venue cuts its books to it, and says nothing of what falls out of them."""
        self.slot = slot
        self.made = Recorded(PlainCodec(truncate=depth > 0))
        self.made.state._emit = slot.put
        self.made.watch(["BTC/USD"], depth=depth or 1000, channels=[channel], link=LINK)
        self.body: dict = {}
        self.key()

    @property
    def state(self):
        return self.made.state

    def feed(self, *events) -> None:
        for event in events:
            self.state.apply(event, LINK)

    def keyframe(self) -> dict:
        return normal(json.loads(self.slot.keyframe(self.state)))

    def key(self) -> None:
        """As a hub does: whoever asked for a keyframe, all take it."""
        self.body = self.keyframe()

    def take(self) -> dict | None:
        row = self.slot.take(self.state)
        if row is not None:
            if getattr(self.slot, "replaces", False):
                self.body = {}
            merge(self.body, json.loads(row))
        return None if row is None else json.loads(row)


def normal(body: dict) -> dict:
    """Lists of levels and bars as dictionaries, no empty reason: what a reader holds."""
    for side in ("bids", "asks"):
        if side in body:
            body[side] = dict(body[side])
    if "bars" in body:
        body["bars"] = {bar["ts"]: bar for bar in body["bars"]}
    if not body.get("reason"):
        body.pop("reason", None)
    return body


def merge(held: dict, row: dict) -> None:
    """What hub and browser do with a row."""
    if "bids" in row and "state" not in row:
        for side in ("bids", "asks"):
            held[side].update(dict(row.pop(side)))
            held[side] = {price: qty for price, qty in held[side].items() if qty != "0"}
    elif "bids" in row or ("state" in row and "bids" in held):
        held.clear()
    if "trades" in row:
        row["trades"] = (held.get("trades", []) + row["trades"])[-200:]
        row.pop("skipped", None)
    if "bars" in row:
        bars = {**held.get("bars", {}), **{bar["ts"]: bar for bar in row["bars"]}}
        row["bars"] = {ts: bars[ts] for ts in sorted(bars)[-500:]}
    if "reason" in row:
        held.pop("reason", None)
    held.update(normal(row) if "bars" not in row else row)
    held.pop("hi", None)
    held.pop("lo", None)
    if not held.get("reason"):
        held.pop("reason", None)


# ticker

numbers = st.sampled_from(["1.0", "2.50", "3", "", "NaN", "-1"])
ticker_steps = st.one_of(
    st.builds(quote, numbers, numbers, qty=numbers),
    st.builds(stats, last=numbers, volume=numbers, high=numbers, change=numbers, confidence=numbers),
    st.builds(trade, st.integers(1, 30), price=st.sampled_from(["1.0", "5", "7.25"])),
    st.sampled_from([VenueStatus("F", "halted", "maintenance", 0), VenueStatus("F", "online", "", 0)]),
    st.sampled_from(["take", "key", "down", "close", "open"]),
)


def run(reader: Reader, steps) -> None:
    for step in steps:
        if step == "take":
            reader.take()
        elif step == "key":
            reader.key()
        elif step == "down":
            reader.state.link_down(LINK, "gone")
        elif step in ("close", "open"):
            reader.state.close("closed, opens Mon 09:30 New York" if step == "close" else "")
        else:
            reader.feed(*(step if isinstance(step, list) else [step]))
    reader.take()
    assert reader.slot.take(reader.state) is None
    assert reader.body == reader.keyframe()


@given(st.lists(ticker_steps, max_size=30))
def test_ticker_rows_lead_to_the_keyframe(steps):
    run(Reader(TickerSlot(NAME), "ticker"), steps)


def test_a_ticker_row_carries_what_changed_and_the_extremes_between():
    reader = Reader(TickerSlot(NAME), "ticker")
    reader.feed(quote("100.0", "100.1"))
    reader.take()

    reader.feed(*(trade(at, price=price) for at, price in enumerate(["9.5", "10.0", "9.75"], 1)))
    reader.feed(quote("100.0", "100.2"))

    assert reader.take() == {"ask": "100.2", "last": "9.75", "hi": "10.0", "lo": "9.5"}
    assert reader.take() is None
    assert "hi" not in reader.keyframe()


def test_no_improper_number_ever_leaves():
    reader = Reader(TickerSlot(NAME), "ticker")
    reader.feed(quote("NaN", "1E999", qty="-1"), stats(last="Infinity", high="0", change="-NaN"))

    row = reader.take()

    assert {row[name] for name in ("bid", "bid_qty", "ask", "ask_qty", "last", "change")} == {""}
    assert row["state"] == "live"
    assert reader.state.counters["refused"] == 3


# trades


@given(
    st.lists(
        st.one_of(
            st.lists(st.builds(trade, st.integers(1, 2000)), min_size=1, max_size=300),
            st.sampled_from(["take", "key"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=50)
def test_trade_rows_lead_to_the_keyframe(steps):
    run(Reader(TradeSlot(NAME), "trade"), steps)


def test_a_row_says_how_many_trades_it_left_out():
    reader = Reader(TradeSlot(NAME), "trade")
    reader.feed(*(trade(at) for at in range(1, 751)))

    row = reader.take()

    assert row["skipped"] == 550
    assert [row["trades"][0]["trade_id"], row["trades"][-1]["trade_id"]] == ["551", "750"]
    assert set(row["trades"][0]) == {"trade_id", "side", "price", "qty", "ts_exchange"}
    assert reader.take() is None


# bars


@pytest.mark.parametrize("interval", [1, 5, 60])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.integers(1, 10**6), st.integers(0, 4000)).map(lambda t: trade(t[0], s=t[1])),
            st.sampled_from(["take", "key", "down", "close", "open"]),
        ),
        max_size=40,
    )
)
def test_bar_rows_lead_to_the_keyframe(interval, steps):
    run(Reader(BarSlot(NAME, interval), "trade"), steps)


# book


def levels(prices):
    qty = st.sampled_from(["0", "0.00", "1", "2.50"])
    return st.lists(st.tuples(st.sampled_from(prices), qty), max_size=10)


book_steps = st.one_of(
    st.builds(delta, levels(BIDS), levels(ASKS)),
    st.builds(delta, levels(BIDS), levels(ASKS)),
    st.builds(delta, levels(BIDS[:3]), levels(["39.5", "41.5"])),
    st.builds(snapshot, levels(BIDS), levels(ASKS)),
    st.builds(snapshot, levels(BIDS), levels(ASKS), depth=st.integers(1, 12)),
    st.sampled_from(["take", "take", "key", "down"]),
)


@given(st.lists(book_steps, max_size=40), st.sampled_from([(3, 6), (5, 5), (1000, 1500)]))
@settings(max_examples=300)
def test_book_rows_lead_to_the_keyframe(steps, sizes):
    run(Reader(BookSlot(NAME, *sizes), "book"), steps)


def test_a_book_row_carries_changed_levels_of_the_window():
    reader = Reader(BookSlot(NAME, 3, 4), "book")
    reader.feed(snapshot([(str(price), "1") for price in range(10, 0, -1)], [("20", "1")]))
    whole = reader.take()
    assert (whole["state"], whole["bids"]) == ("live", [["10", "1"], ["9", "1"], ["8", "1"]])
    assert reader.slot.replaces

    reader.feed(delta([("9", "2"), ("2", "5")], [("20", "1")]))

    row = reader.take()
    assert (row["bids"], row["asks"]) == ([["9", "2"]], [])
    assert set(row) == {"bids", "asks", "ts_exchange", "ts_received"}
    assert not reader.slot.replaces


def test_a_level_that_comes_into_the_window_is_sent_though_it_did_not_change():
    reader = Reader(BookSlot(NAME, 3, 5), "book")
    reader.feed(snapshot([(str(price), "1") for price in range(10, 0, -1)], [("20", "1")]))
    reader.take()

    reader.feed(delta([("10", "0")]))

    assert reader.take()["bids"] == [["10", "0"], ["7", "1"], ["6", "1"]]


def test_a_book_that_is_not_live_says_only_that_and_is_whole_after_it():
    reader = Reader(BookSlot(NAME), "book")
    reader.feed(snapshot([("1", "1")], [("2", "1")]))
    reader.take()

    reader.state.link_down(LINK, "gone")
    assert reader.take() == {"state": "stale", "reason": "gone"}
    assert reader.take() is None
    assert reader.keyframe() == {"state": "stale", "reason": "gone"}

    reader.feed(snapshot([("1", "3")], [("2", "1")]))
    assert reader.take()["bids"] == [["1", "3"]]
    assert reader.body["state"] == "live"


def test_a_crossed_book_is_never_sent():
    reader = Reader(BookSlot(NAME), "book")
    reader.feed(snapshot([("1", "1")], [("2", "1")]))
    reader.take()

    reader.feed(delta([("2.5", "1")]))

    assert reader.take() == {"state": "syncing", "reason": "crossed book"}
    assert len(reader.made.resyncs) == 1


def test_a_slot_that_nobody_takes_from_does_not_grow():
    reader = Reader(BookSlot(NAME), "book")
    reader.feed(snapshot([("1", "1")], []))
    reader.take()
    for at in range(2, 110_000):
        reader.slot.put(delta([(str(at), "1")]))

    assert sum(map(len, reader.slot._touched)) <= 3001
    assert reader.take() is None


def test_the_status_of_a_venue_names_its_links():
    link = LinkHealth("public.0", "KRAKEN", state="live", since_us=5, messages_per_s=1.5, topics=3)

    body = status_body("live", "", "Kraken", [link], {"gaps": 1})

    assert body["links"][0]["name"] == "public.0"
    assert (body["state"], body["title"], body["counters"]) == ("live", "Kraken", {"gaps": 1})
    assert body["links"][0]["since"] == 5
