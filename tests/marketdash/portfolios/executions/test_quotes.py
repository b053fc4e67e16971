"""The quote that a fill is held against is from before it, or unknown."""

from __future__ import annotations

import pytest

from marketdash.portfolios.executions import quotes
from marketdash.portfolios.executions.quotes import Quoted, Quotes, Sample

NAME = "KRAKEN:BTC/USD"


@pytest.fixture
def kept() -> Quotes:
    """It was 1 and 2 from 100 on, then 3 and 4 from 200 on."""
    found = Quotes()
    found.follow([NAME])
    found.heard(NAME, Sample(100, "1", "2", True))
    found.heard(NAME, Sample(150, "1", "2", True))
    found.heard(NAME, Sample(200, "3", "4", True))
    return found


@pytest.mark.parametrize(
    ("exchange_us", "received_us", "expected"),
    [
        (199, 210, Quoted("1", "2", 99)),  # 200 is what it did to the quote
        (200, 200, Quoted("1", "2", 100)),
        (201, 230, Quoted("3", "4", 1)),
        (500, 180, Quoted("1", "2", 80)),  # its clock is ahead of ours
        (0, 300, Quoted("3", "4", 100)),
        (100, 900, Quoted(reason=quotes.TOO_LATE)),
        (50, 60, Quoted(reason=quotes.TOO_LATE)),
    ],
)
def test_it_had_arrived_before(kept: Quotes, exchange_us: int, received_us: int, expected: Quoted) -> None:
    assert kept.at(NAME, exchange_us, received_us) == expected


def test_what_was_not_followed_or_not_live_is_unknown(kept: Quotes) -> None:
    assert kept.at("KRAKEN:ETH/USD", 300, 300).reason == quotes.NOT_FOLLOWED
    kept.heard("KRAKEN:ETH/USD", Sample(1, "1", "2", True))
    assert kept.at("KRAKEN:ETH/USD", 300, 300).reason == quotes.NOT_FOLLOWED

    kept.heard(NAME, Sample(300, "3", "4", False))
    assert kept.at(NAME, 299, 310) == Quoted("3", "4", 99)
    assert kept.at(NAME, 305, 310) == Quoted(reason=quotes.NOT_LIVE)
    kept.heard(NAME, Sample(400, "3", "", True))
    assert kept.at(NAME, 405, 410) == Quoted(reason=quotes.ONE_SIDED)


def test_it_forgets_what_is_old_but_not_the_last(kept: Quotes) -> None:
    later = 200 + quotes.KEPT_US
    assert kept.at(NAME, later, later) == Quoted("3", "4", quotes.KEPT_US)
    for at in range(2 * quotes.MOST):
        kept.heard(NAME, Sample(later + at, str(at), str(at + 1), True))

    assert kept.at(NAME, later, later).reason == quotes.TOO_LATE
    assert kept.at(NAME, later + 2 * quotes.MOST, 2 * later).age_us == 1
    kept.follow(["KRAKEN:ETH/USD"])
    assert kept.at(NAME, later, later).reason == quotes.NOT_FOLLOWED
