"""From an order at a simulated exchange to the ledger: each fill once, in the venue's own numbers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from feeds.account import AccountFeed
from feeds.private import AccountSink, Credentials, Since
from feeds.venues import PRIVATE, private_codec
from marketdash import publish
from marketdash.portfolios import actions
from marketdash.portfolios.executions import desk as desks
from marketdash.portfolios.executions.desk import Desk
from marketdash.portfolios.models import Account, ExchangeKey, Fill
from tests.fakes.waiting import wait_until_answered
from tests.feeds.following import QUICK, Paper, simulating
from tests.marketdash.portfolios.executions.test_desk import ask

pytestmark = pytest.mark.django_db(transaction=True)


class NoQuotes:
    """Nobody tells prices."""

    def __init__(self, stir: Callable[[], None]) -> None:
        pass

    def use(self, topics: Iterable[str]) -> None:
        pass

    def moved(self) -> set[str]:
        return set()

    def value(self, topic: str) -> publish.Row | None:
        return None

    def close(self) -> None:
        pass


@asynccontextmanager
async def desk_of(paper: Paper) -> AsyncIterator[Desk]:
    """As ``engines`` puts it together, with the simulator for an exchange and no patience."""
    simulator = paper.simulator

    def follow(
        venue: str, credentials: Credentials, since: Callable[[], Since], sink: AccountSink
    ) -> AccountFeed:
        urls = simulator.private_ws_url(venue), simulator.rest_url(venue)
        return AccountFeed(private_codec(venue), credentials, urls, since, sink, timing=QUICK)

    desk = Desk(follow, NoQuotes)
    task = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def state_is(account: Account, name: str) -> ExchangeKey:
    async def met() -> ExchangeKey | None:
        found = await ask(lambda: ExchangeKey.objects.get(account=account))
        return found if found.state == name else None

    found = await wait_until_answered(met, every_s=0.02, within_s=20, what=f"the key is {name}")
    assert found is not None
    return found


async def recorded(paper: Paper, account: Account) -> list[Fill]:
    """All that were traded there, once all are here; more would stand out."""

    async def met() -> list[Fill] | None:
        found = await ask(lambda: list(Fill.objects.filter(account=account).select_related("entry")))
        return found if len(found) >= len(paper.trade_ids) else None

    fills = await wait_until_answered(met, every_s=0.02, within_s=20, what="all fills are recorded")
    assert fills is not None
    return fills


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_EVERY_S", "SAY_EVERY_S", "AGAIN_EVERY_S", "MARKETS_EVERY_S", "BEGIN_AGAIN_S"):
        monkeypatch.setattr(desks, name, 0.02)


@pytest.mark.parametrize("venue", PRIVATE)
async def test_every_fill_is_in_the_ledger_once_whatever_happens(
    accounts: dict[str, Account], venue: str
) -> None:
    account = accounts[venue]
    async with simulating(venue) as paper:
        made = paper.key()
        await ask(actions.put_in_key, account, venue, made.key, made.secret)
        async with desk_of(paper):
            await state_is(account, ExchangeKey.LIVE)
            paper.order("buy", "0.30")
            await recorded(paper, account)
            paper("close")
            await state_is(account, ExchangeKey.DOWN)
            paper.order("sell", "0.20")
            paper("open")
            await recorded(paper, account)
        # Nobody listens; then another process does, which is told some of it again.
        paper.order("buy", "0.10")
        async with desk_of(paper):
            await state_is(account, ExchangeKey.LIVE)
            paper.order("sell", "0.05")
            fills = await recorded(paper, account)

    true = {(fill["symbol"], fill["trade_id"]): fill for fill in paper("fills")}
    assert {(fill.instrument, fill.trade_id) for fill in fills} == true.keys()
    assert len(fills) == len(true)
    for fill in fills:
        other = true[fill.instrument, fill.trade_id]
        assert (Decimal(fill.price), Decimal(fill.qty)) == (Decimal(other["price"]), Decimal(other["qty"]))
        assert fill.side == other["side"]


@pytest.mark.parametrize("venue", PRIVATE)
async def test_a_key_that_may_trade_is_refused_and_its_secret_gone(
    accounts: dict[str, Account], venue: str
) -> None:
    account = accounts[venue]
    async with simulating(venue) as paper:
        made = paper.key(rights="read,trade")
        await ask(actions.put_in_key, account, venue, made.key, made.secret)
        async with desk_of(paper):
            refused = await state_is(account, ExchangeKey.REFUSED)
            paper.order()

    assert "this key may trade" in refused.words
    assert not refused.sealed
    assert await ask(Fill.objects.count) == 0
