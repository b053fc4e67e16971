"""Whom a TLS connection trusts. Reading all authorities takes the loop 40 ms, and every link that comes back
after an outage would wait for every other's: they are read once for all connections of a process.

Read again where the environment names others; new ones in the same files take a new process.
"""

from __future__ import annotations

import os
import ssl
from functools import cache

import httpx

_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def of_socket(url: str) -> ssl.SSLContext | None:
    """For a WebSocket to ``url``; None where that is plain."""
    return _of_sockets(*map(os.environ.get, _NAMES)) if url.lower().startswith("wss:") else None


def of_requests() -> ssl.SSLContext:
    """For requests over HTTP."""
    return _of_requests(*map(os.environ.get, _NAMES))


@cache
def _of_sockets(file: str | None, folder: str | None) -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _of_requests(file: str | None, folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()
