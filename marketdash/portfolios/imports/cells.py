"""Numbers, times and codes as files write them. Pure.

Whoever reads a cell gets a number or a reason; nothing is guessed that could mean two things.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.imports.declared import MONEY

NOTHING = frozenset({"", "-", "--", "n/a", "N/A", "null", "None"})
_THREE = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
"""``1,234`` and ``1.234``: a whole number in thousands, or three decimals."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_POINTED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_FIRST, _DAY_FIRST = "%m/%d/%Y", "%d/%m/%Y"
_SEPARATORS = "/-_: "
HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}
"""Pence and their like, in which shares are quoted, and what a hundred of them are."""
MILLISECONDS = "ms"
_ZONES = {"UTC": 0, "GMT": 0, "EST": -300, "EDT": -240, "CET": 60, "CEST": 120, "AEST": 600, "AEDT": 660}
"""Minutes east of UTC, of names that mean one zone alone."""


class BadCell(ValueError):
    """What was expected of a cell and what it has; ``meaning`` is which one, where that is known here,
    ``code`` an asset in it that nobody knows."""

    def __init__(self, words: str, meaning: str = "", code: str = "") -> None:
        super().__init__(words)
        self.words, self.meaning, self.code = words, meaning, code


def bare(text: str) -> str:
    """Without currency signs, blanks and apostrophes between thousands."""
    if text.isascii() and "$" not in text and " " not in text and "'" not in text:
        return text
    kept = (
        each for each in text if each not in "'’" and unicodedata.category(each) not in ("Sc", "Zs", "Cf")
    )
    return "".join(kept).replace("−", "-")


def decimal_sign(texts: Iterable[str]) -> str:
    """``.`` or ``,`` as a file's numbers have it, "" when none of them tells. Raises :class:`BadCell`."""
    found: dict[str, str] = {}
    for text in texts:
        if "," in text or "." in text:
            sign = _tells(bare(text))
            if sign:
                found.setdefault(sign, text)
    if len(found) > 1:
        raise BadCell(f"expected one decimal sign, found {found['.']!r:.40} and {found[',']!r:.40}")
    return next(iter(found), "")


def _tells(text: str) -> str:
    commas, points = text.count(","), text.count(".")
    if commas and points:
        return max(",.", key=text.rfind)
    if commas > 1 or points > 1:
        return "." if commas else ","
    if _THREE.fullmatch(text):
        return ""
    return "," if commas else "."


def number(text: str, sign: str = ".") -> Decimal:
    """Raises :class:`BadCell`. Where the sign is a comma, ``1.234`` looks plain and is in thousands."""
    if sign == "," and "." in text:
        return _written(text, sign)
    try:
        return exact.number(text)
    except exact.InvalidNumber:
        return _written(text, sign)


def _written(text: str, sign: str) -> Decimal:
    """What is no plain number yet: with thousands, a decimal comma, a currency sign."""
    found = bare(text)
    if sign == ",":
        whole, comma, rest = found.partition(",")
        if "." in whole and not _POINTED.fullmatch(whole):
            raise BadCell(f"expected a number with a decimal comma, found {text!r:.60}")
        found = whole.replace(".", "") + comma.replace(",", ".") + rest
    elif "," in found:
        if not sign:
            raise BadCell(f"expected a number that can mean one thing, found {text!r:.60}")
        if not _GROUPED.fullmatch(found):
            raise BadCell(f"expected a plain decimal number, found {text!r:.60}")
        found = found.replace(",", "")
    try:
        return exact.number(found)
    except exact.InvalidNumber as problem:
        raise BadCell(problem.words if found == text else f"{problem.words} in {text!r:.60}") from None


def _example(patterns: tuple[str, ...]) -> str:
    """As the first of them writes a time."""
    pattern = patterns[0] if patterns else "%Y-%m-%d %H:%M:%S"
    shown = datetime(2026, 1, 31, 13, 5, tzinfo=UTC)
    return f"{shown.timestamp() * 1000:.0f}" if pattern == MILLISECONDS else shown.strftime(pattern)


