"""The worker: every enabled venue's feed, published to the hubs. One process; a second one waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.asyncio import Redis

from feeds.clock import SystemClock
from feeds.worker import Worker
from marketdash import venues
from marketdash.live.configured import Configured
from marketdash.live.lease import Lease, LeaseLost
from marketdash.live.sink import ChannelLayerSink
from marketdash.ops import collector, lifeline
from marketdash.ops.sink import OpsSink

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Follow the enabled venues and publish their markets to the web processes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venues", help="only these, parted by commas: KRAKEN,BINANCE")

    def handle(self, *args: Any, venues: str | None, **options: Any) -> None:
        lifeline.watch()
        names = [name.strip().upper() for name in venues.split(",") if name.strip()] if venues else None
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_until_told(names))
        except LeaseLost as lost:
            raise CommandError(f"ingest: {lost}", returncode=3) from None
        except LookupError as unknown:
            raise CommandError(f"--venues: {unknown}") from None


def _loop_factory() -> Any:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None


async def _until_told(names: list[str] | None) -> None:
    """Until SIGTERM or SIGINT, which end it cleanly."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await ingest(names)
    logger.info("ingest: stopped")


async def ingest(names: list[str] | None) -> None:
    codecs = venues.codecs(names)
    redis = Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
    lease = Lease(redis, codecs)
    try:
        epoch = await lease.acquire()
        configured = Configured()
        sink = ChannelLayerSink(
            get_channel_layer(),
            SystemClock(),
            epoch=epoch,
            shards=settings.BUS_SHARDS,
            on_configure=configured.changed.set,
        )
        events = OpsSink(
            SystemClock(),
            epoch=epoch,
            venues=codecs,
            keep_days=settings.EVENT_LOG_DAYS,
            redis_fails=lambda: sink.failing,
        )
        worker = Worker(codecs, [sink, events], SystemClock(), urls=venues.urls(names))
        sink.states.update({name: feed.state for name, feed in worker.venues.items()})
        sink.on_demand = worker.prefer
        await _run(worker, configured, lease)
    finally:
        await lease.release()
        await redis.aclose()


async def _run(worker: Worker, configured: Configured, lease: Lease) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(lease.keep())
            group.create_task(configured.follow(worker.desire))
            group.create_task(worker.run())
            collector.settle()
    except* LeaseLost as lost:
        raise lost.exceptions[0] from None
