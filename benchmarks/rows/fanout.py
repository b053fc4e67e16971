"""One 159-byte update to many clients: processor time of the server per delivery, when it is saturated."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.rig import site
from benchmarks.rig.bench import Bench, Samples, Window, attempt
from benchmarks.rig.processes import Stage
from benchmarks.rig.reader import Reader
from benchmarks.rig.report import Row, Table, digits, spread
from benchmarks.rig.servers import Server, broadcast, send_loop, tutorial

SIZES, QUICK_SIZES = (50, 200, 1000), (200,)
TUTORIAL, BROADCAST, FLOOR, OURS = "tutorial stack", "websockets.broadcast", "C send() loop", "Marketdash"
PEERS: dict[str, Callable[[Stage], Server]] = {TUTORIAL: tutorial, BROADCAST: broadcast, FLOOR: send_loop}


def run(bench: Bench) -> Row:
    row = Row("fanout", "One 159-byte update to N clients")
    cost, rate, busy, size = Samples(), Samples(), Samples(), Samples()
    sizes = QUICK_SIZES if bench.quick else SIZES
    for _, (clients, name) in bench.interleaved((n, name) for n in sizes for name in (*PEERS, OURS)):
        window = attempt(bench, f"{name}, {clients} clients", measure, bench, name, clients)
        if window is None:
            continue
        if name == TUTORIAL and clients == 200:
            bench.kept[TUTORIAL] = window
        for samples, value in (
            (cost, window.us_per_frame),
            (rate, window.frames_per_s),
            (busy, window.busy),
            (size, window.reading.frame_bytes),
        ):
            samples.add((name, clients), value)
        bench.say(
            f"{name}, {clients} clients: {digits(window.us_per_frame)} µs, {digits(window.frames_per_s)}/s"
        )
    _judge(row, cost, busy)
    row.tables.append(_table(sizes, cost, rate, busy, size))
    row.notes.append(
        "Closed loop: the publisher keeps 8 updates in flight; Marketdash's hub sends those that reach it "
        "together as one frame, and that is one delivery. Its figure holds what no peer does: "
        "the row comes through Redis on the real bus with sequence, epoch and age, and every client "
        "acknowledges every eighth frame. The tutorial stack is fed through Redis too, the other two "
        "by a plain socket."
    )
    return row


def measure(bench: Bench, name: str, clients: int) -> Window:
    with bench.stage() as stage:
        if name == OURS:
            return _ours(bench, stage, clients)
        server = PEERS[name](stage)
        reader = Reader(stage, server.port, server.path, clients)
        reader.wait_ready()
        server.feed(stage, reader.progress_file, clients)
        return bench.window(server.process, reader)


def _ours(bench: Bench, stage: Stage, clients: int) -> Window:
    server = site.web(stage, instruments=1)
    feeder = server.feed_bus(clients)
    reader = server.reader(clients, [site.tickers(1, interval_ms=0)])
    feeder.closed_loop(reader)
    return bench.window(server.process, reader)


def _judge(row: Row, cost: Samples, busy: Samples) -> None:
    ours, n = (OURS, 200), 200
    if not cost.has(ours):
        row.absent("CPU per delivery, 200 clients", "≤ 1/20 of the tutorial stack", "our server did not run")
        return
    value = cost.median(ours)
    idle = "" if busy.median(ours) > 0.9 else f"; it was busy only {busy.median(ours):.0%} of the core"
    for peer, factor, target, why in (
        (
            TUTORIAL,
            1 / 20,
            "≤ 1/20 of the tutorial stack",
            "the bus, the acknowledgements and the kernel's send",
        ),
        (BROADCAST, 1.5, "≤ 1.5 × broadcast", "acknowledgements are read, which no broadcast client sends"),
        (
            BROADCAST,
            1.0,
            "stretch: below broadcast",
            "acknowledgements are read, which no broadcast client sends",
        ),
        (
            FLOOR,
            1.4,
            "stretch: ≤ 1.4 × C",
            "a Python loop steps once per client, and reads its acknowledgements",
        ),
    ):
        what = f"CPU per delivery, {n} clients, beside {peer}"
        if not cost.has((peer, n)):
            row.absent(what, target, f"{peer} did not run here")
            continue
        other = cost.median((peer, n))
        shown = f"{digits(value)} µs : {digits(other)} µs = {_ratio(value, other)}"
        row.at_most(what, value, other * factor, shown, target, why + idle)


def _ratio(value: float, other: float) -> str:
    return f"1/{digits(other / value)}" if value < other / 2 else f"{digits(value / other)} ×"


def _table(sizes: tuple[int, ...], cost: Samples, rate: Samples, busy: Samples, size: Samples) -> Table:
    table = Table(("server", "clients", "µs per delivery", "deliveries/s", "of one core", "bytes per frame"))
    for clients in sizes:
        for name in (*PEERS, OURS):
            key = (name, clients)
            if cost.has(key):
                share = f"{busy.median(key):.0%}"
                line = (name, clients, spread(cost.of(key)), digits(rate.median(key)), share)
                table.lines.append((*line, round(size.median(key))))
    return table
