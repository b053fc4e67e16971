"""F06: what is corrupt under a valid message is caught by the checksum at once, and what is not never is."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.venues.kraken.messages import checksum
from feeds.venues.kraken.public import KrakenCodec
from tests.feeds.replaying import Recorded, records

DERIVED = "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz"
NATIVE, LINK = "XMR/USD", "public.0"


@pytest.fixture(scope="module")
def frames(captures) -> list[tuple[bytes, int]]:
    found = [
        (record["raw"].encode(), record["ns"])
        for record in records(captures / DERIVED)
        if record["k"] == "recv"
    ]
    return [frame for frame in found if f'"symbol":"{NATIVE}"'.encode() in frame[0] and b'"book"' in frame[0]]


def started(frames) -> tuple[Recorded, list[tuple[bytes, int]]]:
    recorded = Recorded(KrakenCodec())
    recorded.watch([NATIVE], depth=1000, channels=["book"], link=LINK)
    first = next(at for at, (raw, _) in enumerate(frames) if b'"type":"snapshot"' in raw)
    recorded.feed(*frames[first])
    return recorded, frames[first + 1 :]


def book(recorded: Recorded):
    return recorded.state.book(f"KRAKEN:{NATIVE}")


def test_the_checksum_is_over_digits_without_point_and_leading_zeros():
    bids = [("0.05005", "0.00000500"), ("0.05000", "0.00000500")]
    asks = [("0.05010", "0.00000500")]

    assert checksum(bids, asks) == zlib.crc32(b"501050050055005000500")


@pytest.mark.parametrize("damage", ["digit", "trailing zero", "dropped"])
def test_a_corrupt_best_level_hides_the_book_at_once(frames, damage):
    recorded, updates = started(frames)
    at = next(
        at for at, (raw, _) in enumerate(updates[50:], 50) if moves_the_best(recorded, updates[:at], raw)
    )
    raw, ns = updates[at]
    for frame in updates[:at]:
        recorded.feed(*frame)
    assert book(recorded) is not None

    if damage == "digit":
        raw = re.sub(
            rb'"qty":(\d)', lambda found: b'"qty":%d' % ((int(found[1]) + 1) % 10 or 1), raw, count=1
        )
    elif damage == "trailing zero":
        raw = re.sub(rb'("qty":[0-9.]*[1-9][0-9]*)', rb"\g<1>0", raw, count=1)
    if damage == "dropped":
        raw, ns = updates[at + 1]
    recorded.feed(raw, ns)

    assert recorded.state.counters["checksum"] == 1
    assert book(recorded) is None
    assert [(resync.scope, resync.reason) for resync in recorded.resyncs] == [("symbol", "checksum book")]
    assert recorded.state.topic_state("book", f"KRAKEN:{NATIVE}").state == "syncing"


def moves_the_best(recorded: Recorded, before, raw: bytes) -> bool:
    """Whether the update, of one level with a quantity, is among the ten best after ``before``."""
    other = Recorded(KrakenCodec())
    (event,) = other.codec.decode(raw, 0)
    levels = [*event.bids, *event.asks]
    return len(levels) == 1 and bool(levels[0][1].strip("0.")) and is_best(before, levels[0], recorded)


def is_best(before, level, recorded: Recorded) -> bool:
    bids, asks = book(recorded).best(1)
    near = abs(float(level[0]) - float(bids[0][0])) < 0.3 or abs(float(level[0]) - float(asks[0][0])) < 0.3
    return near and len(before) >= 50


def plain_checksum(bids, asks) -> int:
    """The venue's recipe, word for word."""
    texts = [text.replace(".", "").lstrip("0") for level in (*asks, *bids) for text in level]
    return zlib.crc32("".join(texts).encode())


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_readable_always_has_the_checksum_that_the_exchange_sent_last(frames, data):
    recorded, updates = started(frames)
    sent = list(updates[:160])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, 150))
        fault = data.draw(st.sampled_from(["drop", "repeat", "swap"]))
        if fault == "drop":
            del sent[at]
        elif fault == "repeat":
            sent.insert(at, sent[at])
        else:
            sent[at : at + 2] = sent[at : at + 2][::-1]

    for raw, ns in sent:
        recorded.feed(raw, ns)
        shown = book(recorded)
        if shown is not None:
            (event,) = recorded.codec.decode(raw, ns)
            assert plain_checksum(*shown.best(10)) == event.checksum
        else:
            assert len(recorded.resyncs) == 1
