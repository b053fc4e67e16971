"""System checks: what would go wrong later, said before anything starts.

Identifiers are ``marketdash.E001`` and so on; each hint says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from feeds.venues import VENUES, codec
from marketdash.environment import is_loopback, venue_of


@register(Tags.database)
def check_sqlite_options(**_: Any) -> Sequence[CheckMessage]:
    """A deferred transaction that reads and then writes fails at once, whatever the timeout."""
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("transaction_mode")
    if not database["ENGINE"].endswith("sqlite3") or mode == "IMMEDIATE":
        return []
    hint = "Set transaction_mode to IMMEDIATE in the SQLite OPTIONS."
    return [Error("SQLite runs deferred transactions.", hint=hint, id="marketdash.E001")]


@register(Tags.async_support)
def check_channel_layer(**_: Any) -> Sequence[CheckMessage]:
    """Without these limits a vanished Redis host is noticed after half a minute."""
    config = settings.CHANNEL_LAYERS["default"].get("CONFIG", {})
    needed = ("socket_timeout", "socket_connect_timeout", "health_check_interval")
    hosts = config.get("hosts", [])
    if all(host.get(name) for host in hosts for name in needed):
        return []
    hint = f"Give every host {', '.join(needed)}."
    return [Error("The channel layer may wait for Redis for ever.", hint=hint, id="marketdash.E002")]


@register(Tags.urls)
def check_venue_urls(**_: Any) -> Sequence[CheckMessage]:
    """A misspelt venue name would silently leave the venue on its real hosts."""
    return [
        Error(
            f"{name} names no venue of this release.",
            hint=f"Venues are {', '.join(VENUES)}.",
            id="marketdash.E003",
        )
        for name in settings.VENUE_URLS
        if venue_of(name) not in VENUES
    ]


@register(Tags.urls)
def check_venue_keys(**_: Any) -> Sequence[CheckMessage]:
    """A key for a venue that takes none, or half of one, would silently be of no use."""
    taken = {name: codec(name).key_parts for name in VENUES if codec(name).key_parts}
    hint = f"Venues that take a key: {', '.join(taken) or 'none'}."
    return [
        Error(f"VENUE_{name}_KEY: {problem}.", hint=hint, id="marketdash.E005")
        for name, (_, secret) in settings.VENUE_KEYS.items()
        if (problem := _key_problem(name, taken.get(name, ()), secret))
    ]


def _key_problem(name: str, parts: tuple[str, ...], secret: str) -> str:
    if not parts:
        return "expected the name of a venue that takes one"
    if ("SECRET" in parts) == bool(secret):
        return ""
    wanted, found = ("no", "one") if secret else ("a", "none")
    return f"expected {wanted} VENUE_{name}_SECRET beside it, found {found}"


@register(Tags.urls)
def check_venue_feeds(**_: Any) -> Sequence[CheckMessage]:
    """A misspelt feed would be refused by the venue, again and again."""
    feeds = {name: codec(name).feeds if name in VENUES else () for name in settings.VENUE_FEEDS}
    return [
        Error(
            f"VENUE_{name}_FEED: expected {' or '.join(feeds[name]) or 'none'}, found {feed!r:.40}.",
            hint="Name one of its feeds, or unset it.",
            id="marketdash.E006",
        )
        for name, feed in settings.VENUE_FEEDS.items()
        if feed not in feeds[name]
    ]


@register(Tags.security)
def check_public_markets(**_: Any) -> Sequence[CheckMessage]:
    """A choice to be made knowingly: prices for everybody who can reach the machine."""
    if not settings.PUBLIC_MARKETS or is_loopback(settings.BIND_HOST):
        return []
    hint = "Set PUBLIC_MARKETS=false to ask visitors to sign in."
    return [Warning("Visitors may read markets without signing in.", hint=hint, id="marketdash.W001")]


@register(Tags.security)
def check_proxy(**_: Any) -> Sequence[CheckMessage]:
    """No process of ours ends TLS: without a proxy that is believed every request is sent to itself again."""
    secure = any(origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS)
    if not (settings.HTTPS and secure) or settings.BEHIND_PROXY:
        return []
    hint = "Set BEHIND_PROXY=true when a proxy ends TLS and writes X-Forwarded-Proto and X-Forwarded-For."
    return [Warning("HTTPS is on and no proxy is declared.", hint=hint, id="marketdash.W002")]


@register(Tags.security, deploy=True)
def check_allowed_hosts(**_: Any) -> Sequence[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Name the hosts that people use, parted by commas."
    return [Error("ALLOWED_HOSTS accepts every host name.", hint=hint, id="marketdash.E004")]
