"""What goes wrong between an exchange and one client: messages held back, repeated, reordered, damaged."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

BOOK = "book"
"""The channel of book updates; snapshots, trades and tickers go under names of their own."""

LINK_FAULTS = ("stall", "gap", "duplicate", "shuffle", "corrupt", "poison", "drift", "ghost")

_RNG = random.Random(7)


@dataclass(slots=True)
class LinkFault:
    """One fault of one link. ``left`` messages are still to be hit; ``symbol`` empty means any.

    ``value`` is what a poisoned level carries in its ``part`` (price or qty), and for a drift of the schema
    ``old:new``, a key and its new name. A ghost is a removal that is left out where no checksum reaches.
    """

    kind: str
    left: int = 1
    symbol: str = ""
    channel: str = BOOK
    value: str = "-1"
    part: str = "qty"
    held: list[bytes] = field(default_factory=list)

    def hits(self, symbol: str, channel: str) -> bool:
        if self.kind == "stall":
            # A stalled exchange still answers requests; it only says nothing by itself.
            return channel != "reply" and (not self.symbol or symbol == self.symbol)
        return channel == self.channel and (not self.symbol or symbol == self.symbol)


Damage = Callable[[bytes, str], bytes | None]


def passed(faults: list[LinkFault], payload: bytes, symbol: str, channel: str,
           damages: Mapping[str, Damage], levels: re.Pattern[bytes]) -> list[bytes]:  # fmt: skip
    """What really leaves instead of ``payload``. Faults that are used up are taken off the list.

    ``damages``: kind of fault → what it makes of a payload and its symbol, None where nothing is to be hit.
    """
    leaving = [payload]
    for fault in [each for each in faults if each.hits(symbol, channel)]:
        leaving = [out for each in leaving for out in _hit(fault, each, symbol, damages, levels)]
        if fault.left <= 0:
            faults.remove(fault)
    return leaving


def _hit(
    fault: LinkFault, payload: bytes, symbol: str, damages: Mapping[str, Damage], levels: re.Pattern[bytes]
) -> list[bytes]:
    if fault.kind == "stall":
        return []
    if fault.kind == "shuffle":
        return _shuffled(fault, payload)
    if fault.kind == "poison" or fault.kind in damages:
        damage = damages.get(fault.kind)
        damaged = damage(payload, symbol) if damage else _poisoned(fault, payload, levels)
        if damaged is None:
            return [payload]
        fault.left -= 1
        return [damaged]
    fault.left -= 1
    if fault.kind == "drift":
        old, _, new = fault.value.partition(":")
        return [payload.replace(f'"{old}":'.encode(), f'"{new}":'.encode())]
    return [] if fault.kind == "gap" else [payload, payload]


def _shuffled(fault: LinkFault, payload: bytes) -> list[bytes]:
    """Hold as many as asked for, then let them all go in another order."""
    fault.held.append(payload)
    fault.left -= 1
    if fault.left > 0:
        return []
    order = list(fault.held)
    # Repeated ones are alike in any order.
    while len(set(order)) > 1 and order == fault.held:
        _RNG.shuffle(order)
    return order


def _poisoned(fault: LinkFault, payload: bytes, levels: re.Pattern[bytes]) -> bytes | None:
    found = levels.search(payload)
    if found is None:
        return None
    start, end = found.span("price" if fault.part == "price" else "qty")
    return payload[:start] + fault.value.encode() + payload[end:]


def other_quantity(payload: bytes, start: int, end: int) -> bytes | None:
    """The payload with the last digit of a quantity changed; None for a quantity of zero (a deletion)."""
    text = payload[start:end]
    if not text.strip(b"0."):
        return None
    last = (text[-1] - 48) % 9 + 1
    return payload[: end - 1] + bytes([last + 48 if last + 48 != text[-1] else 49]) + payload[end:]
