"""The recording, played, against the plainest folding of its raw frames there is; and against the venue's own
candles, which count the same trades."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from feeds import venues
from feeds.recorder import read
from feeds.replay import Replay, ReplayClock

NAME = "bybit-v5/2026-08-09_linear-spot_first40pct.jsonl.gz"
MARKETS = ("BYBIT", "BYBIT_LINEAR")
MINUTE_MS = 60_000


class Oracle:
    """One market: dictionaries of text, and nothing of ours but the reader of lines."""

    def __init__(self, path: Path, market: str) -> None:
        self.books: dict[str, dict[str, dict[str, str]]] = {}
        self.numbers: dict[str, int] = {}
        self.deepest = 0
        self.tickers: dict[str, dict[str, str]] = defaultdict(dict)
        self.trades: dict[str, list[dict]] = defaultdict(list)
        self.candles: dict[str, dict] = {}
        conns: set[str] = set()
        for record in read(path):
            if record["k"] == "open" and record["url"].endswith(f"/{market}"):
                conns.add(record["conn"])
            elif record["k"] == "recv" and record["conn"] in conns:
                self.take(json.loads(record["raw"]))

    def take(self, message: dict) -> None:
        kind, _, rest = message.get("topic", "").partition(".")
        if kind == "orderbook":
            self.take_book(message["type"], message["data"])
        elif kind == "tickers":
            self.tickers[rest].update(message["data"])
        elif kind == "publicTrade":
            self.trades[rest] += message["data"]
        elif kind == "kline":
            self.candles[rest.partition(".")[2]] = message["data"][-1]

    def take_book(self, kind: str, data: dict) -> None:
        if kind == "snapshot":
            self.books[data["s"]] = {"b": {}, "a": {}}
        else:
            assert data["u"] == self.numbers[data["s"]] + 1
        self.numbers[data["s"]] = data["u"]
        for name in ("b", "a"):
            side = self.books[data["s"]][name]
            side.update(data[name])
            for price, quantity in data[name]:
                if Decimal(quantity) == 0:
                    del side[price]
            self.deepest = max(self.deepest, len(side))

    def best(self, symbol: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        bids, asks = (
            sorted(side.items(), key=lambda item: Decimal(item[0])) for side in self.books[symbol].values()
        )
        return bids[::-1], asks


@pytest.fixture(params=MARKETS)
def venue(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def oracle(captures: Path, venue: str) -> Oracle:
    return Oracle(captures / NAME, "spot" if venue == "BYBIT" else "linear")


@pytest.fixture(params=["all of Bybit's codecs", "one"])
async def replay(request: pytest.FixtureRequest, captures: Path, venue: str) -> Replay:
    names = [name for name in venues.VENUES if name.startswith("BYBIT")]
    codecs = {name: venues.codec(name) for name in (names if request.param != "one" else [venue])}
    found = Replay(captures / NAME, codecs, ReplayClock())
    await found.play(0)
    return found


async def test_books_end_whole_and_as_the_frames_say(venue: str, oracle: Oracle, replay: Replay):
    state = replay.states[venue]

    assert len(oracle.books) == (2 if venue == "BYBIT" else 4)
    for symbol in oracle.books:
        assert state.book(f"{venue}:{symbol}").best(1000) == oracle.best(symbol), symbol
    assert oracle.deepest == 200, "what falls out of the window is deleted in words"
    assert state.counters["gaps"] == state.counters["refused"] == state.counters["crossed"] == 0
    assert replay.counters["undecodable"] == 0


async def test_trades_and_bars_are_those_of_the_frames(venue: str, oracle: Oracle, replay: Replay):
    state = replay.states[venue]
    assert oracle.trades
    for symbol, made in oracle.trades.items():
        told = [(each["i"], each["S"].lower(), each["p"], each["v"], each["T"] * 1000) for each in made]
        tape = state.trades(f"{venue}:{symbol}")
        assert [(t.trade_id, t.side, t.price, t.qty, t.exchange_us) for t in tape] == told, symbol
        bars = {bar.start_us // 1000: bar for bar in state.bars(f"{venue}:{symbol}", 1) if bar.trades}
        assert bars.keys() == {each["T"] // MINUTE_MS * MINUTE_MS for each in made}
        for start_ms, bar in bars.items():
            check_bar(bar, [each for each in made if each["T"] // MINUTE_MS * MINUTE_MS == start_ms])


def check_bar(bar, made: list[dict]) -> None:
    prices = [Decimal(each["p"]) for each in made]
    found = [Decimal(text) for text in (bar.open, bar.high, bar.low, bar.close, bar.volume)]
    volume = sum(Decimal(each["v"]) for each in made)
    assert found == [prices[0], max(prices), min(prices), prices[-1], volume]
    assert bar.trades == len(made)


def test_the_venues_own_candles_count_the_same_trades(oracle: Oracle):
    """The last candle of each is of a minute that began within the recording."""
    compared = Counter()
    for symbol, candle in oracle.candles.items():
        made = [each for each in oracle.trades[symbol] if candle["start"] <= each["T"] <= candle["timestamp"]]
        if candle["confirm"] or not made:
            continue
        volume = sum(Decimal(each["v"]) for each in made)
        assert volume == Decimal(candle["volume"]), symbol
        assert Decimal(made[-1]["p"]) == Decimal(candle["close"])
        compared[symbol] += 1
    assert compared


async def test_tickers_are_the_changes_one_upon_the_other(venue: str, oracle: Oracle, replay: Replay):
    state = replay.states[venue]
    for symbol, told in oracle.tickers.items():
        name = f"{venue}:{symbol}"
        row, mark, funding = state.ticker(name), state.mark(name), state.funding(name)
        names = {"volume": "volume24h", "high": "highPrice24h", "low": "lowPrice24h"}
        assert {key: row[key] for key in names} == {key: told[word] for key, word in names.items()}
        assert Decimal(row["change_pct"]) == Decimal(told["price24hPcnt"]) * 100
        assert Decimal(row["change"]) == Decimal(told["lastPrice"]) - Decimal(told["prevPrice24h"])
        if venue == "BYBIT":
            assert (mark, funding) == ({}, {})
            continue
        best = {"bid": "bid1Price", "bid_qty": "bid1Size", "ask": "ask1Price", "ask_qty": "ask1Size"}
        assert {key: row[key] for key in best} == {key: told[word] for key, word in best.items()}
        assert (mark["mark"], mark["index"]) == (told["markPrice"], told["indexPrice"])
        assert (mark["open_interest"], mark["open_interest_unit"]) == (told["singleOpenInterest"], "base")
        assert funding["rate"] == told["fundingRate"]
        assert funding["next"] == int(told["nextFundingTime"]) * 1000
        assert funding["interval"] == 8 * 3_600_000_000
