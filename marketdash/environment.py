"""Settings from the environment: each value checked where it is read, each problem one line naming it.

A secret may come from a file instead: ``<NAME>_FILE`` holds its path (Docker and Kubernetes secrets).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from marketdash import kept_secrets, redis_hosts

T = TypeVar("T")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MODES = ("live", "demo")
SIGN_UPS = ("closed", "open")
CONNECT_S = 5
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]+\]")
_PASSWORD = re.compile(r"(password=)[^&,\s]*", re.IGNORECASE)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_VENUE_SUFFIXES = {"_WS_URL": ("ws", "wss"), "_REST_URL": ("http", "https")}
_VENUE_KEY = re.compile(r"VENUE_([A-Z0-9_]+)_(?:KEY|SECRET)(?:_FILE)?").fullmatch
_VENUE_FEED = re.compile(r"VENUE_([A-Z0-9_]+)_FEED").fullmatch


class BadValue(ImproperlyConfigured):
    """``NAME: what was expected, what was found``."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f"{name}: expected {expected}, found {found!r:.120}")


def _reader(read: Callable[..., T]) -> Callable[..., T]:
    """A method that raises :class:`BadValue`, or notes it while :func:`gathered` is and gives the default."""

    @wraps(read)
    def reading(self: Environment, name: str, *arguments: Any, **options: Any) -> T:
        try:
            return read(self, name, *arguments, **options)
        except BadValue as bad:
            if Environment.problems is None:
                raise
            Environment.problems[str(bad)] = None
            return read(Environment({}), name, *arguments, **options)

    return reading


@contextlib.contextmanager
def gathered() -> Iterator[dict[str, None]]:
    """Inside, a bad value does not end the reading: all of them are found at once, in their order."""
    Environment.problems = {}
    try:
        yield Environment.problems
    finally:
        Environment.problems = None


