"""Recordings of Bitstamp as its clients make them: pictures, changes over a book by REST, or both."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds import venues
from feeds.recorder import Record, encode
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState
from tests.feeds.bitstamp import frames

NAME, START_US = "BITSTAMP:btcusd", 1_618_677_817_000_000
WS, REST = "wss://ws.bitstamp.net/", "https://www.bitstamp.net/api/v2/order_book/btcusd"


def book(us: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> dict[str, Any]:
    return {"timestamp": str(us)[:10], "microtimestamp": str(us), "bids": bids, "asks": asks}


def received(at_us: int, frame: bytes) -> Record:
    return {"k": "recv", "ns": at_us * 1000, "conn": "BITSTAMP.ws.1.0", "raw": frame.decode()}


def fetched(at_us: int, body: dict[str, Any], url: str = REST) -> Record:
    raw = json.dumps(body)
    return {"k": "http", "ns": at_us * 1000, "conn": "BITSTAMP.http.0", "url": url, "raw": raw}


def changed(us: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]], late_us: int = 0) -> Record:
    frame = frames.told("data", "diff_order_book_btcusd", book(us, bids, asks))
    return received(us + late_us, frame)


def pictured(us: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> Record:
    return received(us, frames.told("data", "order_book_btcusd", book(us, bids, asks)))


async def played(tmp_path: Path, *records: Record) -> MarketState:
    begun: Record = {"k": "open", "ns": START_US * 1000 - 1, "conn": "BITSTAMP.ws.1.0", "url": WS}
    path = tmp_path / "recording.jsonl"
    path.write_bytes(b"".join(map(encode, (begun, *records))))
    replay = Replay(path, {name: venues.codec(name) for name in venues.VENUES}, ReplayClock())
    await replay.play(0)
    assert replay.counters["undecodable"] == replay.counters["of no venue"] == 0
    return replay.states["BITSTAMP"]


def shown(state: MarketState) -> object:
    found = state.book(NAME)
    return None if found is None else tuple(found.best(1000))


BEGUN = book(START_US, [("100.00", "1"), ("99.00", "2")], [("101.00", "3")])


@pytest.mark.parametrize("url", [REST, f"{REST}/", f"{REST}/?group=1", f"{REST}?group=1"])
async def test_changes_go_over_the_book_that_was_fetched(tmp_path: Path, url: str):
    """What waited unread while it was fetched comes behind it, and is older: its time says so.

    https://www.bitstamp.net/websocket/v2/ and https://www.bitstamp.net/api/#tag/Order-book.
    """
    state = await played(
        tmp_path,
        fetched(START_US, BEGUN, url),
        changed(START_US - 2, [("100.00", "7")], [("102.00", "1")], late_us=10),
        changed(START_US, [("100.00", "8")], [], late_us=11),
        changed(START_US + 20, [("100.00", "0.00000000")], [("101.50", "1")]),
        changed(START_US + 30, [("98.00", "5")], [("101.50", "0")]),
    )

    assert shown(state) == ([("99.00", "2"), ("98.00", "5")], [("101.00", "3")])
    assert (state.counters["duplicates"], state.counters["gaps"]) == (2, 0)


async def test_changes_that_came_while_a_book_was_fetched_are_not_lost(tmp_path: Path):
    state = await played(
        tmp_path,
        changed(START_US - 10, [("100.00", "7")], []),
        changed(START_US + 10, [("100.00", "9")], []),
        fetched(START_US + 20, BEGUN),
        changed(START_US + 30, [], [("101.00", "4")]),
    )

    assert shown(state) == ([("100.00", "9"), ("99.00", "2")], [("101.00", "4")])


async def test_a_fetched_book_is_known_as_deep_as_the_venue_has_it(tmp_path: Path):
    """A level below all that were fetched is as proven as any: the venue answers with the whole book."""
    state = await played(
        tmp_path, fetched(START_US, BEGUN), changed(START_US + 10, [("1.00", "1")], [("999.00", "1")])
    )

    assert shown(state) == (
        [("100.00", "1"), ("99.00", "2"), ("1.00", "1")],
        [("101.00", "3"), ("999.00", "1")],
    )


async def test_pictures_replace_each_other_and_say_the_best_prices(tmp_path: Path):
    state = await played(
        tmp_path,
        pictured(START_US, [("100", "1"), ("99", "2")], [("101", "3")]),
        pictured(START_US + 9, [("100.5", "1")], [("101", "2")]),
    )

    assert shown(state) == ([("100.5", "1")], [("101", "2")])
    row = state.ticker(NAME)
    assert [row[key] for key in ("bid", "bid_qty", "ask", "ask_qty")] == ["100.5", "1", "101", "2"]


async def test_pictures_and_changes_of_one_recording_go_by_their_times(tmp_path: Path):
    state = await played(
        tmp_path,
        changed(START_US - 20, [("97", "1")], []),
        pictured(START_US, [("100", "1"), ("99", "2")], [("101", "3")]),
        changed(START_US - 10, [("98", "1")], [], late_us=11),
        changed(START_US + 10, [("99", "0")], []),
    )

    assert shown(state) == ([("100", "1")], [("101", "3")])


async def test_changes_alone_make_no_book(tmp_path: Path):
    state = await played(tmp_path, changed(START_US, [("100", "1")], [("101", "3")]))

    assert shown(state) is None


async def test_trades_make_the_tape_and_its_minutes(tmp_path: Path):
    trades = [{**frames.TRADES[2], "id": n, "microtimestamp": str(START_US + n)} for n in (1, 2, 3, 2)]
    raws = [frames.told("trade", "live_trades_btcusd", each) for each in trades]
    state = await played(tmp_path, *(received(START_US + at, raw) for at, raw in enumerate(raws)))

    assert [trade.trade_id for trade in state.trades(NAME)] == ["1", "2", "3"]
    [bar] = state.bars(NAME, 1)
    assert (bar.open, bar.close, Decimal(bar.volume)) == ("8302.92", "8302.92", 3 * Decimal("0.14406384"))


_PRICES = st.integers(1, 30)
_CHANGES = st.lists(st.tuples(_PRICES, st.integers(0, 3)), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(_CHANGES, _CHANGES), min_size=1, max_size=12), taken=st.integers(0, 12))
async def test_wherever_the_book_is_fetched_the_end_is_the_same(tmp_path_factory, steps, taken):
    """The book that is fetched has some of the changes already; all of them are told."""
    bids: dict[str, str] = {"50": "1"}
    asks: dict[str, str] = {"60": "1"}
    records, at_fetch = [], (dict(bids), dict(asks), START_US)
    for number, (down, up) in enumerate(steps, 1):
        told = (
            [(str(price), str(qty)) for price, qty in down],
            [(str(60 + price), str(qty)) for price, qty in up],
        )
        for side, levels in zip((bids, asks), told, strict=True):
            side.update(levels)
        records.append(changed(START_US + 10 * number, *told))
        if number == taken:
            at_fetch = (dict(bids), dict(asks), START_US + 10 * number)
    levels = [[level for level in side.items() if level[1] != "0"] for side in at_fetch[:2]]
    middle = fetched(START_US + 10 * len(steps), book(at_fetch[2], *levels))

    state = await played(tmp_path_factory.mktemp("replay"), *records, middle)

    best = [
        sorted(((p, q) for p, q in side.items() if q != "0"), key=lambda row: sign * int(row[0]))
        for sign, side in ((-1, bids), (1, asks))
    ]
    assert shown(state) == tuple(best)
