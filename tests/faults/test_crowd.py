"""The observers of whole sites see what they are there for: each lie is told once, and found."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from tests.fakes.crowd import Crowd
from tests.fakes.follower import Follower
from tests.fakes.true_prices import TruePrices

SYMBOLS = ["KRAKEN:BTC/USD", "BINANCE:BTCUSDT"]
BTC = SYMBOLS[0]
OLD, NEW = (("9", "1", "10", "1"), ("9", "2", "10", "1"))


class Exchange:
    """Its best prices were ``OLD``, and are ``NEW`` since ``changed_s`` ago."""

    def __init__(self, changed_s: float) -> None:
        now_ns = time.monotonic_ns()
        changed_ns = now_ns - int(changed_s * 1e9)
        self._tops = [(changed_ns - 60 * 10**9, *OLD), (changed_ns, *NEW)]

    async def tell(self, action: str, symbols: str, since_ns: int) -> Any:
        return {"now_ns": time.monotonic_ns(), "tops": dict.fromkeys(symbols.split(","), self._tops)}


def follower(quote: tuple[str, ...], age_s: float, *, state: str = "live", beat_s: float = 0.0) -> Follower:
    """To which that was told just now of each symbol."""
    made = Follower("", SYMBOLS, chance=random.Random(1))
    venues = [symbol.partition(":")[0] for symbol in SYMBOLS]
    head = {"epoch": "1", "prev": 0, "seq": 1, "age_us": int(age_s * 1e6)}
    fields = dict(zip(("bid", "bid_qty", "ask", "ask_qty"), quote, strict=True))
    for channel, rows in (
        ("status", [{"symbol": venue, **head, "state": "live"} for venue in venues]),
        ("ticker", [{"symbol": symbol, **head, "state": state, **fields} for symbol in SYMBOLS]),
    ):
        made._take({"channel": channel, "type": "snapshot", "data": rows})
    beats = [{"symbol": venue, "age_us": int(beat_s * 1e6)} for venue in venues]
    made._take({"channel": "status", "type": "heartbeat", "data": beats})
    return made


async def looked(changed_s: float, *followers: Follower) -> Crowd:
    crowd = Crowd(followers, TruePrices(Exchange(changed_s), SYMBOLS), SYMBOLS)  # type: ignore[arg-type]
    await crowd.look()
    return crowd


async def test_what_is_true_looks_right_whatever_its_age():
    crowd = await looked(5.0, follower(NEW, 0.0), follower(NEW, 4.0))

    assert crowd.fresh and crowd.shown == 4
    assert crowd.worst_s == 0.0 == crowd.younger.seconds and crowd.wrong == 0


async def test_an_old_price_that_looks_live_is_late_at_each_venue():
    crowd = await looked(5.0, follower(OLD, 6.0))

    assert {venue: pytest.approx(5.0, abs=0.5) for venue in ("KRAKEN", "BINANCE")} == {
        venue: worst.seconds for venue, worst in crowd.worst.items()
    }
    assert not crowd.fresh and crowd.younger.seconds == 0.0


@pytest.mark.parametrize("state", ["live", "stale"])
async def test_an_age_that_is_too_low_is_found_live_or_not(state):
    crowd = await looked(5.0, follower(OLD, 6.0, state=state), follower(OLD, 1.0, state=state))

    assert crowd.younger.seconds == pytest.approx(4.0, abs=0.5)
    assert crowd.worst_s == pytest.approx(5.0 if state == "live" else 0.0, abs=0.5)


async def test_a_silent_feed_makes_nothing_look_live():
    crowd = await looked(5.0, follower(OLD, 6.0, beat_s=3.0))

    assert crowd.shown == 0 and crowd.worst == {}


async def test_what_never_was_true_is_wrong_where_it_looks_live():
    never = ("8", "1", "10", "1")
    crowd = await looked(5.0, follower(never, 6.0), follower(never, 6.0, state="stale"))

    assert crowd.wrong == 2 and crowd.younger.seconds == 0.0


def test_a_row_that_is_not_taken_in_makes_nothing_younger():
    """As in pages: an age belongs to the row that is shown."""
    made = follower(OLD, 6.0)
    again = {"symbol": BTC, "epoch": "1", "prev": 0, "seq": 1, "age_us": 0, "state": "live"}
    made._take({"channel": "ticker", "type": "update", "data": [again]})

    assert min(shown.age_s for shown in made.standing(time.monotonic())) >= 6.0