class Environment:
    """Reads one mapping of variables, ``os.environ`` by default; an empty value counts as not set."""

    problems: dict[str, None] | None = None

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    @_reader
    def parsed(self, name: str, parse: Callable[[str], T], expected: str, default: str) -> T:
        text = self.text(name, default)
        try:
            return parse(text)
        except (ValueError, KeyError, ImproperlyConfigured):
            raise BadValue(name, expected, text) from None

    @_reader
    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text not in (*_TRUE, *_FALSE):
            raise BadValue(name, "true or false", text)
        return text in _TRUE

    @_reader
    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.parsed(name, _whole, "a whole number", str(default))
        if not low <= value <= high:
            raise BadValue(name, f"a whole number from {low} to {high}", str(value))
        return value

    @_reader
    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        text = self.text(name, default)
        if text not in choices:
            raise BadValue(name, " or ".join(choices), text)
        return text

    def items(self, name: str) -> list[str]:
        """A list parted by commas, blanks around each item cut."""
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    @_reader
    def hosts(self, name: str) -> list[str]:
        """Names of this site: no scheme, no port; ``.example.org`` stands for all below it."""
        found = self.items(name)
        for item in found:
            if item != "*" and not _HOST.fullmatch(item.removeprefix(".")):
                raise BadValue(name, "names such as markets.example.org", item)
        return found

    @_reader
    def origins(self, name: str) -> list[str]:
        """Exact origins, ``https://host[:port]``."""
        found = self.items(name)
        for item in found:
            if not _is_url(item.replace("://*.", "://"), ("http", "https")) or not _is_root(item, path=""):
                raise BadValue(name, "origins such as https://markets.example.org", item)
        return found

    @_reader
    def url(self, name: str, schemes: tuple[str, ...], default: str) -> str:
        text = self.text(name, default)
        if not _is_url(text, schemes):
            raise BadValue(name, f"a URL starting {_or(schemes)}", _without_password(text))
        return text

    @_reader
    def secret(self, name: str) -> str:
        """The value, or the content of the file that ``<NAME>_FILE`` names, or ``""``; not both."""
        file = self.text(f"{name}_FILE")
        if not file:
            return self.text(name)
        if self.text(name):
            raise BadValue(f"{name}_FILE", f"{name} or {name}_FILE, not both", file)
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise BadValue(f"{name}_FILE", "a readable text file", file) from None

    @_reader
    def field_keys(self, name: str, kept: Path | None = None) -> tuple[str, ...]:
        """Fernet keys, parted by commas or blanks: the first seals, all open. No error repeats one.

        Where none are set they stand in ``kept``, made there once.
        """
        text = self.secret(name)
        if not text and kept is not None:
            text = kept_secrets.kept_secret(kept, name, kept_secrets.fernet_key)
        found = text.replace(",", " ").split()
        for at, key in enumerate(found, 1):
            if not kept_secrets.is_fernet_key(key):
                words = f"number {at} of {len(found)} with {len(key)} characters"
                raise BadValue(name, "Fernet keys, 44 characters each, parted by commas", words)
        return tuple(found)

    @_reader
    def address(self, name: str, default: str) -> tuple[str, int]:
        """``host:port``; an IPv6 host stands in brackets."""
        return self.parsed(name, _host_and_port, "host:port such as 127.0.0.1:8000", default)

    @_reader
    def database(self, name: str, default: str) -> dict[str, object]:
        """Django's dictionary for SQLite or PostgreSQL."""
        text = self.secret(name) or default
        expected = "sqlite:///path or postgres://user:password@host:5432/name"
        if text.split("://")[0] not in ("sqlite", "postgres", "postgresql"):
            raise BadValue(name, expected, _without_password(text))
        try:
            found = dict(environ.Env.db_url_config(text))
        except (ValueError, KeyError, ImproperlyConfigured):
            raise BadValue(name, expected, _without_password(text)) from None
        if found["NAME"] in ("", ":memory:"):  # each connection would have an empty one of its own
            raise BadValue(name, expected, _without_password(text))
        # A folder of unix sockets stands quoted where the host stands: postgres://user@%2Frun%2Fpg/name
        found["HOST"] = unquote(str(found.get("HOST") or ""))
        if text.startswith("postgres"):
            # libpq's own patience with a server that takes no connection is endless.
            found["OPTIONS"] = {"connect_timeout": CONNECT_S, **dict(found.get("OPTIONS") or {})}
        return found

    @_reader
    def redis_hosts(self, name: str, text: str, options: Mapping[str, object]) -> list[redis_hosts.Host]:
        """The servers that ``text`` names, each with ``options``; a password is not repeated in the error."""
        try:
            return redis_hosts.parsed(text, options)
        except ValueError:
            raise BadValue(name, redis_hosts.EXPECTED, _without_password(text)) from None

    def venue_urls(self) -> dict[str, str]:
        """``VENUE_<NAME>_WS_URL``, ``_REST_URL`` and their ``_PRIVATE`` kin as they are set, each checked."""
        found = {}
        for name in self._variables:
            for suffix, schemes in _VENUE_SUFFIXES.items():
                if name.startswith("VENUE_") and name.endswith(suffix) and self.text(name):
                    found[name] = self._root(name, schemes)
        return found

    def venue_keys(self) -> dict[str, tuple[str, str]]:
        """``VENUE_<NAME>_KEY`` and ``_SECRET``, which not all keys have, or files of them, by venue."""
        names = sorted({found[1] for name in self._variables if (found := _VENUE_KEY(name))})
        return {name: pair for name in names if any(pair := self._pair(f"VENUE_{name}"))}

    @_reader
    def _pair(self, name: str) -> tuple[str, str]:
        """Empty texts where neither is set; a secret alone is an error."""
        key, secret = self.secret(f"{name}_KEY"), self.secret(f"{name}_SECRET")
        if secret and not key:
            raise BadValue(f"{name}_KEY", f"{name}_KEY and {name}_SECRET", "a secret without its key")
        return key, secret

    def venue_feeds(self) -> dict[str, str]:
        """``VENUE_<NAME>_FEED``, by name of the venue: which of its feeds, where it has several."""
        found = {match[1]: self.text(name) for name in self._variables if (match := _VENUE_FEED(name))}
        return {name: feed for name, feed in found.items() if feed}

    @_reader
    def _root(self, name: str, schemes: tuple[str, ...]) -> str:
        """Where a venue begins; ``""`` only while problems are gathered."""
        text = self.text(name)
        if text and not _is_url(text, schemes):
            raise BadValue(name, f"a URL starting {_or(schemes)}", _without_password(text))
        if not _is_root(text, path=urlsplit(text).path):
            raise BadValue(name, "scheme, host, port and an optional path", _without_password(text))
        return text


def venue_of(name: str) -> str:
    """``KRAKEN`` of ``VENUE_KRAKEN_WS_URL`` and of ``VENUE_KRAKEN_PRIVATE_WS_URL``."""
    for suffix in _VENUE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name.removeprefix("VENUE_").removesuffix("_PRIVATE")


def is_loopback(host: str) -> bool:
    return host in _LOOPBACK


def made_folder(path: Path) -> Path:
    """The folder, made when it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(f"DATA_DIR: cannot make the folder {path}: {problem.strerror}") from None
    return path


def _or(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)


def _whole(text: str) -> int:
    """``int`` also takes ``4_0`` and the digits of other scripts."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not _HOST.fullmatch(host) or not 0 < _whole(port) < 65_536:
        raise ValueError(text)
    return host.strip("[]").lower(), int(port)


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (raises when it is no number)
    except ValueError:
        return False
    host = parts.netloc.rpartition("@")[2]
    port = host.rpartition("]")[2].partition(":")[1:]
    return (
        parts.scheme in schemes
        and bool(_HOST.fullmatch(host.removesuffix("".join(port))))
        and port != (":", "")
    )


def _is_root(text: str, *, path: str) -> bool:
    """Nothing behind host and ``path``, and nobody's name before them."""
    parts = urlsplit(text)
    return parts.path == path and not (parts.query or parts.fragment or "@" in parts.netloc)


def _without_password(text: str) -> str:
    head, at, tail = _PASSWORD.sub(r"\1…", text).rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if at else tail
