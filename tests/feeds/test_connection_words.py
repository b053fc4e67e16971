"""Why there is no connection, in words that everybody may read."""

from __future__ import annotations

import asyncio
import socket
import ssl

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidHandshake

from feeds.connection import words_of


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out during opening handshake"), "no answer in time"),
        (httpx.ReadTimeout("10.0.0.7"), "no answer in time"),
        (ConnectionRefusedError(111, "10.0.0.7"), "nobody listens at its address"),
        (socket.gaierror(-2, "Name or service not known"), "its host's name was not found"),
        (ssl.SSLCertVerificationError("self-signed"), "its certificate is not trusted"),
        (ConnectionResetError(104, "10.0.0.7"), "it was cut"),
        (ConnectionClosedError(None, None), "it was cut"),
        (InvalidHandshake("10.0.0.7"), "InvalidHandshake"),
        (OSError(113, "10.0.0.7"), "OSError"),
    ],
)
def test_a_failure_is_said_without_the_names_of_our_hosts(error: Exception, words: str) -> None:
    assert words_of(error) == words


async def test_an_address_where_nobody_listens_is_such_a_failure() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError) as found:
            await asyncio.open_connection(*held.getsockname())

    assert words_of(found.value) == "nobody listens at its address"
