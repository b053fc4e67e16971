"""What is to be done once, however many processes there are, and not on the way of a price."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from feeds.account import AccountFeed
from feeds.clock import SystemClock
from feeds.private import AccountSink, Credentials, Since
from feeds.rest import Rest
from feeds.running import until_told
from feeds.venues import private_codec
from marketdash import blocks, collector, redis_hosts
from marketdash.instruments import ruling
from marketdash.instruments.catalogue import catalogue
from marketdash.live import process
from marketdash.live.lease import ENGINES, Lease, LeaseLost
from marketdash.ops import jobs, lifeline, lives
from marketdash.ops.jobs import Job, alone
from marketdash.ops.lives import Life
from marketdash.portfolios import actions
from marketdash.portfolios.equity import days, equity
from marketdash.portfolios.executions.desk import Desk
from marketdash.portfolios.folding import Folding
from marketdash.portfolios.importing import committing
from marketdash.portfolios.past import stating
from marketdash.portfolios.standing import Books
from marketdash.venues import private_urls

logger = logging.getLogger(__name__)
DAY_S, HOUR_S, MINUTE_S = 86_400.0, 3600.0, 60.0
EXECUTIONS_AGAIN_S = 1.0
"""It has no end of its own: whatever ended it, it begins again."""
IMPORTS_S = 1.0
"""How long a long import waits at most until it is begun, or gone on with."""
FOLDS_S = 1.0
"""How long a ledger has to stand still until its book is folded, and how long who waits for one does."""
PAST_S = 2.0
"""The same for rates of the past, once something is recorded."""
DAYS_S = 5.0
"""And for the curve of the days before it was noted."""


class Command(BaseCommand):
    help = (
        "Hear of fills, note what portfolios are worth, go on with imports, fetch the venues' lists of "
        "instruments. One at a time; a second stands by."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        lifeline.watch()
        blocks.give_back()
        collector.settle()  # else a full look takes 100 ms, and comes each five minutes
        life = Life(lives.ENGINES, "engines", "engines")  # under the lease: one at a time
        once = [told(life), imports(), folds(), restores(), past(), executions()]
        try:
            asyncio.run(until_told(run([*once, *daily(), *ruled(), *curves()])))
        except LeaseLost as lost:
            raise CommandError(f"engines: {lost}", returncode=3) from None
        life.goodbye()
        logger.info("engines: stopped")


def told(life: Life) -> Job:
    """That this process lives, in the event log."""
    return Job("life", lives.SEEN_EVERY_S, alone(life.tell))


def daily() -> list[Job]:
    """``sync_instruments`` fails when a venue did not answer; it is asked again before the day is over."""
    sync = alone(lambda: call_command("sync_instruments", "--quiet"))
    return [
        Job("sync_instruments", DAY_S, sync),
        Job("sessions cleared", DAY_S, alone(_clear)),
    ]


def ruled() -> list[Job]:
    """What is followed by rule: prices move, days pass, and venues list new strikes."""
    return [
        Job("rules", ruling.EVERY_S, ruling.follow),
        Job("lists of venues with rules", ruling.LISTS_S, ruling.refresh_lists),
    ]


def _clear() -> None:
    """Sessions that expired: each sign-in leaves one, and so does each question for a passkey."""
    call_command("clearsessions")


def restores() -> Job:
    """What is left of those that were killed."""
    return Job("restores given up", MINUTE_S, alone(actions.remove_given_up))


def imports() -> Job:
    """What a page does not do at once: files of thousands of rows, and what a killed process left."""
    return Job("imports", IMPORTS_S, alone(committing.work_due))


def folds() -> Job:
    """Books of long ledgers, before somebody opens them."""
    return Job("books", FOLDS_S, alone(Folding().work_due))


def past() -> Job:
    """What entries lack, from stored closes; what is not stored is asked for and waited for."""
    return Job("rates of the past", PAST_S, knowing_markets(stating.work_due))


def knowing_markets(work: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    """:func:`alone`, once it is known what is listed."""
    blocking = alone(work)

    async def done() -> object:
        await catalogue.ensure()
        return await blocking()

    return done


def curves() -> list[Job]:
    """What each portfolio is worth, as soon as a minute begins: a round that ran late costs none its own. Who
    takes over from one that was killed begins with the minute that it finds without points."""
    books, is_first = Books(), True

    async def note() -> None:
        nonlocal is_first
        was_first, is_first = is_first, False
        if not (was_first and await sync_to_async(equity.is_behind)(time.time_ns() // 1000)):
            await equity.next_minute()
        await equity.within_the_minute(lambda: _noted(books))

    return [
        Job("equity", 0.0, note),
        Job("equity of days", DAYS_S, knowing_markets(days.work_due)),
        Job("equity thinned", HOUR_S, alone(lambda: equity.thin(time.time_ns() // 1000))),
    ]


async def _noted(books: Books) -> None:
    await sync_to_async(close_old_connections)()
    await equity.note(books)


def executions() -> Job:
    """What exchanges say themselves of the accounts that they were given keys for."""
    shared: dict[str, Rest] = {}

    def followed(
        venue: str, credentials: Credentials, since: Callable[[], Since], sink: AccountSink
    ) -> AccountFeed:
        codec = private_codec(venue)
        urls = private_urls(codec)
        rest = shared.get(venue)
        if codec.shared_limits and rest is None:
            rest = shared[venue] = Rest(codec, SystemClock(), url=urls[1])
        return AccountFeed(codec, credentials, urls, since, sink, rest=rest)

    return Job("executions", EXECUTIONS_AGAIN_S, Desk(followed).run)


async def run(work: list[Job]) -> None:
    """Until cancelled; waits for whoever does it now. Raises :class:`LeaseLost`."""
    redis = redis_hosts.client(settings.REDIS_HOSTS[0])
    lease = Lease(redis, [ENGINES])
    try:
        await lease.acquire()
        await _keep(lease, work)
    finally:
        await process.close()
        await lease.release()
        await redis.aclose()


async def _keep(lease: Lease, work: list[Job]) -> None:
    counters: Counter[str] = Counter()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(lease.keep())
            group.create_task(collector.look_by_the_clock())
            for job in work:
                group.create_task(jobs.keep(job, counters))
    except* LeaseLost as lost:
        raise lost.exceptions[0] from None
