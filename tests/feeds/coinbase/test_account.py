"""Coinbase's account feed: what is this venue's own in tokens, clocks, and fills that only REST tells."""

from __future__ import annotations

import time
from decimal import Decimal

from feeds.private import CATCHING_UP, DOWN, LIVE, Credentials, OrderUpdate, Since
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, following, simulating


async def test_an_ed25519_key_is_followed_too():
    async with simulating("COINBASE") as paper, following(paper, paper.key(kind="ed25519")) as (told, feed):
        paper.order()
        await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="its fills are told")
        assert feed.state.name == LIVE


async def test_a_key_that_is_not_accepted_is_asked_for_once_a_minute():
    async with simulating("COINBASE") as paper:
        mixed = Credentials(paper.key().key, paper.key().secret)
        slow = QUICK._replace(denied_s=60)
        async with following(paper, mixed, timing=slow, live=False) as (told, feed):
            await wait_until(lambda: feed.state.name == DOWN, what="it waits")
            assert told.words.startswith("Coinbase does not accept the key: it is wrong, it was ended")
            assert 60 <= int(told.words.split("next try in ")[1].split()[0]) <= 75
        assert paper.simulator.privates["COINBASE"].desk.counters["connections"] == 0


async def test_a_clock_that_is_off_by_a_little_is_forgiven_and_by_much_is_said():
    for off_s, state in ((-4, LIVE), (60, LIVE), (300, DOWN)):
        start_ns = time.time_ns() + int(off_s * 1e9)
        async with (
            simulating("COINBASE", start_ns=start_ns) as paper,
            following(paper, paper.key(), live=False) as (told, feed),
        ):
            await wait_until(lambda: feed.state.name in (LIVE, DOWN), what="it is decided")
            assert feed.state.name == state, told.words


async def test_fills_come_by_rest_as_soon_as_the_channel_says_that_there_are_some():
    async with simulating("COINBASE") as paper, following(paper, paper.key()) as (told, feed):
        paper.order("buy", "0.75")
        await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="its fills are told")
        assert {fill.source for fill in told.fills} == {"rest"}
        assert feed.counters["gaps"] == 0
        (last,) = [update for update in told.of(OrderUpdate) if update.status == "filled"]
        assert sum(Decimal(fill.qty) for fill in told.trades.values()) == Decimal(last.filled_qty)
        assert feed.state.name == LIVE


async def test_a_history_that_lags_is_said_until_the_fills_add_up():
    async with simulating("COINBASE") as paper, following(paper, paper.key()) as (told, feed):
        paper("lag", seconds=0.8)
        paper.order()
        await wait_until(lambda: feed.state.name == CATCHING_UP, what="it is said")
        assert "Coinbase has not written a fill into its history yet" in told.words
        await wait_until(lambda: feed.state.name == LIVE, what="it was found")
        assert set(paper.trade_ids) <= told.trades.keys()
        assert feed.counters["fills not found"] == 0


async def test_an_order_that_is_told_again_is_not_asked_for_again():
    async with simulating("COINBASE") as paper, following(paper, paper.key()) as (told, feed):
        placed = paper.order()
        await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="its fills are told")
        await wait_until(lambda: not feed._intake.asks, what="it was answered")
        before = feed.counters["fills by REST"]
        side = paper.simulator.privates["COINBASE"]
        side.tell_order(side.desk.account("paper").orders[placed["order"]], "filled")
        frames = feed.counters["frames"]
        await wait_until(lambda: feed.counters["frames"] > frames, what="it is told again")
        assert not feed._intake.asks
        assert feed.counters["fills by REST"] == before


async def test_more_open_orders_than_one_snapshot_holds_are_all_told():
    async with simulating("COINBASE") as paper:
        key = paper.key()
        deep = paper.simulator.book("COINBASE:BTC-USD").bids[80][0]
        for _ in range(60):
            paper.order("buy", "0.001", price=deep)
        async with following(paper, key, lambda: Since(1)) as (told, _):
            assert len({update.order_id for update in told.of(OrderUpdate)}) == 60
