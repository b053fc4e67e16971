"""Secrets, looked for in all that was said: as they are, cut in half, and as programs write text down."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

HALVED_FROM = 24
"""A half of what is shorter could stand somewhere by chance."""


def forms(secret: str) -> set[bytes]:
    """Each way in which it may stand somewhere."""
    middle = len(secret) // 2
    parts = [secret, *([secret[:middle], secret[middle:]] if len(secret) >= HALVED_FROM else [])]
    return {form for part in parts for form in _forms(part)}


def _forms(text: str) -> Iterator[bytes]:
    raw = text.encode()
    written = (
        quote(text, safe=""),
        quote_plus(text),
        html.escape(text),
        json.dumps(text)[1:-1],
        repr(text)[1:-1],
    )
    yield from (raw, *(each.encode() for each in written), raw.hex().encode(), raw.hex().upper().encode())
    for encode in (b64encode, urlsafe_b64encode):
        yield from _inside(encode, raw)


def _inside(encode: Callable[[bytes], bytes], raw: bytes) -> Iterator[bytes]:
    """What of base64 is the same whatever stands before and after it, from each of three places on."""
    for before in range(3):
        whole = encode(bytes(before) + raw)
        yield whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


def hits(secrets: Mapping[str, str], heard: Iterable[tuple[str, bytes]]) -> list[str]:
    """``heard`` are sources and what was heard there. Names which secret stands where, with what is before
    it, and never the secret."""
    looked_for = {name: forms(secret) for name, secret in secrets.items()}
    return [
        f"{name} in {source}: …{text[max(0, at - 60) : at]!r}"
        for source, text in heard
        for name, each in looked_for.items()
        if (at := min((text.find(form) for form in each if form in text), default=-1)) >= 0
    ]
