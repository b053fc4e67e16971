"""Our feed of Pyth on the simulated one, in a time of the tests' own."""

from __future__ import annotations

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.halts import Halts
from feeds.rest import Rest, fetch_instruments
from feeds.simulator import Simulator
from feeds.simulator.exchange import Answer, Exchange, as_json
from feeds.simulator.listing import listed_at
from feeds.simulator.pyth_listing import identifier
from feeds.symbols import TICKER
from feeds.venues.pyth.messages import STILL
from feeds.venues.pyth.public import PythCodec
from tests.fakes import virtual_time
from tests.fakes.inside import Inside, inside

RATE = 20
BTC, EUR = (f"PYTH:{identifier(symbol)}" for symbol in ("Crypto.BTC/USD", "FX.EUR/USD"))


def wanted(names: list[str]) -> list[Subscription]:
    return [Subscription(TICKER, name, name.partition(":")[2]) for name in names]


def state_of(world: Inside, name: str) -> tuple[str, str]:
    found = world.feed.state.topic_state(TICKER, name)
    return found.state, found.reason


async def _followed() -> None:
    async with inside([BTC, EUR]) as world:
        world.feed.desire(wanted(world.names))
        await world.wait(lambda: {state_of(world, name)[0] for name in world.names} == {"live"}, 30, RATE)
        row = world.feed.state.ticker(BTC)

        assert row.keys() >= {"last", "confidence", "ts_exchange", "ts_received"}
        assert len(row["last"].partition(".")[2]) == len(row["confidence"].partition(".")[2]) == 8
        assert world.feed.state.ticker(EUR)["last"].startswith("1.")
        assert row["ts_exchange"] % 1_000_000 == 0, "Pyth tells seconds"
        assert world.violations() == {}


def test_a_price_comes_with_its_confidence_and_when_it_was_published():
    virtual_time.run(_followed())


async def _standing() -> None:
    async with inside([BTC, EUR]) as world:
        world.feed.desire(wanted(world.names))
        await world.wait(lambda: state_of(world, BTC)[0] == "live", 30, RATE)
        world.simulator.fault("halt", symbol=BTC)
        await world.wait(lambda: state_of(world, BTC) == ("halted", STILL), 90, RATE)
        assert state_of(world, EUR)[0] == "live"

        world.simulator.fault("maintenance", symbol=BTC, value="online")
        await world.wait(lambda: state_of(world, BTC)[0] == "live", 10, RATE)


def test_a_price_that_stands_still_is_halted_until_a_new_one_is_published():
    virtual_time.run(_standing())


async def _closed() -> None:
    hours = {BTC: "UTC;O,O,O,O,O,O,O;", EUR: "UTC;C,C,C,C,C,C,C;"}

    def answer(exchange: Exchange, path: str, query: dict[str, str]) -> Answer:
        rows = [{"id": name.partition(":")[2], "attributes": {"schedule": hours[name]}} for name in hours]
        return Answer(200, as_json(rows))

    async with inside([BTC, EUR]) as world:
        world.answers = answer
        world.feed.desire(wanted(world.names))
        await world.wait(lambda: {state_of(world, name)[0] for name in world.names} == {"live"}, 30, RATE)
        assert world.asked == [], "nobody asks why nothing stands still"
        for name in world.names:
            world.simulator.fault("halt", symbol=name)
        await world.wait(lambda: state_of(world, EUR) == ("halted", "closed"), 90, RATE)
        assert world.feed.state.topic_state(TICKER, EUR).phase == "closed"
        assert state_of(world, BTC) == ("halted", STILL)
        await world.trade(30, RATE)
        assert [path for _, path in world.asked] == ["/pyth/v2/price_feeds"]

        world.simulator.fault("maintenance", symbol=EUR, value="online")
        await world.wait(lambda: state_of(world, EUR)[0] == "live", 10, RATE)


def test_a_price_that_stands_still_outside_of_its_hours_is_closed():
    virtual_time.run(_closed())


async def _unknown() -> None:
    names = listed_at("PYTH", 20)
    async with inside(names) as world:
        world.simulator.fault("bad_symbol", symbol=names[7], value="batch")
        world.feed.desire(wanted(names))
        good = [name for name in names if name != names[7]]
        await world.wait(lambda: {state_of(world, name)[0] for name in good} == {"live"}, 60, RATE)

        state, reason = state_of(world, names[7])
        assert state == "down" and "not found" in reason


def test_one_feed_that_there_is_not_takes_no_other_along():
    virtual_time.run(_unknown())


async def _lost() -> None:
    async with inside([BTC, EUR]) as world:
        world.simulator.fault("lost_ack", n=2)
        world.feed.desire(wanted(world.names))
        await world.wait(lambda: {state_of(world, name)[0] for name in world.names} == {"live"}, 60, RATE)
        [link] = world.feed.links
        await world.wait(lambda: link.topics == 2, 60, RATE)


def test_prices_prove_a_subscription_that_nobody_answered():
    virtual_time.run(_lost())


async def _many() -> None:
    names = listed_at("PYTH", 250)
    async with inside(names, levels=10) as world:
        world.feed.desire(wanted(names))
        await world.wait(lambda: {state_of(world, name)[0] for name in names} == {"live"}, 60, RATE)

        assert world.violations() == {}
        assert len(world.feed.sessions) == 1


def test_as_many_as_an_address_may_have_are_live_on_one_link():
    """256 KiB a second of one address, all its links together: ``BYTES_LIMIT_PER_IP_PER_SECOND`` of ws.rs."""
    virtual_time.run(_many())


async def test_the_simulated_list_is_read_as_the_real_one():
    codec = PythCodec()
    async with (
        Simulator(instruments=[BTC, EUR], rate=1) as simulator,
        Rest(codec, SystemClock(), url=simulator.rest_url("PYTH")) as rest,
    ):
        found = await fetch_instruments(codec, rest)
        codec.decode_hours([await rest.get(codec.instruments_request())])

    assert codec.unread_hours == []
    saturday_us = 1_795_910_400_000_000
    assert Halts(codec).hours(EUR, saturday_us) == "closed, opens Sun 17:00 New York"
    assert Halts(codec).hours(BTC, saturday_us) == ""
    assert [(each.native, each.base, each.quote, each.kind) for each in found] == [
        (BTC.partition(":")[2], "BTC", "USD", "index"),
        (EUR.partition(":")[2], "EUR", "USD", "index"),
    ]
