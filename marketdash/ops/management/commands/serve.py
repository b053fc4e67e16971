"""The web process: uvicorn on uvloop, with write flow control and without compression per client."""

from __future__ import annotations

import gc
import socket
from importlib import import_module
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from marketdash import collector
from marketdash.ops import lifeline, preflight, prefork

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
        if processes:
            import_module(settings.ROOT_URLCONF)  # else each loads the pages' code with its first page
            gc.collect()
            gc.freeze()  # what forks share is not written to by their collectors
            prefork.stay(processes)
        lifeline.watch()
        crowd.limit = 0 if settings.TRUSTED_PROXIES else CONNECTIONS_OF_ADDRESS
        preflight.allow_descriptors()
        collector.settle()
        uvicorn.Server(configuration).run(sockets=[bound])


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
