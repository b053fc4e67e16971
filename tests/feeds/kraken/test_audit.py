"""The second look at a Kraken book: which books need one, what is asked, what the answer becomes."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError, Subscription
from feeds.venues.kraken.public import KrakenCodec

CODEC = KrakenCodec()
LEVEL = ["30384.10000", "2.059", 1688671659]


def book(native: str = "BTC/USDT", depth: int = 100) -> Subscription:
    return Subscription("book", f"KRAKEN:{native}", native, depth)


def body(**sides: list) -> bytes:
    return json.dumps({"error": [], "result": {"XXBTZUSD": sides}}).encode()


@pytest.mark.parametrize(("depth", "count"), [(25, 50), (0, 200), (100, 200), (500, 500), (1000, 500)])
def test_more_levels_are_asked_for_than_the_book_has(depth, count):
    request = CODEC.audit_request(book("DOGE/USD", depth))

    assert request.path == f"/0/public/Depth?pair=XDGUSD&count={count}"


def test_a_book_that_the_checksum_covers_needs_none():
    assert CODEC.audit_request(book(depth=10)) is None


def test_a_picture_keeps_the_digits_and_is_as_new_as_its_newest_level(captures):
    answer = (captures / "examples/kraken/http_order_book.json").read_bytes()

    shown = CODEC.decode_audit(book(), answer, 5)

    assert (shown.instrument, shown.depth, shown.received_ns) == ("KRAKEN:BTC/USDT", 200, 5)
    assert shown.bids[0] == ("105944.20000", "0.002")
    assert shown.asks[-1] == ("105963.60000", "0.024")
    assert shown.exchange_us == 1_762_820_249_000_000
    assert (len(shown.bids), len(shown.asks)) == (5, 5)


def test_an_empty_book_has_no_time():
    shown = CODEC.decode_audit(book(), body(bids=[], asks=[]), 0)

    assert (shown.bids, shown.asks, shown.exchange_us) == ([], [], 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>busy</html>",
        b'{"error":["EAPI:Rate limit exceeded"]}',
        b'{"error":[],"result":{}}',
        body(bids=[LEVEL]),
        body(bids=[LEVEL], asks=[["NaN", "1", 1]]),
        body(bids=[LEVEL], asks=[["1", "1e400", 1]]),
        body(bids=[LEVEL], asks=[[1.5, "1", 1]]),
        b'{"error":[],"result":{"X":' + b"[" * 100_000,
        b"\xff",
    ],
)
def test_an_answer_of_the_wrong_shape_is_a_decode_error(answer):
    with pytest.raises(DecodeError):
        CODEC.decode_audit(book(), answer, 0)
