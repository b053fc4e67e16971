"""Work that is killed again and again, in processes of their own."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connections


def killed(work: Callable[[], object], most: int, within_s: float, chance: random.Random) -> int:
    """``work`` in a forked process, killed at some moment ``within_s`` and begun anew until it ends itself.

    After ``most`` kills nobody disturbs it. How often it was killed.
    """
    kills = 0
    while True:
        connections.close_all()  # a connection of two processes is none
        child = os.fork()
        if not child:
            _end_with(work)
        if kills < most:
            time.sleep(chance.uniform(0, within_s))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "what the process said stands above"
            return kills
        kills += 1


def _end_with(work: Callable[[], object]) -> None:
    """Nothing of the parent's is run or closed in the child."""
    code = 1
    try:
        work()
        code = 0
    except Exception as problem:  # the process is all there is to tell
        os.write(2, f"{problem!r}\n".encode())
    finally:
        os._exit(code)


def ledger(trades: int) -> bytes:
    """Of Kraken: two rows a trade."""
    rows = ['"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"']
    for at in range(trades):
        when = f"{datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=at):%Y-%m-%d %H:%M:%S}"
        rows.append(f'"L{at}A","T{at}","{when}","trade","","currency","ZEUR",-{at % 97 + 1}.5,0.01,0')
        rows.append(f'"L{at}B","T{at}","{when}","trade","","currency","XXBT",0.000{at % 89 + 1},0,0')
    return ("\n".join(rows) + "\n").encode()
