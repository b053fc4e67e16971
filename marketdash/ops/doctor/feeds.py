"""The workers: whether each part of each venue has one writer, and whether it is heard."""

from __future__ import annotations

import asyncio

from marketdash.ops import reaching
from marketdash.ops.doctor.bus import patient
from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.registry import Site, check

HEARD_WITHIN_S = 4.0
CLAIM = "claim"
"""The word that a worker leaves at a part which another one holds; it lives two seconds."""
CLAIMED_FOR_S = 3.0


@check("workers", needs=["redis"], within_s=15)
async def workers(site: Site) -> list[Finding]:
    redis = patient(site.settings.REDIS_HOSTS[0])
    keys = [key for keys in site.leases.values() for key in keys]
    try:
        holders = dict(zip(keys, await redis.mget(keys), strict=True))
        claimed = {key for key in keys if await redis.exists(f"{key}:{CLAIM}")}
        if claimed:  # a worker that just started claims for a moment what is given to it
            await asyncio.sleep(CLAIMED_FOR_S)
            claimed = {key for key in claimed if await redis.exists(f"{key}:{CLAIM}")}
    finally:
        await redis.aclose()
    return _judged(site, {key: holder for key, holder in holders.items() if holder}, claimed)


def _judged(site: Site, holders: dict[str, bytes], claimed: set[str]) -> list[Finding]:
    start = "start one: manage.py ingest, the service ingest, or marketdash@ingest; it must share REDIS_URL"
    if not holders:
        return [fail("none holds a lease", "an ingest process for every venue", start)]
    found = []
    for venue, keys in site.leases.items():
        if missing := len([key for key in keys if key not in holders]):
            words = f"{venue}: nobody writes {missing} of its {len(keys)} parts"
            todo = "start an ingest with this venue in --venues, or with the missing --shard i/n"
            found.append(fail(words, "a writer of each part", todo))
    if claimed:
        words = f"two are to write the same {len(claimed)} of {len(holders)} parts; one of them waits"
        todo = (
            "give each ingest its own --shard i/n of one n; a single one without --shard may have a stand-by"
        )
        found.append(warn(words, "one for each part", todo))
    writers = {site.writer_in(holder.decode()) for holder in holders.values()}
    return found or [ok(f"{len(writers)}, {len(holders)} parts")]


@check("bus", needs=["redis"], after=["workers"], within_s=10)
async def bus(site: Site) -> Finding:
    try:
        await reaching.hear_a_worker(HEARD_WITHIN_S)
    except TimeoutError:
        todo = "start an ingest; one that runs must have the same REDIS_URL, with its hosts in the same order"
        return fail(f"nothing heard for {HEARD_WITHIN_S:g} s", "a heartbeat each second", todo)
    return ok("heard")


@check("database number", needs=["bus"], after=["workers"])
async def database_number(site: Site) -> Finding:
    """Messages reach every database of a Redis, leases only their own."""
    redis = patient(site.settings.REDIS_HOSTS[0])
    try:
        held = await redis.mget([key for keys in site.leases.values() for key in keys])
    finally:
        await redis.aclose()
    if any(held):
        return ok("the same as the workers'")
    found = "a worker is heard, and no lease is here"
    todo = "give all processes the same REDIS_URL, the number at its end included"
    return fail(found, "leases in the same database of Redis", todo) if site.leases else skipped("no venue")
