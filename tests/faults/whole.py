"""A whole Marketdash with its own exchanges, Redis and database, for tests that break one of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests import live_site
from tests.fakes import simulator_process
from tests.fakes.own_postgres import OwnPostgres
from tests.fakes.own_redis import OwnRedis
from tests.fakes.simulator_process import SimulatorProcess
from tests.live_site import Site

ROOT = live_site.ROOT
OF_EACH = ["KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "COINBASE:BTC-USD"]
"""One of each way in which a venue proves its books and that it lives."""
SYMBOLS = [*OF_EACH, *(f"KRAKEN:{base}/USD" for base in ("ETH", "SOL", "XRP", "ADA"))]
PAGES = 2 * len(OF_EACH)
"""So many of a crowd look at one of those as a page does, two at each."""
RATE = 600
"""Orders a second at the simulated exchanges: each of these moves several times a second."""

_PEOPLE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from marketdash.accounts.sessions import SessionStore

keys = []
for at in range({count}):
    user = User.objects.create_user(f"follower{{at}}", password="none of theirs")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    keys.append(session.session_key)
print("KEYS", json.dumps(keys))
"""


class Whole(NamedTuple):
    """``variables`` is what the site was told; ``sessions`` are cookies of people who are signed in."""

    site: Site
    variables: dict[str, str]
    simulator_port: int
    sessions: list[str]

    def run(self, code: str) -> str:
        return self.site.run(code, **self.variables)

    @contextlib.asynccontextmanager
    async def simulator(self) -> Any:
        """A door of the running loop."""
        door = SimulatorProcess(self.simulator_port)
        try:
            yield door
        finally:
            await door.close()


class Parts(NamedTuple):
    """All that a fault may be done to."""

    site: Whole
    redis: OwnRedis
    postgres: OwnPostgres
    simulator: SimulatorProcess


@contextlib.contextmanager
def running(folder: Path, *, people: int = 0, **variables: str) -> Iterator[Whole]:
    """``people`` may each have 20 sockets."""
    with simulator_process.serving(instruments=60, rate=RATE) as port:
        variables = {**SimulatorProcess(port).variables(), "PUBLIC_MARKETS": "true", **variables}
        with live_site.running(folder, "--mode", "live", **variables) as site:
            whole = Whole(site, {"MODE": "live", **variables}, port, [])
            if people:
                said = whole.run(_PEOPLE.format(count=people))
                whole.sessions.extend(json.loads(said.split("KEYS ")[1].splitlines()[0]))
            yield whole
