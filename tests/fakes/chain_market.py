"""Options to look at: a site that lists them, and a worker of the test's own that prices them by the formula,
from a smile, so that every figure of a line fits the others."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import math
import random
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.events import BASE_UNITS, Mark, OpenInterest, OptionQuote, Quote
from feeds.sinks import VenueReport
from feeds.state import MarketState
from feeds.symbols import MARK, OPTION, TICKER
from marketdash.live.layer import BurstLayer
from marketdash.live.sink import ChannelLayerSink
from marketdash.options import pricing
from marketdash.options.pricing import YEAR_US, Terms
from tests import socket_site
from tests.fakes.market import Told
from tests.socket_site import SocketSite

VENUE, FORWARD = "KRAKEN", 64_000.0
_SEED = """
import json
from datetime import datetime, UTC
from marketdash.instruments.models import Instrument, Venue
venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={{"title": "Kraken"}})
for native, expiry, strike, right in json.loads({listed!r}):
    Instrument(venue=venue, native=native, kind="option", base="BTC", quote="USD", settle="BTC",
               strike=strike, right=right, expiry=datetime.fromtimestamp(expiry, UTC), tick_size="0.0001",
               lot_size="0.1", book_depth=0, enabled=True).save()
"""


class Listing(NamedTuple):
    """One option. ``expiry_s`` in seconds."""

    native: str
    expiry_s: int
    strike: str
    right: str

    @property
    def symbol(self) -> str:
        return f"{VENUE}:{self.native}"


def listings(days: Iterable[int], strikes: int) -> list[Listing]:
    """As many strikes of each expiry, around the forward; expiries at 08:00 in UTC."""
    today = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    middle = int(FORWARD) // 1000
    found = []
    for day in days:
        at = today + timedelta(days=day)
        for strike in range(middle - strikes // 2, middle - strikes // 2 + strikes):
            for right in ("call", "put"):
                native = f"BTC-{at:%-d%b%y}-{strike}000-{right[0]}".upper()
                found.append(Listing(native, int(at.timestamp()), f"{strike}000", right))
    return found


class ChainMarket:
    """A worker's state of these options, whose lines are told one by one, in turns."""

    def __init__(self, sink: ChannelLayerSink, listed: list[Listing], seed: int = 1) -> None:
        self.clock = SystemClock()
        self.state = MarketState(Told(), self.clock, emit=self._emit, resync=lambda _: None)  # type: ignore[arg-type]
        self.forward, self.listed = FORWARD, listed
        self._sink, self._dice, self._turn = sink, random.Random(seed), itertools.cycle(listed)
        for each in listed:
            wanted = [Subscription(channel, each.symbol, each.native) for channel in (TICKER, MARK, OPTION)]
            self.state.watch(wanted, "link")

    def _emit(self, event: object) -> None:
        self._sink.put(self.state, event)

    def begin(self) -> None:
        """Everything live."""
        for each in self.listed:
            self.tell(each)
            held = OpenInterest(each.symbol, "1234.5", BASE_UNITS, *self._now())
            self.state.apply(held, "link")
        self.report()

    def report(self) -> None:
        self._sink.put(self.state, VenueReport(VENUE, "Kraken", "live", "", (), {}, 0, 1))

    def step(self, count: int) -> None:
        """The next ``count`` lines, off an underlying that moved a little."""
        self.forward *= 1 + self._dice.uniform(-1, 1) * 1e-5
        for each in itertools.islice(self._turn, count):
            self.tell(each)

    def _now(self) -> tuple[int, int]:
        now_ns = self.clock.wall_ns()
        return now_ns // 1000, now_ns

    def tell(self, each: Listing) -> None:
        """Its quote, its mark, and what they imply: with as many digits as Deribit tells."""
        us, ns = self._now()
        years = (each.expiry_s * 1_000_000 - us) / YEAR_US
        terms, strike = Terms(each.right, float(each.strike), years), float(each.strike)
        volatility = 0.55 + 0.5 * math.log(strike / self.forward) ** 2 + self._dice.uniform(0, 0.002)
        mark = pricing.black76(self.forward, terms, volatility) / self.forward
        bid, ask = math.floor(mark * 0.99 * 1e4) / 1e4, math.ceil(mark * 1.01 * 1e4) / 1e4
        size = f"{self._dice.randint(1, 900) / 10}"
        self._apply(Quote(each.symbol, f"{bid:.4f}" if bid else "", size, f"{ask:.4f}", size, us, ns))
        self._apply(Mark(each.symbol, f"{mark:.6f}", f"{self.forward:.2f}", "", us, ns))
        implied = (pricing.implied(price * self.forward, self.forward, terms) for price in (bid, ask))
        ivs = [f"{(found.volatility or 0) * 100:.2f}" for found in implied]
        found = pricing.black_scholes_greeks(self.forward, terms, volatility)
        theta = pricing.told_theta(found.theta, years, mark * self.forward)
        greeks = [f"{number:.5f}" for number in found._replace(theta=theta)]
        named = (f"BTC-{datetime.fromtimestamp(each.expiry_s, UTC):%-d%b%y}".upper(), f"{self.forward:.2f}")
        self._apply(OptionQuote(each.symbol, *ivs, f"{volatility * 100:.2f}", *greeks, *named, "0.0", us, ns))

    def _apply(self, event: object) -> None:
        self.state.apply(event, "link")  # type: ignore[arg-type]


@contextlib.contextmanager
def listed_site(folder: Path, listed: list[Listing]) -> Iterator[SocketSite]:
    """A site that knows these options and has no worker yet."""
    with socket_site.running(folder, "uvicorn") as site:
        site.run(_SEED.format(listed=json.dumps(listed)))
        site.run("from marketdash import publish; publish.notify('configure')")
        yield site


@contextlib.asynccontextmanager
async def working(site: SocketSite, listed: list[Listing]) -> AsyncIterator[ChainMarket]:
    """A worker behind it, with all of them live; it moves nothing by itself."""
    layer = BurstLayer(hosts=[{"address": site.redis_url, "health_check_interval": 1}])
    sink = ChannelLayerSink(layer, SystemClock(), epoch=f"{time.time_ns():016x}", shards=2)
    task = asyncio.create_task(sink.run())
    market = ChainMarket(sink, listed)
    market.begin()
    try:
        yield market
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await layer.flush()
