"""Authorities are read once for all connections: reading them holds the loop, whoever else is on it."""

from __future__ import annotations

import pytest

from feeds.certificates import of_requests, of_socket


def test_all_connections_of_a_process_share_what_was_read() -> None:
    assert of_socket("wss://one.example/ws") is of_socket("WSS://two.example/ws") is not None
    assert of_requests() is of_requests()


def test_a_plain_socket_trusts_nobody() -> None:
    assert of_socket("ws://127.0.0.1:9/ws") is None


def test_other_authorities_are_read_anew(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = of_socket("wss://one.example/ws"), of_requests()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    assert of_socket("wss://one.example/ws") is not before[0]
    assert of_requests() is not before[1]
