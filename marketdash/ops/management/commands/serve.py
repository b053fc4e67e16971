"""The web process: uvicorn on uvloop, with write flow control and without compression per client."""

from __future__ import annotations

import gc
import signal
import socket
from importlib import import_module
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from marketdash import collector
from marketdash.ops import lifeline, lives, preflight, prefork

# The protocol answers an oversized message itself; here it is not even read. What somebody never ends
# is kept until then, for each socket.
LARGEST_MESSAGE_BYTES = 128 * 1024


class Command(BaseCommand):
    help = "Serve pages and sockets on BIND."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fd", type=int, help="a listening socket handed over by the supervisor")
        parser.add_argument(
            "--processes", type=int, default=0, help="serve in so many forks of this process; 0: in this one"
        )

    def handle(self, *args: Any, fd: int | None, processes: int, **options: Any) -> None:
        bound = socket.socket(fileno=fd) if fd else preflight.listener(settings.BIND_HOST, settings.BIND_PORT)
        from marketdash.asgi import application
        from marketdash.live.guarded_http import CONNECTIONS_OF_ADDRESS, crowd

        configuration = _configuration(application)
        configuration.load()
        number = 1
        if processes:
            import_module(settings.ROOT_URLCONF)  # else each loads the pages' code with its first page
            gc.collect()
            gc.freeze()  # what forks share is not written to by their collectors
            number = prefork.stay(processes)
        lifeline.watch()
        _live(number, processes)
        crowd.limit = 0 if settings.TRUSTED_PROXIES else CONNECTIONS_OF_ADDRESS
        preflight.allow_descriptors()
        collector.settle()
        uvicorn.Server(configuration).run(sockets=[bound])


def _live(number: int, processes: int) -> None:
    """Enters this process in the event log, and its end once nobody is served any more: uvicorn raises what
    told it to end again then."""
    subject = f"web {number} of {processes}" if processes > 1 else "web"
    place = f"{socket.gethostname()} {settings.BIND_HOST} {settings.BIND_PORT} {number}"
    life = lives.Life(lives.WEB, subject, place)
    lives.tell_by_itself(life)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def leave(told: int, _: Any) -> None:
        life.goodbye()
        signal.signal(told, before[signal.Signals(told)])
        signal.raise_signal(told)

    for each in before:
        signal.signal(each, leave)


def _configuration(application: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="auto",  # uvloop, where there is one
        http="marketdash.live.guarded_http:GuardedProtocol",  # requests that never end, and crowds
        ws="marketdash.live.shared_frames:SharedFrameProtocol",  # one frame built for all its sockets
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_MESSAGE_BYTES,
        lifespan="off",
        proxy_headers=False,  # it believes whoever is on this machine; marketdash.asgi asks TRUSTED_PROXIES
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
