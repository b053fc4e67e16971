"""Which options there are: of what, until when, at which strikes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from marketdash.instruments.catalogue import Listed

_DAY_US = 86_400_000_000


class Strike(NamedTuple):
    """What may be bought and sold at one price: a call, a put, or both."""

    price: str
    call: Listed | None
    put: Listed | None

    @property
    def sides(self) -> tuple[Listed, ...]:
        return tuple(side for side in (self.call, self.put) if side is not None)


class Expiry(NamedTuple):
    """``key`` names it in an address: its day in UTC, with the time where a day has several."""

    key: str
    at: datetime
    strikes: tuple[Strike, ...]

    @property
    def at_us(self) -> int:
        return int(self.at.timestamp()) * 1_000_000

    @property
    def count(self) -> int:
        return sum(len(each.sides) for each in self.strikes)

    @property
    def options(self) -> list[Listed]:
        return [side for each in self.strikes for side in each.sides]

    @property
    def day(self) -> str:
        """``26 Dec 26``."""
        return f"{self.at.astimezone(UTC):%-d %b %y}"

    def left(self, now_us: int) -> str:
        """As a tab says it: ``12 d``, ``31 h``, ``4 min``, ``expired``."""
        rest = self.at_us - now_us
        if rest <= 0:
            return "expired"
        for unit_us, most, word in ((60_000_000, 120, "min"), (3_600_000_000, 48, "h")):
            if rest < most * unit_us:
                return f"{rest // unit_us} {word}"
        return f"{rest // _DAY_US} d"


class Chain(NamedTuple):
    """All options of one underlying: of one base and quote at one venue, paid in one asset."""

    slug: str
    first: Listed
    expiries: tuple[Expiry, ...]

    @property
    def venue(self) -> str:
        return self.first.venue

    @property
    def title(self) -> str:
        """``BTC/USD``; the base alone where the venue quotes its options in it."""
        base, quote = self.first.base, self.first.quote
        return base if base == quote else f"{base}/{quote}"

    @property
    def paid_in(self) -> str:
        return self.first.settle or self.first.quote

    @property
    def in_coin(self) -> bool:
        return self.first.in_coin

    @property
    def struck_in(self) -> str:
        """The currency of the strikes."""
        return self.first.struck_in

    @property
    def count(self) -> int:
        return sum(each.count for each in self.expiries)

    @property
    def magnitude(self) -> int:
        """The power of ten of a middling strike: 4 of Bitcoin's. Digits of greeks follow from it."""
        strikes = sorted(Decimal(row.price) for each in self.expiries for row in each.strikes)
        return strikes[len(strikes) // 2].adjusted()

    def expiry(self, key: str) -> Expiry | None:
        """By its key, or by its day alone: then the first of that day."""
        named = (each for each in self.expiries if key and (each.key == key or each.key[:10] == key))
        return next(named, None)


def is_option(listed: Listed) -> bool:
    """One that a chain can show: some venue's list may lack a part of another."""
    return bool(listed.kind == "option" and listed.expiry and listed.strike and listed.right)


def chains(listed: Iterable[Listed]) -> dict[str, Chain]:
    """By slug, in the order of venue and name; expiries from the nearest, strikes from the lowest."""
    groups: dict[tuple[str, ...], list[Listed]] = {}
    for each in filter(is_option, listed):
        groups.setdefault((each.venue, each.base, each.quote, each.settle or each.quote), []).append(each)
    found = (_chain(groups[key]) for key in sorted(groups))
    return {each.slug: each for each in found}


def _chain(options: list[Listed]) -> Chain:
    by_time: dict[datetime, list[Listed]] = {}
    for each in options:
        if each.expiry is not None:
            by_time.setdefault(each.expiry.astimezone(UTC), []).append(each)
    days = [f"{at:%Y-%m-%d}" for at in by_time]
    expiries = (
        Expiry(day if days.count(day) == 1 else f"{at:%Y-%m-%dT%H%M}", at, _strikes(by_time[at]))
        for at, day in zip(by_time, days, strict=True)
    )
    return Chain(options[0].chain_slug, options[0], tuple(sorted(expiries, key=lambda each: each.at)))


def _strikes(options: list[Listed]) -> tuple[Strike, ...]:
    by_price: dict[Decimal, dict[str, Listed]] = {}
    for each in options:
        by_price.setdefault(Decimal(each.strike), {})[each.right] = each
    return tuple(
        Strike(next(iter(sides.values())).strike, sides.get("call"), sides.get("put"))
        for _, sides in sorted(by_price.items())
    )


def trading(expiry: Expiry, now_us: int) -> bool:
    """Not yet expired."""
    return expiry.at_us > now_us


def nearest(strikes: Iterable[str], forward: Decimal | None) -> str | None:
    """The strike at the money: of two that are as near, the lower one."""
    if forward is None:
        return None
    return min(strikes, key=lambda each: (abs(Decimal(each) - forward), Decimal(each)), default=None)


def around(expiry: Expiry, forward: Decimal | None, count: int) -> Expiry:
    """Of its strikes those at the money and ``count`` on either side; all where nobody knows the forward."""
    prices = [each.price for each in expiry.strikes]
    middle = nearest(prices, forward)
    if not count or middle is None:
        return expiry
    at = prices.index(middle)
    return expiry._replace(strikes=expiry.strikes[max(0, at - count) : at + count + 1])
