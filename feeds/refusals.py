"""What the words of a refusal say: whom they mean, and whether it will pass. Pure."""

from __future__ import annotations

import re

LEFT_OUT = "the venue left it out of what it agreed to"
"""The words of a refusal without any."""
# A venue that is too busy refuses good symbols: those are asked again soon, unknown ones rarely.
_PASSING = re.compile(
    r"\brate\b|too (?:many|frequent)|exceeded|throttl|temporar|try again|busy", re.IGNORECASE
)


def is_passing(words: str) -> bool:
    """Whether it is of the moment, and not of what was asked for."""
    return _PASSING.search(words) is not None


def names(words: str, native: str) -> bool:
    """Whether an error speaks of this very symbol, and not of one that contains it; in any case of letters,
    since some venues name streams in another one than symbols."""
    words, native = words.casefold(), native.casefold()
    return native in words and bool(re.search(rf"(?<![\w/-]){re.escape(native)}(?![\w/-])", words))
