"""One market of a plain venue, as tests of what is shown of it follow it."""

from __future__ import annotations

from tests.feeds.making import NAME, PlainCodec
from tests.feeds.replaying import Recorded

LINK = "link.0"
BIDS, ASKS = [("100.0", "1"), ("99.0", "2")], [("101.0", "1"), ("102.0", "2")]


def recorded(*channels: str, **codec) -> Recorded:
    made = Recorded(PlainCodec(**codec))
    made.watch(["BTC/USD"], depth=10, channels=channels or ("ticker", "trade", "book"), link=LINK)
    made.events.clear()
    return made


def feed(made: Recorded, *events, link: str = LINK) -> None:
    for event in events:
        made.state.apply(event, link)


def states(made: Recorded) -> dict[str, tuple[str, str]]:
    return {name: made.state.topic_state(name, NAME)[:2] for name in ("ticker", "trade", "book")}
