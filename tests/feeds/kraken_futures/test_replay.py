"""A recording of Kraken's derivatives, played: made of documented messages, as they follow one another."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from feeds import venues
from feeds.replay import Replay, ReplayClock
from tests.feeds.kraken_futures import frames

NAME = "KRAKEN_FUTURES:PI_XBTUSD"
URL = "wss://futures.kraken.com/ws/v1"


def change(seq: int, side: str, price: str, qty: str) -> bytes:
    return (
        f'{{"feed":"book","product_id":"PI_XBTUSD","side":"{side}","seq":{seq},"price":{price},"qty":{qty},'
        f'"timestamp":{1612269825817 + seq - 326072249}}}'
    ).encode()


CHANGES = [
    change(326072250, "buy", "34893.0", "100.0"),
    change(326072251, "sell", "34911.5", "0.0"),
    change(326072252, "buy", "34892", "7"),
]


async def played(path: Path, received: list[bytes]) -> Replay:
    rows = [{"k": "open", "url": URL}, *({"k": "recv", "raw": frame.decode()} for frame in received)]
    with gzip.open(path, "wt") as file:
        for number, row in enumerate(rows):
            told = {"ns": 1612269825_900_000_000 + number * 1_000_000, "conn": "KRAKEN_FUTURES.ws.1"}
            file.write(json.dumps(row | told) + "\n")
    replay = Replay(path, {name: venues.codec(name) for name in venues.VENUES}, ReplayClock())
    await replay.play(0)
    return replay


async def test_it_is_known_among_all_venues_and_its_book_is_followed(tmp_path: Path) -> None:
    ours = [*frames.ALL, frames.SNAPSHOT, *CHANGES]
    replay = await played(tmp_path / "kf.jsonl.gz", ours)

    state = replay.states["KRAKEN_FUTURES"]
    assert list(replay.states) == ["KRAKEN_FUTURES"] and replay.counters["undecodable"] == 0
    bids, asks = state.book(NAME).best(5)
    assert bids == [("34893.0", "100.0"), ("34892.5", "6385"), ("34892", "7")]
    assert asks == [("34912", "2300")]
    assert state.mark(NAME)["open_interest"] == "30072580.0"
    assert state.funding(NAME)["rate"] == "-0.000001380384722222"
    assert [(trade.side, trade.qty) for trade in state.trades(NAME)][-2:] == [
        ("sell", "9643"),
        ("sell", "440"),
    ]


async def test_a_change_that_is_missing_ends_the_book(tmp_path: Path) -> None:
    replay = await played(tmp_path / "kf.jsonl.gz", [frames.SNAPSHOT, CHANGES[0], CHANGES[2]])

    state = replay.states["KRAKEN_FUTURES"]
    assert state.book(NAME) is None
    assert state.counters["gaps"] == 1
