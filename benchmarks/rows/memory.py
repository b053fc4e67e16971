"""Memory of one more client that is subscribed and quiet."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.rig import site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.cores import rss_kib
from benchmarks.rig.processes import Stage
from benchmarks.rig.reader import Reader
from benchmarks.rig.report import Row, Table, digits, spread
from benchmarks.rig.servers import Server, broadcast, tutorial

WARM, TARGET_KIB = 50, 32
OURS = "Marketdash"
PEERS: dict[str, Callable[[Stage], Server]] = {"tutorial stack": tutorial, "websockets": broadcast}


def run(bench: Bench) -> Row:
    clients = 500 if bench.quick else 2000
    row = Row("memory", f"Memory per idle subscribed connection ({clients:,}, after a warm-up of {WARM})")
    found = Samples()
    for _, name in bench.interleaved((*PEERS, OURS)):
        kib = attempt(bench, name, measure, bench, name, clients)
        if kib is not None:
            found.add(name, kib)
            bench.say(f"{name}: {digits(kib)} KiB")
    target = f"≤ {TARGET_KIB} KiB"
    if not found.has(OURS):
        row.absent("resident memory per connection", target, "our server did not run")
        return row
    value = found.median(OURS)
    why = "uvicorn's and Channels' own objects for a connection are most of it"
    row.at_most("resident memory per connection", value, TARGET_KIB, f"{digits(value)} KiB", target, why)
    lines = [(name, spread(found.of(name))) for name in (*PEERS, OURS) if found.has(name)]
    row.tables.append(Table(("server", "KiB per connection"), lines))
    return row


def measure(bench: Bench, name: str, clients: int) -> float:
    with bench.stage() as stage:
        if name == OURS:
            server = site.web(stage, instruments=1)
            server.feed_bus()
            open_clients = lambda n: server.reader(n, [site.tickers(1)])  # noqa: E731
            pid = server.process.pid
        else:
            peer = PEERS[name](stage)
            open_clients = lambda n: _ready(Reader(stage, peer.port, peer.path, n))  # noqa: E731
            pid = peer.process.pid
        open_clients(WARM)
        before = _settled_kib(pid)
        open_clients(clients)
        return (_settled_kib(pid) - before) / clients


def _ready(reader: Reader) -> Reader:
    reader.wait_ready()
    return reader


def _settled_kib(pid: int) -> int:
    """Resident memory once it stops growing: the server may still be busy with the last handshakes."""
    last = -1
    for _ in range(20):
        now = rss_kib(pid)
        if now == last:
            break
        last = now
        time.sleep(0.5)
    return last
