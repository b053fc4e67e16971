"""Work of others beside a test: theirs is counted, what the test started is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.waiting import wait_until
from tests.other_work import OtherWork, Seen, is_much, processes, taken_s

OWN, SHELL, SOAK = 50, 20, 30
KNOWN = frozenset({1, SHELL, SOAK, OWN})
TABLE = {
    1: Seen(0, 1000.0),
    SHELL: Seen(1, 1.0),
    SOAK: Seen(1, 40.0),
    OWN: Seen(SHELL, 200.0),
}


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        ({}, 41.0),
        ({60: Seen(OWN, 7.0)}, 41.0),
        ({60: Seen(OWN, 7.0), 61: Seen(60, 7.0)}, 41.0),
        ({60: Seen(SOAK, 7.0)}, 48.0),
        ({60: Seen(SOAK, 7.0), 61: Seen(60, 7.0)}, 55.0),
        ({60: Seen(1, 7.0)}, 41.0),
        ({60: Seen(59, 7.0)}, 41.0),
    ],
    ids=["before", "a child", "its child", "another's", "its child's", "left behind", "its parent is gone"],
)
def test_what_others_started_is_counted_and_what_we_did_is_not(more, counted):
    assert taken_s(TABLE | more, KNOWN, OWN) == counted


def test_more_than_a_third_of_a_core_is_much():
    assert is_much(4.0, 10.0) and not is_much(3.0, 10.0)


def test_a_child_that_was_waited_for_is_not_lost():
    own, burn = os.getpid(), "import time\nwhile time.process_time() < 0.3: pass"
    before = processes()[own].seconds
    subprocess.run([sys.executable, "-c", burn], check=True)

    assert processes()[own].seconds - before > 0.28  # in hundredths, each of the two cut off


@contextmanager
def busy(code: str = "while True: pass") -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


async def test_a_busy_neighbour_is_seen():
    """From where an idle process stands."""
    with busy("input()") as idle, busy():
        work = OtherWork(own=idle)
        await wait_until(work.was_much, what="the neighbour is seen")
