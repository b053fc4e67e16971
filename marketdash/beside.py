"""A command given beside a running Marketdash acts on that one: on its database, its Redis, its mode.

The supervisor writes them into its data folder, in a file that it holds locked for as long as it lives,
so that what a dead one left there counts for nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

NAME = "running.json"
OWN = ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE", "MODE")
"""Whoever set one of these says what the command is about, and is not led elsewhere."""


@contextlib.contextmanager
def told(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """While inside, commands started with the same data folder get ``environment``. The first one wins."""
    import fcntl  # not on Windows, where `up` refuses with words of its own

    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    with open(handle, "r+", encoding="utf-8") as file:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate()
            json.dump(dict(environment), file)
            file.flush()
        yield


def join(folder: Path, variables: MutableMapping[str, str]) -> None:
    """Adds to ``variables`` what the Marketdash that runs in ``folder`` was started with; else nothing."""
    if not any(variables.get(name) for name in OWN):
        for name, value in _running(folder).items():
            variables.setdefault(name, value)


def _running(folder: Path) -> dict[str, str]:
    try:
        import fcntl

        with open(folder / NAME, encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return dict(json.load(file))
    except (ImportError, OSError, ValueError, TypeError):
        pass
    return {}
