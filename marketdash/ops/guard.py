"""Runs a program that is not ours, and ends it when the parent ends: ``guard.py [options] -- command …``

Options: ``--fd N`` the pipe's reading end, ``--remove DIR`` to delete when told to end, ``--signal NAME``
that ends the program politely, ``--uid N`` to run it as. A script of its own, standard library only: it must
start fast and stay small.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading

GRACE_S = 5.0


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    # Signals stay blocked until there is a program to pass them to.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    identity = _identity(options.uid)
    command = options.command  # the supervisor's own, word by word, no shell
    program = subprocess.Popen(command, **identity, preexec_fn=_unblock)  # nosec B603 # as said above
    ending = threading.Event()

    def end(*_: object) -> None:
        if not ending.is_set():
            ending.set()
            threading.Thread(target=_end, args=(program, options.signal), daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    _unblock()
    threading.Thread(target=_wait_for_parent, args=(options.fd, end), daemon=True).start()
    code = program.wait()
    if options.remove and ending.is_set():  # a program that crashed is started again, in the same folder
        shutil.rmtree(options.remove, ignore_errors=True)
    return 0 if ending.is_set() else code


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--remove")
    parser.add_argument("--signal", default="SIGTERM")
    parser.add_argument("--uid", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def _identity(uid: int | None) -> dict[str, object]:
    return {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))


def _wait_for_parent(fd: int, end: signal._HANDLER) -> None:
    try:
        while os.read(fd, 64):
            pass
    except OSError:
        pass
    end()


def _end(program: subprocess.Popen[bytes], name: str) -> None:
    program.send_signal(getattr(signal, name))
    try:
        program.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
