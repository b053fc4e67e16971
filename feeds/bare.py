"""Bare JSON numbers (``"price":64012.10``) as the text that they are: never through a float. Pure.

They are declared as :class:`msgspec.Raw`, so that their digits are cut out of the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from msgspec import Raw

NOTHING = Raw(b"null")
"""For a field that need not be there."""

# What a number may be stretched to when its exponent is written out; beyond it the book refuses the text.
_MAX_EXPONENT = 40
# What is left without these is no plain number: ten times as fast as asking for digits.
_PLAIN = b"0123456789."
_PLAIN_OR_BLANK, _SIGN_OR_NULL = _PLAIN + b" ", b"-nul"


def digits(raw: Raw) -> str:
    """The digits of a bare number, ``""`` for null. Raises ValueError for anything else."""
    data = bytes(raw)
    return _odd(str(data, "ascii")) if data.translate(None, _PLAIN) else data.decode()


def all_digits(raws: Sequence[Raw]) -> list[str]:
    """Of at least one, :func:`digits` of each: looked at and cut apart all at once, which is cheaper.

    What is made of these signs alone is a number or null, because it was JSON.
    """
    data = b" ".join(raws)
    odd = data.translate(None, _PLAIN_OR_BLANK)
    if odd.translate(None, _SIGN_OR_NULL):
        return [digits(raw) for raw in raws]
    texts = data.decode().split(" ")
    return ["" if text == "null" else text for text in texts] if b"n" in odd else texts


@lru_cache(maxsize=1024)
def _odd(text: str) -> str:
    """Signed numbers and null as they are; a short exponent is written out: books need plain text."""
    if text == "null":
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"expected a number, found {text:.40}") from None
    if "e" not in text.lower() or abs(number.adjusted()) > _MAX_EXPONENT:
        return text
    return format(number, "f")
