"""From the worker's state over a real Redis to clients: the law, and what heals it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from feeds.sinks import LinkReport, VenueReport
from feeds.symbols import BOOK, DERIVATIVES, OHLC, TICKER
from marketdash.live import bus as words
from marketdash.live import hub as hubs
from marketdash.live import outlets
from marketdash.live.client import Subscribed
from marketdash.live.presence import PLAIN, STATE_ALONE
from tests.fakes.checker import differences
from tests.fakes.lossy_layer import LossyLayer
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until, wait_until_answered

SYMBOLS = [f"KRAKEN:C{n}/USD" for n in range(6)]
BTC = SYMBOLS[0]
HEALED_S = 20
"""A guard against never, on a Redis and a machine that others use too; the promised two seconds are held to
in ``test_convergence.py``, where the time is the test's own."""

FOLLOWED = {
    "ticker": (Subscribed(0, 0), Subscribed(0, 50)),
    "trade": (Subscribed(0, 20),),
    "book": (Subscribed(10, 0), Subscribed(10, 50)),
    "ohlc": (Subscribed(1, 50),),
    "mark": (Subscribed(0, 0), Subscribed(0, 50)),
    "funding": (Subscribed(0, 50),),
    "liquidation": (Subscribed(0, 20),),
    "option": (Subscribed(0, 0), Subscribed(0, 50)),
}


def topics_of(symbols):
    return [f"{c}:{s}" for s in symbols for c in ("ticker", "trade", "book", "ohlc.1", *DERIVATIVES)]


def follow_all(hub, socket, which=0):
    for channel, ways in FOLLOWED.items():
        hub.follow(socket.client, channel, ways[min(which, len(ways) - 1)], SYMBOLS)


async def test_a_subscriber_gets_snapshots_and_then_rows(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, [BTC])
    market.begin()
    socket = FakeSocket(hub)

    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    await wait_until(sees(socket, "ticker", BTC, state="live", bid="100.0"))
    quoted_s = time.monotonic()
    market.quote(BTC, "100.5")

    await wait_until(sees(socket, "ticker", BTC, bid="100.5", ask="9999.0"))
    update = socket.rows("ticker")[-1]
    assert update["prev"] == update["seq"] - 1 and "volume" not in update
    assert 0 <= update["age_us"] <= (time.monotonic() - quoted_s) * 1e6


@pytest.mark.parametrize("seed", range(3))
async def test_hubs_and_clients_agree_with_the_worker_whatever_the_layer_loses(bus, pump, seed):
    layer = LossyLayer(bus.layer(), share=0.2, seed=seed)
    sink, hubs = bus.sink(layer), [bus.hub(LossyLayer(bus.layer(), share=0.2, seed=n)) for n in range(2)]
    market = Market(sink.put, SYMBOLS, seed, contracts=SYMBOLS)
    sockets = [FakeSocket(hub) for hub in hubs for _ in range(3)]
    for number, socket in enumerate(sockets):
        follow_all(socket.hub, socket, number % 2)
    market.begin()

    await pump(market, 500)
    while not all(layer.counts.values()):  # a slow machine gathers many rows in few messages
        await pump(market, 50)

    def agree():
        return not [d for s in sockets for d in differences(s, market.state, topics_of(SYMBOLS))]

    try:
        await wait_until(agree, within_s=HEALED_S)
    except AssertionError:
        raise AssertionError(differences(sockets[0], market.state, topics_of(SYMBOLS))[:3]) from None
    assert [socket.holes for socket in sockets] == [[]] * 6


async def test_a_new_writer_replaces_the_old_one(bus):
    first, hub = bus.sink(epoch="a1"), bus.hub()
    market = Market(first.put, [BTC])
    market.begin()
    socket = FakeSocket(hub)
    hub.follow(socket.client, "ticker", Subscribed(0, 0), [BTC])
    hub.follow(socket.client, "book", Subscribed(10, 0), [BTC])
    await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    await bus.kill(first)

    second = bus.sink(epoch="a2")
    again = Market(second.put, [BTC])
    again.begin()
    again.quote(BTC, "77.0")

    await wait_until(sees(socket, "ticker", BTC, bid="77.0"))
    await wait_until(lambda: not differences(socket, again.state, topics_of([BTC])[:1] + [f"book:{BTC}"]))
    assert {row["epoch"] for row in socket.rows("ticker", "snapshot")} == {"a1", "a2"}
    assert socket.holes == []


