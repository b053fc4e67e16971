"""What Gemini lists here: each asset in dollars, and of the majors a perpetual in its own dollar."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.simulator.assets import ASSETS, FOREX, Listing, made_up, price_decimals

VENUE = "GEMINI"
_MAJORS = ("BTC", "ETH", "SOL", "XRP", "AVAX")
_FIRST = 2
_EURO = "EUR/USD"


def markets() -> Iterator[Listing]:
    """The busiest first: the two largest in dollars, their perpetuals, and so on."""
    assets = list(ASSETS)
    yield from map(_spot, assets[:_FIRST])
    for base in assets:
        if base in assets[_FIRST:]:
            yield _spot(base)
        if base in _MAJORS:
            yield _perpetual(base)
    yield Listing(VENUE, _EURO.replace("/", ""), "forex", "EUR", "USD", FOREX[_EURO], 5, 6, len(ASSETS))


def named(name: str) -> Listing | None:
    """One of an asset that was made up: ``GEMINI:SIM0123USD``."""
    if (found := made_up(name)) is None:
        return None
    made = _at(found[1], found[2], len(ASSETS))
    return made if made.name == name else None


def _spot(base: str) -> Listing:
    return _at(base, ASSETS[base], _rank(base))


def _at(base: str, price: float, rank: int) -> Listing:
    lots = 8 if price >= 1 else 2
    return Listing(VENUE, f"{base}USD", "spot", base, "USD", price, _digits(price), lots, rank)


def _perpetual(base: str) -> Listing:
    price = ASSETS[base]
    digits, lots = max(0, _digits(price) - 1), max(0, min(4, price_decimals(1 / price, 1) + 2))
    return Listing(
        VENUE, f"{base}GUSDPERP", "perpetual", base, "GUSD", price, digits, lots, _rank(base) + 2,
        settle="GUSD",
    )  # fmt: skip


def _rank(base: str) -> int:
    return list(ASSETS).index(base) + 1


def _digits(price: float) -> int:
    return price_decimals(price, 7 if price >= 10_000 else 6 if price >= 100 else 5)
