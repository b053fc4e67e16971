"""The event log in the database, and the sink that fills it, also past an outage."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from feeds.sinks import LinkReport, Routes, VenueReport
from marketdash.ops import lives, log
from marketdash.ops import sink as sink_module
from marketdash.ops.incidents import Entry, Journal
from marketdash.ops.sink import OpsSink, named
from marketdash.ops.spill import Spill
from tests.fakes.clock import FakeClock
from tests.fakes.waiting import wait_until

T0_US = 1_766_000_000_000_000
DAY_US = 86_400_000_000


def entry(number: int, kind: str = "gap", ended_us: int = 0, began_us: int = T0_US, **fields: str) -> Entry:
    made = Entry(
        f"e1.{number}", kind, "KRAKEN", f"KRAKEN:C{number}/USD", "checksum", began_us + number, ended_us
    )
    return made._replace(**fields)


def shown(**asked) -> list[dict]:
    return log.read(log.Asked(**asked), details=True)


def test_what_is_written_again_is_changed_and_not_doubled(database: str) -> None:
    log.write("e1", [entry(1), entry(2)])
    log.write("e1", [entry(1, ended_us=T0_US + 9_000_000), entry(3)])

    assert [(row["subject"], row["ended_us"]) for row in shown()] == [
        ("KRAKEN:C3/USD", None),
        ("KRAKEN:C2/USD", None),
        ("KRAKEN:C1/USD", T0_US + 9_000_000),
    ]


def test_the_log_is_narrowed_and_turned_over_page_by_page(database: str) -> None:
    log.write("e1", [entry(number, ended_us=T0_US + 1000) for number in range(150)])
    log.write("e1", [entry(500, "halt", text="auction"), entry(501, "link", venue="BINANCE")])

    assert [row["kind"] for row in shown(ongoing=True)] == ["link", "halt"]
    assert [row["kind"] for row in shown(venue="BINANCE")] == ["link"]
    assert [row["text"] for row in shown(text="AUCT")] == ["auction"]
    first = shown(kind="gap")
    second = shown(kind="gap", before=first[-1]["id"])
    assert (len(first), len(second)) == (100, 50)
    assert {row["id"] for row in first}.isdisjoint(row["id"] for row in second)


def test_error_texts_are_neither_shown_nor_found_without_the_right(database: str) -> None:
    log.write("e1", [entry(1, text="OSError: 10.0.0.7 refused")])

    assert log.read(log.Asked(), details=False)[0]["text"] == ""
    assert log.read(log.Asked(text="10.0.0.7"), details=False) == []


@pytest.mark.parametrize("kind", ["limit", "halt", "delisted"])
def test_what_an_exchange_said_is_shown_to_all_and_found(database: str, kind: str) -> None:
    log.write("e1", [entry(1, kind, text="the exchange limits us until 00:02 UTC"), entry(2, text="until")])

    found = log.read(log.Asked(text="UNTIL"), details=False)
    assert [row["text"] for row in found] == ["the exchange limits us until 00:02 UTC"]


def test_what_ended_long_ago_goes_and_what_goes_on_stays(database: str) -> None:
    log.write("e1", [entry(1, ended_us=T0_US + 10), entry(2), entry(3, ended_us=T0_US + 40 * DAY_US)])

    assert log.prune(30, T0_US + 50 * DAY_US) == 1
    assert [row["subject"] for row in shown()] == ["KRAKEN:C3/USD", "KRAKEN:C2/USD"]


def test_a_killed_writer_is_closed_when_it_was_seen_last(database: str) -> None:
    log.write("e1", [entry(0, "worker", subject="KRAKEN", venue=""), entry(1)])
    lives.seen("e1", T0_US + 20_000_000)

    lives.close_open("e2", "KRAKEN", T0_US + 60_000_000)

    ends = {(row["kind"], row["text"]): row["ended_us"] for row in shown()}
    assert ends["worker", "checksum"] == ends["gap", "checksum"] == T0_US + 20_000_000
    silent = [row for row in shown() if row["text"] == "no feed process ran"]
    assert [(row["began_us"], row["ended_us"]) for row in silent] == [
        (T0_US + 20_000_000, T0_US + 60_000_000)
    ]


def test_the_next_writer_leaves_what_a_living_one_writes_alone(database: str) -> None:
    log.write("other", [entry(7, "worker", subject="KRAKEN 1/2", venue=""), entry(8)])

    lives.close_open("e2", "KRAKEN 2/2", T0_US + 50_000_000)
    lives.seen("e2", T0_US + 50_000_000)
    assert [row["ended_us"] for row in shown()] == [None, None]

    lives.seen("e2", T0_US + 90_000_000)  # the other one was not seen for more than a minute
    assert [row["ended_us"] for row in shown()] == [T0_US + 8, T0_US + 7]


def test_what_a_gone_writer_left_going_on_is_over(database: str) -> None:
    """Also when its life was closed already, by a worker of other venues."""
    log.write("e1", [entry(0, "worker", subject="KRAKEN", venue="")])
    lives.seen("e1", T0_US + 5_000_000)
    lives.seen("other", T0_US + 90_000_000)

    lives.write_left([entry(1)])

    assert {row["kind"]: row["ended_us"] for row in shown()} == dict.fromkeys(
        ("worker", "gap"), T0_US + 5_000_000
    )


def test_words_of_a_venue_that_no_database_takes_are_written_without_them(database: str) -> None:
    journal = Journal("e1")
    journal.begin("link", "KRAKEN", "KRAKEN public.0", "closed: \0bye", T0_US)

    log.write("e1", journal.take())
    assert [row["text"] for row in shown()] == ["closed: bye"]


def report(state: str, wall_us: int = T0_US) -> VenueReport:
    link = LinkReport("public.0", state, "no route", 0, 0, 1, 0, 0.0, 0, 0, 0, 0, "")
    return VenueReport("KRAKEN", "Kraken", state, "", (link,), {}, 0, wall_us)


def test_a_sink_is_called_for_what_it_takes_alone():
    class All:
        def put(self, state, event) -> None: ...

    everything, some = All(), OpsSink(FakeClock(), epoch="e1", venues=["KRAKEN"], keep_days=9)
    routes = Routes([everything, some])

    assert routes[int] == (everything.put,)
    assert routes[VenueReport] == (everything.put, some.put)


@contextlib.asynccontextmanager
async def running(sink: OpsSink):
    task = asyncio.create_task(sink.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "LOOK_EVERY_S", 0.02)


@pytest.mark.django_db(transaction=True)
async def test_the_sink_writes_what_happens_and_says_goodbye(database: str, quick: None) -> None:
    clock = FakeClock()
    sink = OpsSink(clock, epoch="e1", venues=["KRAKEN"], keep_days=9)
    async with running(sink):
        sink.put(None, report("down"))
        await until(lambda rows: len(rows) == 2)
    rows = {row["kind"]: row for row in await _read()}
    assert rows["link"]["ended_us"] is None and rows["link"]["text"] == "no route"
    assert rows["worker"]["ended_us"] is not None


@pytest.mark.django_db(transaction=True)
async def test_a_database_that_is_away_costs_nothing_but_time(
    database: str, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, away = FakeClock(), [True]
    write = log.write

    def refused(*args) -> None:
        if away[0]:
            raise OperationalError("could not connect to 10.0.0.7")
        write(*args)

    monkeypatch.setattr(log, "write", refused)
    sink = OpsSink(clock, epoch="e1", venues=["KRAKEN"], keep_days=9)
    async with running(sink):
        sink.put(None, report("down"))
        await wait_until(lambda: "database" in {each.kind for each in sink.journal.pending.values()})
        sink.put(None, report("live", T0_US + 5_000_000))
        away[0] = False
        clock.advance(60)

        await until(lambda rows: {row["kind"] for row in rows if row["ended_us"]} == {"link", "database"})
    rows = {row["kind"]: row for row in await _read()}
    assert rows["link"]["ended_us"] == T0_US + 5_000_000


@pytest.mark.django_db(transaction=True)
async def test_what_a_dead_worker_could_not_write_the_next_one_writes(
    database: str, quick: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write, away = log.write, [True]

    def refused(*args) -> None:
        if away[0]:
            raise OperationalError("could not connect to 10.0.0.7")
        write(*args)

    monkeypatch.setattr(log, "write", refused)
    spill = Spill(tmp_path)
    first = OpsSink(FakeClock(), epoch="e1", venues=["KRAKEN"], keep_days=9, spill=spill)
    task = asyncio.create_task(first.run())
    first.put(None, report("down"))
    await wait_until(lambda: "no route" in "".join(spilled(tmp_path).values()))
    kept = spilled(tmp_path)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    leave(kept)
    spill.close()

    away[0] = False
    clock = FakeClock()
    clock.advance(60)
    async with running(OpsSink(clock, epoch="e2", venues=["KRAKEN"], keep_days=9, spill=Spill(tmp_path))):
        await until(lambda rows: "link" in {row["kind"] for row in rows if row["ended_us"]})
        await wait_until(lambda: not list(tmp_path.glob("*.json")))
    assert {row["text"] for row in await _read() if row["kind"] == "link"} == {"no route"}


@pytest.mark.django_db(transaction=True)
async def test_a_disk_that_hangs_holds_up_nobody_else(
    quick: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hangs, others_went_on, seen = threading.Event(), threading.Event(), []

    def keep(self: Spill, entries: list[Entry]) -> None:
        hangs.set()
        seen.append(others_went_on.wait(10))

    monkeypatch.setattr(Spill, "keep", keep)
    async with running(OpsSink(FakeClock(), epoch="e1", venues=[], keep_days=9, spill=Spill(tmp_path))):
        await wait_until(hangs.is_set)
        others_went_on.set()

    assert all(seen)


@pytest.mark.django_db(transaction=True)
async def test_an_outage_of_redis_is_an_entry(database: str, quick: None) -> None:
    fails = ["the bus is not taken"]
    sink = OpsSink(FakeClock(), epoch="e1", venues=["KRAKEN"], keep_days=9, redis_trouble=lambda: fails[0])
    async with running(sink):
        await until(lambda rows: {row["kind"] for row in rows} == {"worker", "redis"})
        fails[0] = ""
        await until(lambda rows: [row["kind"] for row in rows if row["ended_us"]] == ["redis"])


def spilled(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}


def leave(files: dict[Path, str]) -> None:
    """As a killed process leaves them: without its last words."""
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


async def _read() -> list[dict]:
    """In a thread of this test's loop, whose connection is to this test's database."""
    return await asyncio.to_thread(_read_and_close)


def _read_and_close() -> list[dict]:
    try:
        return shown()
    finally:
        connection.close()


async def until(condition: Callable[[list[dict]], bool], within_s: float = 30) -> None:
    """What is written is so."""
    until_s = time.monotonic() + within_s
    while not condition(rows := await _read()):
        assert time.monotonic() < until_s, rows
        await asyncio.sleep(0.02)


def test_a_process_is_named_in_few_words_by_what_it_follows() -> None:
    known = [f"VENUE_{number:02}" for number in range(40)]

    assert named(["B", "A"], ["A", "B", "C", "D"]) == "A, B"
    assert named(known, known) == "all venues"
    assert named(known[2:], known) == "all venues but VENUE_00, VENUE_01"
    assert named(["KRAKEN"], ()) == "KRAKEN"
