"""Redis, which carries the bus and the leases: whether it lets us in, and is set up not to lose them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from marketdash import redis_hosts
from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.registry import Site, check

MIB = 2**20
LEAST_AT_ONCE, LEAST_FOR_LONG = 32 * MIB, 8 * MIB
"""What Redis has unless told otherwise; 0 is no limit."""

_PROBLEMS = (
    ("authentication required", "write its password into REDIS_URL: redis://:password@host:6379/0"),
    ("noauth", "write its password into REDIS_URL: redis://:password@host:6379/0"),
    ("wrongpass", "correct the password in REDIS_URL; %-encode what is special in it"),
    ("invalid password", "correct the password in REDIS_URL; %-encode what is special in it"),
    ("invalid username-password", "correct the password in REDIS_URL; %-encode what is special in it"),
    ("without any password configured", "cut the password out of REDIS_URL, or set requirepass in Redis"),
    ("db index", "correct the number at the end of REDIS_URL: Redis has 16 databases unless told otherwise"),
    (
        "invalid database",
        "correct the number at the end of REDIS_URL: Redis has 16 databases unless told otherwise",
    ),
    ("no master", "correct the name behind the Sentinels in REDIS_URL, or start the master"),
    ("certificate", "let rediss:// trust its certificate: SSL_CERT_FILE"),
    ("timeout", "let connections to it through, and look whether it is overloaded"),
    ("connect call failed", "start Redis, or correct host and port in REDIS_URL"),
    ("refused", "start Redis, or correct host and port in REDIS_URL"),
    ("no such file", "start Redis: nobody listens on that socket; or correct REDIS_URL"),
    ("name or service not known", "correct the host in REDIS_URL, or the name server"),
)
_PATIENCE = {"socket_timeout": 4, "socket_connect_timeout": 4, "health_check_interval": 0}
"""More than the processes have: what is slow is not taken for what is wrong."""

_ELSE = "read what Redis says, and correct REDIS_URL"


@check("redis", within_s=10)
async def redis(site: Site) -> list[Finding]:
    return await _each(site, _ping)


async def _ping(client: Redis) -> Finding:
    try:
        await client.ping()
    except (RedisError, OSError) as problem:
        words = " ".join(str(problem).split()) or type(problem).__name__
        todo = next((todo for sign, todo in _PROBLEMS if sign in words.lower()), _ELSE)
        return fail(words[:300], "PONG", todo)
    about = await client.info("server")
    return ok(f"{about.get('server_name', 'redis')} {about.get('valkey_version', about['redis_version'])}")


@check("redis memory", needs=["redis"])
async def memory(site: Site) -> list[Finding]:
    """A lease that is evicted lets a second worker write the same instruments."""
    return await _each(site, _memory)


async def _memory(client: Redis) -> Finding:
    about = await client.info("memory")
    policy, most = str(about.get("maxmemory_policy", "noeviction")), int(about.get("maxmemory", 0))
    if policy == "noeviction":
        return ok(policy)
    found = f"maxmemory-policy {policy}, {f'beyond {most // MIB} MiB' if most else 'without a limit so far'}"
    todo = "set maxmemory-policy noeviction, or give Marketdash a Redis of its own"
    return (fail if most else warn)(found, "noeviction: leases may not be forgotten", todo)


@check("redis buffers", needs=["redis"])
async def buffers(site: Site) -> list[Finding]:
    """A web process that pauses for a moment is cut off when what waits for it is more than this."""
    return await _each(site, _buffers)


async def _buffers(client: Redis) -> Finding:
    try:
        told: Any = await client.config_get("client-output-buffer-limit")
    except ResponseError as refused:
        return skipped(f"CONFIG GET is not allowed here: {refused}")
    words = str(told["client-output-buffer-limit"]).split()
    hard, soft, within_s = (int(word) for word in words[words.index("pubsub") + 1 :][:3])
    found = f"pubsub {hard // MIB} MiB at once, {soft // MIB} MiB for {within_s} s"
    if 0 < hard < LEAST_AT_ONCE or 0 < soft < LEAST_FOR_LONG:
        expected = (
            f"{LEAST_AT_ONCE // MIB} MiB at once and {LEAST_FOR_LONG // MIB} MiB for some time, or more"
        )
        return warn(found, expected, "set client-output-buffer-limit pubsub 64mb 16mb 30 in Redis")
    return ok(found)


def patient(host: redis_hosts.Host) -> Redis:
    return redis_hosts.client({**host, **_PATIENCE})


async def _each(site: Site, look: Callable[[Redis], Awaitable[Finding]]) -> list[Finding]:
    """On all servers of the bus; named where there are several."""
    found, hosts = [], site.settings.REDIS_HOSTS
    for number, host in enumerate(hosts, 1):
        client = patient(host)
        try:
            finding = await look(client)
        finally:
            await client.aclose()
        found.append(finding._replace(name=f"{number} of {len(hosts)}" if len(hosts) > 1 else ""))
    return found
