"""The observers of whole sites see what they are there for: each lie is told once, and found."""

from __future__ import annotations

import copy
import random
import time
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.crowd import Crowd
from tests.fakes.follower import Follower
from tests.fakes.page_follower import PageFollower
from tests.fakes.true_pages import Held, differences
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
    made._take({"channel": "status", "type": "heartbeat", "clock_us": 0, "data": beats})
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


TRADES = [{"trade_id": str(at), "side": "buy", "price": "10", "qty": "1"} for at in range(1, 6)]
BARS = {minute: (Decimal(9), Decimal(10), Decimal(9), Decimal(10), Decimal(5)) for minute in (60, 120)}
TRUE = Held(
    {"bids": [["9", "2"], ["8", "1"]], "asks": [["10", "1"]]},
    {trade["trade_id"]: tuple(trade.values()) for trade in TRADES},
    {trade["trade_id"]: 1000 + at for at, trade in enumerate(TRADES)},
    BARS,
)
BAR = {"open": "9", "high": "10", "low": "9.0", "close": "10", "volume": "5", "incomplete": False}


def page() -> dict[str, Any]:
    """What it holds is true; from the second trade on."""
    return {
        "book": {"state": "live", **copy.deepcopy(TRUE.book)},
        "trade": {"trades": copy.deepcopy(TRADES[1:])},
        "ohlc": {"bars": [{"ts": ts, **BAR} for ts in BARS]},
    }


def found(values: dict[str, Any], *, depth: int = 25, since_us: int = 0) -> list[str]:
    made = PageFollower("", SYMBOLS, chance=random.Random(1))
    for channel, value in values.items():
        made.stores[channel].contents()[BTC] = {"epoch": "1", "seq": 1, "value": value}
    return differences(made, TRUE, depth, since_us)


def test_a_page_that_holds_what_is_true_differs_in_nothing():
    assert found(page()) == []


LIES = {
    "a level": lambda value: value["book"]["bids"][1].__setitem__(1, "7"),
    "a level too many": lambda value: value["book"]["asks"].append(["11", "1"]),
    "a book that is not live": lambda value: value["book"].update(state="syncing"),
    "a price of a trade": lambda value: value["trade"]["trades"][0].update(price="11"),
    "a trade that nobody made": lambda value: value["trade"]["trades"][0].update(trade_id="0"),
    "a hole in the trades": lambda value: value["trade"]["trades"].pop(1),
    "no last trade": lambda value: value["trade"]["trades"].pop(),
    "trades in another order": lambda value: value["trade"]["trades"].reverse(),
    "a trade twice": lambda value: value["trade"]["trades"].append(TRADES[-1]),
    "no trades": lambda value: value.pop("trade"),
    "the volume of a bar": lambda value: value["ohlc"]["bars"][0].update(volume="4"),
    "no last bar": lambda value: value["ohlc"]["bars"].pop(),
    "no book": lambda value: value.pop("book"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_page_that_differs_is_found(lie):
    values = page()
    LIES[lie](values)

    assert found(values) != []


def test_what_the_fault_may_take_is_no_difference():
    """Deep levels that the venue does not prove, trades that were missed, bars that say so."""
    values = page()
    LIES["a level"](values)
    LIES["a hole in the trades"](values)
    values["ohlc"]["bars"][0].update(volume="4", incomplete=True)

    assert found(values, depth=1, since_us=1003) == []
    assert len(found(values, depth=1, since_us=1001)) == 1
