"""What was recorded of OKX in 2022 and what its documentation shows, frame by frame."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from feeds.codec import InstrumentSpec
from feeds.events import Ack, Bar, BookSnapshot, Funding, InstrumentStatus, Quote, Stats, Trade
from feeds.venues.okx.public import OkxCodec
from tests.feeds.replaying import Recorded, records

NS = 1_786_309_548_642_080_000
RECORDING = "okx-v5/2022-05-13_books.jsonl.gz"


@pytest.fixture
def recording(captures: Path) -> list[dict]:
    return list(records(captures / RECORDING))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("tickers", [Quote, Stats]),
        ("trades", [Trade]),
        ("bbo_tbt", [Quote]),
        ("books_snapshot", [BookSnapshot]),
        ("candle", [Bar]),
        ("funding_rate", [Funding]),
        ("instruments", [InstrumentStatus]),
    ],
)
def test_documented_frames_are_understood(captures: Path, name: str, kinds: list[type]):
    frame = (captures / f"examples/okx/ws_{name}.json").read_bytes()

    events = OkxCodec().decode(json.dumps(json.loads(frame), separators=(",", ":")).encode(), NS)

    assert [type(event) for event in events] == kinds
    assert [type(event) for event in OkxCodec().decode(frame, NS)] == kinds, "however it is spaced"


def test_trades_are_at_the_price_of_the_side_that_they_took(recording: list[dict]):
    """The taker's side, checked: who buys pays what is asked, the best price as it was just before."""
    made, taken = Recorded(OkxCodec()), [0, 0]
    names = {"BTC-USDT", "BTC-USD-220527", "UNI-USD-SWAP"}
    made.watch(names, depth=400, channels=("ticker", "trade", "book"), link="ws")
    for record in (each for each in recording if each["k"] == "recv"):
        for event in made.codec.decode(record["raw"].encode(), record["ns"]):
            book = made.state.book(event.instrument) if type(event) is Trade else None
            if book is not None:
                (bid, _), (ask, _) = (side[0] for side in book.best(1))
                nearer_ask = abs(Decimal(event.price) - Decimal(ask)) < abs(
                    Decimal(event.price) - Decimal(bid)
                )
                taken[nearer_ask == (event.side == "buy")] += 1
            made.state.apply(event, "ws")

    assert made.resyncs == []
    assert taken[1] > 20 * taken[0]


def test_every_change_of_a_book_is_proven_by_its_checksum(recording: list[dict]):
    made, proven = Recorded(OkxCodec()), 0
    made.watch({"BTC-USDT", "BTC-USD-220527", "UNI-USD-SWAP"}, depth=400, channels=("book",), link="ws")
    for record in (each for each in recording if each["k"] == "recv" and '"books"' in each["raw"]):
        made.feed(record["raw"].encode(), record["ns"], "ws")
        proven += '"checksum"' in record["raw"]

    assert (proven, made.state.counters["checksum"], made.resyncs) == (290, 0, [])


def test_the_lists_of_2022_are_understood(recording: list[dict]):
    codec, found = OkxCodec(), dict[str, InstrumentSpec]()
    for record in (each for each in recording if each["k"] == "http" and "/instruments" in each["url"]):
        found |= {spec.native: spec for spec in codec.decode_instruments(record["raw"].encode())}

    assert {spec.kind for spec in found.values()} >= {"spot", "perpetual", "future"}
    assert (found["BTC-USD-220527"].contract_size, found["BTC-USD-220527"].inverse) == ("100", True)
    assert (found["UNI-USD-SWAP"].contract_size, found["UNI-USD-SWAP"].inverse) == ("10", True)


def test_volumes_of_contracts_are_contracts(recording: list[dict]):
    """779,573 of a hundred dollars were 2,620.289 bitcoin at the prices of that day: ``vol24h`` and
    ``volCcy24h`` of one frame."""
    [told] = {
        (row["vol24h"], row["volCcy24h"])
        for record in recording
        if record["k"] == "recv" and '"vol24h":"779573"' in record["raw"]
        for row in json.loads(record["raw"])["data"]
    }

    assert 27_930 < 100 * Decimal(told[0]) / Decimal(told[1]) < 31_003.3


def test_each_of_the_recorded_answers_is_an_acknowledgement(recording: list[dict]):
    codec = OkxCodec()
    told = [each["raw"].encode() for each in recording if each["k"] == "recv" and '"event"' in each["raw"]]

    assert len(told) == 18
    assert all(type(event) is Ack and event.ok for frame in told for event in codec.decode(frame, NS))
