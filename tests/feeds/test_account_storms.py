"""No fill is lost and none is invented, whatever happens to link, messages and REST while others trade."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest

from feeds.private import LIVE, Since
from feeds.rest import Unreachable
from feeds.simulator import kraken_private
from feeds.venues import PRIVATE, private_codec
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, SYMBOLS, Paper, Told, following, named, simulating

pytestmark = pytest.mark.parametrize("venue", PRIVATE)
FAULTS = ("drop", "gap", "duplicate", "shuffle", "slow", "lag", "expire", "close", "open", "clear")
STEPS = 60


async def storm(paper: Paper, rng: random.Random) -> None:
    """Orders of all kinds, with something going wrong at every other one."""
    resting: list[int] = []
    for _ in range(STEPS):
        if rng.random() < 0.5:
            paper(rng.choice(FAULTS), n=rng.randint(1, 4), seconds=round(rng.uniform(0, 0.2), 2))
        symbol, side = rng.randrange(2), rng.choice(("buy", "sell"))
        if resting and rng.random() < 0.2:
            cancel(paper, resting.pop())
        elif rng.random() < 0.3:
            book = paper.simulator.book(f"{paper.venue}:{SYMBOLS[paper.venue][symbol]}")
            price = (book.bids if side == "buy" else book.asks)[0][0]
            resting.append(paper.order(side, "0.05", symbol=symbol, price=price)["order"])
        else:
            paper.order(side, "0.05", symbol=symbol)
        await asyncio.sleep(rng.choice((0, 0, 0.01, 0.05)))  # what comes between two of them, not a wait
    paper("clear")
    paper("open")


def cancel(paper: Paper, number: int) -> None:
    (order,) = [each for each in paper("orders") if each["order"] == number]
    if order["status"] in ("new", "partially_filled"):
        paper("cancel", order=number)


@pytest.mark.parametrize("seed", range(3))
async def test_every_fill_is_told_and_no_other(venue: str, seed: int, monkeypatch):
    # Nobody else loses the link twenty times in two seconds: the venue's counter of requests is put aside.
    monkeypatch.setattr(kraken_private, "_COUNTER", 10_000)
    codec = private_codec(venue)
    codec.limits = codec.limits._replace(rest_weight=100_000, connects=1000)
    timing, since = QUICK._replace(audit_s=0.3), lambda: Since(1, SYMBOLS[venue])
    async with (
        simulating(venue, seed=seed) as paper,
        following(paper, paper.key(), since, timing=timing, codec=codec) as (told, feed),
    ):
        await storm(paper, random.Random(f"{venue} {seed}"))
        await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="all fills are told")
        await wait_until(lambda: feed.state.name == LIVE, what="it is live")
        assert_equal(told, paper)
    assert feed.counters["crashes"] == feed.counters["decode errors"] == 0
    assert len(told.trades) > STEPS / 3


def assert_equal(told: Told, paper: Paper) -> None:
    """Each trade as often as it may be told, but always the same one, and the true one."""
    true = {named(fill): fill for fill in paper("fills")}
    assert told.trades.keys() == true.keys()
    for fill in told.fills:
        other = true[fill.instrument, fill.trade_id]
        assert (fill.instrument, fill.side) == (other["symbol"], other["side"])
        assert (Decimal(fill.price), Decimal(fill.qty)) == (Decimal(other["price"]), Decimal(other["qty"]))
        assert Decimal(fill.fees[0][1]) == Decimal(other["fee"])
        assert (fill.liquidity == "maker") is other["maker"]


async def test_what_is_not_whole_yet_is_asked_again_from_where_it_was(venue: str):
    """A later fill that came by stream does not hide an earlier one that REST still owes."""
    newest = Since(1, SYMBOLS[venue])
    timing = QUICK._replace(overlap_s=0)
    async with simulating(venue) as paper:
        key = paper.key()
        async with following(paper, key, lambda: newest, timing=timing) as (told, feed):
            whole_us = feed.state.complete_us
            paper("close")
            await wait_until(lambda: feed.state.name == "down", what="the link is lost")
            paper.order("buy")
            missed = set(paper.trade_ids)
            broken, fills = True, feed._inquiry.fills

            async def failing(*arguments):
                if broken:
                    raise Unreachable("nobody there")
                return await fills(*arguments)

            feed._inquiry.fills = failing
            paper("open")
            await wait_until(lambda: "asked again in" in told.words, what="REST fails")
            paper.order("sell")
            if venue != "COINBASE":  # whose stream brings no fills
                await wait_until(lambda: told.trades, what="the stream goes on")
            assert not missed & told.trades.keys()
            # Whoever takes the newest fill for the end of what is known asks too late.
            newest = Since(paper("fills")[-1]["time_us"], SYMBOLS[venue])
            assert feed.state.complete_us == whole_us
            broken = False
            await wait_until(lambda: set(paper.trade_ids) <= told.trades.keys(), what="all is told")
            await wait_until(lambda: feed.state.complete_us > whole_us, what="it is whole")
