"""What a message of a book may have become on its way: each takes it whole and gives it back altered.

None where the message has nothing that could be altered so. ``dice`` are the fault's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from random import Random

from feeds.simulator import truth
from feeds.simulator.exchange import Exchange
from feeds.simulator.faults import other_quantity
from feeds.simulator.market import Market

NEVER = ("-1", "NaN", "1e999", "Infinity", "", "0x10", "1_000", "１２", "1.", " 1", "1 2", "null", "1e-400")
"""What no price and no quantity may be."""

Damage = Callable[[bytes, Market, Exchange, Random], bytes | None]


def other_digit(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    """One digit of a level that a checksum covers."""
    for level in _covered(payload, market, exchange):
        damaged = other_quantity(payload, *level.span(dice.choice(["qty", "price"])))
        if damaged is not None:
            return damaged
    return None


def without_zeros(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    """The same number, written shorter."""
    for level in _covered(payload, market, exchange):
        for part in ("qty", "price"):
            text = level[part]
            if b"." in text and text[-1:] == b"0":
                return _with(payload, level.span(part), text.rstrip(b"0").rstrip(b"."))
    return None


def scientific(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    """The same number with an exponent."""
    for level in _covered(payload, market, exchange):
        text = f"{Decimal(level['qty'].decode()).normalize():E}".replace("+", "")
        return _with(payload, level.span("qty"), text.encode())
    return None


def poisoned(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    """A price or a quantity that cannot be."""
    level = next(exchange.levels.finditer(payload), None)
    if level is None:
        return None
    part = dice.choice(["price", "qty"])
    value = dice.choice(NEVER if part == "qty" else (*NEVER, "0", "0.00"))
    if payload[level.start(part) - 1 : level.start(part)] != b'"':
        # A blank before a bare number is no part of it, and nobody could miss the one that was there.
        value = value.replace(" 1", "x1")
    return _with(payload, level.span(part), value.encode())


def crossing(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    """A price at or beyond the best one of the other side."""
    is_ask = _asks(payload)
    for level in _covered(payload, market, exchange):
        side = 0 if is_ask(level) else 1
        best = market.book.sides[side].best()
        if best:
            beyond = best + (dice.randint(0, 3) if side else -dice.randint(0, 3))
            text = truth.price_text(market, max(1, beyond))
            return _with(payload, level.span("price"), text.encode())
    return None


def cut(payload: bytes, market: Market, exchange: Exchange, dice: Random) -> bytes | None:
    return payload[: len(payload) * 2 // 3]


def _covered(payload: bytes, market: Market, exchange: Exchange) -> list[re.Match[bytes]]:
    """Levels with a quantity of which a client could find out that they are wrong."""
    found = [x for x in exchange.levels.finditer(payload) if exchange.proven(x, market.listing.native)]
    return [level for level in found if level["qty"].strip(b"0.")]


def _with(payload: bytes, span: tuple[int, int], text: bytes) -> bytes:
    return payload[: span[0]] + text + payload[span[1] :]


def _asks(payload: bytes) -> Callable[[re.Match[bytes]], bool]:
    """Whether a level of the payload is an ask: two lists of sides, or each level says its own."""
    for mark in (b'"asks":', b'"a":['):
        if mark in payload:
            at = payload.find(mark)
            return lambda level: level.start() > at
    if payload[:1] == b"[":
        return lambda level: level["sign"] == b"-"
    if b'"l2update"' in payload:
        return lambda level: level["side"] == b"sell"
    offer, bid = b'"side":"offer"', b'"side":"bid"'
    return lambda level: payload.rfind(offer, 0, level.start()) > payload.rfind(bid, 0, level.start())
