"""What is missing is noticed and repaired; what is old goes when longer bars are made of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from feeds.symbols import INTERVALS
from marketdash.history import actions, backfills, queries, retention
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Bar
from marketdash.history.repairs import Repairs
from marketdash.instruments.models import Instrument
from marketdash.threads import in_thread
from tests.marketdash.history.fetching import NOW_US, Venue, asked, filled, minutes
from tests.marketdash.history.making import DAY_US, SYMBOL, T0_US, bar, instrument

pytestmark = pytest.mark.usefixtures("same_connection")


def test_a_new_instrument_is_noticed_once(database: str) -> None:
    row = instrument()

    assert backfills.notice([row], NOW_US) > 0
    assert backfills.notice([row], NOW_US) == 0
    first = Backfill.objects.get(interval=1)
    assert first.until_us - first.since_us == backfills.FIRST_BARS * MINUTE_US


def test_a_worker_that_was_down_leaves_a_gap_that_is_noticed(database: str) -> None:
    row = instrument()
    until_us = NOW_US - backfills._SETTLED_US
    for interval in INTERVALS:
        start = until_us - until_us % (interval * MINUTE_US)
        actions.cover(row.pk, interval, T0_US, start)
    assert backfills.notice([row], NOW_US) == 0

    later_us = NOW_US + 120 * MINUTE_US
    actions.upsert([bar(3 * 1440 + at) for at in (-2, -1, 0, 110, 111)])

    assert backfills.notice([row], later_us) == 1, "the longer ones are made of the minutes"
    gap = Backfill.objects.get()
    assert (gap.interval, gap.since_us) == (1, until_us)

    filled(Venue(), gap)

    assert minutes() == list(range(3 * 1440 - 2, 3 * 1440 + 118))
    assert backfills.notice([row], later_us) == 0


def test_what_the_venue_no_longer_gives_in_minutes_comes_in_longer_bars(database: str) -> None:
    """Down for days, and the venue keeps 12 hours of minutes: then 5 m, 15 m and so on fill what is left."""
    row = instrument()
    for interval in INTERVALS:
        actions.cover(row.pk, interval, T0_US - DAY_US, T0_US)

    class Kraken(Venue):
        def first_us(self, interval: int) -> int:
            return NOW_US - 720 * interval * MINUTE_US

    venue = Kraken(page=720)
    for _ in range(6):
        backfills.notice([row], NOW_US)
        while (taken := backfills.take("KRAKEN", NOW_US)) is not None:
            filled(venue, taken)

    assert len(queries.rows(row.pk, 5, T0_US, NOW_US, 5000)) >= 700
    assert len(queries.rows(row.pk, 15, T0_US, NOW_US - 15 * MINUTE_US, 5000)) == 3 * 96 - 1
    assert backfills.notice([row], NOW_US) == 0
    assert Backfill.objects.filter(finished=None).count() == 0


def test_incomplete_bars_are_fetched_again(database: str) -> None:
    row = instrument()
    until_us = NOW_US - backfills._SETTLED_US
    actions.cover(row.pk, 1, T0_US, until_us - 5 * MINUTE_US)
    at = (until_us - T0_US) // MINUTE_US
    actions.upsert([bar(at - n, "1", incomplete=n == 3) for n in range(1, 6)])

    backfills.notice([row], NOW_US)
    filled(Venue(), Backfill.objects.get(interval=1))

    assert not Bar.objects.filter(interval=1, incomplete=True).exists()


def test_minutes_go_when_their_longer_bars_are_there(database: str) -> None:
    row = instrument()
    actions.upsert([bar(at, str(at + 1)) for at in range(1440 + 30) if at != 700])
    actions.upsert([bar(0, "77", interval=60), bar(1, "1", interval=60, incomplete=True)])
    actions.cover(row.pk, 1, T0_US + DAY_US - MINUTE_US, T0_US + DAY_US + 30 * MINUTE_US)

    done = retention.prune(row.pk, T0_US + DAY_US + 60 * MINUTE_US)

    assert done.removed == 1439
    assert minutes() == list(range(1440, 1470)), "a day is removed as a whole or not at all"
    hours = queries.rows(row.pk, 60, T0_US, T0_US + DAY_US, 100)
    assert [each.close for each in hours[:3]] == ["77", "120", "180"]
    assert [at for at, each in enumerate(hours) if each.incomplete] == [11], "one minute is missing there"
    (day,) = queries.rows(row.pk, 1440, T0_US, T0_US + DAY_US, 10)
    assert (day.close, day.incomplete) == ("1440", True)
    assert queries.spans(row.pk)[1] == (T0_US + DAY_US, T0_US + DAY_US + 30 * MINUTE_US)
    assert retention.prune(row.pk, T0_US + DAY_US).removed == 0


def test_nothing_is_removed_when_the_longer_bars_cannot_be_stored(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = instrument()
    actions.upsert([bar(at) for at in range(10)])

    def full(rows: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(actions, "store", full)
    with pytest.raises(OSError):
        retention.prune(row.pk, T0_US + 9 * DAY_US)

    assert len(minutes()) == 10


@contextlib.asynccontextmanager
async def at_work(**made: Any) -> AsyncIterator[Repairs]:
    """In real threads. One whose work nobody waits for any more writes on, so all of them have ended before
    the tables are emptied."""
    begun: list[asyncio.Future[Any]] = []

    async def handed(work: Callable[[], Any]) -> Any:
        begun.append(asyncio.ensure_future(in_thread(work)))
        return await asyncio.shield(begun[-1])

    repairs = Repairs({"KRAKEN": Venue()}, hand=handed, **made)
    running = asyncio.create_task(repairs.run())
    try:
        yield repairs
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.gather(*begun, return_exceptions=True)


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_what_was_asked_for_when_it_is_told(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real threads, on connections of their own."""
    monkeypatch.undo()
    row = instrument(enabled=False)
    monkeypatch.setattr("marketdash.history.repairs.LOOK_S", 60)

    async def story() -> None:
        async with at_work(now_us=lambda: NOW_US) as repairs:
            await asyncio.sleep(0)
            await asyncio.to_thread(asked_on_own, row)
            async with asyncio.timeout(30):
                while not await asyncio.to_thread(done_on_own):  # noqa: ASYNC110
                    repairs.wake()
                    await asyncio.sleep(0.02)

    asyncio.run(story())
    assert queries.last_closes([SYMBOL])


