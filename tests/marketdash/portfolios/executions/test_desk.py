"""The desk follows keys as they come and go, and writes what it hears in order, however long it takes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from django.db import OperationalError, connections

from feeds import private
from feeds.private import AccountState, Credentials, Since
from marketdash import publish
from marketdash.portfolios import actions
from marketdash.portfolios.executions import desk as desks
from marketdash.portfolios.executions import standing
from marketdash.portfolios.executions.desk import Desk
from marketdash.portfolios.models import Account, Entry, ExchangeKey, Fill
from marketdash.threads import in_thread
from tests.fakes import read_only
from tests.fakes.waiting import wait_until, wait_until_answered
from tests.marketdash.portfolios.executions.telling import BEGAN_US, Trade, heard, order

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "canary-of-a-secret"


class Feed:
    """Says what a test has it say."""

    def __init__(self, made: list[Feed], venue: str, credentials: Credentials, since: Any, sink: Any) -> None:
        self.venue, self.credentials, self.since, self.sink = venue, credentials, since, sink
        self.ending: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self.cancelled = False
        made.append(self)

    async def run(self) -> object:
        try:
            return await self.ending
        except asyncio.CancelledError:
            self.cancelled = True
            raise

    def stands(self, name: str, words: str = "", complete_us: int = 0) -> None:
        self.sink.state(AccountState(name, words, time.time_ns(), complete_us))


class Watch:
    """Quotes that a test sets."""

    def __init__(self, stir: Callable[[], None]) -> None:
        self.stir, self.used, self.rows, self.closed = stir, set[str](), dict[str, publish.Row](), False
        self._moved: set[str] = set()

    def use(self, topics: Iterable[str]) -> None:
        self.used = set(topics)

    def moved(self) -> set[str]:
        found, self._moved = self._moved, set()
        return found

    def value(self, topic: str) -> publish.Row | None:
        return self.rows.get(topic)

    def close(self) -> None:
        self.closed = True

    def set(self, topic: str, bid: str, ask: str, received_us: int, state: str = "live") -> None:
        self.rows[topic] = publish.Row(state, "", 0, {"bid": bid, "ask": ask, "ts_received": received_us})
        self._moved.add(topic)
        self.stir()


class Running:
    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.watch: Watch = None  # type: ignore[assignment]
        self.desk = Desk(lambda *of: Feed(self.feeds, *of), self._watching)

    def _watching(self, stir: Callable[[], None]) -> Watch:
        self.watch = Watch(stir)
        return self.watch

    async def feed(self, at: int = 0) -> Feed:
        await wait_until(lambda: len(self.feeds) > at, what=f"feed {at}")
        return self.feeds[at]


@pytest.fixture
async def running(
    accounts: dict[str, Account], private_venues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    for name in ("LOOK_EVERY_S", "SAY_EVERY_S", "AGAIN_EVERY_S", "MARKETS_EVERY_S", "BEGIN_AGAIN_S"):
        monkeypatch.setattr(desks, name, 0.02)
    found = Running()
    task = asyncio.create_task(found.desk.run())
    yield found
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert found.watch.closed
    assert all(each.cancelled or each.ending.done() for each in found.feeds)


async def ask(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """The database, in a thread that begins and ends with it: a kept one would know another test's."""

    def asked() -> Any:
        try:
            return work(*arguments, **named)
        finally:
            connections.close_all()

    return await in_thread(asked)


async def put_in(account: Account, secret: str = SECRET) -> ExchangeKey:
    """Asked for from before the trades of these tests on."""
    return await ask(actions.put_in_key, account, "KRAKEN", "a-key-of-some-length", secret, BEGAN_US)


async def key() -> ExchangeKey | None:
    return await ask(ExchangeKey.objects.first)


async def until_key(condition: Callable[[ExchangeKey], object], what: str) -> ExchangeKey:
    async def met() -> ExchangeKey | None:
        found = await key()
        return found if found is not None and condition(found) else None

    found = await wait_until_answered(met, every_s=0.01, within_s=20, what=what)
    assert found is not None
    return found


async def fills() -> list[Fill]:
    return await ask(lambda: list(Fill.objects.select_related("entry").order_by("pk")))


async def test_a_key_is_followed_said_and_left(running: Running, accounts: dict[str, Account]) -> None:
    held = await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    assert (feed.venue, feed.credentials) == ("KRAKEN", Credentials("a-key-of-some-length", SECRET))
    assert feed.since().fills_us == held.from_us

    feed.stands("live", "may read", held.from_us + 9)
    said = await until_key(lambda each: each.state == "live" and each.through_us > held.from_us, "live")
    assert (said.words, said.through_us) == ("may read", held.from_us + 9)
    await wait_until(lambda: feed.since().fills_us == held.from_us + 9)  # written first, then known here
    await until_key(lambda each: each.heard_us > said.heard_us, "said again")

    await put_in(accounts["KRAKEN"], "another secret")
    other = await running.feed(1)
    assert feed.cancelled and other.credentials.secret == "another secret"
    feed.stands("down", "the one before")
    other.stands("checking")
    assert (await until_key(lambda each: each.state != "new", "checking")).words == ""

    await ask(actions.remove_key, accounts["KRAKEN"])
    await wait_until(lambda: other.cancelled)


