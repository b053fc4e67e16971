"""Recordings of Bitfinex, played: made of documented messages, in the forms of several years."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from feeds import venues
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState
from feeds.venues.bitfinex.messages import checksum
from tests.feeds.bitfinex import frames

NAME, BTC = "BITFINEX:tETHUSD", "BITFINEX:tBTCUSD"
URL, OLD_URL = "wss://api-pub.bitfinex.com/ws/2", "wss://api.bitfinex.com/ws/2"
LEVELS = [frames.BOOK_ASKED, frames.BOOK, frames.LEVEL, frames.GONE]
BIDS, ASKS = [("170.25", "2.54"), ("170.24", "5.5"), ("170.23", "1.25")], [("170.31", "0.00000015")]
SUM = checksum(BIDS, ASKS) - 2**32 if checksum(BIDS, ASKS) >> 31 else checksum(BIDS, ASKS)


async def played(path: Path, *links: list[bytes], url: str = URL) -> Replay:
    """Each list is what came on a link of its own, one after the other."""
    with gzip.open(path, "wt") as file:
        ns = 1618674480_000_000_000
        for number, received in enumerate(links):
            rows: list[dict[str, Any]] = [{"k": "open", "url": url}]
            rows += [{"k": "recv", "raw": frame.decode()} for frame in received]
            for row in rows:
                ns += 1_000_000
                file.write(json.dumps(row | {"ns": ns, "conn": f"BITFINEX.ws.{number}"}) + "\n")
    replay = Replay(path, {name: venues.codec(name) for name in venues.VENUES}, ReplayClock())
    await replay.play(0)
    return replay


def book(state: MarketState, name: str = NAME) -> object:
    found = state.book(name)
    return found and tuple(found.best(25))


@pytest.mark.parametrize("url", [URL, OLD_URL])
@pytest.mark.parametrize("numbers", [False, True])
async def test_a_book_of_any_year_is_followed(tmp_path: Path, url: str, numbers: bool) -> None:
    told, ms = LEVELS, 1618674480000
    if numbers:
        told = [LEVELS[0], *(frames.numbered(each, at, ms + at) for at, each in enumerate(LEVELS[1:], 1))]
    replay = await played(tmp_path / "bitfinex.jsonl.gz", [frames.INFO, *told], url=url)

    state = replay.states["BITFINEX"]
    assert list(replay.states) == ["BITFINEX"] and replay.counters["undecodable"] == 0
    assert book(state) == (BIDS, ASKS)


async def test_a_checksum_that_is_right_changes_nothing_and_a_wrong_one_ends_the_book(tmp_path: Path) -> None:
    right, wrong = (f'[10092,"cs",{SUM + off}]'.encode() for off in (0, 1))
    kept = (await played(tmp_path / "right.jsonl.gz", [*LEVELS, right, right])).states["BITFINEX"]
    lost = (await played(tmp_path / "wrong.jsonl.gz", [*LEVELS, right, wrong])).states["BITFINEX"]

    assert book(kept) == (BIDS, ASKS) and kept.counters["checksum"] == 0
    assert book(lost) is None and lost.counters["checksum"] == 1


async def test_a_message_that_is_missing_ends_what_its_link_brought(tmp_path: Path) -> None:
    told = [frames.numbered(frame, at) for at, frame in enumerate(LEVELS[1:], 1)]
    whole = (await played(tmp_path / "a.jsonl.gz", [LEVELS[0], *told])).states["BITFINEX"]
    holed = (await played(tmp_path / "b.jsonl.gz", [LEVELS[0], told[0], told[2]])).states["BITFINEX"]

    assert book(whole) == (BIDS, ASKS)
    assert book(holed) is None and holed.counters["gaps"] == 1


async def test_prices_may_be_crossed_between_two_messages(tmp_path: Path) -> None:
    """An order that crosses is told before what it took is gone: https://github.com/bitfinexcom/api_docs/issues/9"""
    crossed = [frames.BOOK_ASKED, frames.BOOK, b"[10092,[170.27,1,1]]"]
    between = (await played(tmp_path / "a.jsonl.gz", [*crossed])).states["BITFINEX"]
    after = (await played(tmp_path / "b.jsonl.gz", [*crossed, frames.GONE])).states["BITFINEX"]

    assert book(between) is None and between.topic_state("book", NAME).state == "live"
    assert between.counters["crossed"] == 0
    assert book(after) == ([("170.27", "1"), ("170.24", "5.5"), ("170.23", "1.25")], ASKS)


async def test_single_orders_make_a_book_too(tmp_path: Path) -> None:
    raw = [frames.RAW_ASKED, frames.RAW, frames.ORDER, frames.ORDER_GONE, b'[433290,"cs",5]']
    state = (await played(tmp_path / "raw.jsonl.gz", raw)).states["BITFINEX"]
    assert book(state, BTC) == ([("7294.7", "0.5")], [("7295", "1.25")])


async def test_the_same_number_on_two_links_is_two_channels(tmp_path: Path) -> None:
    other = frames.BOOK_ASKED.replace(b"tETHUSD", b"tBTCUSD")
    replay = await played(tmp_path / "two.jsonl.gz", LEVELS, [other, frames.BOOK])
    state = replay.states["BITFINEX"]
    assert book(state, BTC) == ([("170.24", "5.5"), ("170.23", "1.25")], [("170.26", "3.2"), *ASKS])


async def test_trades_bars_and_contracts_come_along(tmp_path: Path) -> None:
    replay = await played(tmp_path / "all.jsonl.gz", frames.ALL)
    state = replay.states["BITFINEX"]
    trades = [(trade.trade_id, trade.side, trade.qty) for trade in state.trades(BTC)]
    assert trades == [
        ("401597393", "sell", "0.005"),
        ("401597395", "buy", "0.005"),
        ("401597396", "sell", "0.002"),
    ]
    assert state.mark("BITFINEX:tBTCF0:USTF0")["open_interest"] == "246502.09001551"
    assert replay.counters["undecodable"] == 0
