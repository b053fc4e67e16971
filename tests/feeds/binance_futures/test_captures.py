"""Recorded traffic of USDⓈ-M ends in the reference's books, trades and bars, to the last digit."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from feeds.codec import Subscription
from feeds.events import BookDelta, BookSnapshot, Quote, Trade, Unknown
from feeds.symbols import BOOK, CHANNELS
from feeds.venues.binance.futures import UsdmCodec
from tests.feeds.replaying import Recorded, records

CAPTURE = "binance-usdm/2021-07-22_4pairs.jsonl.gz"
# The recording asked for 1,000 levels a side: what our request for this depth asks for.
DEPTH = 250


class Played(Recorded):
    """Frames in their order, and the REST snapshots at the time they arrived."""

    def __init__(self, path: Path) -> None:
        super().__init__(UsdmCodec())
        self.decoded: list[object] = []
        self.snapshots: dict[str, BookSnapshot] = {}
        self.instruments = []
        for record in records(path):
            self.clock.set_wall(record["ns"])
            getattr(self, f"_{record['k']}")(record)

    def _open(self, record: dict) -> None:
        names = parse_qs(urlsplit(record["url"]).query)["streams"][0].split("/")
        natives = dict.fromkeys(name.partition("@")[0].upper() for name in names)
        self.watch(natives, depth=DEPTH, channels=CHANNELS, link="public.0")

    def _recv(self, record: dict) -> None:
        self.decoded += self.codec.decode(record["raw"].encode(), record["ns"])
        self.feed(record["raw"].encode(), record["ns"])

    def _http(self, record: dict) -> None:
        address, body = urlsplit(record["url"]), record["raw"].encode()
        if address.path.endswith("exchangeInfo"):
            self.instruments = self.codec.decode_instruments(body)
            return
        native = parse_qs(address.query)["symbol"][0]
        subscription = Subscription(BOOK, f"BINANCE_USDM:{native}", native, DEPTH)
        self.snapshots[native] = self.codec.decode_snapshot(subscription, body, record["ns"])
        self.state.apply(self.snapshots[native], "public.0")


@pytest.fixture(scope="module")
def golden(captures: Path) -> dict:
    return json.loads((captures / "golden.json").read_text())[CAPTURE]


@pytest.fixture(scope="module")
def played(captures: Path) -> Played:
    return Played(captures / CAPTURE)


def test_no_update_is_missing_and_no_snapshot_is_asked_again(played):
    assert played.resyncs == []
    assert not {name for name, count in played.state.counters.items() if count} & {
        "gaps",
        "crossed",
        "refused",
        "old snapshots",
    }


def test_each_change_follows_the_one_before(played):
    """``pu`` is the ``u`` before, while ``U`` leaps: ids are counted over all contracts."""
    last: dict[str, int] = {}
    for event in played.decoded:
        if type(event) is BookDelta:
            assert event.previous == last.get(event.instrument, event.previous)
            last[event.instrument] = event.last
    assert len(last) == 4


def test_whole_books_equal_a_plain_replay_of_the_same_events(played, golden):
    for native, expected in golden["books"].items():
        sides = dict(played.snapshots[native].bids), dict(played.snapshots[native].asks)
        applied = 0
        for event in played.decoded:
            if type(event) is not BookDelta or event.instrument != f"BINANCE_USDM:{native}":
                continue
            # The documentation keeps the one that ends where the snapshot stands: it changes nothing.
            if event.last >= played.snapshots[native].last:
                applied += 1
                for side, changes in zip(sides, (event.bids, event.asks), strict=True):
                    side.update(changes)
                    for price in [price for price, qty in changes if not Decimal(qty)]:
                        side.pop(price, None)
        bids, asks = (sorted(side.items(), key=lambda level: Decimal(level[0])) for side in sides)
        book = played.state.book(f"BINANCE_USDM:{native}")

        assert applied == expected["updates_applied"], native
        assert [len(bids), len(asks)] == expected["levels"], native
        assert [list(level) for level in book.best(5)[0]] == expected["bids"], native
        assert [list(level) for level in book.best(5)[1]] == expected["asks"], native
        ours = book.best(10_000)
        assert ours[0] == bids[::-1][: len(ours[0])]
        assert ours[1] == asks[: len(ours[1])]
        assert min(map(len, ours)) > 150


def test_trades_and_bars_end_as_the_reference_says(played, golden):
    for native, expected in golden["trades"].items():
        name = f"BINANCE_USDM:{native}"
        trades = [event for event in played.events if type(event) is Trade and event.instrument == name]
        sides = Counter(trade.side for trade in trades)
        bars = played.state.bars(name, 1)

        assert (len(trades), sides["buy"], sides["sell"]) == tuple(expected[k] for k in ("n", "buy", "sell"))
        assert str(sum(Decimal(trade.qty) for trade in trades)) == expected["volume"]
        assert trades[-1].price == played.state.ticker(name)["last"] == expected["last"]
        found = {str(bar.start_us // 1000): [*bar[3:8], bar.trades] for bar in bars}
        assert found == expected["bars_1m"], native


def test_a_buyer_pays_the_ask_and_a_seller_gets_the_bid(played):
    """The aggressor's side, from the recording itself: of each trade, with the quote before it.

    The venue's documentation says only that ``m`` is "is the buyer the market maker".
    """
    quotes: dict[str, Quote] = {}
    right = wrong = 0
    for event in sorted(
        (event for event in played.decoded if type(event) in (Quote, Trade)),
        key=lambda event: event.exchange_us,
    ):
        if type(event) is Quote:
            quotes[event.instrument] = event
        elif event.instrument in quotes:
            quote = quotes[event.instrument]
            middle = (Decimal(quote.bid) + Decimal(quote.ask)) / 2
            bought = Decimal(event.price) > middle
            right += bought == (event.side == "buy")
            wrong += bought != (event.side == "buy")
    assert right > 10 * wrong, (right, wrong)


def test_nothing_but_candles_of_the_venue_is_unknown(played):
    assert {event.kind for event in played.decoded if type(event) is Unknown} <= {"kline_1m"}


def test_the_recorded_list_of_contracts_is_understood(played):
    found = {spec.native: spec for spec in played.instruments}

    assert len(found) == len(played.instruments) == 121, "one of 122 is announced and has no contract"
    bitcoin, quarter = found["BTCUSDT"], found["BTCUSDT_210924"]
    assert bitcoin[:9] == (
        "BINANCE_USDM", "BTCUSDT", "perpetual", "BTC", "USDT", "USDT", "0.01", "0.001", "trading",
    )  # fmt: skip
    assert (bitcoin.expiry_us, bitcoin.listed_us) == (0, 1569398400000_000)
    assert (bitcoin.contract_size, bitcoin.inverse) == ("1", False)
    assert (quarter.kind, quarter.expiry_us) == ("future", 1632470400000_000)
    assert Counter(spec.kind for spec in played.instruments) == {"perpetual": 119, "future": 2}
