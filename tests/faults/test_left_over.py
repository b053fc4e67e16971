"""Who looks for what was left open is told what each descriptor is of."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil

from tests.faults.left_over import held_open


def test_each_descriptor_is_named_by_what_it_is_of(tmp_path: Path) -> None:
    before = held_open(psutil.Process())
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with listener, socket.create_connection(("127.0.0.1", port)) as client, (tmp_path / "kept").open("w"):
        reader, writer = os.pipe()

        more = held_open(psutil.Process()) - before

        os.close(reader)
        os.close(writer)
        here = client.getsockname()[1]
    assert more == {
        f"socket {port} to ": 1,
        f"socket {here} to {port}": 1,
        str(tmp_path / "kept"): 1,
        "pipe": 2,
    }