async def test_what_nobody_watches_is_not_encoded(bus, pump):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, SYMBOLS)
    market.begin()
    socket = FakeSocket(hub)
    hub.follow(socket.client, "book", Subscribed(10, 0), [BTC])
    await wait_until(lambda: socket.value("book", BTC, 10))

    await pump(market, 50)

    chosen = sink.selection
    assert list(chosen.books) == [BTC] and not chosen.trades and not any(chosen.bars.values())
    hub.viewers.leave(socket.client)
    hub.topics[f"book:{BTC}"].needed_until_s = 0
    await wait_until(lambda: not chosen.books)


async def test_demand_names_the_topics_when_they_are_others(bus):
    sink, told = bus.sink(), []
    sink.on_demand = told.append
    Market(sink.put, SYMBOLS).begin()

    sink.watch({f"ticker:{SYMBOLS[1]}", f"ohlc.5:{BTC}", f"book:{BTC}"})
    sink.watch({f"ticker:{SYMBOLS[1]}"})
    sink.watch({f"ticker:{SYMBOLS[1]}"})

    assert told == [{(TICKER, SYMBOLS[1], 0), (OHLC, BTC, 5), (BOOK, BTC, 0)}, {(TICKER, SYMBOLS[1], 0)}]


async def test_a_page_reads_values_that_nobody_followed(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, [BTC])
    market.begin()

    names = [f"ticker:{BTC}", f"book:{BTC}", "ticker:KRAKEN:NONE", "ticker:ELSEWHERE:NONE"]

    async def all_but_one() -> dict[str, Any]:
        """Nobody answers for a venue that is not there, so each read takes its whole time."""
        rows = await hub.read(names, 0.3)
        return rows if len(rows) == len(names) - 1 else {}

    rows = await wait_until_answered(all_but_one, every_s=0, within_s=HEALED_S, what="what is there")
    assert rows[f"ticker:{BTC}"].state == "live"
    assert rows[f"ticker:{BTC}"].body["bid"] == "100.0"
    assert list(map(tuple, rows[f"book:{BTC}"].body["bids"])) == [("100.0", "1")]
    assert rows["ticker:KRAKEN:NONE"].state == "down"
    assert "ticker:ELSEWHERE:NONE" not in rows


async def test_a_silent_worker_makes_its_venue_stale_and_its_return_live(bus):
    sink, hub = bus.sink(epoch="a1"), bus.hub()
    report = VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1)
    market = Market(sink.put, [BTC])
    sink.put(market.state, report)
    socket = FakeSocket(hub)
    hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(sees(socket, "status", "KRAKEN", state="live", title="Kraken"))
    await bus.kill(sink)

    await wait_until(sees(socket, "status", "KRAKEN", state="stale"))
    other = bus.sink(epoch="a2")
    other.put(Market(other.put, [BTC]).state, report)

    await wait_until(sees(socket, "status", "KRAKEN", state="live", reason=""))
    beats = [frame for frame in socket.frames if frame["type"] == "heartbeat"]
    assert beats and beats[-1]["mode"] == "live"
    assert socket.holes == []


