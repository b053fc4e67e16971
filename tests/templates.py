"""Databases that are migrated once for all processes of a run. A copy costs a hundredth of the migrations."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import servers

ROOT = Path(__file__).parents[1]
TOGETHER = "MARKETDASH_TESTS"
"""In the environment of all processes of a run: the folder of what they share."""


def begin() -> None:
    """The first process of a run makes the folder, before it starts the others, and takes it away."""
    if TOGETHER not in os.environ:
        os.environ[TOGETHER] = tempfile.mkdtemp(prefix="marketdash-together-")
        os.chmod(os.environ[TOGETHER], 0o755)  # whom PostgreSQL runs as must come in
        atexit.register(shutil.rmtree, os.environ[TOGETHER], ignore_errors=True)


def made(name: str, make: Callable[[Path], None]) -> Path:
    """What ``make`` puts at a path: by whoever asks first, while all others wait."""
    folder = Path(os.environ[TOGETHER])
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            make(folder / f"{name}.half")
            (folder / f"{name}.half").rename(folder / name)
    return folder / name


def sqlite() -> Path:
    """A file with all tables, as ``manage.py migrate`` makes it."""
    return made("migrated.sqlite3", lambda path: _migrate(f"sqlite:///{path}"))


def postgres() -> Path:
    """The data folder of a cluster whose database has all tables, for :func:`servers.postgres`."""
    return made("migrated.postgres", _cluster)


def _cluster(path: Path) -> None:
    with servers.postgres(kept=path) as url:
        _migrate(url)


def _migrate(url: str) -> None:
    """In a process with the project's own settings: whoever asks may be in the midst of a test."""
    with tempfile.TemporaryDirectory(prefix="marketdash-") as folder:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        run({**kept, "DATA_DIR": folder, "DATABASE_URL": url}, "migrate", "--verbosity", "0")


def run(environment: dict[str, str], *words: str) -> None:
    """``manage.py`` with ``words``, which must do its work."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
