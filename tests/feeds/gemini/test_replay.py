"""Recordings of Gemini, played: made of documented messages, of today's socket and of its older ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from feeds import venues
from feeds.replay import Replay, ReplayClock
from tests.feeds.gemini import frames

BTC, ETH = "GEMINI:BTCUSD", "GEMINI:ETHGUSDPERP"
V2, NOW = "wss://api.gemini.com/v2/marketdata", "wss://ws.gemini.com?snapshot=-1"
NS = 1_655_335_870_000_000_000
BEGINS = (
    b'{"e":"depthUpdate","E":1789456742237187316,"s":"ethgusdperp","U":1764527605192323,'
    b'"u":1764527605192323,"b":[["2482.5500","1.047"],["2482.0000","2.000"]],"a":[["2483.5000","1.047"]]}'
)


def written(path: Path, url: str, received: list[bytes], conn: str = "GEMINI.ws.1") -> Path:
    rows = [{"k": "open", "url": url}, *({"k": "recv", "raw": frame.decode()} for frame in received)]
    with gzip.open(path, "wt") as file:
        for number, row in enumerate(rows):
            file.write(json.dumps(row | {"ns": NS + number * 1_000_000_000, "conn": conn}) + "\n")
    return path


async def played(path: Path, *names: str) -> Replay:
    replay = Replay(path, {name: venues.codec(name) for name in names or venues.VENUES}, ReplayClock())
    await replay.play(0)
    return replay


async def test_v2_is_known_among_all_venues_and_its_book_trades_and_minutes_are_made(tmp_path: Path) -> None:
    ours = [frames.V2_BEAT, frames.V2_WHOLE, frames.V2_CHANGE, frames.V2_TRADE, frames.V2_CANDLES]

    replay = await played(written(tmp_path / "v2.jsonl.gz", V2, ours))

    state = replay.states["GEMINI"]
    assert list(replay.states) == ["GEMINI"] and replay.counters["undecodable"] == 0
    assert state.book(BTC).best(5) == ([("22252.37", "0.1"), ("22251.61", "0.04")], [])
    assert [(trade.trade_id, trade.replayed) for trade in state.trades(BTC)] == [
        ("122258141090", True),
        ("122258141091", True),
        ("122258166738", True),
        ("122278173770", False),
    ]
    [minute] = [bar for bar in state.bars(BTC, 1) if bar.start_us == 1_655_335_860_000_000]
    assert minute[3:9] == ("22530.80", "22530.80", "22530.80", "22530.80", "0.04", 1)


async def test_trades_that_come_again_with_a_new_subscription_count_once(tmp_path: Path) -> None:
    twice = [frames.V2_WHOLE, frames.V2_TRADE, frames.V2_WHOLE]

    replay = await played(written(tmp_path / "v2.jsonl.gz", V2, twice))

    state = replay.states["GEMINI"]
    assert len(state.trades(BTC)) == 4
    assert state.book(BTC).best(1)[1] == [("22253.00", "0.98942292")]


@pytest.mark.parametrize("url", [NOW, "wss://wsapi.fast.gemini.com/?snapshot=-1"])
async def test_todays_books_are_followed_by_their_numbers(tmp_path: Path, url: str) -> None:
    ours = [frames.AGREED, BEGINS, frames.FIRST, frames.SECOND, frames.FIRST, frames.BEST, frames.TRADE]

    replay = await played(written(tmp_path / "now.jsonl.gz", url, ours))

    state = replay.states["GEMINI"]
    assert replay.counters["undecodable"] == 0 and state.counters["duplicates"] == 1
    bids, asks = state.book(ETH).best(5)
    assert bids == [("2482.5500", "1.047"), ("2482.0000", "2.000")]
    assert asks == [("2483.4500", "1.047")]
    assert state.ticker(BTC)["bid"] == "45000.50"


async def test_a_change_that_is_missing_ends_the_book(tmp_path: Path) -> None:
    replay = await played(written(tmp_path / "now.jsonl.gz", NOW, [BEGINS, frames.SECOND]))

    state = replay.states["GEMINI"]
    assert state.book(ETH) is None
    assert state.counters["gaps"] == 1


async def test_plain_frames_without_times_are_played_too(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_bytes(b"\n".join([frames.V2_WHOLE, frames.V2_CHANGE, frames.V2_TRADE]) + b"\n")

    replay = await played(path, "GEMINI")

    assert replay.states["GEMINI"].book(BTC).best(1)[0] == [("22252.37", "0.1")]


async def test_v1_of_several_markets_ends_all_of_a_links_books_with_one_message_that_is_missing(
    tmp_path: Path,
) -> None:
    change = (
        b'{"type":"update","timestampms":1547760288001,"socket_sequence":%d,"events":[{"type":"change",'
        b'"side":"bid","price":"1342.00","remaining":"2","reason":"place","symbol":"ETHUSD"}]}'
    )
    url = "wss://api.gemini.com/v1/multimarketdata?symbols=shibusd,ethusd"

    whole = await played(written(tmp_path / "a.jsonl.gz", url, [frames.V1_WHOLE, change % 1]))
    broken = await played(written(tmp_path / "b.jsonl.gz", url, [frames.V1_WHOLE, change % 2]))

    eth = whole.states["GEMINI"].book("GEMINI:ETHUSD").best(1)
    assert eth == ([("1342.00", "2")], [("1342.10", "1.7")])
    assert broken.states["GEMINI"].book("GEMINI:ETHUSD") is None
    assert broken.states["GEMINI"].book("GEMINI:SHIBUSD") is None
