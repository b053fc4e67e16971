"""What a fork holds is as much after it only looked at what it was forked with."""

from __future__ import annotations

import subprocess
import sys

import psutil

from tests.fakes.held import held_mb

FORKED = """
import os, sys
made = [str(at) for at in range(400_000)]
if os.fork():
    os.wait()
    sys.exit()
print(os.getpid(), flush=True)
sys.stdin.readline()
for each in made:
    again = each
print("looked", flush=True)
sys.stdin.readline()
taken = bytearray(b"." * (30 << 20))
print("took", flush=True)
sys.stdin.readline()
"""


def test_a_fork_that_looks_at_what_it_shares_takes_nothing():
    with subprocess.Popen([sys.executable, "-c", FORKED], stdin=-1, stdout=-1, text=True, bufsize=1) as said:
        assert said.stdin and said.stdout
        fork, found = psutil.Process(int(said.stdout.readline())), []
        for _ in range(3):
            found.append((held_mb(fork), fork.memory_full_info().uss / 2**20))
            said.stdin.write("\n")
            said.stdout.readline()
    (before, alone), (looked, then_alone), (took, _) = found

    assert then_alone - alone > 15
    assert abs(looked - before) < 1
    assert 29 < took - looked < 31