async def test_one_that_is_refused_is_wiped_and_asked_no_more(
    running: Running, accounts: dict[str, Account]
) -> None:
    await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    feed.stands("refused", "it may trade")
    feed.ending.set_result(None)

    said = await until_key(lambda each: each.state == "refused", "refused")

    assert (said.sealed, said.words) == ("", "it may trade")
    await wait_until(lambda: not running.desk._lines)
    assert len(running.feeds) == 1


async def test_fills_reach_the_ledger_with_the_quote_of_then(
    running: Running, accounts: dict[str, Account]
) -> None:
    trade, held = Trade("KRAKEN", 1), await put_in(accounts["KRAKEN"])
    feed, topic = await running.feed(), "ticker:KRAKEN:BTC/USD"
    feed.sink.order(order(trade))
    assert topic in running.watch.used
    running.watch.set(topic, "60000", "60000.5", trade.at_us - 5_000)
    await asyncio.sleep(0)  # it is taken in with the next turn of the loop
    running.watch.set(topic, "60001", "60002", trade.at_us + 5_000)
    await asyncio.sleep(0)
    feed.sink.fill(heard(trade).fill)
    feed.sink.fill(heard(trade, "rest").fill)
    feed.stands("live", complete_us=held.from_us + 1)

    await until_key(lambda each: each.state == "live", "live")

    [fill] = await fills()
    assert (fill.bid, fill.ask, fill.quote_age_us) == ("60000", "60000.5", 5_000)
    assert fill.entry is not None and fill.entry.source == "exchange"
    assert fill.exchange_us - (fill.acknowledged_us or 0) == 3_000


@pytest.mark.parametrize("problem", [OperationalError("it is restarted"), read_only.refusal()])
async def test_nothing_is_lost_while_the_database_is_away(
    running: Running, accounts: dict[str, Account], monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    held = await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    real = standing.taking.take

    def away(*of: Any) -> int:
        raise problem

    monkeypatch.setattr(standing.taking, "take", away)
    for number in range(5):
        feed.sink.fill(heard(Trade("KRAKEN", number)).fill)
    feed.stands("live", complete_us=held.from_us + 1)
    await wait_until(lambda: running.desk.counters["database failed"] > 1)
    now = await key()
    assert now is not None and now.through_us == held.from_us and feed.since().fills_us == held.from_us

    monkeypatch.setattr(standing.taking, "take", real)

    await until_key(lambda each: each.through_us == held.from_us + 1, "written")
    assert [fill.trade_id for fill in await fills()] == [f"T{number:05}" for number in range(5)]


async def test_what_cannot_be_written_costs_the_others_nothing(
    running: Running, accounts: dict[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_in(accounts["KRAKEN"])
    feed, real = await running.feed(), standing.taking.take

    def taken(account: Account, said: list[Any]) -> int:
        if any(each.fill.trade_id == "T00002" for each in said):
            raise TypeError(SECRET)
        return real(account, said)

    monkeypatch.setattr(standing.taking, "take", taken)
    for number in (1, 2, 3):
        feed.sink.fill(heard(Trade("KRAKEN", number)).fill)
    feed.stands("live")

    await until_key(lambda each: each.state == "live", "live")
    assert [fill.trade_id for fill in await fills()] == ["T00001", "T00003"]


async def test_a_feed_that_breaks_is_begun_again_and_says_no_secret(
    running: Running, accounts: dict[str, Account], caplog: Any
) -> None:
    await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    feed.ending.set_exception(ValueError(f"could not sign with {SECRET}"))

    await running.feed(1)

    said = await until_key(lambda each: each.state == "down", "down")
    assert said.words == desks.BROKEN and said.sealed
    assert "ValueError" in caplog.text and SECRET not in caplog.text


async def test_a_key_that_cannot_be_opened_says_so(running: Running, accounts: dict[str, Account]) -> None:
    await put_in(accounts["KRAKEN"])
    await running.feed()
    await ask(ExchangeKey.objects.update, sealed="no token", version=2)

    said = await until_key(lambda each: each.state == "down", "down")

    assert said.words == standing.UNREADABLE and len(running.feeds) == 1


async def test_fills_of_a_portfolio_that_was_deleted_meanwhile_are_nobodys(
    running: Running, accounts: dict[str, Account]
) -> None:
    await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    await ask(actions.delete, accounts["KRAKEN"].portfolio)
    feed.sink.fill(heard(Trade("KRAKEN", 1)).fill)
    feed.stands("live")

    await wait_until(lambda: feed.cancelled and not running.desk._heard)

    assert not await fills() and not await ask(Entry.objects.exists)
    assert isinstance(feed.since(), Since) and private.LIVE == "live"


async def test_no_fill_from_before_it_was_asked_for(running: Running, accounts: dict[str, Account]) -> None:
    await put_in(accounts["KRAKEN"])
    feed = await running.feed()
    for before_s in (11, 9):  # a catch-up reaches back, and clocks differ
        at_us = BEGAN_US - before_s * 1_000_000
        feed.sink.fill(heard(Trade("KRAKEN", before_s), "rest", exchange_us=at_us).fill)
    feed.stands("live")

    await until_key(lambda each: each.state == "live", "live")

    assert [fill.trade_id for fill in await fills()] == ["T00009"]
