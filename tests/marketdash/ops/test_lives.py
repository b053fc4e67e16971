"""That a web process or engines died stands in the event log, whoever says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import OperationalError

from marketdash.ops import lifeline, lives, log
from marketdash.ops.lives import DIED, ENGINES, WEB, Life

T0_US = 1_766_000_000_000_000
S = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now_us = T0_US

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


def shown(kind: str = "") -> list[tuple[str, str, int, int | None]]:
    """Kind, subject and text; began and ended in seconds after the first moment."""
    rows = log.read(log.Asked(kind=kind), details=True)
    return [
        (
            f"{row['kind']} {row['subject']}",
            str(row["text"]),
            (row["began_us"] - T0_US) // S,
            row["ended_us"] and (row["ended_us"] - T0_US) // S,
        )
        for row in rows
    ]


def web(clock: Clock, place: str = "here 1") -> Life:
    return Life(WEB, "web", place, clock)


def test_a_life_goes_on_until_its_process_says_goodbye(database: str, clock: Clock) -> None:
    life = web(clock)
    life.tell()
    assert [(kind, ended) for kind, _, _, ended in shown()] == [("web web", None)]

    clock.now_us += 7 * S
    life._end()
    clock.now_us += 3 * S
    life.tell()  # it was under way when the end came
    follower = web(clock)
    follower.tell()

    assert [(kind, began, ended) for kind, _, began, ended in shown()] == [
        ("web web", 10, None),
        ("web web", 0, 7),
    ]


def test_who_follows_one_that_was_killed_says_so(database: str, clock: Clock) -> None:
    before = web(clock)
    before.tell()
    clock.now_us += 6 * S
    before.tell()
    beside = web(clock, "here 2")
    beside.tell()
    clock.now_us += 9 * S

    web(clock).tell()

    [died] = shown(DIED)
    assert died == ("died web", "killed, or crashed", 6, 15)
    assert sorted((began, ended) for _, _, began, ended in shown(WEB) if ended) == [(0, 6)]


def test_a_supervisor_knows_by_which_code_and_when_it_died(
    database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Life(ENGINES, "engines", "engines", clock).tell()
    monkeypatch.setenv(lifeline.FOLLOWS, f"-9 {T0_US + 8 * S}")
    clock.now_us += 9 * S

    after = Life(ENGINES, "engines", "engines", clock)
    after.tell()
    after.tell()

    assert shown(DIED) == [("died engines", "ended with code -9", 8, 9)]


def test_one_that_nobody_follows_is_missed_after_a_minute(database: str, clock: Clock) -> None:
    web(clock, "a host that burnt down").tell()
    living = web(clock)
    for _ in range(13):
        living.tell()
        clock.now_us += 5 * S

    living.tell()

    assert shown(DIED) == [("died web", "not seen for a minute", 0, 65)]


def test_a_machine_that_slept_takes_nobody_for_dead(database: str, clock: Clock) -> None:
    one, other = web(clock), web(clock, "here 2")
    one.tell()
    other.tell()
    clock.now_us += 3600 * S

    one.tell()
    other.tell()
    one.tell()

    assert shown(DIED) == []
    assert [ended for _, _, _, ended in shown(WEB)] == [None, None]


def test_one_that_was_taken_for_dead_and_lives_is_there_again(database: str, clock: Clock) -> None:
    frozen, living = web(clock), web(clock, "here 2")
    for _ in range(14):
        living.tell()
        clock.now_us += 5 * S
        if clock.now_us == T0_US + 5 * S:
            frozen.tell()
    living.tell()
    assert [ended for *_, ended in shown(WEB)].count(None) == 1

    frozen.tell()
    frozen.tell()
    assert [ended for *_, ended in shown(WEB)].count(None) == 2


def test_a_database_that_is_away_is_told_later_and_holds_up_no_goodbye(
    database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, hangs = log.write, threading.Event()

    def refused(*_: object) -> None:
        raise OperationalError("could not connect")

    life = web(clock)
    monkeypatch.setattr(log, "write", refused)
    with pytest.raises(OperationalError):
        life.tell()
    monkeypatch.setattr(log, "write", write)
    clock.now_us += 40 * S
    life.tell()
    assert [(began, ended) for _, _, began, ended in shown()] == [(0, None)]

    monkeypatch.setattr(lives, "LAST_WORDS_S", 0.05)
    monkeypatch.setattr(log, "write", lambda *_: hangs.wait(20))
    life.goodbye()
    hangs.set()


SERVES = """
import os, signal, time
from marketdash.ops import lives
from marketdash.ops.management.commands import serve

class Life:
    def __init__(self, *words): pass
    def tell(self): os.write(1, b"tells\\n")
    def goodbye(self): os.write(1, b"goodbye\\n")

lives.Life = Life
signal.signal(signal.SIGINT, signal.default_int_handler)  # who started the tests may have it ignored
serve._live(1, 1)
os.write(1, b"ready\\n")
time.sleep(60)
"""


@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, None)])
def test_what_ends_a_web_process_lets_it_say_goodbye(told: signal.Signals, code: int | None) -> None:
    """And ends it as it did before: by the signal itself, or an interruption."""
    source = f"import django; django.setup()\n{SERVES}"
    process = subprocess.Popen(
        [sys.executable, "-c", source],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert {process.stdout.readline(), process.stdout.readline()} == {b"tells\n", b"ready\n"}
    process.send_signal(told)
    said, problem = process.communicate(timeout=20)

    assert said == b"goodbye\n"
    assert process.returncode == code if code else b"KeyboardInterrupt" in problem
