"""Secrets that an installation makes for itself, once, and keeps in its data folder."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_FERNET_BYTES = 32


def signing_key() -> str:
    return secrets.token_urlsafe(50)


def fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_FERNET_BYTES)).decode()


def is_fernet_key(text: str) -> bool:
    """As :class:`cryptography.fernet.Fernet` asks for, which a process that seals nothing does not load."""
    try:
        return len(base64.b64decode(text.encode(), altchars=b"-_", validate=True)) == _FERNET_BYTES
    except (ValueError, binascii.Error):
        return False


def kept_secret(path: Path, name: str, make: Callable[[], str]) -> str:
    """What stands in ``path``: made at first use, readable by its owner alone. ``name`` is the setting's.

    Written whole and then linked into place, so that two processes starting together agree on one.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, make())
        return path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{name}: is not set and cannot be kept in {path}: {problem.strerror}"
        ) from None


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
