"""Recordings: exactly what was on the wire, in order, and the same bytes when written again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from feeds.codec import Limits
from feeds.recorder import Recorder, encode, payload, read
from tests.fakes.feed import Feed, running
from tests.fakes.venue_codec import subscription
from tests.fakes.venue_server import VenueServer
from tests.fakes.waiting import wait_until


def record(path: Path) -> None:
    with Recorder(path) as recorder:
        recorder.opened("a", 1, "wss://venue/ws")
        recorder.sent("a", 2, "wss://venue/ws", '{"op":"sub"}')
        recorder.received("a", 3, '{"s":"币安人生","p":"1.10"}'.encode())
        recorder.received("a", 4, b"\xff\x00")
        recorder.fetched("v.http", 5, "https://venue/depth", b"{}")


def test_lines_are_in_the_format_of_captures(tmp_path: Path):
    record(tmp_path / "x.jsonl.gz")

    assert gzip.decompress((tmp_path / "x.jsonl.gz").read_bytes()).decode().splitlines() == [
        '{"k":"open","ns":1,"conn":"a","url":"wss://venue/ws"}',
        '{"k":"send","ns":2,"conn":"a","url":"wss://venue/ws","raw":"{\\"op\\":\\"sub\\"}"}',
        '{"k":"recv","ns":3,"conn":"a","raw":"{\\"s\\":\\"币安人生\\",\\"p\\":\\"1.10\\"}"}',
        '{"k":"recv","ns":4,"conn":"a","b64":"/wA="}',
        '{"k":"http","ns":5,"conn":"v.http","url":"https://venue/depth","raw":"{}"}',
    ]


def test_what_is_read_has_the_bytes_of_the_wire(tmp_path: Path):
    record(tmp_path / "x.jsonl.gz")

    frames = [payload(item) for item in read(tmp_path / "x.jsonl.gz") if item["k"] == "recv"]

    assert frames == ['{"s":"币安人生","p":"1.10"}'.encode(), b"\xff\x00"]


def test_equal_records_make_equal_files(tmp_path: Path):
    record(tmp_path / "one.jsonl.gz")
    record(tmp_path / "two.jsonl.gz")

    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()


def test_a_line_that_is_no_record_is_named(tmp_path: Path):
    (tmp_path / "x.jsonl").write_text('{"k":"open","ns":1}\nnonsense\n')

    with pytest.raises(ValueError, match=r"x\.jsonl line 2: expected a record"):
        list(read(tmp_path / "x.jsonl"))


def test_a_full_queue_says_what_it_lost(tmp_path: Path):
    with Recorder(tmp_path / "x.jsonl.gz", queue_bytes=10) as recorder:
        recorder.received("a", 1, b"x" * 100)
        recorder.received("a", 2, b"y" * 100)
        recorder.received("a", 3, b"z")

    kinds = [(item["k"], item.get("frames")) for item in read(tmp_path / "x.jsonl.gz")]
    assert kinds == [("lost", 2), ("recv", None)]


def test_recorded_traffic_is_written_again_as_it_was(captures: Path):
    for name in ("binance-spot/2021-10-12_4pairs.jsonl.gz", "okx-v5/2022-05-13_books.jsonl.gz"):
        with gzip.open(captures / name) as lines:
            again = b"".join(map(encode, read(captures / name)))

            assert again == lines.read()


async def test_a_link_is_recorded_as_it_speaks(tmp_path: Path):
    async with VenueServer() as server:
        with Recorder(tmp_path / "x.jsonl.gz") as recorder:
            feed = Feed(server, [subscription("trade", "BTC/USD")], limits=Limits(idle_s=60), tee=recorder)
            async with running(feed.session.run()):
                await wait_until(lambda: feed.shown("trade", "FAKE:BTC/USD")[0] == "live")
                await server.send(t="trade", s="BTC/USD", id=1)
                await wait_until(lambda: feed.state.trades("FAKE:BTC/USD"))
                trade = feed.state.trades("FAKE:BTC/USD")[0]

    records = list(read(tmp_path / "x.jsonl.gz"))
    assert [item["k"] for item in records] == ["open", "send", "recv", "recv"]
    assert {item["conn"] for item in records} == {"FAKE.link"}
    assert records[-1]["ns"] == trade.received_ns
