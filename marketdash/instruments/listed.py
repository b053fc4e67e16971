"""One enabled instrument, as pages and sockets show it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from feeds import symbols
from marketdash.instruments import display
from marketdash.instruments.models import OWNERSHIP, Status
from marketdash.numerals import ENGLISH, Style
from marketdash.venues import tells, untold

_ONE, _SEVERAL = ("is", "it"), ("are", "them")


class Listed(NamedTuple):
    """One enabled instrument, as pages and sockets show it. ``book_depth`` 0: it has no book. ``off``: what
    else its kind has and nobody switched on.

    ``asset`` and ``quote_asset`` are the codes that hold across venues, ``names`` what else it is called.
    Of a contract ``contract_size`` is in the base, or in the quote where it is ``inverse``: paid in its base.
    """

    symbol: str
    slug: str
    venue: str
    venue_title: str
    native: str
    kind: str
    base: str
    quote: str
    price_decimals: int
    qty_decimals: int
    tick_size: str
    status: str
    book_depth: int
    asset: str = ""
    quote_asset: str = ""
    names: tuple[str, ...] = ()
    delisted_at: datetime | None = None
    settle: str = ""
    contract_size: str = "1"
    inverse: bool = False
    expiry: datetime | None = None
    strike: str = ""
    right: str = ""
    off: tuple[str, ...] = ()

    @property
    def without(self) -> dict[str, str]:
        """Why a page shows nothing of a channel, by channel, of those that it shows nothing of: no fault, but
        how the venue is, or what an administrator chose. What its kind of instrument cannot have is not here,
        but for an index, which has a price alone."""
        if not self.symbol:
            return {}
        told = {channel: self._why_without(channel) for channel in (*symbols.CHANNELS, *self.channels)}
        return {channel: words for channel, words in told.items() if words}

    def _why_without(self, channel: str) -> str:
        what = symbols.WORDS[channel]
        if channel not in symbols.channels_of(self.kind):
            return f"An index has no {what}: nobody trades it."
        if channel == symbols.OHLC and not tells(self.venue, symbols.TRADE):
            return f"No candles are stored, and {self.venue_title} tells no trades to make them of."
        if channel != symbols.OPTION and not tells(self.venue, channel):  # who lists options tells of them
            return f"{self.venue_title} tells no {what}."
        if channel in self.off or (channel == symbols.BOOK and not self.book_depth):
            verb, them = _SEVERAL if what.endswith("s") else _ONE
            return f"No {what} {verb} followed for this instrument. An administrator can switch {them} on."
        return ""

    @property
    def told(self) -> tuple[str, ...]:
        """Channels that its venue has, followed or not."""
        return tuple(channel for channel in symbols.CHANNELS if tells(self.venue, channel))

    @property
    def untold(self) -> tuple[str, ...]:
        """Of the price and the figures of a day those that its venue never tells."""
        return untold(self.venue)

    @property
    def is_middle(self) -> bool:
        """Whether the middle of bid and ask stands for the last trade, of which its venue tells none."""
        return "last" in self.untold

    @property
    def gone(self) -> str:
        """Why nothing comes of it any more, with the date if it is known; ``""`` while its venue lists it."""
        if self.status != Status.DELISTED:
            return ""
        if self.expiry is not None and (self.delisted_at is None or self.expiry <= self.delisted_at):
            return f"it expired on {self.expiry.astimezone(UTC):%-d %b %Y}"
        if self.delisted_at is None:
            return f"{self.venue_title} no longer lists it"
        return f"{self.venue_title} has not listed it since {self.delisted_at.astimezone(UTC):%-d %b %Y}"

    @property
    def channels(self) -> tuple[str, ...]:
        """What it has beside prices, trades and a book, because of its kind."""
        return symbols.derivatives_of(self.kind)

    def strike_in(self, style: Style) -> str:
        """``80,000``; ``""`` of all but options."""
        return display.price(self.strike, 0, style) if self.strike else ""

    def kind_in(self, style: Style = ENGLISH) -> str:
        """``Perpetual``, ``Future, 26 Dec 2026``, ``Call 80,000, 26 Dec 2026``: which of several it is."""
        kind = f"{self.right.capitalize()} {self.strike_in(style)}" if self.strike else self.kind.capitalize()
        return f"{kind}, {self.expiry.astimezone(UTC):%-d %b %Y}" if self.expiry else kind

    @property
    def expiry_us(self) -> int:
        """0: none."""
        return int(self.expiry.timestamp()) * 1_000_000 if self.expiry else 0

    def short_in(self, style: Style = ENGLISH) -> str:
        """Beside a pair in a list: ``Perpetual``, ``26 Dec 26``, ``26 Dec 26 80,000 C``."""
        if self.expiry is None:
            return self.kind.capitalize()
        what = f" {self.strike_in(style)} {self.right[:1].upper()}" if self.strike else ""
        return f"{self.expiry.astimezone(UTC):%-d %b %y}{what}"

    @property
    def in_coin(self) -> bool:
        """Of an option: paid in its base (inverse), so its prices are units of that; its strike is not."""
        return bool(self.settle) and self.settle == self.base

    @property
    def behind(self) -> str:
        """``/USD``: what stands behind the base. Nothing where it is priced in itself, as options in coin."""
        return "" if self.quote == self.base else f"/{self.quote}"

    @property
    def struck_in(self) -> str:
        """The currency of an option's strike: dollars where its prices are in coin."""
        return "USD" if self.quote == self.base else self.quote

    @property
    def chain_slug(self) -> str:
        """All options with these parts stand together: ``deribit-btc``, ``deribit-btc-usdc``."""
        quote = "" if self.quote == self.base else self.quote
        paid = "" if self.settle in (self.quote, "") else self.settle
        return symbols.slug("-".join(filter(None, (self.venue, self.base, quote, paid))))

    @property
    def chain_path(self) -> str:
        """Of an option: where it stands beside the others."""
        if not self.strike or self.expiry is None:
            return ""
        return f"/options/{self.chain_slug}/?expiry={self.expiry.astimezone(UTC):%Y-%m-%d}"

    @property
    def unit(self) -> str:
        """What sizes of its orders and trades count: units of the base, contracts, or of what is inverse and
        has contracts of 1 the quote itself."""
        if self.counts_quote:
            return self.quote
        return "contracts" if self.counts_contracts else self.base

    @property
    def counts_quote(self) -> bool:
        return self.inverse and Decimal(self.contract_size) == 1

    @property
    def is_traded(self) -> bool:
        """An index is not: it is a number alone."""
        return symbols.TRADE in symbols.channels_of(self.kind)

    @property
    def counts_contracts(self) -> bool:
        return bool(self.channels) and (self.inverse or Decimal(self.contract_size) != 1)

    @property
    def is_rate(self) -> bool:
        """Whether its price says what one asset is worth in another."""
        return self.kind in OWNERSHIP


BLANK = Listed("", "", "", "", "", "spot", "", "", 2, 8, "0.01", "trading", 0)
"""Nobody: what a row that is added later is made from."""
