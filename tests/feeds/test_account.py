"""An account's feed on every simulated venue: all its fills, whatever happens to the link."""

from __future__ import annotations

import asyncio
import logging
import time
from decimal import Decimal

import pytest

from feeds.private import CATCHING_UP, CHECKING, CONNECTING, DOWN, LIVE, REFUSED, OrderUpdate, Since
from feeds.venues import PRIVATE
from tests.fakes.waiting import wait_until
from tests.feeds.following import QUICK, SYMBOLS, all_told, following, named, simulating
from tests.scoreboard import Score

pytestmark = pytest.mark.parametrize("venue", PRIVATE)
WHOLE = lambda symbols: lambda: Since(1, symbols)  # noqa: E731


async def test_fills_come_as_they_were_traded_to_the_last_digit(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        paper.order("buy", "0.75")
        paper.order("sell", "0.25", symbol=1)
        await all_told(told, paper)

    base, quote = SYMBOLS[venue][0].replace("/", "-").replace("USDT", "-USDT").split("-")[:2]
    for true in paper("fills"):
        fill = told.trades[named(true)]
        assert fill.instrument == true["symbol"]
        assert (fill.side, fill.liquidity) == (true["side"], "taker")
        assert (fill.price, Decimal(fill.qty)) == (true["price"], Decimal(true["qty"]))
        assert [(asset, Decimal(amount)) for asset, amount in fill.fees] == [
            (true["fee_asset"], Decimal(true["fee"]))
        ]
        assert fill.exchange_us // 1000 == true["time_us"] // 1000
    first = next(iter(told.trades.values()))
    assert (first.base, first.quote) == (base, quote)
    assert feed.counters["decode errors"] == feed.counters["crashes"] == 0


async def test_the_states_are_told_in_order(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        assert told.names == [CHECKING, CONNECTING, CATCHING_UP, LIVE]
        assert feed.state.complete_us > 0
        assert [state.complete_us for state in told.of(type(feed.state))][:3] == [0, 0, 0]


async def test_an_order_is_told_whole_from_its_acknowledgement_to_its_end(venue: str):
    """It lies where nobody trades: at the best price it may be filled before it can be canceled."""
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, _):
        book = paper.simulator.book(f"{venue}:{SYMBOLS[venue][0]}")
        placed = paper.order("buy", "0.40", price=book.bids[-1][0], client="mine-1")
        await wait_until(lambda: told.of(OrderUpdate), what="the order is told")
        paper("cancel", order=placed["order"])
        await wait_until(lambda: told.of(OrderUpdate)[-1].status != "new", what="its end is told")

    first, last = told.of(OrderUpdate)[0], told.of(OrderUpdate)[-1]
    assert (first.status, last.order_id) == ("new", first.order_id)
    assert last.status == "canceled"
    for update in (first, last):
        assert (update.instrument, update.side, update.kind) == (placed["symbol"], "buy", "limit")
        assert Decimal(update.price) == Decimal(book.bids[-1][0])
        assert Decimal(update.qty) == Decimal("0.4")


async def test_what_is_filled_while_the_link_is_down_is_caught_up(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        paper.order()
        await all_told(told, paper)
        paper("close")
        await wait_until(lambda: feed.state.name == DOWN, what="the loss is noticed")
        for _ in range(3):
            paper.order("sell", "0.30")
        assert not set(paper.trade_ids) <= told.trades.keys()
        paper("open")
        await all_told(told, paper, "what was missed is caught up")
        caught = [fill for fill in told.fills if fill.source == "rest"]

    assert len({(fill.instrument, fill.trade_id) for fill in caught}) == len(paper.trade_ids)


async def test_the_same_trade_from_stream_and_history_is_the_same_fill(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        paper.order("buy", "0.60")
        await all_told(told, paper)
        told.events.clear()
        feed._intake.lost("asked for by this test")
        await all_told(told, paper, "the history tells them again")
        again = {(fill.instrument, fill.trade_id): fill for fill in told.fills}
        paper.order("sell", "0.60")
        await all_told(told, paper)

    for true in paper("fills"):
        fill = again.get(named(true)) or told.trades[named(true)]
        assert (fill.side, Decimal(fill.price), Decimal(fill.qty)) == (
            true["side"], Decimal(true["price"]), Decimal(true["qty"])
        )  # fmt: skip


async def test_a_history_of_many_pages_is_read_whole(venue: str):
    async with simulating(venue) as paper:
        key = paper.key()
        for number in range(60):
            paper.order(("buy", "sell")[number % 2], "0.02")
        assert 50 < len(paper.trade_ids) < 150
        async with following(paper, key, WHOLE(SYMBOLS[venue])) as (told, _):
            assert set(paper.trade_ids) == told.trades.keys()


async def test_what_was_before_the_key_is_not_asked_for(venue: str):
    async with simulating(venue) as paper:
        paper.order()
        async with following(paper, paper.key()) as (told, _):
            paper.order("sell")
            new = {named(fill) for fill in paper("fills") if fill["side"] == "sell"}
            await wait_until(lambda: new <= told.trades.keys(), what="the new fills are told")

    assert told.trades.keys() == new


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ("read,trade", "this key may trade; only keys that may do nothing but read"),
        ("read,withdraw", "this key may withdraw; only keys that may do nothing but read"),
        ("read,trade,withdraw", "this key may trade and withdraw"),
        ("", "read"),
    ],
)
@pytest.mark.fault(
    "F51", "a key with the rights '{rights}' is put in, {venue}", goal="refused, never connected"
)
async def test_a_key_that_may_do_more_than_read_is_refused_and_never_connects(
    venue: str, rights, words, score: Score
):
    began_s = time.monotonic()
    async with simulating(venue) as paper, following(paper, paper.key(rights=rights)) as (told, feed):
        assert told.names == [CHECKING, REFUSED]
        assert words in told.words
        assert paper.simulator.privates[venue].desk.counters["connections"] == 0
        assert feed.state.name == REFUSED
        score.took(time.monotonic() - began_s)


async def test_a_key_that_is_given_more_rights_later_is_refused_at_the_next_look(venue: str):
    timing = QUICK._replace(audit_s=0.1)
    async with simulating(venue) as paper:
        key = paper.key()
        async with following(paper, key, timing=timing) as (told, feed):
            paper("grant", key=key.key, rights="read,trade")
            await wait_until(lambda: feed.state.name == REFUSED, what="it is refused")
            assert "may trade" in told.words
            links = paper.simulator.privates[venue].links
            await wait_until(lambda: not links, what="the link is closed")


async def test_a_link_that_is_cut_comes_back(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, feed):
        for _ in range(2):
            told.events.clear()
            paper("drop")
            await wait_until(lambda: LIVE in told.names, what="it is live again")
            assert told.names[-5:] == [DOWN, CHECKING, CONNECTING, CATCHING_UP, LIVE]
        paper.order()
        await all_told(told, paper)


@pytest.mark.parametrize("fault", ["gap", "duplicate", "shuffle"])
async def test_messages_that_are_lost_repeated_or_reordered_lose_no_fill(venue: str, fault: str):
    # Lost at the end, only the next look would tell: so it comes soon.
    timing = QUICK._replace(audit_s=0.5)
    async with simulating(venue) as paper, following(paper, paper.key(), timing=timing) as (told, feed):
        for round_ in range(4):
            paper(fault, n=3)
            paper.order(("buy", "sell")[round_ % 2], "0.30")
            paper.order("buy", "0.05", symbol=1)
        await all_told(told, paper)
        orders = {update.order_id: update for update in told.of(OrderUpdate)}
        if fault != "gap":
            await wait_until(
                lambda: {u.order_id: u for u in told.of(OrderUpdate)}[next(iter(orders))].status == "filled"
            )
    assert feed.counters["crashes"] == 0


async def test_slow_acknowledgements_are_waited_for(venue: str):
    async with simulating(venue) as paper:
        paper("slow", seconds=0.5)
        async with following(paper, paper.key()) as (told, feed):
            paper.order()
            await all_told(told, paper)
        assert feed.counters["reconnects"] == 0


async def test_a_history_that_lags_is_asked_until_the_fill_is_there(venue: str):
    async with simulating(venue) as paper, following(paper, paper.key()) as (told, _):
        paper("lag", seconds=1.0)
        paper.order()
        await all_told(told, paper)


async def test_no_secret_is_in_a_log_a_state_or_a_repr(venue: str, caplog):
    caplog.set_level(logging.DEBUG)
    async with simulating(venue) as paper:
        key, wrong = paper.key(), paper.key(rights="read,trade")
        async with following(paper, key) as (told, feed):
            paper.order()
            await all_told(told, paper)
            paper("drop")
            await wait_until(lambda: feed.counters["reconnects"], what="it noticed")
            await wait_until(lambda: feed.state.name == LIVE, what="it is back")
        async with following(paper, wrong) as (refused, _):
            pass

    said = [caplog.text, *map(repr, told.events), *map(repr, refused.events), repr(feed), repr(vars(feed))]
    for line in said:
        for credentials in (key, wrong):
            assert credentials.secret not in line
            assert credentials.secret[30:60] not in line
            assert credentials.key not in line


async def test_a_feed_that_is_stopped_leaves_nothing_behind(venue: str):
    async with simulating(venue) as paper:
        async with following(paper, paper.key()):
            pass
        links = paper.simulator.privates[venue].links
        await wait_until(lambda: not links, what="the link is closed")
    assert [task for task in asyncio.all_tasks() if "feeds/account" in repr(task.get_coro())] == []