async def test_who_comes_hears_at_once_that_a_venue_lives(bus, monkeypatch):
    """Nothing is live on a page without that: who waits for the next second looks dead until then."""
    monkeypatch.setattr(hubs, "TICK_S", 3600.0)
    sink, hub = bus.sink(), bus.hub()
    sink.put(Market(sink.put, [BTC]).state, VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1))
    first, second = FakeSocket(hub), FakeSocket(hub)

    def beats(socket: FakeSocket) -> int:
        return sum(frame["type"] == "heartbeat" and bool(frame["data"]) for frame in socket.frames)

    hub.follow(first.client, "status", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(lambda: beats(first) and hub.word._settling is None)  # the feed itself is back by then
    before = beats(first)
    hub.follow(second.client, "status", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(lambda: beats(second))

    assert beats(first) == before


@pytest.mark.fault(
    "F31",
    "Nothing moves and no worker lives, at a hundred times the pace",
    goal="a beat in each tick: never idle",
)
async def test_a_socket_on_which_nothing_moves_is_never_idle(bus, monkeypatch, score):
    """So no proxy and no server that ends what says nothing finds one of a page."""
    monkeypatch.setattr(hubs, "TICK_S", 0.01)
    hub, ticks = bus.hub(), []
    socket = FakeSocket(hub)
    hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])
    tick = hub._tick
    monkeypatch.setattr(hub, "_tick", lambda now_s: (ticks.append(now_s), tick(now_s)))
    score.runs = score.times(3_000, few=30)

    await wait_until(lambda: len(ticks) > score.runs, within_s=300)

    beats = [frame for frame in socket.frames if frame["type"] == "heartbeat"]
    assert len(beats) >= score.runs


async def test_a_hub_that_comes_hears_of_a_worker_at_once(bus, monkeypatch):
    """However busy its markets are: where rows come all the time, no quiet moment says it."""
    monkeypatch.setattr(words, "BEAT_EVERY_S", 3600.0)
    monkeypatch.setattr(outlets, "QUIET_BEATS", 0)
    sink = bus.sink()
    await wait_until(lambda: sink.counters["published"])
    sink.put(Market(sink.put, [BTC]).state, VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1))
    hub = bus.hub()
    socket = FakeSocket(hub)

    hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])

    await wait_until(lambda: any(frame["type"] == "heartbeat" and frame["data"] for frame in socket.frames))


async def test_error_texts_of_links_are_for_who_may_read_details(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, [BTC])
    link = LinkReport("public.0", "down", "no connection: OSError", 1, 0, 3, 9, 0.5, 2, 1, 1, 0, "10.0.0.7")
    sink.put(market.state, VenueReport("KRAKEN", "Kraken", "down", "", (link,), {}, 0, 1))
    visitor, staff = FakeSocket(hub), FakeSocket(hub)

    hub.follow(visitor.client, "status", Subscribed(0, 0), ["KRAKEN"])
    hub.follow(staff.client, "status", Subscribed(1, 0), ["KRAKEN"])

    await wait_until(lambda: all(each.value("status", "KRAKEN") for each in (visitor, staff)))
    [shown], [known] = (each.value("status", "KRAKEN")["links"] for each in (visitor, staff))
    assert (shown["last_error"], known["last_error"]) == ("", "10.0.0.7")
    assert {**shown, "last_error": ""} == {**known, "last_error": ""}
    assert shown["reason"] == "no connection: OSError"


async def test_who_wants_no_links_is_told_states_alone(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, [BTC])
    page, bot = FakeSocket(hub), FakeSocket(hub)
    hub.follow(page.client, "status", Subscribed(STATE_ALONE, 0), ["KRAKEN"])
    hub.follow(bot.client, "status", Subscribed(PLAIN, 0), ["KRAKEN"])

    for messages in (1, 2, 3):
        link = LinkReport("public.0", "live", "", 1, 0, messages, 9, 0.5, 2, 1, 1, 0, "")
        sink.put(market.state, VenueReport("KRAKEN", "Kraken", "live", "", (link,), {"asks": messages}, 0, 1))
        await wait_until(sees(bot, "status", "KRAKEN", counters={"asks": messages}))
    sink.put(market.state, VenueReport("KRAKEN", "Kraken", "halted", "maintenance", (), {"asks": 3}, 0, 1))
    await wait_until(sees(page, "status", "KRAKEN", state="halted", reason="maintenance", title="Kraken"))

    assert not {"links", "counters"} & set(page.value("status", "KRAKEN"))
    assert [row.get("state") for row in page.rows("status")] == ["halted"]
