"""Decimal text as people read it on the first paint; ``core/format.js`` writes the same after it. Pure.

What is absent is :data:`ABSENT`, never zero.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from zoneinfo import ZoneInfo

from feeds import symbols
from marketdash.numerals import ENGLISH, Style

ABSENT = "–"
_MINUS = "−"
_LETTERS = ("", " K", " M", " B", " T", " Q")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_COUNTED_ZEROS = 5


def decimal(text: object) -> Decimal | None:
    """A plain decimal with an optional minus; None for everything else."""
    if not isinstance(text, str) or not symbols.is_number(text.removeprefix("-")):
        return None
    return Decimal(text)


def price(text: object, decimals: int, style: Style = ENGLISH) -> str:
    """All digits that matter, zeros up to the tick; five or more leading zeros are counted (0.0₅71)."""
    return ABSENT if decimal(text) is None else digits(str(text), decimals, style)


def digits(text: str, decimals: int, style: Style = ENGLISH) -> str:
    """The same of a plain decimal of any length."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    after = (fraction[:decimals] + fraction[decimals:].rstrip("0")).ljust(decimals, "0")
    zeros = len(after) - len(after.lstrip("0")) if after.strip("0") and not int(whole) else 0
    if zeros >= _COUNTED_ZEROS:
        after = f"0{str(zeros).translate(_SUBSCRIPTS)}{after[zeros:]}"
    return _written(text.startswith("-"), str(int(whole)), after, style)


def _written(negative: bool, whole: str, fraction: str, style: Style) -> str:
    return f"{_MINUS if negative else ''}{style.whole(whole)}{style.point if fraction else ''}{fraction}"


def fixed(number: Decimal | None, decimals: int, style: Style = ENGLISH) -> str:
    if number is None:
        return ABSENT
    with localcontext(EXACT):
        rounded = number.quantize(Decimal(1).scaleb(-decimals))
        whole, _, fraction = f"{abs(rounded):f}".partition(".")
    return _written(rounded < 0, whole, fraction, style)


def rounded(number: Decimal, decimals: int, style: Style = ENGLISH) -> str:
    """As a price, of what has more digits than are read."""
    with localcontext(EXACT):
        return digits(f"{number.quantize(Decimal(1).scaleb(-decimals)):f}", decimals, style)


def signed(number: Decimal | None, decimals: int, style: Style = ENGLISH) -> str:
    """With a sign always, zero apart."""
    shown = fixed(number, decimals, style)
    return f"+{shown}" if number is not None and number > 0 and shown.strip("0" + style.point) else shown


def percent(text: object, style: Style = ENGLISH) -> str:
    """Signed percent points: ``+1.25%``."""
    number = decimal(text)
    shown = signed(number, 2, style)
    return shown if number is None else f"{shown}%"


def compact(number: Decimal | None, style: Style = ENGLISH) -> str:
    """Three digits and a letter: ``1.24 B``. What is small has three digits too, not zero."""
    if number is None:
        return ABSENT
    if number and number.adjusted() < -2:
        with localcontext(EXACT):
            return price(f"{number.quantize(Decimal(1).scaleb(number.adjusted() - 2)):f}", 0, style)
    place = min(max(0, (len(str(int(number))) - 1) // 3), len(_LETTERS) - 1)
    scaled = number.scaleb(-3 * place, EXACT)
    decimals = max(0, 3 - len(str(int(scaled))))
    if fixed(scaled, decimals) == "1,000" and place < len(_LETTERS) - 1:
        scaled, decimals, place = Decimal(1), 2, place + 1
    return fixed(scaled, decimals, style) + _LETTERS[place]


def age(age_us: int | None) -> str:
    if age_us is None:
        return ABSENT
    past_s = max(0, age_us) / 1e6
    steps = ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h"))
    if past_s < 1:
        return "< 1 s"
    for below_s, unit_s, word in steps:
        if past_s < below_s:
            return f"{int(past_s // unit_s)} {word}"
    return f"{int(past_s // 86_400)} d"


def time_of_day(us: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, zone):%H:%M:%S}"


def date_and_time(us: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, zone):%Y-%m-%d %H:%M}"


def middle(bid: object, ask: object) -> Decimal | None:
    """Between the best bid and the best ask, exact; nothing where one is missing."""
    low, high = decimal(bid), decimal(ask)
    return None if low is None or high is None else EXACT.divide(EXACT.add(low, high), Decimal(2))


def spread_bps(bid: object, ask: object) -> Decimal | None:
    """Of the middle, in hundredths of a percent."""
    low, high = decimal(bid), decimal(ask)
    if low is None or high is None or low + high == 0:
        return None
    with localcontext(EXACT):
        return (high - low) * 20_000 / (high + low)


def direction(text: object) -> str:
    """``up``, ``down`` or nothing, as a class of the cell."""
    number = decimal(text)
    return "" if not number else "up" if number > 0 else "down"


def turnover(volume: object, last: object) -> Decimal | None:
    """24 hours in the quote currency, at the last price."""
    base, rate = decimal(volume), decimal(last)
    return None if base is None or rate is None else EXACT.multiply(base, rate)
