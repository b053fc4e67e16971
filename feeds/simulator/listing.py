"""What is listed where: assets with plausible prices, and each venue's own symbols and number formats."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from feeds.simulator import (
    alpaca_listing,
    bitfinex_listing,
    bitstamp_listing,
    deribit_listing,
    gemini_listing,
    kraken_futures_listing,
    oanda_listing,
    okx_listing,
    pyth_listing,
)
from feeds.simulator.assets import ASSETS, FOREX, Listing, price_decimals
from feeds.simulator.contracts import contracts
from feeds.simulator.contracts import named as contract_named

VENUES = ("KRAKEN", "BINANCE", "COINBASE")

# Decimals of price and quantity where majors have fewer or more than the rule below gives them.
_DIGITS = {
    "KRAKEN": {"SOL": (2, 8), "LTC": (2, 8), "DOT": (4, 8), "AVAX": (2, 8), "BCH": (2, 8)},
    "BINANCE": {
        "BTC": (2, 5), "ETH": (2, 4), "SOL": (2, 3), "XRP": (4, 1), "ADA": (4, 1), "DOGE": (5, 0),
        "LTC": (2, 3), "DOT": (3, 2), "LINK": (2, 2), "AVAX": (2, 2), "BNB": (2, 3), "BCH": (1, 3),
    },
    "COINBASE": {
        "ETH": (2, 8), "SOL": (2, 8), "XRP": (4, 6), "ADA": (4, 8), "DOGE": (5, 1),
        "LTC": (2, 8), "DOT": (3, 8), "LINK": (3, 2), "AVAX": (2, 8), "BCH": (2, 8),
    },
}  # fmt: skip
TITLES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "SOL": "Solana",
    "XRP": "XRP",
    "ADA": "Cardano",
    "DOGE": "Dogecoin",
}


# What euros buy, and after which rank it comes: behind the majors in dollars, before everything else.
EURO = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE")
_EURO_AFTER = 11
_DOUBLED, _MADE_UP = 600, 700
_QUOTES = {"KRAKEN": "USD", "BINANCE": "USDT", "COINBASE": "USD"}
_NATIVE: dict[str, Callable[[str, str], str]] = {
    "KRAKEN": lambda base, quote: f"{base}/{quote}",
    "BINANCE": lambda base, quote: base + quote,
    "COINBASE": lambda base, quote: f"{base}-{quote}",
}


def _qty_decimals(venue: str, price: float) -> int:
    if venue != "BINANCE":
        return 8
    return max(0, min(5, price_decimals(1 / price, 1) + 2))


def _spot(venue: str, base: str, price: float, rank: int, quote: str = "") -> Listing:
    quote = quote or _QUOTES[venue]
    significant = 6 if venue == "KRAKEN" else 7 if price >= 10_000 else 6 if price >= 100 else 5
    digits = price_decimals(price, significant), _qty_decimals(venue, price)
    digits = _DIGITS[venue].get(base, digits)
    return Listing(
        venue, _NATIVE[venue](base, quote), "spot", base, quote, price,
        *digits, rank,
    )  # fmt: skip


def _forex(pair: str, rank: int) -> Listing:
    base, quote = pair.split("/")
    price = FOREX[pair]
    return Listing("KRAKEN", pair, "forex", base, quote, price, 3 if price > 20 else 5, 8, rank)


def _assets() -> Iterator[tuple[str, float]]:
    """The known ones, then made-up ones without end; the same in every run."""
    yield from ASSETS.items()
    rng = random.Random("made-up assets")
    for index in range(1, 10_000):
        yield f"SIM{index:04d}", round(10 ** rng.uniform(-3, 2), 5)


def _ranked() -> Iterator[Listing]:
    forex = iter(FOREX)
    for rank, (base, price) in enumerate(_assets(), start=1):
        yield from (_spot(venue, base, price, rank) for venue in VENUES)
        # Currencies come early, so that a small simulator has them too.
        if rank > 1 and (pair := next(forex, None)):
            yield _forex(pair, rank)
        if rank == _EURO_AFTER:
            yield from _in_euro(rank)


def _in_euro(rank: int) -> Iterator[Listing]:
    for base in EURO:
        price = ASSETS[base] / FOREX["EUR/USD"]
        yield from (_spot(venue, base, price, rank, "EUR") for venue in VENUES)


def listings(wanted: int | Iterable[str]) -> list[Listing]:
    """The ``wanted`` busiest instruments over all venues, or those with the given full names: contracts are
    there by name alone.

    Raises ``ValueError`` naming instruments that are not listed.
    """
    if isinstance(wanted, int):
        return [listing for listing, _ in zip(_ranked(), range(wanted), strict=False)]
    names = dict.fromkeys(wanted)
    # What has a date, or was made up, is known by its name alone: nobody could list all that there may be.
    found: dict[str, Listing] = {name: listing for name in names if (listing := _by_name(name))}
    for listing in _all():
        if len(found) == len(names):
            break
        if listing.name in names:
            found[listing.name] = listing
    if missing := [name for name in names if name not in found]:
        raise ValueError(f"instruments: not listed: {', '.join(missing)}")
    return [found[name] for name in names]


def listed_at(venue: str, count: int) -> list[str]:
    """Names of the busiest instruments of one venue."""
    found = (listing.name for listing in _all() if listing.venue == venue)
    return list(islice(found, count))


def _by_name(name: str) -> Listing | None:
    ways = deribit_listing.named, okx_listing.named, kraken_futures_listing.named, gemini_listing.named
    return next((listing for way in (*ways, contract_named) if (listing := way(name))), None)


def _all() -> Iterator[Listing]:
    return chain(
        contracts(),
        deribit_listing.perpetuals(),
        okx_listing.busiest(),
        kraken_futures_listing.contracts(),
        pyth_listing.feeds(),
        alpaca_listing.shares(),
        bitstamp_listing.markets(_assets()),
        gemini_listing.markets(),
        oanda_listing.pairs(),
        bitfinex_listing.markets(islice(_assets(), len(ASSETS), _MADE_UP)),
        _doubled(),
        _ranked(),
    )


def _doubled() -> Iterator[Listing]:
    """The busiest of Coinbase once more, as its other venue lists them: there by name alone."""
    ours = (listing for listing in _ranked() if listing.venue == "COINBASE")
    return (listing._replace(venue="COINBASE_EXCHANGE") for listing in islice(ours, _DOUBLED))
