"""What Bitfinex says of its platform and of channels: objects with an ``event``."""

from __future__ import annotations

from feeds.events import Event, Reconnect, Unknown, VenueStatus
from feeds.venues.bitfinex import shapes
from feeds.venues.bitfinex.naming import VENUE, Topic, topic_named

_RESTART, _MAINTENANCE, _RESUMED = "20051", "20060", "20061"


def topic_of_answer(found: shapes.Event) -> Topic:
    """Of which channel it speaks, also where it refuses one."""
    return topic_named(found.channel, found.symbol, found.pair, found.key, found.prec)


def info(found: shapes.Event, ns: int) -> list[Event]:
    """The first word on a link says how the platform is; codes say what becomes of it.

    https://docs.bitfinex.com/docs/ws-general#info-messages: after maintenance "it is advised to
    unsubscribe/subscribe again all channels", which a new link does.
    """
    code = str(found.code)
    if code == _MAINTENANCE or (found.platform is not None and not found.platform.status):
        return [VenueStatus(VENUE, "halted", "maintenance", ns)]
    if code == _RESUMED:
        return [VenueStatus(VENUE, "online", "", ns), Reconnect("the venue's maintenance has ended")]
    if code == _RESTART:
        return [Reconnect("the venue restarts its server")]
    if found.platform is not None or code == "0":
        return [VenueStatus(VENUE, "online", "", ns)]
    return [Unknown(f"info {code:.20}")]
