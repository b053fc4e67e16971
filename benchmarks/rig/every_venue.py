"""What is followed where all venues are: as many instruments of each as there are, alike, busiest first."""

from __future__ import annotations

from feeds import symbols, venues
from feeds.codec import Codec, Subscription
from feeds.credentials import Credentials
from feeds.simulator.assets import Listing
from feeds.simulator.listing import listed_at, listings

FEW = {"ALPACA": 30, "PYTH": 100}
"""So many symbols, and so many bytes, are all that these two give one address."""
DEPTH = 100
KEY = {"KEY": "PKSIMULATED", "SECRET": "simulated"}  # nosec B105 # opens simulators alone


def keyed(codec: Codec) -> Codec:
    """With the key that simulated venues let in, where it takes one."""
    if codec.key_parts:
        codec.credentials = Credentials(KEY["KEY"], KEY["SECRET"] if "SECRET" in codec.key_parts else "")
    return codec


def names(count: int) -> list[str]:
    """Full names, ``count`` of them: what a venue does not list, the others list more of."""
    left = {venue: iter(listed_at(venue, FEW.get(venue, count))) for venue in venues.VENUES}
    found: list[str] = []
    while len(found) < count and left:
        taken = {venue: next(each, "") for venue, each in left.items()}
        found += filter(None, taken.values())
        left = {venue: each for venue, each in left.items() if taken[venue]}
    return found[:count]


def subscriptions(count: int) -> list[Subscription]:
    """All that their venues tell of them, with books, but candles, which are made of trades."""
    codecs = {venue: venues.codec(venue) for venue in venues.VENUES}
    return [one for each in listings(names(count)) for one in _of(codecs[each.venue], each)]


def _of(codec: Codec, listing: Listing) -> list[Subscription]:
    name, native = listing.name, listing.native
    return [
        Subscription(channel, name, native, DEPTH * (channel == symbols.BOOK))
        for channel in symbols.channels_of(listing.kind)
        if channel in codec.channels and channel != symbols.OHLC
    ]
