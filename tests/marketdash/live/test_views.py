"""The law of every channel: an older snapshot with the rows since it applied is the newer snapshot."""

from __future__ import annotations

import json
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash.live import views
from marketdash.live.bodies import CHANNELS
from marketdash.live.books import BookReplica, Cut
from marketdash.live.views import APPLIED, HOLE, MARK_S, OLD, RING, Replica
from tests.fakes.client_store import ClientStore

SYMBOL = "KRAKEN:BTC/USD"


def body(**fields):
    return json.dumps(fields).encode()


class Reader:
    """A client somewhere behind: its position, and what it made of the rows."""

    def __init__(self, channel):
        self.store = ClientStore(channel)
        self.position = None

    def catch_up(self, track):
        track.advance()
        row = track.row_since(self.position, 0)
        self.position = track.position
        if row is not None:
            frame = {"type": "snapshot" if row.whole else "update", "data": [json.loads(row.data)]}
            assert (frame["data"][0]["prev"] == 0) == row.whole
            assert self.store.apply(frame) == []

    def value(self):
        return self.store.value(SYMBOL)


def whole(track, channel):
    fresh = Reader(channel)
    fresh.catch_up(track)
    return fresh.value()


price = st.integers(1, 40).map(lambda n: f"{n / 10:.2f}")
qty = st.sampled_from(["0", "1.0", "2.50"])
state = st.sampled_from([{"state": "live"}, {"state": "stale", "reason": "silent"}])


def trade(number):
    return {"trade_id": str(number), "side": "buy", "price": "1", "qty": "1", "ts_exchange": number}


BODIES = {
    "ticker": st.fixed_dictionaries(
        {}, optional={"bid": price, "ask": price, "hi": price, "lo": price, "ts_exchange": st.integers(0, 9)}
    ).flatmap(lambda row: st.just(row) | state.map(lambda change: {**row, **change})),
    "mark": st.fixed_dictionaries({}, optional={"mark": price, "index": price, "open_interest": price}),
    "option": st.fixed_dictionaries({}, optional={"bid": price, "mark_iv": price, "delta": price}),
    "funding": st.fixed_dictionaries({}, optional={"rate": price, "next": st.integers(0, 9)}),
    "trade": st.integers(0, 90).map(lambda n: {"trades": [trade(i) for i in range(n)]}),
    "liquidation": st.integers(0, 90).map(lambda n: {"liquidations": [trade(i) for i in range(n)]}),
    "ohlc": st.lists(st.integers(0, 700), max_size=9).map(
        lambda starts: {"bars": [{"ts": ts, "close": str(len(starts))} for ts in sorted(set(starts))]}
    ),
}


@pytest.mark.parametrize("channel", list(BODIES))
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_rows_lead_from_any_position_to_now(channel, data):
    track, readers = Replica(channel, SYMBOL), [Reader(channel) for _ in range(3)]
    track.apply("e1", 0, 1, 0, body(**{"state": "live", **data.draw(BODIES[channel])}))
    for seq in range(2, data.draw(st.sampled_from([3, 8, RING + 9]))):
        track.apply("e1", seq - 1, seq, 0, body(**data.draw(BODIES[channel])))
        for reader in readers:
            if data.draw(st.integers(0, 9)) < 3:
                reader.catch_up(track)
    for reader in readers:
        reader.catch_up(track)

        assert reader.value() == whole(track, channel)


def test_of_trades_that_do_not_fit_the_newest_are_told_and_the_others_counted():
    trades = [{"trade_id": str(n), "price": "100.5"} for n in range(200)]
    row = body(symbol=SYMBOL, prev=1, seq=9, skipped=3, trades=trades)
    newest = CHANNELS["trade"].cut
    cut = json.loads(newest(row, 2000))

    assert cut["trades"] == trades[-len(cut["trades"]) :] and 10 < len(cut["trades"]) < 100
    assert cut["skipped"] == 3 + 200 - len(cut["trades"]) and cut["prev"] == 1
    assert newest(row, 10**6) == row
    assert json.loads(newest(row, 1))["trades"] == trades[-1:]


