"""Names: instruments, topics and shards. Grammar only; parts of an instrument are fields, not text.

An instrument is ``VENUE:NATIVE``: the venue's upper-case name, a colon, and the exchange's own
symbol untouched (``KRAKEN:BTC/USD``). A topic is ``channel:instrument`` (``book:KRAKEN:BTC/USD``), with
the interval in minutes for bars (``ohlc.5:KRAKEN:BTC/USD``); ``status:KRAKEN`` and
``health:KRAKEN`` are a venue's own. Two venues may use one symbol (``BINANCE:BTCUSDT`` is spot,
``BINANCE_USDM:BTCUSDT`` a perpetual): only the full name says what is meant.
"""

from __future__ import annotations

import re
import zlib
from decimal import Decimal
from typing import NamedTuple

TICKER, TRADE, BOOK, OHLC = "ticker", "trade", "book", "ohlc"
MARK, FUNDING, LIQUIDATION, OPTION = "mark", "funding", "liquidation", "option"
STATS = "stats"
"""The 24-hour half of a ticker, where a venue sends it on another link than the prices: never a topic that
anybody reads. The ticker is as live as the worse of its halves."""
STATUS, HEALTH = "status", "health"
"""Channels of a venue: how it and its links are, and how each of its topics is."""

CHANNELS = (TICKER, TRADE, BOOK, OHLC)
"""What every venue has that has markets; one of indexes alone has the ticker."""
DERIVATIVES = (MARK, FUNDING, LIQUIDATION, OPTION)
"""What contracts have beside it. Open interest travels in the rows of ``mark``: every contract has both, and
a future has no funding; a channel of its own would cost a subscription for a number a minute. A row of
``option`` is a whole line of a chain, prices included: a page of a thousand needs one topic of each."""
WORDS = {
    TICKER: "price",
    TRADE: "trades",
    BOOK: "book",
    OHLC: "candles",
    MARK: "mark price",
    FUNDING: "funding",
    LIQUIDATION: "liquidations",
    OPTION: "greeks",
}
"""What each brings, as people say it."""
_OF_KIND = {
    "perpetual": (MARK, FUNDING, LIQUIDATION),
    "future": (MARK, LIQUIDATION),
    "option": (MARK, OPTION),
}
INTERVALS = (1, 5, 15, 60, 240, 1440)
"""Bar lengths in minutes, in order, each a divisor of a day. See ``docs/add-an-interval.md``."""
DEPTHS = (10, 25, 100, 500, 1000)

_TOPICS = frozenset({*CHANNELS, *DERIVATIVES, STATUS, HEALTH})
_VENUE = re.compile(r"[A-Z][A-Z0-9_]{1,31}")
# Venues list non-ASCII symbols since 2025, so letters are not limited to ASCII; what is refused is
# what could break a page, a header or a log line: blanks, controls, quotes, brackets, ampersand.
_NATIVE = re.compile(r"[^\s\x00-\x20\x7f-\x9f<>\"'&\\`\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")


class InvalidName(ValueError):
    """A name outside the grammar; the message says which and what was expected."""


class InvalidNumber(ValueError):
    """Text that is not a plain bounded decimal number."""


def derivatives_of(kind: str) -> tuple[str, ...]:
    """The channels that an instrument of this kind has beside those of :data:`CHANNELS`."""
    return _OF_KIND.get(kind, ())


def channels_of(kind: str) -> tuple[str, ...]:
    """All channels that an instrument of this kind can have; an index is a number that nobody trades."""
    return (TICKER,) if kind == "index" else (*CHANNELS, *derivatives_of(kind))


def interval_name(minutes: int) -> str:
    """As buttons and lists show it: ``5 m``, ``4 h``, ``1 d``."""
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} m"


def in_words(numbers: tuple[int, ...]) -> str:
    """In words, for whoever gave another one: ``1, 5 or 15``."""
    return f"{', '.join(map(str, numbers[:-1]))} or {numbers[-1]}"


def is_native(native: str) -> bool:
    """Whether an exchange's own symbol is one we can carry."""
    return _NATIVE.fullmatch(native) is not None


def instrument_name(venue: str, native: str) -> str:
    """``VENUE:NATIVE``; raises :class:`InvalidName` outside the grammar."""
    if _VENUE.fullmatch(venue) is None:
        raise InvalidName(f"venue: expected upper-case letters, digits and _, found {venue!r:.80}")
    if not is_native(native):
        raise InvalidName(f"symbol: expected 1 to 64 printable characters, found {native!r:.80}")
    return f"{venue}:{native}"


def split_instrument(name: str) -> tuple[str, str]:
    """``(venue, native)`` of a full name; raises :class:`InvalidName` when it is not one."""
    venue, colon, native = name.partition(":")
    if not colon:
        raise InvalidName(f"symbol: expected VENUE:SYMBOL, found {name!r:.80}")
    instrument_name(venue, native)
    return venue, native


def topic(channel: str, instrument: str, interval: int = 0) -> str:
    """The text of a topic; ``interval`` in minutes is for ``ohlc`` alone."""
    return f"{channel}.{interval}:{instrument}" if interval else f"{channel}:{instrument}"


class TopicParts(NamedTuple):
    channel: str
    instrument: str
    interval: int


def split_topic(text: str) -> TopicParts:
    """The reverse of :func:`topic`; raises :class:`InvalidName` on anything else."""
    head, colon, instrument = text.partition(":")
    channel, dot, interval = head.partition(".")
    if not colon or channel not in _TOPICS or (dot and not interval.isdigit()):
        raise InvalidName(f"topic: expected channel:instrument, found {text!r:.120}")
    return TopicParts(channel, instrument, int(interval or 0))


def shard_of(instrument: str, shards: int) -> int:
    """A stable hash: the same in every process and release, so that all agree on the shard."""
    return zlib.crc32(instrument.encode()) % shards


PARTS = 12
"""Every venue's instruments fall into so many parts, of which each has one writer."""


def part_of(instrument: str) -> int:
    """Which of the :data:`PARTS` of its venue; stable like :func:`shard_of`."""
    return zlib.crc32(instrument.encode()) % PARTS


def slug(name: str) -> str:
    """A readable piece of a URL (``kraken-btc-usd``). Not unique by itself: the catalogue settles that."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "instrument"


def number(text: str, *, what: str = "number") -> Decimal:
    """A plain, bounded, non-negative decimal; refuses signs, exponents, NaN and Infinity.

    Raises :class:`InvalidNumber` naming ``what`` and the text.
    """
    if not isinstance(text, str) or _NUMBER.fullmatch(text) is None:
        raise InvalidNumber(f"{what}: expected a plain decimal number, found {text!r:.60}")
    return Decimal(text)


is_number = _NUMBER.fullmatch
"""Whether :func:`number` would take the text (true or None): the hot path asks, and makes no Decimal."""


def plain(text: str, *, signed: bool = False, zero: bool = True) -> str:
    """The text where it is a plain number, with a sign or zero only where that may be; else ``""``."""
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    return text if is_number(digits) and (zero or digits.strip("0.")) else ""


def decimals(text: str) -> int:
    """Digits after the point of an increment (``0.01`` → 2, ``1E-8`` → 8, ``5`` → 0)."""
    exponent = Decimal(text).normalize().as_tuple().exponent
    return max(0, -int(exponent))
