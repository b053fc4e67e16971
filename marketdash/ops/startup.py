"""The order in which one machine comes up, and what each process is told.

Port and Redis first, because they fail fast; then the mode, because it decides the database; then the
database; then worker and web. The address is printed when the first page answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings

from marketdash import beside
from marketdash.ops import preflight, redis_server
from marketdash.ops.preflight import Refused
from marketdash.ops.reaching import in_url, spoken
from marketdash.ops.supervisor import Child, Supervisor

FIRST_PAGE_S = 60.0
ASK_AGAIN_S = 0.1
GIVEN_REDIS_S = 3.0
SIMULATED_KEY = {"KEY": "PKSIMULATED", "SECRET": "simulated"}  # nosec B105 # opens simulators alone
"""The one that simulated venues let in."""
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))


@dataclass(frozen=True)
class Plan:
    """What was asked for. ``mode``: live, demo, or empty to find out; ``venues``: all in the registry,
    of which those that are ``keyed`` take a key, of these parts.

    ``reachable`` answers, within 3 s, with the names of the venues that a link could be opened to.
    """

    host: str
    port: int
    mode: str
    venues: Sequence[str]
    reachable: Callable[[], Awaitable[Sequence[str]]]
    say: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=dict)
    keyed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{spoken(self.host, settings.ALLOWED_HOSTS)}:{self.port}/"


async def run(plan: Plan) -> int:
    """Runs until a signal; the exit code. Raises :class:`Refused`, with everything ended."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _cancel_once(task))
    watching = asyncio.create_task(_end_with_make(_cancel_once(task)))
    try:
        async with Supervisor() as supervisor:
            return await _bring_up(plan, supervisor)
    except asyncio.CancelledError:
        plan.say("Stopped.")
        return 0
    finally:
        watching.cancel()


async def _end_with_make(end: Callable[[], None]) -> None:
    """A `make` that is killed cannot pass it on. Whoever started us otherwise may go and leave us running."""
    parent = os.getppid()
    while os.environ.get("MAKELEVEL"):
        await asyncio.sleep(1)
        if os.getppid() != parent:
            return end()


def _cancel_once(task: asyncio.Task[object]) -> Callable[[], None]:
    def cancel() -> None:
        if not task.cancelling():  # the second Ctrl-C must not cut short what ends the children
            task.cancel()

    return cancel


async def _bring_up(plan: Plan, supervisor: Supervisor) -> int:
    with preflight.listener(plan.host, plan.port) as listener:
        plan.environment["DATA_DIR"] = str(settings.DATA_DIR)
        plan.environment["BIND"] = f"{in_url(plan.host)}:{plan.port}"
        await _redis(plan, supervisor)
        await _mode(plan, supervisor)
        if code := await supervisor.run(_command(plan, "prepare")):
            return code  # it has said why
        with beside.told(settings.DATA_DIR, plan.environment):
            await _serve(plan, supervisor, listener.fileno())
    return 0


async def _serve(plan: Plan, supervisor: Supervisor, fd: int) -> None:
    """Until cancelled."""
    await supervisor.keep(_command(plan, "ingest"))
    forks = ("--processes", str(settings.WEB_PROCESSES))
    await supervisor.keep(_command(plan, "serve", "--fd", str(fd), *forks, fds=(fd,)))
    await _first_page(plan)
    await supervisor.keep(_command(plan, "engines"))
    await asyncio.Event().wait()


async def _redis(plan: Plan, supervisor: Supervisor) -> None:
    given = os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE")
    # Behind Sentinels the worker says itself whether there is a master.
    urls = [host["address"] for host in settings.REDIS_HOSTS if "address" in host]
    if not given:
        home = redis_server.folder()
        url = redis_server.socket_url(home)
        command = redis_server.command(home, supervisor.parent_fd)
        await supervisor.keep(Child("redis", command, quiet=True))
        plan.environment["REDIS_URL"], urls = url, [url]
    within_s = GIVEN_REDIS_S if given else redis_server.START_S
    asked = [asyncio.to_thread(redis_server.answers, url, within_s=within_s) for url in urls]
    if not all(await asyncio.gather(*asked)):
        raise Refused("REDIS_URL: no Redis answers there" if given else "the embedded Redis did not start")


async def _mode(plan: Plan, supervisor: Supervisor) -> None:
    mode = plan.mode or await _found_mode(plan)
    plan.environment["MODE"] = mode
    if mode == "demo":
        await _simulator(plan, supervisor)
        plan.environment["DATABASE_URL_FILE"] = ""
        plan.environment["DATABASE_URL"] = demo_database(settings.DATA_DIR)
        plan.say("SIMULATED: the prices come from this machine's simulator, not from any exchange.")


async def _found_mode(plan: Plan) -> str:
    plan.say(f"Looking for a route to {', '.join(plan.venues) or 'the exchanges'} (3 s at most) …")
    reached = await plan.reachable()
    if reached:
        plan.say(f"Reached {', '.join(reached)}.")
        return "live"
    plan.say("None can be reached from here.")
    return "demo"


async def _simulator(plan: Plan, supervisor: Supervisor) -> None:
    port = preflight.free_port()
    guard = redis_server.guarded(supervisor.parent_fd)
    command = [*guard, "--", sys.executable, "-m", "feeds.simulator", "--port", str(port)]
    simulator = Child("simulator", command, folder=settings.BASE_DIR, ready=b"simulator ready")
    await supervisor.keep(simulator)
    for venue in plan.venues:
        socket, rest = f"ws://127.0.0.1:{port}/{venue.lower()}", f"http://127.0.0.1:{port}/{venue.lower()}"
        plan.environment[f"VENUE_{venue}_WS_URL"], plan.environment[f"VENUE_{venue}_REST_URL"] = socket, rest
        plan.environment[f"VENUE_{venue}_PRIVATE_WS_URL"] = f"{socket}/private"
        plan.environment[f"VENUE_{venue}_PRIVATE_REST_URL"] = rest
    for venue, parts in plan.keyed.items():  # whatever the operator has is for the real ones
        for part in parts:
            plan.environment[f"VENUE_{venue}_{part}"] = SIMULATED_KEY[part]
            plan.environment[f"VENUE_{venue}_{part}_FILE"] = ""


def _command(plan: Plan, *words: str, fds: tuple[int, ...] = ()) -> Child:
    return Child(words[0], [*MANAGE, *words], plan.environment, fds, settings.BASE_DIR)


async def _first_page(plan: Plan) -> None:
    """Prints the address when a page answers; any answer but a server error counts."""
    wait_s = ASK_AGAIN_S
    try:
        async with asyncio.timeout(FIRST_PAGE_S), httpx.AsyncClient(trust_env=False) as client:
            while not await _page_answers(client, plan.address):
                await asyncio.sleep(wait_s)
                wait_s = min(2.0, wait_s * 1.5)  # a page that fails says so in the log each time
    except TimeoutError:
        raise Refused(f"no page answered within {FIRST_PAGE_S:.0f} s; the lines above say why") from None
    plan.say(f"Marketdash is at {plan.address}  (Ctrl-C stops it)")


async def _page_answers(client: httpx.AsyncClient, address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return not (await client.get(address)).is_server_error
    return False


def demo_database(folder: Path) -> str:
    """The simulator's prices never meet real ones: a database of its own."""
    return f"sqlite:///{folder / 'demo.sqlite3'}"
