"""Integers to the text that a venue writes: prices and quantities in units of 10^-decimals, times in ns."""

from __future__ import annotations

import time
from functools import lru_cache


def fixed(units: int, decimals: int) -> str:
    """All decimals written: ``fixed(788715, 1)`` is ``78871.5``."""
    if decimals == 0:
        return str(units)
    if units < 0:
        return "-" + fixed(-units, decimals)
    digits = str(units)
    if len(digits) <= decimals:
        digits = digits.zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def trimmed(units: int, decimals: int) -> str:
    """No zeros at the end: ``trimmed(218600, 8)`` is ``0.002186``, zero is ``0``."""
    text = fixed(units, decimals)
    return text.rstrip("0").rstrip(".") if decimals else text


def increment(decimals: int, step: int = 1) -> str:
    """The smallest step: ``increment(2)`` is ``0.01``."""
    return fixed(step, decimals)


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def iso_us(ns: int) -> str:
    """RFC 3339 with six digits: ``2026-08-24T22:21:57.110183Z``."""
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


def iso_ns(ns: int) -> str:
    """RFC 3339 with nine digits: ``2026-08-24T22:21:57.110183204Z``."""
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{_second(seconds)}.{rest:09d}Z"


def iso_seconds(ns: int) -> str:
    """RFC 3339 in whole seconds."""
    return _second(ns // 1_000_000_000) + "Z"


def iso_trimmed_us(ns: int) -> str:
    """RFC 3339 with up to six digits, zeros at the end left out, as Go writes it."""
    return _go_fraction(ns, 1000, 6)


def iso_trimmed_ns(ns: int) -> str:
    """RFC 3339 with up to nine digits, zeros at the end left out, as Go writes it."""
    return _go_fraction(ns, 1, 9)


def _go_fraction(ns: int, unit: int, digits: int) -> str:
    seconds, rest = divmod(ns, 1_000_000_000)
    fraction = f"{rest // unit:0{digits}d}".rstrip("0")
    return f"{_second(seconds)}.{fraction}Z" if fraction else _second(seconds) + "Z"
