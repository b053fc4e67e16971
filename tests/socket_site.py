"""One web process, uvicorn's or daphne's, on a Redis and a database of its own, fed by the test itself."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from marketdash.ops.preflight import free_port
from tests import servers, templates
from tests.django_shell import Shell

ROOT = Path(__file__).parents[1]
SYMBOLS = [f"KRAKEN:C{n}/USD" for n in range(20)]
OPTION, PERPETUAL = SYMBOLS[17], SYMBOLS[18]
START_S = 180.0
SESSIONS = "sessions.json"

_SEED = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from marketdash.accounts.sessions import SessionStore
from marketdash.instruments.models import Instrument, Venue

venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
for n in range(20):
    kind = {17: "option", 18: "perpetual"}.get(n, "spot")
    Instrument(venue=venue, native=f"C{n}/USD", kind=kind, base=f"C{n}", quote="USD", tick_size="0.1",
               lot_size="0.1", book_depth=0 if n == 19 else 100, enabled=True).save()
keys = {}
for name in ("ann", "bob", "eve", "kim", "lou", "max", "ida"):
    user = User.objects.create_user(name, password="secret of " + name)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    keys[name] = session.session_key
print("KEYS", json.dumps(keys))
"""


@dataclass
class SocketSite:
    """``sessions`` are cookies by user name."""

    port: int
    redis_url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    sessions: dict[str, str]
    server: str
    shell: Shell

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/"

    def connect(self, *, session: str = "", origin: str | None = None, **options: Any) -> Any:
        """A client of ``websockets``; a session sends its cookie, from our own origin unless told."""
        headers = dict(options.pop("headers", {}))
        if session:
            headers["Cookie"] = f"sessionid={session}"
            origin = origin or f"http://127.0.0.1:{self.port}"
        return websockets.connect(
            self.url, origin=origin, additional_headers=headers, proxy=None, compression=None, **options
        )

    def run(self, code: str) -> str:
        """What Python says in a Django shell on this site's database: in a process beside it."""
        return self.shell.run(code)


async def ask(socket: ClientConnection, **request: Any) -> dict[str, Any]:
    """Send a request; the next frame that is a reply."""
    await socket.send(json.dumps(request))
    return await reply(socket)


async def reply(socket: ClientConnection) -> dict[str, Any]:
    while True:
        frame = json.loads(await socket.recv())
        if "method" in frame:
            return frame


def _environment(folder: Path, redis_url: str, **variables: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "DATA_DIR": str(folder),
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "marketdash.settings",
        "LOG_LEVEL": "WARNING",
        "BUS_SHARDS": "2",
        **variables,
    }


def _seed() -> tuple[Path, dict[str, str]]:
    """What a data folder begins with, and the sessions in it. Made once: it costs more than a web process."""
    folder = templates.made("socket_site", _plant)
    return folder, json.loads((folder / SESSIONS).read_text())


def _plant(folder: Path) -> None:
    folder.mkdir()
    shutil.copyfile(templates.sqlite(), folder / "marketdash.sqlite3")
    shell = Shell(_environment(folder, ""))
    said = shell.run(_SEED)
    shell.end()
    (folder / SESSIONS).write_text(said.split("KEYS ")[1].splitlines()[0])


@contextlib.contextmanager
def running(folder: Path, server: str, **variables: str) -> Iterator[SocketSite]:
    """``server`` is uvicorn or daphne."""
    port = free_port()
    seed, sessions = _seed()
    shutil.copytree(seed, folder, dirs_exist_ok=True)
    with servers.redis() as redis_url:
        environment = _environment(folder, redis_url, BIND=f"127.0.0.1:{port}", **variables)
        with open(folder / "output", "wb") as output:
            process = subprocess.Popen(
                _command(server, port), env=environment, cwd=ROOT, stdout=output, stderr=output
            )
        shell = Shell(environment)
        try:
            _wait(port, process, folder)
            yield SocketSite(port, redis_url, process, environment, sessions, server, shell)
        finally:
            shell.end()
            process.terminate()
            process.wait(20)


def _command(server: str, port: int) -> list[str]:
    if server == "uvicorn":
        return [sys.executable, str(ROOT / "manage.py"), "serve"]
    words = ["-b", "127.0.0.1", "-p", str(port), "marketdash.asgi:application"]
    return [sys.executable, "-m", "daphne", *words]


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            return
        told = (folder / "output").read_text(errors="replace")[-2000:]
        assert process.poll() is None and time.monotonic() < until, f"the server did not start: {told}"
        time.sleep(0.05)
