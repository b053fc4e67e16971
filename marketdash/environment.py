"""Settings from the environment: each value checked where it is read, each problem one line naming it.

A secret may come from a file instead: ``<NAME>_FILE`` holds its path (Docker and Kubernetes secrets).
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from marketdash import redis_hosts

T = TypeVar("T")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MODES = ("live", "demo")
SIGN_UPS = ("closed", "open")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_VENUE_SUFFIXES = {"_WS_URL": ("ws", "wss"), "_REST_URL": ("http", "https")}


class BadValue(ImproperlyConfigured):
    """``NAME: what was expected, what was found``."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f"{name}: expected {expected}, found {found!r:.120}")


class Environment:
    """Reads one mapping of variables, ``os.environ`` by default; an empty value counts as not set."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def parsed(self, name: str, parse: Callable[[str], T], expected: str, default: str) -> T:
        text = self.text(name, default)
        try:
            return parse(text)
        except (ValueError, KeyError, ImproperlyConfigured):
            raise BadValue(name, expected, text) from None

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text not in (*_TRUE, *_FALSE):
            raise BadValue(name, "true or false", text)
        return text in _TRUE

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.parsed(name, int, "a whole number", str(default))
        if not low <= value <= high:
            raise BadValue(name, f"a whole number from {low} to {high}", str(value))
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        text = self.text(name, default)
        if text not in choices:
            raise BadValue(name, " or ".join(choices), text)
        return text

    def items(self, name: str) -> list[str]:
        """A list parted by commas, blanks around each item cut."""
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    def origins(self, name: str) -> list[str]:
        """Exact origins, ``https://host[:port]``."""
        found = self.items(name)
        for item in found:
            if not _is_url(item, ("http", "https")) or urlsplit(item).path:
                raise BadValue(name, "origins such as https://markets.example.org", item)
        return found

    def url(self, name: str, schemes: tuple[str, ...], default: str) -> str:
        text = self.text(name, default)
        if not _is_url(text, schemes):
            raise BadValue(name, f"a URL starting {' or '.join(f'{scheme}://' for scheme in schemes)}", text)
        return text

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

    def address(self, name: str, default: str) -> tuple[str, int]:
        """``host:port``; an IPv6 host stands in brackets."""
        return self.parsed(name, _host_and_port, "host:port such as 127.0.0.1:8000", default)

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
        # A folder of unix sockets stands quoted where the host stands: postgres://user@%2Frun%2Fpg/name
        return {**found, "HOST": unquote(str(found.get("HOST") or ""))}

    def redis_hosts(self, name: str, text: str, options: Mapping[str, object]) -> list[redis_hosts.Host]:
        """The servers that ``text`` names, each with ``options``; a password is not repeated in the error."""
        try:
            return redis_hosts.parsed(text, options)
        except ValueError:
            raise BadValue(name, redis_hosts.EXPECTED, _without_password(text)) from None

    def venue_urls(self) -> dict[str, str]:
        """``VENUE_<NAME>_WS_URL`` and ``VENUE_<NAME>_REST_URL`` as they are set, each checked."""
        found = {}
        for name in self._variables:
            for suffix, schemes in _VENUE_SUFFIXES.items():
                if name.startswith("VENUE_") and name.endswith(suffix) and self.text(name):
                    found[name] = self.url(name, schemes, "")
        return found


def is_loopback(host: str) -> bool:
    return host in _LOOPBACK


def kept_secret(path: Path) -> str:
    """The secret of this installation: made at first use, readable by its owner alone.

    Written whole and then linked into place, so that two processes starting together agree on one.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(50))
        return path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"SECRET_KEY: is not set and cannot be kept in {path}: {problem.strerror}"
        ) from None


def made_folder(path: Path) -> Path:
    """The folder, made when it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(f"DATA_DIR: cannot make the folder {path}: {problem.strerror}") from None
    return path


def _write_once(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret")  # mode 0600
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.link(name, path)
    except FileExistsError:
        pass  # another process was first: its secret is the one
    finally:
        os.unlink(name)


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port is None or parts.path or parts.query:
        raise ValueError(text)
    return parts.hostname, parts.port


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (raises when it is no number)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname or (parts.scheme == "unix" and parts.path))


def _without_password(text: str) -> str:
    head, at, tail = text.rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if at else text