def in_order(patterns: tuple[str, ...], texts: Iterable[str]) -> tuple[str, ...]:
    """``patterns`` without the order of day and month that ``texts`` do not have, or both if none tells."""
    mixed = tuple(each for each in patterns if each.startswith((_MONTH_FIRST, _DAY_FIRST)))
    if len({each[:8] for each in mixed}) < 2:
        return patterns
    dates = {tuple(text.strip().split("/")[:2]) for text in texts if text.count("/") == 2}
    over = [at for at in (0, 1) if any(each[at].isdecimal() and int(each[at]) > 12 for each in dates)]
    kept = {(0,): _DAY_FIRST, (1,): _MONTH_FIRST}.get(tuple(over), "neither")
    return tuple(each for each in patterns if each not in mixed or each.startswith(kept))


@lru_cache(maxsize=256)  # rows of one trade stand together; half a kilobyte each
def time_us(text: str, patterns: tuple[str, ...] = (), minutes: int = 0) -> int:
    """Microseconds since 1970 of a time that is ``minutes`` east of UTC unless it says itself.

    Raises :class:`BadCell`. ISO first, then each of ``patterns``.
    """
    stripped, _, name = text.strip().rpartition(" ")
    if name not in _ZONES:
        stripped, name = text.strip(), ""
    if MILLISECONDS in patterns and stripped.isascii() and stripped.isdecimal() and 11 < len(stripped) < 16:
        return int(stripped) * 1000  # shorter ones are seconds, or before 2001
    found = _time(stripped, patterns)
    if found is None:
        raise BadCell(f"expected a time such as {_example(patterns)}, found {text!r:.60}")
    if found.tzinfo is None:
        east = _ZONES.get(name, minutes)
        found = found.replace(tzinfo=UTC) - timedelta(minutes=east)
    at_us = (found - _EPOCH) // timedelta(microseconds=1)
    if at_us < 0:
        raise BadCell(f"expected a time from 1970 on, found {text!r:.60}")
    return at_us


def _time(text: str, patterns: tuple[str, ...]) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        pass
    for pattern in patterns:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - its zone is the caller's to say
        except (ValueError, OverflowError):
            continue
    return None


def pair(text: str, known: Callable[[str], str | None]) -> tuple[str, str]:
    """Base and quote as the file calls them. Raises :class:`BadCell`."""
    for separator in _SEPARATORS:
        if separator in text:
            base, _, quote = text.partition(separator)
            return base, quote
    cuts = [(text[:at], text[at:]) for at in range(1, len(text))]
    found = [(base, quote) for base, quote in cuts if known(base) and known(quote)]
    if len(found) > 1:
        found = [each for each in found if known(each[1]) in MONEY] or found
        longest = max(len(quote) for _, quote in found)
        found = [each for each in found if len(each[1]) == longest]
    if not found:
        code = _unknown_of(cuts, known)
        raise BadCell(f"expected a pair of known assets, found {text!r:.40}", code=code)
    return found[0]


def _unknown_of(cuts: Iterable[tuple[str, str]], known: Callable[[str], str | None]) -> str:
    """What is left where one side alone can be known; where it could be either, nobody can say."""
    bases = [rest for code, rest in cuts if known(code)]
    quotes = [rest for rest, code in cuts if known(code)]
    return "" if bases and quotes else min([*bases, *quotes], key=len, default="")


def suffixed(text: str, codes: Iterable[str] = ()) -> tuple[str, str]:
    """``0.18SOL`` → number and code; ``codes`` are such as it may be, for ``0.511INCH``. The end of a code is
    none: ``0.01BNB`` of BTCUSDT is no B."""
    for code in codes:
        before = text[: -len(code)] if code and text.endswith(code) else ""
        if before and not _is_of_code(before[-1]):
            return text[: -len(code)], code
    at = next((at for at in range(len(text), 0, -1) if not _is_of_code(text[at - 1])), 0)
    return text[:at].strip(), text[at:]


def ends(cell: str, whole: str) -> Iterable[str]:
    """Ends of a cell that begin or end ``whole``, a pair; the longest first."""
    tails = (cell[at:] for at in range(1, len(cell)))
    return (tail for tail in tails if whole.startswith(tail) or whole.endswith(tail)) if whole else ()


def within(text: str, pattern: str) -> str:
    """The last group of what ``pattern`` finds."""
    found = re.search(pattern, text)
    return found[found.re.groups] or "" if found else ""


def _is_of_code(letter: str) -> bool:
    return letter.isalpha() or letter in "_*"
