"""Pages of a venue's bars: each bar once, none that runs, no more than the venue keeps, within its weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feeds.candles import SHARE, CandlePage, Candles
from feeds.codec import RestRequest, Subscription
from feeds.events import Bar
from feeds.rest import RestError
from tests.fakes.clock import FakeClock

MINUTE_US = 60_000_000
DAY = 1440
T0_NS = 1_766_000_000_000_000_000 // (DAY * MINUTE_US * 1000) * (DAY * MINUTE_US * 1000)
BTC = Subscription("ohlc", "FAKE:BTC/USD", "BTC/USD")


class Window:
    """What was waited for."""

    def __init__(self) -> None:
        self.waited: list[int] = []

    async def wait(self, weight: int) -> None:
        self.waited.append(weight)


class Venue:
    """As a codec and as a REST client: a bar each length from ``first_us`` on, the running one included."""

    def __init__(self, clock: FakeClock, *, page: int = 100, kept: int = 0, first_us: int = 0) -> None:
        self.candles_page, self.candles_kept = page, kept
        self.candles_kept_of: dict[int, int] = {}
        self.clock, self.first_us = clock, first_us
        self.lengths = {1, 60, DAY}
        self.share = 0.0
        self.window = Window()
        self.got: list[tuple[str, bool]] = []
        self.problem: Exception | None = None
        self.is_there: Callable[[int], bool] = lambda us: True

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int, since_us: int
    ) -> RestRequest | None:
        return RestRequest(f"/{interval}/{since_us}", weight=7) if interval in self.lengths else None

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, received_us: int
    ) -> list[Bar]:
        """One bar before what was asked for too: venues round."""
        length_us, since_us = interval * MINUTE_US, int(body)
        now_us = self.clock.wall_ns() // 1000
        starts = range(max(since_us - length_us, self.first_us), now_us + 1, length_us)
        return [
            Bar(
                subscription.instrument,
                interval,
                us,
                "1",
                "2",
                "1",
                "2",
                "3",
                4,
                us + length_us <= now_us,
                False,
            )
            for us in list(starts)[: self.candles_page + 2]
            if self.is_there(us)
        ]

    def part(self, share: float) -> Window:
        self.share = share
        return self.window

    async def get(self, request: RestRequest, *, low: bool = False) -> bytes:
        self.got.append((request.path, low))
        if self.problem is not None:
            raise self.problem
        return request.path.rpartition("/")[2].encode()


@pytest.fixture
def clock() -> FakeClock:
    """Half a minute past midnight."""
    return FakeClock(T0_NS + 30 * 1_000_000_000)


def starts(page: CandlePage) -> list[int]:
    return [bar.start_us for bar in page.bars]


async def test_pages_that_follow_each_other_bring_each_bar_once(clock: FakeClock) -> None:
    venue = Venue(clock)
    candles, now_us = Candles(venue, venue, clock), T0_NS // 1000
    since_us, until_us, found = now_us - 250 * MINUTE_US, now_us + 5 * MINUTE_US, []

    while until_us > since_us:
        page = await candles.page(BTC, 1, since_us, until_us)
        assert page.since_us < until_us, "it does not come to an end"
        found = starts(page) + found
        until_us = page.since_us

    assert found == [since_us + at * MINUTE_US for at in range(250)]
    assert len(venue.got) == 3


async def test_the_bar_that_runs_is_never_among_them(clock: FakeClock) -> None:
    venue = Venue(clock)
    now_us = T0_NS // 1000

    page = await Candles(venue, venue, clock).page(
        BTC, 60, now_us - 10 * 60 * MINUTE_US, now_us + DAY * MINUTE_US
    )

    assert starts(page)[-1] == now_us - 60 * MINUTE_US
    assert all(bar.closed for bar in page.bars)


async def test_requests_are_low_and_within_their_own_share_of_the_weight(clock: FakeClock) -> None:
    venue = Venue(clock)
    candles, now_us = Candles(venue, venue, clock), T0_NS // 1000

    await candles.page(BTC, 1, now_us - 10 * MINUTE_US, now_us)

    assert (venue.share, venue.window.waited) == (SHARE, [7])
    assert [low for _, low in venue.got] == [True]


@pytest.mark.parametrize("ahead", [0, 1, 1000])
async def test_nothing_is_asked_where_there_is_nothing(clock: FakeClock, ahead: int) -> None:
    venue = Venue(clock)
    at_us = T0_NS // 1000 + ahead * MINUTE_US

    page = await Candles(venue, venue, clock).page(BTC, 1, at_us, at_us)

    assert page == CandlePage([], at_us)
    assert venue.got == []


async def test_a_length_that_the_venue_does_not_have_is_an_empty_page_to_the_end(clock: FakeClock) -> None:
    venue = Venue(clock)
    now_us = T0_NS // 1000

    page = await Candles(venue, venue, clock).page(BTC, 5, now_us - 500 * MINUTE_US, now_us)

    assert page == CandlePage([], now_us - 500 * MINUTE_US)


async def test_what_the_venue_says_no_to_is_raised_and_was_counted(clock: FakeClock) -> None:
    venue = Venue(clock)
    venue.problem = RestError("not today")
    now_us = T0_NS // 1000

    with pytest.raises(RestError, match="not today"):
        await Candles(venue, venue, clock).page(BTC, 1, now_us - 10 * MINUTE_US, now_us)

    assert venue.window.waited == [7]


@pytest.mark.parametrize(("kept", "bars"), [(0, None), (720, 718)])
def test_how_far_back_a_venue_goes(clock: FakeClock, kept: int, bars: int | None) -> None:
    """One less than it says, because a bar may close meanwhile, and the running one counts."""
    venue = Venue(clock, kept=kept)
    venue.candles_kept_of = {1440: 3}
    first_us = Candles(venue, venue, clock).first_us(60)

    assert first_us == (0 if bars is None else T0_NS // 1000 - bars * 60 * MINUTE_US)
    assert Candles(venue, venue, clock).first_us(DAY) == T0_NS // 1000 - DAY * MINUTE_US


async def test_the_last_day_that_has_a_bar(clock: FakeClock) -> None:
    """Whatever was quiet since: it ends where that day ends."""
    venue = Venue(clock, page=30)
    day_us, now_us = DAY * MINUTE_US, T0_NS // 1000
    candles = Candles(venue, venue, clock)
    venue.is_there = lambda us: us < now_us - 9 * day_us

    assert await candles.last_day_us(BTC, now_us - 100 * MINUTE_US) == now_us - 9 * day_us
    venue.is_there = lambda us: False
    assert await candles.last_day_us(BTC, now_us) == 0
