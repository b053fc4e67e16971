"""What a recording says about itself: whose it is, how deep its books are, when its frames came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds import venues
from feeds.recorder import Recorder
from feeds.replay import Replay, ReplayClock
from feeds.survey import Whose
from feeds.venues.kraken import messages
from tests.fakes.venue_codec import FakeCodec

NS = 1_786_309_548_000_000_000
ACK = '{"method":"subscribe","result":{"channel":"book","depth":25,"symbol":"BTC/USD"},"success":true}'
ASK = '{"method":"subscribe","params":{"channel":"book","depth":25,"symbol":["ETH/USD","BTC\\/USD"]}}'
LATER = (
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[{"price":1,"qty":2}]}]}'
)


def snapshot(levels: int) -> str:
    side = [{"price": 100 + at, "qty": 1} for at in range(levels)]
    proof = messages.checksum([("5", "1")], [(str(level["price"]), "1") for level in side[:10]])
    book = {"symbol": "BTC/USD", "bids": [{"price": 5, "qty": 1}], "asks": side, "checksum": proof}
    return json.dumps({"channel": "book", "type": "snapshot", "data": [book]})


async def played(path: Path, venue: str) -> Replay:
    replay = Replay(path, {venue: venues.codec(venue)}, ReplayClock())
    await replay.play(0)
    return replay


@pytest.mark.parametrize(
    ("before", "levels", "shown"),
    [
        (["send", ASK], 30, 25),
        (["recv", ACK], 30, 25),
        (["recv", LATER], 30, 30),
        (["recv", LATER, snapshot(3)], 30, 30),
        (["recv", ACK, snapshot(3)], 12, 12),
    ],
)
async def test_a_book_is_as_deep_as_it_was_asked_for_or_as_it_came(
    tmp_path: Path, before: list[str], levels: int, shown: int
):
    path = tmp_path / "x.jsonl.gz"
    with Recorder(path) as recorder:
        recorder.opened("KRAKEN.a", NS, "wss://x")
        kind, *texts = before
        for text in texts:
            if kind == "send":
                recorder.sent("KRAKEN.a", NS, "wss://x", text)
            else:
                recorder.received("KRAKEN.a", NS, text.encode())
        recorder.received("KRAKEN.a", NS, snapshot(levels).encode())

    state = (await played(path, "KRAKEN")).states["KRAKEN"]

    assert len(state.book("KRAKEN:BTC/USD").best(1000)[1]) == shown


@pytest.mark.parametrize(("query", "shown"), [("&limit=100", 100), ("&limit=500", 101), ("", 100)])
async def test_nothing_is_shown_beyond_what_a_smaller_snapshot_proves(tmp_path: Path, query: str, shown: int):
    """A hundred levels were asked for; of what lies behind them, only what changed is known."""
    path = tmp_path / "x.jsonl.gz"
    bids = [[f"{1000 - at}.0", "1"] for at in range(100)]
    body = {"lastUpdateId": 7, "bids": bids, "asks": [["2000.0", "1"]]}
    data = {
        "e": "depthUpdate",
        "E": NS // 1_000_000,
        "s": "BTCUSDT",
        "U": 8,
        "u": 8,
        "b": [["7.0", "1"]],
        "a": [],
    }
    frame = {"stream": "btcusdt@depth@100ms", "data": data}
    with Recorder(path) as recorder:
        url = f"https://x/api/v3/depth?symbol=BTCUSDT{query}"
        recorder.opened("BINANCE.ws", NS, "wss://x")
        recorder.fetched("BINANCE.http", NS, url, json.dumps(body).encode())
        recorder.received("BINANCE.ws", NS, json.dumps(frame).encode())

    state = (await played(path, "BINANCE")).states["BINANCE"]

    assert len(state.book("BINANCE:BTCUSDT").best(1000)[0]) == shown


async def test_plain_frames_are_played_at_the_times_that_they_tell(tmp_path: Path):
    trade = '{"e":"trade","s":"BTCUSDT","t":%d,"p":"5.0","q":"1","T":%d,"m":true}'
    frames = ['{"result":null,"id":1}', trade % (1, 1_786_309_548_000), trade % (2, 1_786_309_668_000)]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(frames) + "\n")

    replay = await played(path, "BINANCE")

    bars = replay.states["BINANCE"].bars("BINANCE:BTCUSDT", 1)
    assert [(bar.trades, bar.closed, bar.incomplete) for bar in bars] == [(1, True, True), (1, False, False)]
    assert replay.counters == {"records": 3}
    with pytest.raises(ValueError, match="found no connection; --venue says whose it is"):
        Replay(path, {name: venues.codec(name) for name in venues.VENUES}, ReplayClock())


async def test_the_recorded_plain_frames_end_in_a_book(captures: Path):
    path = captures / "kraken-v2/2026-08-24_btcusd_book10_8msgs.raw.jsonl"

    bids, asks = (await played(path, "KRAKEN")).states["KRAKEN"].book("KRAKEN:BTC/USD").best(1000)

    assert (len(bids), len(asks), bids[0]) == (10, 10, ("78871.5", "0.01266503"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "kraken-v1/2021-04-17_10pairs.jsonl.gz",
            "of KRAKEN, none of its 4430 frames is one",
        ),
    ],
)
def test_another_protocol_of_a_venue_is_refused(captures: Path, name: str, words: str):
    """Its connections are called as the venue's, and nothing else is."""
    with pytest.raises(ValueError, match=words):
        Replay(captures / name, {name: venues.codec(name) for name in venues.VENUES}, ReplayClock())


class Market(FakeCodec):
    """One of several at one host."""

    ws_url = "wss://x"

    def __init__(self, venue: str, path: str) -> None:
        super().__init__(venue=venue)
        self.path = path


SPOT, FUTURES = Market("FAKE", "/v5/spot"), Market("FAKE_FUTURES", "/v5/futures")


@pytest.mark.parametrize(
    ("url", "codecs", "venue"),
    [
        ("wss://x/v5/spot", [SPOT, FUTURES], "FAKE"),
        ("wss://x/v5/futures", [SPOT, FUTURES], "FAKE_FUTURES"),
        ("ws://127.0.0.1:1/fake_futures/v5/futures", [SPOT, FUTURES], "FAKE_FUTURES"),
        ("wss://x/v5/options", [SPOT, FUTURES], ""),
        ("wss://x/v5/futures", [SPOT], ""),
        ("wss://relay/of/somebody", [FUTURES], "FAKE_FUTURES"),
        ("", [SPOT, FUTURES], "FAKE"),
    ],
)
def test_where_one_host_has_several_markets_the_url_says_which(url: str, codecs: list[Market], venue: str):
    whose = Whose({codec.venue: codec for codec in codecs})
    opened = {"k": "open", "ns": NS, "conn": "FAKE.ws.2", "url": url}

    assert [whose(opened), whose({"k": "recv", "ns": NS, "conn": "FAKE.ws.2", "raw": "{}"})] == [venue, venue]


def test_the_host_says_which_protocol_of_an_exchange_it_is(captures: Path):
    """The connections of both are called as the exchange, and one has an older host than today's."""
    codecs = {name: venues.codec(name) for name in venues.VENUES}

    replay = Replay(captures / "coinbase-exchange/2021-04-17_10pairs.jsonl.gz", codecs, ReplayClock())
    advanced = Replay(
        captures / "coinbase-advanced/2026-08-09_btc-eth_first40pct.jsonl.gz", codecs, ReplayClock()
    )

    assert replay.states.keys() == {"COINBASE_EXCHANGE"}
    assert advanced.states.keys() == {"COINBASE"}
