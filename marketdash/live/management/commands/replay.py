"""A recording on the page: through codec, state, bus and sockets, as it was or faster."""

from __future__ import annotations

import asyncio
import contextlib
import math
from pathlib import Path
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.recorder import Recorder
from feeds.replay import Replay, ReplayClock
from feeds.running import until_told
from marketdash import redis_hosts, venues
from marketdash.live.lease import Lease, parts_of
from marketdash.live.sink import ChannelLayerSink

PATIENCE_S = 4.0
"""A worker that was killed holds its venues for 3 s more."""

LINGER_S = 1.5
"""What nobody watches leaves the sink once a second."""


class Command(BaseCommand):
    help = "Play a recording: a file of `record`, of `doctor --record`, or in the same format."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--speed", type=float, default=1, help="2 is twice as fast, 0 as fast as possible"
        )
        parser.add_argument("--venue", help="take all connections for this venue's, whatever their names")
        parser.add_argument(
            "--record", type=Path, metavar="FILE", help="write what is played to another file"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait for Redis, and for the venues' ingest to end"
        )
        parser.add_argument("--offline", action="store_true", help="publish nothing; needs no Redis")

    def handle(self, *args: Any, file: Path, speed: float, record: Path | None, **options: Any) -> None:
        if not 0 <= speed < math.inf:
            raise CommandError(f"--speed: expected 0 or more, found {speed}")
        if record and record.exists() and record.samefile(file):
            raise CommandError(f"--record: expected another file than {file}, which would be lost")
        try:
            lines = asyncio.run(_play(file, speed, record=record, **options))
        except (LookupError, OSError, ValueError) as problem:
            raise CommandError(str(problem)) from None
        for line in lines:
            self.stdout.write(line)


async def _play(
    file: Path, speed: float, *, venue: str | None, record: Path | None, wait: bool, offline: bool, **_: Any
) -> list[str]:
    codecs = venues.codecs([venue.upper()] if venue else None)
    clock = ReplayClock()
    # Opening it empties what was there: only for a file that can be played.
    recorder = Recorder(record) if record else None
    replay = Replay(file, codecs, clock, recorder=recorder)
    with recorder or contextlib.nullcontext():
        async with contextlib.AsyncExitStack() as stack:
            sinks = [] if offline else [await stack.enter_async_context(_published(replay, clock, wait))]
            await until_told(replay.play(speed, sinks, linger_s=LINGER_S if sinks else 0))
    return replay.summary()


async def _acquired(lease: Lease, within_s: float | None) -> str:
    try:
        async with asyncio.timeout(within_s):
            return await lease.acquire()
    except TimeoutError:
        problem = (
            f"{lease.problem}; within {within_s:g} s nothing changed (--wait waits, --offline needs none)"
        )
        raise CommandError(problem) from None


@contextlib.asynccontextmanager
async def _published(replay: Replay, clock: ReplayClock, wait: bool) -> Any:
    """The sink of the bus, as the only writer of the recorded venues: their ``ingest`` must have ended.

    Raises :class:`CommandError` when that is not so within ``PATIENCE_S``, unless it shall ``wait``.
    """
    redis = redis_hosts.client(settings.REDIS_HOSTS[0])
    lease = Lease(redis, parts_of(replay.states))
    try:
        epoch = await _acquired(lease, None if wait else PATIENCE_S)
        sink = ChannelLayerSink(get_channel_layer(), clock, epoch=epoch, shards=settings.BUS_SHARDS)
        lease.on_change = lambda: sink.begin_again(lease.epoch)
        sink.states.update(replay.states)
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(lease.keep())
            yield sink
            keeping.cancel()
    finally:
        await lease.release()
        await redis.aclose()
