"""What a bad wire does to bytes: pure, and the same for the same chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TypeAlias

Slices: TypeAlias = tuple[int, int]
"""The least and the most bytes of a piece."""
_TOP_BIT = 0x80
_MOST_DOUBLED = 64


def corrupted(data: bytes, chance: random.Random) -> bytes:
    """One byte with its top bit turned: of text that is text no more, of a frame's head another frame.

    One digit for another is not done here. Between us and an exchange that is TLS's to find, as it finds all
    of these; without it nobody could, where neither a checksum nor a number covers the digit."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ _TOP_BIT]) + data[at + 1 :]


def doubled(data: bytes, chance: random.Random) -> bytes:
    """Some bytes of it twice, one after the other."""
    at = chance.randrange(len(data))
    end = min(len(data), at + chance.randint(1, _MOST_DOUBLED))
    return data[:end] + data[at:]


def sliced(data: bytes, slices: Slices, chance: random.Random) -> Iterator[bytes]:
    """The same bytes in many pieces."""
    at = 0
    while at < len(data):
        end = at + chance.randint(*slices)
        yield data[at:end]
        at = end
