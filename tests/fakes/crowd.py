"""Many light clients that keep what they were told, and an observer that holds them to the truth.

What is true is the simulated exchanges' own books. Ten times a second each value that looks live is looked
for in the truth: how long ago was it true last? Whatever stands somewhere, live or not, has an age beside it,
which must not be less than that.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tests.fakes.follower import Follower, Quote
from tests.fakes.page_follower import PageFollower
from tests.fakes.simulator_process import SimulatorProcess
from tests.fakes.true_prices import NEVER_S, TruePrices

EVERY_S = 0.1
OF_ONE_ADDRESS = 40


class Worst(NamedTuple):
    seconds: float = 0.0
    of: str = ""


class Crowd:
    """``worst``: by venue, the longest that something looked live when it was true no more. ``younger``: the
    most by which an age was less than the time for which its value had been true no more. ``wrong`` counts
    looks at values that looked live and never were true."""

    def __init__(self, followers: Sequence[Follower], truth: TruePrices, symbols: Sequence[str]) -> None:
        self.followers, self.symbols, self._truth = list(followers), list(symbols), truth
        self.pages = [each for each in self.followers if isinstance(each, PageFollower)]
        self.wrong = self.looks = self.shown = 0
        self.now_s = 0.0
        self.worst: dict[str, Worst] = {}
        self.younger = Worst()

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.gather(asyncio.sleep(EVERY_S), self.look())

    async def look(self) -> None:
        """Once: what everybody shows, held against the truth as it was then."""
        at_s = time.monotonic()
        live: Counter[tuple[str, Quote]] = Counter()
        youngest: dict[tuple[str, Quote], float] = {}
        for follower in self.followers:
            for symbol, quote, age_s, is_live in follower.standing(at_s):
                pair = symbol, quote
                live[pair] += is_live
                youngest[pair] = min(age_s, youngest.get(pair, age_s))
        await self._truth.refresh()
        behind = {pair: self._truth.behind_s(*pair, at_s) for pair in youngest}
        self._judge_live({pair: count for pair, count in live.items() if count}, behind)
        self._judge_ages(youngest, behind)
        self.looks += 1

    def _judge_live(self, live: dict[tuple[str, Quote], int], behind: dict[tuple[str, Quote], float]) -> None:
        self.wrong += sum(count for pair, count in live.items() if behind[pair] == NEVER_S)
        late = {pair: behind[pair] for pair in live if behind[pair] < NEVER_S}
        self.now_s, self.shown = max(late.values(), default=0.0), sum(live.values())
        for pair, late_s in late.items():
            venue = pair[0].partition(":")[0]
            if late_s > self.worst.get(venue, Worst()).seconds:
                self.worst[venue] = Worst(late_s, self._described(*pair))

    def _judge_ages(
        self, youngest: dict[tuple[str, Quote], float], behind: dict[tuple[str, Quote], float]
    ) -> None:
        for pair, age_s in youngest.items():
            if self.younger.seconds < behind[pair] - age_s < NEVER_S:
                said = f"; said to be {age_s:.2f} s old, true until {behind[pair]:.2f} s ago"
                self.younger = Worst(behind[pair] - age_s, self._described(*pair) + said)

    def _described(self, symbol: str, quote: Quote) -> str:
        """For who has to find out why it looked so."""
        showing = [each for each in self.followers if each.quote(symbol) == quote]
        epochs = {each.tickers.contents()[symbol]["epoch"] for each in showing}
        last, at = self._truth.last(symbol, 3), datetime.now(UTC)
        by = f"{len(showing)} of {len(self.followers)}, written in {epochs}"
        how = "; ".join(sorted({each.told_of(symbol) for each in showing})[:3])
        return f"{symbol} {quote} by {by}; {how}; true: {last}; at {at:%H:%M:%S.%f}"

    @property
    def worst_s(self) -> float:
        return max((worst.seconds for worst in self.worst.values()), default=0.0)

    @property
    def worst_of(self) -> str:
        return max(self.worst.values(), default=Worst()).of

    @property
    def all_live(self) -> bool:
        return self.shown == len(self.followers) * len(self.symbols)

    @property
    def fresh(self) -> bool:
        """Everything is shown live by everybody, and was true within the last second."""
        return self.all_live and self.now_s < 1.0

    def fresh_since(self, since_s: float) -> bool:
        """The same, and everybody was brought everything after ``since_s``."""
        return self.fresh and all(each.brought_s > since_s for each in self.followers)

    def lost(self) -> Counter[int]:
        """Sockets that ended, by close code."""
        return sum((follower.lost for follower in self.followers), Counter())

    def begin_again(self) -> None:
        """Forget what was counted."""
        self.next_round()
        self.wrong, self.younger = 0, Worst()
        self.worst.clear()
        for follower in self.followers:
            follower.holes = follower.mixed = 0

    def next_round(self) -> None:
        """Forget who was lost and how late prices were, but nothing that was wrong."""
        for follower in self.followers:
            follower.ages_us.clear()
            follower.lost.clear()

    def age_ms(self, share: float = 0.99) -> float:
        """By how many milliseconds that share of all updates was older than the exchange's word at most."""
        ages = sorted(age for follower in self.followers for age in follower.ages_us)
        return ages[int(len(ages) * share)] / 1000

    @property
    def holes(self) -> int:
        return sum(follower.holes for follower in self.followers)

    @property
    def mixed(self) -> int:
        """Rows of a writer that had been followed by another already."""
        return sum(follower.mixed for follower in self.followers)


@contextlib.asynccontextmanager
async def following(
    url: str, simulator: SimulatorProcess, symbols: Sequence[str], *, count: int, pages: int = 0,
    sessions: Sequence[str] = (), seed: int = 1, interval_ms: int = 250,
) -> AsyncIterator[Crowd]:  # fmt: skip
    """``count`` followers of the site at ``url``. The first ``pages`` of them look at one instrument each
    beside, the first of a venue; visitors come from addresses of their own, 40 from each."""
    socket_url = url.replace("http", "ws", 1) + "/ws/v1/"
    one_of_each = list({symbol.partition(":")[0]: symbol for symbol in reversed(symbols)}.values())[::-1]

    def follower(at: int) -> Follower:
        common = {
            "session": sessions[at // 2 % len(sessions)] if sessions and at % 2 else "",
            "address": f"127.0.0.{2 + at // OF_ONE_ADDRESS}",
            "interval_ms": interval_ms,
            "chance": random.Random(f"{seed}/{at}"),
        }
        if at < pages:
            return PageFollower(socket_url, symbols, looks_at=one_of_each[at % len(one_of_each)], **common)
        return Follower(socket_url, symbols, **common)

    followers = [follower(at) for at in range(count)]
    crowd = Crowd(followers, TruePrices(simulator, symbols), symbols)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (crowd.watch(), *(each.run() for each in followers))]
        try:
            yield crowd
        finally:
            for task in tasks:
                task.cancel()
