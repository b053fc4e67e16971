"""When OANDA is closed: https://www.oanda.com/us-en/trading/hours-of-operation/, and of metals
https://www.quantconnect.com/docs/v2/writing-algorithms/securities/asset-classes/cfd/market-hours/oanda/xauaud"""

from __future__ import annotations

from datetime import datetime

import pytest

from feeds.events import InstrumentStatus, Quote
from feeds.halts import Halts
from feeds.venues.oanda.messages import CLOSED
from feeds.venues.oanda.public import OandaCodec
from tests.fakes.clock import FakeClock
from tests.feeds.replaying import Recorded

EUR, GOLD = "OANDA:EUR_USD", "OANDA:XAU_USD"
LINK = "prices.0"
SUNDAY, MONDAY = "closed, opens Sun 17:05 New York", "closed, opens Mon 17:05 New York"
METALS_SUNDAY, METALS_MONDAY = "closed, opens Sun 18:10 New York", "closed, opens Mon 18:10 New York"


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("at", "of_euros", "of_gold"),
    [
        ("2026-11-27T16:57-05:00", "", ""),
        ("2026-11-27T16:58-05:00", SUNDAY, METALS_SUNDAY),
        ("2026-11-29T17:04:59-05:00", SUNDAY, METALS_SUNDAY),
        ("2026-11-29T17:05-05:00", "", METALS_SUNDAY),
        ("2026-11-29T18:10-05:00", "", ""),
        # Each day's break, which is longer of metals.
        ("2026-11-30T16:57:59-05:00", "", ""),
        ("2026-11-30T16:59-05:00", MONDAY, METALS_MONDAY),
        ("2026-11-30T18:09-05:00", "", METALS_MONDAY),
        ("2026-12-01T12:00-05:00", "", ""),
        # A weekend in which summer time begins, and one in which it ends.
        ("2026-03-08T16:59-04:00", SUNDAY, METALS_SUNDAY),
        ("2026-11-01T17:05-05:00", "", METALS_SUNDAY),
        ("2026-11-01T18:10-05:00", "", ""),
    ],
)
def test_closed_by_the_clock_of_new_york(at: str, of_euros: str, of_gold: str) -> None:
    halts = Halts(OandaCodec())

    assert (halts.hours(EUR, us(at)), halts.hours(GOLD, us(at))) == (of_euros, of_gold)


def quote(name: str) -> Quote:
    return Quote(name, "1.15", "1000000", "1.16", "1000000", 0, 1)


def watching(at: str) -> Recorded:
    made = Recorded(OandaCodec(), FakeClock(us(at) * 1000))
    made.watch(["EUR_USD"], depth=0, channels=["ticker"], link=LINK)
    made.state.apply(quote(EUR), LINK)
    return made


def stood_still(at: str) -> Recorded:
    """A price that cannot be traded, at a time."""
    made = watching(at)
    made.state.apply(InstrumentStatus(EUR, "halted", CLOSED, 1), LINK)
    return made


def turn_to(made: Recorded, at: str) -> None:
    made.clock.advance((us(at) * 1000 - made.clock.wall_ns()) / 1e9)
    made.state.tick()


def told(made: Recorded) -> tuple[str, str, str]:
    topic = made.state.topic_state("ticker", EUR)
    return topic.state, topic.reason, topic.phase


def test_what_cannot_be_traded_at_the_weekend_is_closed_until_it_should_have_opened() -> None:
    made = stood_still("2026-11-28T12:00-05:00")
    assert told(made) == ("halted", SUNDAY, "closed")

    turn_to(made, "2026-11-29T17:06-05:00")
    assert told(made) == ("halted", CLOSED, "")

    made.state.apply(quote(EUR), LINK)
    made.state.apply(InstrumentStatus(EUR, "trading", "", 1), LINK)
    assert told(made) == ("live", "", "")


def test_what_cannot_be_traded_within_the_hours_is_halted_and_closed_when_they_end() -> None:
    made = stood_still("2026-11-27T15:00-05:00")
    assert told(made) == ("halted", CLOSED, "")

    turn_to(made, "2026-11-27T17:00-05:00")
    assert told(made) == ("halted", SUNDAY, "closed")


def test_what_is_traded_outside_of_the_hours_is_live() -> None:
    assert told(watching("2026-11-28T12:00-05:00")) == ("live", "", "")


def test_a_lost_link_is_no_closing() -> None:
    made = stood_still("2026-11-28T12:00-05:00")

    made.state.link_down(LINK, "gone")

    assert told(made) == ("stale", "gone", "")