def test_of_bars_that_do_not_fit_the_newest_are_told_and_what_was_known_ends_there():
    bars = [{"ts": ts, "close": "1"} for ts in range(500)]
    cut = json.loads(CHANNELS["ohlc"].cut(body(symbol=SYMBOL, prev=1, seq=9, bars=bars), 2000))
    assert cut["bars"] == bars[-len(cut["bars"]) :] and 10 < len(cut["bars"]) < 200
    assert cut["skipped"] == 500 - len(cut["bars"])

    told = {"epoch": "e1", "age_us": 0, "symbol": SYMBOL}
    reader = ClientStore("ohlc")
    reader.apply(
        {"type": "snapshot", "data": [{**told, "prev": 0, "seq": 1, "bars": [{"ts": -9, "close": "1"}]}]}
    )
    reader.apply({"type": "update", "data": [{**told, **cut}]})
    assert reader.value(SYMBOL)["bars"] == cut["bars"]


def test_who_is_far_behind_gets_the_bar_that_changed_and_not_all_bars():
    track = Replica("ohlc", SYMBOL)
    bars = [{"ts": ts, "close": "1"} for ts in range(500)]
    track.apply("e1", 0, 1, 0, body(state="live", bars=bars))
    before = track.position
    for seq in range(2, 3 * RING):
        track.apply("e1", seq - 1, seq, 0, body(bars=[{"ts": 499, "close": str(seq)}]))

    row = track.row_since(before, 0)
    assert not row.whole and len(row.data) < 200
    assert json.loads(row.data)["bars"] == [{"ts": 499, "close": str(3 * RING - 1)}]


levels = st.lists(st.tuples(price, qty), max_size=6, unique_by=lambda level: level[0])
changes = st.fixed_dictionaries({"bids": levels, "asks": levels, "ts_exchange": st.integers(0, 9)})


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_cut_of_a_book_is_the_best_of_it_at_any_time(data):
    book = BookReplica(SYMBOL)
    cut, readers = Cut(book, 3), [Reader("book") for _ in range(2)]
    first = {"bids": [["1.00", "1"]], "asks": [["9.00", "1"]], "ts_exchange": 0}
    book.apply("e1", 0, 1, 0, body(state="live", **first))
    for seq in range(2, 12):
        event = data.draw(st.integers(0, 9))
        if event == 0:
            book.apply("e1", 0, seq, 0, body(state="syncing", reason="checksum"))
        elif event == 2:
            book.apply("e1", 0, seq, 0, body(state="halted", reason="closed", phase="closed"))
        elif book.state != "live" or event == 1:
            book.apply("e1", 0, seq, 0, body(state="live", **first))
        else:
            book.apply("e1", seq - 1, seq, 0, body(**data.draw(changes)))
        for reader in readers:
            if data.draw(st.booleans()):
                reader.catch_up(cut)
    for reader in readers:
        reader.catch_up(cut)

        assert without_times(reader.value()) == without_times(best(book, 3))
        assert reader.value() == whole(cut, "book")


def best(book, depth):
    """The oracle: everything sorted as exact numbers."""
    shown = json.loads(json.dumps(book.shown(1000)))
    for side, reverse in (("bids", True), ("asks", False)):
        if side in shown:
            shown[side] = sorted(shown[side], key=lambda level: float(level[0]), reverse=reverse)[:depth]
    return shown


def without_times(value):
    return {name: field for name, field in value.items() if not name.startswith("ts_")}


def test_a_closed_market_has_no_levels_and_its_phase_goes_when_it_opens():
    book = BookReplica(SYMBOL)
    book.apply("e1", 0, 1, 0, body(state="halted", reason="closed", phase="closed"))
    assert book.shown(10) == {"state": "halted", "reason": "closed", "phase": "closed"}

    book.apply("e1", 0, 2, 0, body(state="live", bids=[["1", "1"]], asks=[]))
    assert book.shown(10) == {"state": "live", "reason": "", "bids": [("1", "1")], "asks": []}


def test_prices_longer_than_a_float_keep_their_order():
    book = BookReplica(SYMBOL)
    book.apply("e1", 0, 1, 0, body(state="live", bids=[["0.1", "1"]], asks=[["0.3", "1"]]))
    book.apply("e1", 1, 2, 0, body(bids=[["0.10000000000000000002", "1"], ["0.10000000000000000001", "1"]]))

    assert list(book.bids.best(3)) == ["0.10000000000000000002", "0.10000000000000000001", "0.1"]


