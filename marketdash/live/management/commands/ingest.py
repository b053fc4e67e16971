"""The worker: every enabled venue's feed, published to the hubs. One process, or several that share the work;
one that has nothing to write stands by."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.clock import SystemClock
from feeds.worker import Worker
from marketdash import redis_hosts, venues
from marketdash.live.configured import Configured
from marketdash.live.lease import LeaseLost
from marketdash.live.share import Shard, Share, parse_shard
from marketdash.live.sink import ChannelLayerSink
from marketdash.ops import collector, lifeline
from marketdash.ops.sink import OpsSink

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Follow the enabled venues and publish their markets to the web processes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venues", help="only these, parted by commas: KRAKEN,BINANCE")
        parser.add_argument("--shard", default="1/1", help="i/n: the i-th of n workers that share the work")

    def handle(self, *args: Any, venues: str | None, shard: str, **options: Any) -> None:
        lifeline.watch()
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
            on_configure=configured.changed.set,
            share=share,
        )
        events = OpsSink(
            SystemClock(),
            epoch=share.epoch,
            venues=codecs,
            keep_days=settings.EVENT_LOG_DAYS,
            part=f"{shard.index}/{shard.count}" if shard.count > 1 else "",
            redis_fails=lambda: sink.failing,
        )
        worker = Worker(codecs, [sink, events], SystemClock(), urls=venues.urls(names))
        sink.states.update({name: feed.state for name, feed in worker.venues.items()})
        sink.on_demand = worker.prefer
        share.on_change = lambda: _change(sink, configured, share)
        await _run(worker, configured, share)
    finally:
        await share.release()
        await redis.aclose()


def _change(sink: ChannelLayerSink, configured: Configured, share: Share) -> None:
    """The sink first: what another worker writes from now on is not said to be gone."""
    sink.begin_again(share.epoch)
    configured.again()


async def _run(worker: Worker, configured: Configured, share: Share) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(share.keep())
            group.create_task(configured.follow(worker.desire))
            group.create_task(worker.run())
            collector.settle()
    except* LeaseLost as lost:
        raise lost.exceptions[0] from None
