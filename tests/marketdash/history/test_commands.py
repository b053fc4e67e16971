"""``backfill`` and ``prune`` as an operator gives them, against the simulator."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketdash.history import actions, backfills, queries
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Bar
from marketdash.history.retention import DAY_US
from marketdash.instruments.models import Instrument, Venue
from marketdash.ops import redis_server
from tests.marketdash.history.making import SYMBOL, bar, instrument
from tests.servers import guarded

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The REST root of a simulated Kraken."""
    with guarded() as fd:
        process = subprocess.Popen(
            [*redis_server.guarded(fd), "--", sys.executable, "-m", "feeds.simulator"],
            stdout=subprocess.PIPE, pass_fds=(fd,), cwd=ROOT, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        port = process.stdout.readline().strip().rpartition(" ")[2]
        yield f"http://127.0.0.1:{port}/kraken"
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture
def bitcoin(transactional_db: None, simulator: str, settings: Any) -> Instrument:
    """On one database: the command's own threads keep their connections. Backfills are tested on both."""
    settings.VENUE_URLS = {"VENUE_KRAKEN_REST_URL": simulator}
    return instrument()


def said(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def hours() -> list[int]:
    return list(Bar.objects.filter(interval=60).order_by("start_us").values_list("start_us", flat=True))


def test_bars_of_the_past_come_and_are_not_fetched_again(bitcoin: Instrument) -> None:
    first = said("backfill", SYMBOL, "--interval", "1h", "--since", "2d")

    assert "100%" in first
    found = hours()
    assert 47 <= len(found) <= 48
    assert [b - a for a, b in zip(found, found[1:], strict=False)] == [60 * MINUTE_US] * (len(found) - 1)
    row = Backfill.objects.get()
    assert (row.asked_by, row.remark, row.finished is None) == ("the shell", "", False)
    before = row.bars

    said("backfill", SYMBOL, "--interval", "1h", "--since", "2d")

    again = Backfill.objects.latest("pk")
    assert again.pk != row.pk and again.finished is not None
    assert Bar.objects.filter(interval=60).count() - len(found) <= 1 < before
    assert hours()[: len(found)] == found


def test_a_run_that_broke_off_says_so_and_goes_on(bitcoin: Instrument, settings: Any, simulator: str) -> None:
    settings.VENUE_URLS = {"VENUE_KRAKEN_REST_URL": "http://127.0.0.1:1"}

    with pytest.raises(CommandError, match="run the same command again to go on"):
        call_command("backfill", SYMBOL, "--interval", "1h", "--since", "1d", stdout=(out := io.StringIO()))
    assert "not finished: Unreachable" in out.getvalue()
    broken = Backfill.objects.get()
    assert broken.finished is None and hours() == []

    settings.VENUE_URLS = {"VENUE_KRAKEN_REST_URL": simulator}
    Backfill.objects.update(busy_until_us=0)
    said("backfill", SYMBOL, "--interval", "1h", "--since", "1d")

    assert Backfill.objects.get().pk == broken.pk and len(hours()) >= 23


def test_what_the_worker_is_at_is_left_to_it(bitcoin: Instrument) -> None:
    now_us = time.time_ns() // 1000
    row = backfills.ask(bitcoin, 60, now_us - 2 * DAY_US, now_us, "alice")
    assert backfills.hold(row.pk, now_us)

    with pytest.raises(CommandError, match="some bars are missing"):
        call_command("backfill", SYMBOL, "--interval", "1h", "--since", "1d", stdout=(out := io.StringIO()))
    assert "the worker is at it" in out.getvalue()
    assert hours() == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("KRAKEN:NOPE/USD",), "not known: KRAKEN:NOPE/USD"),
        ((SYMBOL, "--since", "2999-01-01"), "--since: expected a time between 1970 and now"),
        ((SYMBOL, "--since", "1900-01-01"), "--since: expected a time between 1970 and now"),
        ((SYMBOL, "--since", "soon"), "invalid moment value: 'soon'"),
        ((SYMBOL, "--since", "99999999999d"), "invalid moment value: '99999999999d'"),
        ((SYMBOL, "--interval", "7m"), "invalid interval value: '7m'"),
        (("OLD:X",), "no such venue in this release: OLD:X"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    bitcoin: Instrument, words: tuple[str, ...], problem: str
) -> None:
    venue = Venue.objects.create(name="OLD", title="Old")
    Instrument(venue=venue, native="X", base="X", quote="Y").save()

    with pytest.raises(CommandError, match=problem):
        call_command("backfill", *words, stdout=io.StringIO())

    assert not Backfill.objects.exists()


def test_old_minutes_go_and_their_days_stay(database: str) -> None:
    row = instrument()
    today_us = time.time_ns() // 1000 // DAY_US * DAY_US
    old, young = today_us - 40 * DAY_US, today_us - 2 * DAY_US
    made = [bar(at)._replace(start_us=day + at * MINUTE_US) for day in (old, young) for at in range(1440)]
    actions.upsert(made)

    text = said("prune")

    assert text.startswith("1440 bars of 1 m removed, ")
    assert Bar.objects.filter(interval=1).count() == 1440
    assert not Bar.objects.filter(interval=1, start_us__lt=young).exists()
    assert len(queries.rows(row.pk, 60, old, old + DAY_US, 100)) == 24
    assert said("prune") == "0 bars of 1 m removed, 0 longer ones made of them first\n"

    assert said("prune", "--days", "1").startswith("1440 bars of 1 m removed, ")
    assert not Bar.objects.filter(interval=1).exists()
    assert Bar.objects.filter(interval=1440).count() == 2


@pytest.mark.parametrize("days", ["0", "-3", "many"])
def test_days_that_are_none_remove_nothing(database: str, days: str) -> None:
    instrument()
    actions.upsert([bar(0)])

    with pytest.raises(CommandError, match="--days"):
        call_command("prune", "--days", days)

    assert Bar.objects.count() == 1