def test_one_step_is_forwarded_as_it_came():
    track = Replica("ticker", SYMBOL)
    track.apply("e1", 0, 7, 1000, body(state="live", bid="1"))
    track.apply("e1", 7, 8, 2000, b'{"bid" : "2"}')

    row = track.row_since(("e1", 7), 5000)

    assert (
        row.data
        == b'{"symbol":"%b","epoch":"e1","prev":7,"seq":8,"age_us":3000,"bid" : "2"}' % SYMBOL.encode()
    )


def test_merged_rows_keep_the_extremes_of_all():
    track = Replica("ticker", SYMBOL)
    track.apply("e1", 0, 1, 0, body(state="live"))
    for seq, hi, lo in ((2, "9.50", "9"), (3, "10", "9.75"), (4, "9.6", "8.9")):
        track.apply("e1", seq - 1, seq, 0, body(hi=hi, lo=lo))

    row = json.loads(track.row_since(("e1", 1), 0).data)

    assert (row["hi"], row["lo"], row["prev"], row["seq"]) == ("10", "8.9", 1, 4)
    assert "hi" not in json.loads(track.row_since(None, 0).data)


def test_trades_beyond_two_hundred_are_counted():
    track = Replica("trade", SYMBOL)
    track.apply("e1", 0, 1, 0, body(state="live", trades=[]))
    track.apply("e1", 1, 2, 0, body(trades=[trade(n) for n in range(150)], skipped=5))
    track.apply("e1", 2, 3, 0, body(trades=[trade(n) for n in range(150, 300)]))

    row = msgspec.json.decode(track.row_since(("e1", 1), 0).data)

    assert (len(row["trades"]), row["trades"][0]["trade_id"], row["skipped"]) == (200, "100", 105)


@pytest.mark.parametrize("make", [lambda: Replica("ticker", SYMBOL), lambda: BookReplica(SYMBOL)])
def test_rows_are_taken_in_order_and_epochs_by_age(make):
    track = make()
    row = body(state="live", bids=[], asks=[])

    outcomes = [
        track.apply("e2", 5, 6, 0, row),  # nothing to build on
        track.apply("e2", 0, 6, 0, row),
        track.apply("e2", 6, 7, 0, row),
        track.apply("e2", 6, 7, 0, row),  # again
        track.apply("e2", 0, 7, 0, row),  # a keyframe that somebody else asked for
        track.apply("e2", 8, 9, 0, row),  # 8 is missing
        track.apply("e1", 0, 99, 0, row),  # a writer that was replaced
        track.apply("e3", 1, 2, 0, row),  # a new writer, not known yet
        track.apply("e3", 0, 1, 0, row),
    ]

    assert outcomes == [HOLE, APPLIED, APPLIED, OLD, OLD, HOLE, OLD, HOLE, APPLIED]
    assert track.position == ("e3", 1)


def test_it_is_known_for_how_long_somebody_lacks_something(monkeypatch):
    now_s, track = 100.0, Replica("ticker", SYMBOL)
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: now_s))
    off_by = []
    for seq in range(1, 61):  # ten rows a second, six seconds long
        now_s = 100 + seq / 10
        track.apply("0001", seq - 1, seq, 0, body(bid=str(seq)))
        for at in range(max(1, seq - 15), seq):
            off_by.append((seq - at - 1) / 10 - track.lacks_s(("0001", at), now_s))

    assert min(off_by) > -0.01  # not for longer than is so
    assert max(off_by) <= MARK_S + 0.11
    assert track.lacks_s(("0001", 1), now_s) > MARK_S  # as far as the marks reach back
    assert track.lacks_s(None, now_s) == track.lacks_s(track.position, now_s + 60) == 0
    assert track.lacks_s(("0001", 59), now_s + 60) == pytest.approx(60)


def test_who_has_another_writers_value_lacks_what_this_one_began_with(monkeypatch):
    now_s, track = 100.0, Replica("ticker", SYMBOL)
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: now_s))
    track.apply("0001", 0, 500, 0, body(bid="1"))
    now_s = 200.0
    track.apply("0002", 0, 1, 0, body(bid="2"))

    assert track.lacks_s(("0001", 500), now_s + 3) == pytest.approx(3)
