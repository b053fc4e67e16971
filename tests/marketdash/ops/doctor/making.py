"""A site to be looked at: settings as they are, with what a test makes wrong."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from marketdash.ops.doctor import everything
from marketdash.ops.doctor.findings import Finding
from marketdash.ops.doctor.registry import Site, examine

KEY = "k3y-0f-a-test_" + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"
ORIGIN = "https://markets.example.org"


def site(folder: Path, *, variables: dict[str, str] | None = None, **settings: Any) -> Site:
    """``venues``, ``known``, ``leases``, ``writer_in`` and ``origins`` go to the site, all else into its
    settings."""
    names = ("venues", "known", "leases", "writer_in", "origins")
    of_site = {name: settings.pop(name) for name in names if name in settings}
    healthy = {
        "SECRET_KEY": KEY,
        "DEBUG": False,
        "DATA_DIR": folder,
        "MODE": "live",
        "BIND_HOST": "127.0.0.1",
        "BIND_PORT": 1,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
        "CSRF_TRUSTED_ORIGINS": [],
        "BEHIND_PROXY": False,
        "HTTPS": False,
        "PUBLIC_MARKETS": True,
        "VENUE_URLS": {},
        "REDIS_HOSTS": [],
        "SESSION_COOKIE_NAME": "sessionid",
    }
    return Site(SimpleNamespace(**{**healthy, **settings}), variables or {}, **of_site)


async def looked(at: Site, name: str) -> list[Finding]:
    """What one check finds, without those that it stands behind."""
    return await examine(at, {name: everything.CHECKS[name]})


async def only(at: Site, name: str) -> Finding:
    found = await looked(at, name)
    assert len(found) == 1, found
    return found[0]
