"""The worker: every enabled venue's feed, published to the hubs. One process, or several that share the work;
one that has nothing to write stands by."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.candles import Candles
from feeds.clock import SystemClock
from feeds.running import keep_running
from feeds.symbols import BOOK, OHLC, TRADE, TopicParts
from feeds.worker import Worker
from marketdash import blocks, collector, redis_hosts, venues
from marketdash.history import retention
from marketdash.history.journal import Journal
from marketdash.history.repairs import Repairs
from marketdash.history.sink import HistorySink
from marketdash.live.configured import Configured
from marketdash.live.lease import LeaseLost
from marketdash.live.share import Shard, Share, parse_shard
from marketdash.live.sink import ChannelLayerSink
from marketdash.live.stalls import Stalls
from marketdash.ops import lifeline
from marketdash.ops.sink import OpsSink
from marketdash.ops.spill import Spill
from marketdash.threads import OwnThread

logger = logging.getLogger(__name__)

Kept = TypeVar("Kept")


class Command(BaseCommand):
    help = "Follow the enabled venues and publish their markets to the web processes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venues", help="only these, parted by commas: KRAKEN,BINANCE")
        parser.add_argument("--shard", default="1/1", help="i/n: the i-th of n workers that share the work")

    def handle(self, *args: Any, venues: str | None, shard: str, **options: Any) -> None:
        lifeline.watch()
        blocks.give_back()
        names = [name.strip().upper() for name in venues.split(",") if name.strip()] if venues else None
        try:
            part = parse_shard(shard)
        except ValueError as problem:
            raise CommandError(f"--shard: {problem}") from None
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_until_told(names, part))
        except LeaseLost as lost:
            raise CommandError(f"ingest: {lost}", returncode=3) from None
        except LookupError as unknown:
            raise CommandError(f"--venues: {unknown}") from None


def _loop_factory() -> Any:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None


async def _until_told(names: list[str] | None, shard: Shard) -> None:
    """Until SIGTERM or SIGINT, which end it cleanly."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await ingest(names, shard)
    logger.info("ingest: stopped")


async def ingest(names: list[str] | None, shard: Shard) -> None:
    codecs = venues.codecs(names)
    redis = redis_hosts.client(settings.REDIS_HOSTS[0])
    share = Share(redis, codecs, SystemClock(), shard)
    try:
        await share.acquire()
        configured = Configured(share)
        sink = ChannelLayerSink(
            get_channel_layer(),
            SystemClock(),
            epoch=share.epoch,
            shards=settings.BUS_SHARDS,
            on_configure=lambda: _changed(configured, repairs),
            share=share,
            saving=lambda: events.trouble,
        )
        events = OpsSink(
            SystemClock(),
            epoch=share.epoch,
            venues=codecs,
            known=venues.titles(),
            keep_days=settings.EVENT_LOG_DAYS,
            part=f"{shard.index}/{shard.count}" if shard.count > 1 else "",
            redis_trouble=lambda: "the bus is not taken" if sink.failing else share.trouble,
            spill=_kept("events", Spill),
        )
        database = OwnThread()  # of a thread for each look, three a second, Django's things stay for a while
        sinks = [sink, events, HistorySink(_kept("history", Journal), hand=database)]
        worker = Worker(codecs, sinks, SystemClock(), urls=venues.urls(names))
        sink.states.update({name: feed.state for name, feed in worker.venues.items()})
        repairs = _repairs(worker, database)
        sink.on_demand = lambda topics: _watched(worker, repairs, topics)
        share.on_change = lambda: _change(sink, configured, share)
        Stalls(sink.counters)  # it ends with the process
        await _run(worker, configured, share, repairs)
    finally:
        await share.release()
        await redis.aclose()


def _change(sink: ChannelLayerSink, configured: Configured, share: Share) -> None:
    """The sink first: what another worker writes from now on is not said to be gone."""
    sink.begin_again(share.epoch)
    configured.again()


def _changed(configured: Configured, repairs: Repairs) -> None:
    configured.changed.set()
    repairs.wake()


def _watched(worker: Worker, repairs: Repairs, topics: set[TopicParts]) -> None:
    """A list of tickers watches everything; who follows a book will look at its charts too."""
    books = {each.instrument for each in topics if each.channel == BOOK}
    worker.prefer({each.instrument for each in topics}, books)
    repairs.prefer(books, {(each.instrument, each.interval) for each in topics if each.channel == OHLC})


def _kept(name: str, kind: Callable[[Path], Kept]) -> Kept:
    """What waits for the database. Simulated things never come near real ones, nor the other way round."""
    folder = settings.DATA_DIR / name / settings.MODE
    try:
        return kind(folder)
    except OSError as problem:
        raise CommandError(f"DATA_DIR: cannot write in {folder}: {problem.strerror}") from None


def _repairs(worker: Worker, database: OwnThread) -> Repairs:
    """On the venues' own REST clients, so that all requests of this process count together."""
    return Repairs(
        {name: Candles(feed.codec, feed.rest, feed.clock) for name, feed in worker.venues.items()},
        alone=[name for name, feed in worker.venues.items() if TRADE not in feed.codec.channels],
        prune=lambda now_us: retention.prune_all(now_us, settings.BARS_RETENTION_DAYS),
        hand=database,
    )


async def _run(worker: Worker, configured: Configured, share: Share, repairs: Repairs) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(share.keep())
            group.create_task(configured.follow(worker.desire))
            group.create_task(worker.run())
            group.create_task(keep_running("history repairs", repairs.run, worker.counters))
            group.create_task(collector.look_by_the_clock())
            collector.settle()
    except* LeaseLost as lost:
        raise lost.exceptions[0] from None
