"""The Redis servers of a deployment, as one setting names them, and clients of them.

``redis://host`` (also ``rediss://`` and ``unix://``) is one server; several, parted by commas, share the
groups of the bus among them, and the first also holds the leases. ``redis+sentinel://host:26379,…/name`` asks
the Sentinels for the master called ``name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

Host = dict[str, Any]
"""One entry of channels-redis's ``hosts``."""

EXPECTED = "redis://, rediss:// or unix:// URLs parted by commas, or redis+sentinel://host,…/name"
_SCHEMES = ("redis", "rediss", "unix")
_SENTINEL = "redis+sentinel://"
_SENTINEL_PORT = 26379


def parsed(text: str, options: Mapping[str, Any]) -> list[Host]:
    """Each with ``options`` for its connections; raises :class:`ValueError` on anything else."""
    if text.startswith(_SENTINEL):
        return [{**_sentinel(text), **options}]
    urls = [part.strip() for part in text.split(",")]
    if not all(map(_is_server, urls)):
        raise ValueError(text)
    return [{"address": url, **options} for url in urls]


def _is_server(url: str) -> bool:
    parts = urlsplit(url)
    parts.port  # noqa: B018 (raises when it is no number)
    if parts.scheme == "unix":
        return bool(parts.path) and _is_understood(url)
    # redis-py takes a number that is none for 0, which is another database.
    number = parts.path.strip("/")
    named = parts.scheme in _SCHEMES and bool(parts.hostname) and (not number or number.isdecimal())
    return named and _is_understood(url)


def _is_understood(url: str) -> bool:
    """Whatever stands behind ``?`` goes to a connection, which would refuse it only when it is made."""
    pool = ConnectionPool.from_url(url)
    try:
        pool.connection_class(**pool.connection_kwargs)
    except (TypeError, ValueError):
        return False
    return True


def _sentinel(text: str) -> Host:
    """``[user:password@]host[:port],…/name[/database]``; the password is the master's."""
    where, _, path = text.removeprefix(_SENTINEL).partition("/")
    credentials, _, hosts = where.rpartition("@")
    name, _, database = path.partition("/")
    sentinels = [_address(host) for host in hosts.split(",")]
    if not name or not (database or "0").isdecimal():
        raise ValueError(text)
    found: Host = {"master_name": name, "sentinels": sentinels, "db": int(database or 0)}
    user, colon, password = credentials.partition(":")
    if colon:
        found.update(username=unquote(user) or None, password=unquote(password))
    return found


def _address(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text.strip()}")
    if not parts.hostname:
        raise ValueError(text)
    return parts.hostname, parts.port or _SENTINEL_PORT


def client(host: Host) -> Redis:
    """The server itself, or whichever is master when a connection is made."""
    options = dict(host)
    if "address" in options:
        return Redis.from_url(options.pop("address"), **options)
    name, sentinels = options.pop("master_name"), options.pop("sentinels")
    asked = Sentinel(sentinels, socket_timeout=options.get("socket_timeout"))
    return asked.master_for(name, connection_pool_class=_Pool, **options)


class _Pool(SentinelConnectionPool):
    """Closes with itself the connections to the Sentinels, which redis-py leaves open."""

    async def disconnect(self, inuse_connections: bool = True) -> None:
        await super().disconnect(inuse_connections)
        for sentinel in self.sentinel_manager.sentinels:
            await sentinel.aclose()
