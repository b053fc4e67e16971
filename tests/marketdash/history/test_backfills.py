"""Bars of the past are fetched within the venue's limits, and taken up again after a crash."""

from __future__ import annotations

import pytest

from feeds.symbols import INTERVALS
from marketdash.history import backfills, queries
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Bar, Span
from tests.marketdash.history.fetching import NOW_US, Venue, asked, filled, minutes
from tests.marketdash.history.making import DAY_US, T0_US, instrument

pytestmark = pytest.mark.usefixtures("same_connection")


def test_pages_come_newest_first_and_say_how_far_they_are(database: str) -> None:
    row, said = instrument(), []
    since_us = NOW_US - 250 * MINUTE_US

    assert filled(Venue(), asked(row, since_us), lambda each: said.append((round(each.share, 2), each.bars)))

    assert said == [(0.4, 100), (0.8, 200), (1.0, 250), (1.0, 250)]
    assert len(minutes()) == 250
    done = Backfill.objects.get()
    assert done.finished and done.started is None and done.remark == ""
    assert queries.spans(row.pk)[1] == (since_us, NOW_US)


def test_longer_bars_are_made_of_what_came(database: str) -> None:
    row = instrument()

    filled(Venue(), asked(row, NOW_US - 2 * DAY_US))

    hours = queries.rows(row.pk, 60, 0, NOW_US, 1000)
    assert len(hours) == 48 and not any(each.incomplete for each in hours)
    assert {each.volume for each in hours} == {"90.0"}
    assert Bar.objects.filter(interval=1440, incomplete=False).count() == 2
    assert queries.spans(row.pk)[1440] == (NOW_US - 2 * DAY_US, NOW_US)


def test_a_broken_run_goes_on_where_it_stopped(database: str) -> None:
    row, venue = instrument(), Venue()
    venue.fails_at = 3
    wanted = asked(row, NOW_US - 500 * MINUTE_US)

    assert not filled(venue, wanted)
    half = Backfill.objects.get()
    assert half.remark == "ConnectionError: no answer" and half.finished is None and len(minutes()) == 200
    assert backfills.take("KRAKEN", NOW_US) is None, "not at once again"
    assert asked(row, NOW_US - 500 * MINUTE_US).pk == half.pk

    again = backfills.take("KRAKEN", NOW_US + 10_000_000)
    assert again is not None and again.started is not None
    assert filled(venue, again)

    assert [until for _, _, until in venue.asked[2:4]] == [NOW_US - 200 * MINUTE_US] * 2
    assert len(minutes()) == 500


def test_what_is_known_is_not_fetched_again(database: str) -> None:
    row, venue = instrument(), Venue()
    filled(venue, asked(row, NOW_US - 500 * MINUTE_US))
    venue.asked.clear()

    filled(venue, asked(row, NOW_US - 700 * MINUTE_US))

    assert len(minutes()) == 700
    assert [until for _, _, until in venue.asked] == [NOW_US - at * MINUTE_US for at in (0, 500, 600)]


def test_two_workers_do_not_take_the_same_one(database: str) -> None:
    row = instrument()
    first, second = asked(row, NOW_US - DAY_US), asked(row, NOW_US - DAY_US, 5)

    taken = [backfills.take("KRAKEN", NOW_US) for _ in range(3)]

    assert [each and each.pk for each in taken] == [first.pk, second.pk, None]
    assert backfills.take("BINANCE", NOW_US + DAY_US) is None
    assert backfills.take("KRAKEN", NOW_US + 61_000_000).pk == first.pk


def test_people_come_before_what_the_worker_noticed(database: str) -> None:
    row = instrument()
    backfills.notice([row], NOW_US)
    wanted = asked(row, NOW_US - DAY_US)

    assert backfills.take("KRAKEN", NOW_US).pk == wanted.pk


def test_what_somebody_looks_at_comes_before_the_rest(database: str) -> None:
    rows = [instrument(), instrument("ETH/USD")]
    backfills.notice(rows, NOW_US)

    taken = [backfills.take("KRAKEN", NOW_US, {"KRAKEN:ETH/USD"}).instrument.native for _ in (0, *INTERVALS)]

    assert taken == ["ETH/USD"] * len(INTERVALS) + ["BTC/USD"]


def test_the_chart_that_somebody_looks_at_comes_first_of_all(database: str) -> None:
    rows = [instrument(), instrument("ETH/USD")]
    backfills.notice(rows, NOW_US)
    charts = {("KRAKEN:ETH/USD", 1440), ("KRAKEN:NONE", 5)}

    taken = [backfills.take("KRAKEN", NOW_US, {"KRAKEN:ETH/USD"}, charts) for _ in (0, *INTERVALS)]

    assert [(each.instrument.native, each.interval) for each in taken] == [
        ("ETH/USD", 1440), *(("ETH/USD", each) for each in INTERVALS[:-1]), ("BTC/USD", 1)
    ]  # fmt: skip


def test_it_gives_up_at_last_and_says_why(database: str) -> None:
    row, at_us = instrument(), NOW_US
    asked(row, NOW_US - DAY_US)
    for _ in range(backfills.GIVE_UP_AFTER):
        taken = backfills.take("KRAKEN", at_us)
        backfills.failed(taken, "Refused: HTTP 404 " + "x" * 400, at_us)
        at_us += 400_000_000

    row = Backfill.objects.get()
    assert row.finished and row.remark.startswith("Refused: HTTP 404") and row.share < 1
    assert not Span.objects.exists()


def test_a_ban_is_waited_for(database: str) -> None:
    asked(instrument(), NOW_US - DAY_US)
    backfills.failed(backfills.take("KRAKEN", NOW_US), "Banned", NOW_US, 120_000_000)

    assert backfills.take("KRAKEN", NOW_US + 119_000_000) is None
    assert backfills.take("KRAKEN", NOW_US + 121_000_000) is not None


def test_where_the_venue_ends_it_ends(database: str) -> None:
    row = instrument()
    venue = Venue(first_us=NOW_US - 150 * MINUTE_US)

    filled(venue, asked(row, NOW_US - 1000 * DAY_US))

    assert len(minutes()) == 150
    assert len(venue.asked) < 8, "it does not turn a thousand empty pages"
    assert queries.spans(row.pk)[1] == (NOW_US - 1000 * DAY_US, NOW_US)
    assert Span.objects.get(interval=1).begins


def test_days_without_trades_are_jumped_over(database: str) -> None:
    row, venue = instrument(), Venue(first_us=T0_US - 30 * DAY_US)
    venue.silent = lambda us: T0_US - 20 * DAY_US <= us < NOW_US - 60 * MINUTE_US

    filled(venue, asked(row, T0_US - 20 * DAY_US - 90 * MINUTE_US))

    assert len(minutes()) == 150
    assert len(venue.asked) < 8


def test_a_venue_that_keeps_little_says_so(database: str) -> None:
    row = instrument()
    venue = Venue(kept_us=NOW_US - 720 * MINUTE_US)

    filled(venue, asked(row, NOW_US - 9 * DAY_US))

    done = Backfill.objects.get()
    assert done.remark == "the venue gives no older bars of 1 m"
    assert queries.spans(row.pk)[1] == (NOW_US - 720 * MINUTE_US, NOW_US)
