"""Private keys as people paste them: PEM, also with its line ends written out, as JSON files carry them."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from feeds.private import BadCredentials

MARK = "-----BEGIN"
Key = TypeVar("Key")


def is_pem(secret: str) -> bool:
    return secret.lstrip().startswith(MARK)


def private_key(secret: str, kinds: tuple[type[Key], ...], expected: str) -> Key:
    """One of ``kinds``; :class:`BadCredentials` naming what was ``expected`` for anything else."""
    text = secret.replace("\\n", "\n").strip() + "\n"
    found = None
    with suppress(Exception):  # whatever a library says of a secret must not travel on
        found = load_pem_private_key(text.encode(), password=None)
    if not isinstance(found, kinds):
        raise BadCredentials(expected)
    return found
