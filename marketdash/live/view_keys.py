"""What a view is told by, how its frames begin, and whose its tracks are. Pure."""

from __future__ import annotations

from typing import NamedTuple

from marketdash.live.views import Replica, Track


class ViewKey(NamedTuple):
    """``param``: depth of a book, interval of a chart, else 0."""

    channel: str
    param: int
    interval_ms: int
    symbols: frozenset[str]


def head(key: ViewKey) -> tuple[bytes, bytes]:
    """Before and after the type and the number of a frame."""
    extra = {"book": b'"depth":%d,', "ohlc": b'"interval":%d,'}.get(key.channel)
    middle = extra % key.param if extra else b""
    return b'{"channel":"%b","type":' % key.channel.encode(), b',%b"data":[' % middle


def venue_of(track: Track) -> str:
    """Nothing for what is made here: a portfolio, a panel."""
    venue, of, _ = track.symbol.partition(":")
    return venue if of else ""


def lives(track: Track) -> bool:
    return isinstance(track, Replica) and track.value().get("state") == "live"
