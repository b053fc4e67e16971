"""How OKX's books prove themselves: by numbers today, by a checksum in older recordings, spliced with REST.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel, "Sequence ID".
"""

from __future__ import annotations

import json
from zlib import crc32

import pytest

from feeds.codec import Subscription
from feeds.venues.okx.public import OkxCodec
from tests.fakes.clock import FakeClock
from tests.feeds.okx.frames import frame
from tests.feeds.replaying import Recorded

NAME, NATIVE, LINK = "OKX:BTC-USDT", "BTC-USDT", "books.0"
BOOK = Subscription("book", NAME, NATIVE, 10)


@pytest.fixture
def made() -> Recorded:
    found = Recorded(OkxCodec(), FakeClock())
    found.state.watch([BOOK], LINK)
    found.state.confirm([BOOK])
    return found


def row(
    previous: int, last: int, bids: dict[str, str], asks: dict[str, str], **more: object
) -> dict[str, object]:
    sides = {
        name: [[price, qty, "0", "1"] for price, qty in side.items()]
        for name, side in (("bids", bids), ("asks", asks))
    }
    numbers = {"checksum": 0, "prevSeqId": previous, "seqId": last, "ts": str(1_786_309_548_000 + last)}
    return sides | numbers | more


def told(made: Recorded, action: str, of: dict[str, object]) -> None:
    made.feed(frame("books", NATIVE, of, action=action), made.clock.wall_ns(), LINK)


def fetched(made: Recorded, last: int, bids: dict[str, str], asks: dict[str, str]) -> None:
    body = json.dumps({"code": "0", "msg": "", "data": [row(0, last, bids, asks)]}).encode()
    made.state.apply(made.codec.decode_snapshot(BOOK, body, made.clock.wall_ns()), "")


def best(made: Recorded) -> tuple[list[tuple[str, str]], list[tuple[str, str]]] | None:
    book = made.state.book(NAME)
    return None if book is None else book.best(5)


def test_the_documented_example_of_numbers_is_followed(made):
    """A snapshot at 10, then 10→15, 15→15 without a change, 15→3 after maintenance, 3→5."""
    told(made, "snapshot", row(-1, 10, {"100": "1"}, {"101": "1"}))
    told(made, "update", row(10, 15, {"99": "2"}, {}))
    told(made, "update", row(15, 15, {}, {}))
    told(made, "update", row(15, 3, {}, {"101": "3"}))
    told(made, "update", row(3, 5, {"100": "0"}, {}))

    assert best(made) == ([("99", "2")], [("101", "3")])
    assert made.resyncs == []


def test_a_hole_takes_the_book_away_until_rest_brings_it(made):
    told(made, "snapshot", row(-1, 10, {"100": "1"}, {"101": "1"}))
    told(made, "update", row(12, 15, {"99": "2"}, {}))
    assert best(made) is None
    assert [resync.scope for resync in made.resyncs] == ["symbol"]

    told(made, "update", row(15, 18, {"98": "4"}, {}))
    fetched(made, 11, {"100": "1"}, {"101": "1"})
    assert best(made) is None, "older than what is known to be missing"
    fetched(made, 13, {"100": "7"}, {"101": "1"})

    assert best(made) == ([("100", "7"), ("99", "2"), ("98", "4")], [("101", "1")])


def test_without_a_snapshot_of_the_stream_rest_begins_the_book(made):
    """The venue announced in 2026 that its stream might begin without one."""
    told(made, "update", row(10, 15, {"99": "2"}, {}))
    told(made, "update", row(15, 18, {"98": "4"}, {}))
    assert [item.instrument for item in made.state.needs_snapshot()] == [NAME]

    fetched(made, 12, {"100": "1", "99": "1"}, {"101": "1"})

    assert best(made) == ([("100", "1"), ("99", "2"), ("98", "4")], [("101", "1")])
    told(made, "update", row(18, 19, {}, {"101": "5"}))
    assert best(made)[1] == [("101", "5")]


def test_a_snapshot_by_rest_that_is_late_changes_nothing(made):
    told(made, "snapshot", row(-1, 10, {"100": "1"}, {"101": "1"}))
    told(made, "update", row(10, 15, {"99": "2"}, {}))
    fetched(made, 11, {"90": "1"}, {"91": "1"})

    assert best(made) == ([("100", "1"), ("99", "2")], [("101", "1")])


def test_a_snapshot_of_the_stream_begins_a_running_book_anew(made):
    """As whoever recorded it asked for once more."""
    told(made, "snapshot", row(-1, 10, {"100": "1"}, {"101": "1"}))
    told(made, "snapshot", row(-1, 20, {"100": "5"}, {"101": "6"}))
    told(made, "update", row(20, 21, {"99": "2"}, {}))

    assert best(made) == ([("100", "5"), ("99", "2")], [("101", "6")])
    assert made.resyncs == []


def test_a_count_begun_anew_where_we_missed_it_is_no_repetition(made):
    """Lesser numbers at a later time: else the book would stand still until they are greater again."""
    told(made, "snapshot", row(-1, 1000, {"100": "1"}, {"101": "1"}))
    told(made, "update", row(990, 995, {"99": "2"}, {}))
    assert best(made) == ([("100", "1")], [("101", "1")]), "a repetition"

    told(made, "update", row(5, 7, {"99": "2"}, {}, ts=str(1_786_309_548_000 + 11_001)))

    assert best(made) is None
    assert len(made.resyncs) == 1


def test_without_numbers_the_checksum_proves_each_change(made):
    def sent(action: str, bids: dict[str, str], asks: dict[str, str], over: str) -> None:
        old = row(0, 0, bids, asks, checksum=crc32(over.encode()) - (1 << 32) * (crc32(over.encode()) >> 31))
        told(made, action, {key: value for key, value in old.items() if not key.endswith("eqId")})

    sent("snapshot", {"100": "1", "99": "2"}, {"101": "3"}, "100:1:101:3:99:2")
    sent("update", {"100": "0"}, {"101": "4", "102": "5"}, "99:2:101:4:102:5")
    assert best(made) == ([("99", "2")], [("101", "4"), ("102", "5")])

    sent("update", {"98": "1"}, {}, "99:2:101:4:98:2:102:5")
    assert best(made) is None
    assert made.state.counters["checksum"] == 1

    sent("snapshot", {"97": "1"}, {"101": "3"}, "97:1:101:3")
    assert best(made) == ([("97", "1")], [("101", "3")])


def test_numbers_and_checksum_together_prove_both(made):
    """As it was from 2023 to June 2026."""
    told(made, "snapshot", row(-1, 10, {"100": "1"}, {"101": "1"}, checksum=crc32(b"100:1:101:1")))
    told(made, "update", row(10, 11, {"100": "2"}, {}, checksum=crc32(b"100:9:101:1")))

    assert best(made) is None
    assert made.state.counters["checksum"] == 1