@pytest.mark.django_db(transaction=True)
def test_bars_that_nothing_makes_are_looked_for_as_they_end(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A dealer tells no trades: its bars come from here alone, and not each quarter of an hour."""
    monkeypatch.undo()
    instrument()
    monkeypatch.setattr("marketdash.history.repairs.LOOK_S", 0.02)
    monkeypatch.setattr("marketdash.history.repairs.MINUTE_S", 0.02)
    moment_us = NOW_US

    async def story() -> None:
        nonlocal moment_us
        async with at_work(alone=["KRAKEN"], now_us=lambda: moment_us):
            for _ in range(2):
                await until_newest(moment_us - backfills._SETTLED_US)
                moment_us += 3 * MINUTE_US

    caplog.set_level("INFO")
    asyncio.run(story())
    # Either of the two looks may have been the first.
    assert caplog.text.count("bars are missing") <= 1, "what comes each minute is no news"


async def until_newest(end_us: int) -> None:
    from marketdash.history.repairs import on_own_connection

    def there() -> bool:
        return on_own_connection(Bar.objects.filter(interval=1, start_us=end_us - MINUTE_US).exists)

    async with asyncio.timeout(30):
        while not await asyncio.to_thread(there):  # noqa: ASYNC110 (only the database knows)
            await asyncio.sleep(0.02)


def asked_on_own(row: Instrument) -> None:
    from marketdash.history.repairs import on_own_connection

    on_own_connection(lambda: asked(row, NOW_US - 150 * MINUTE_US))


def done_on_own() -> bool:
    from marketdash.history.repairs import on_own_connection

    return on_own_connection(lambda: Backfill.objects.exclude(finished=None).exists())
