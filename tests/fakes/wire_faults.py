"""What a bad wire does to bytes: pure, and the same for the same chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

_TOP_BIT = 0x80
_MOST_DOUBLED = 64


class Slices(NamedTuple):
    """The least and the most bytes of a piece. ``of_each``: so many bytes of each read behind which no other
    waits are sliced, somewhere in it, and the rest stays whole (0: all are).

    A piece costs both ends of a wire 40 µs together, so a core carries 100 kB/s in pieces of four bytes, and
    all simulated exchanges say several times that: slicing all of it, a proxy is late, not the worker."""

    least: int
    most: int
    of_each: int = 0


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
    length = min(len(data), slices.of_each or len(data))
    at = chance.randint(0, len(data) - length)
    end = at + length
    if at:
        yield data[:at]
    while at < end:
        stop = min(end, at + chance.randint(slices.least, slices.most))
        yield data[at:stop]
        at = stop
    if end < len(data):
        yield data[end:]
