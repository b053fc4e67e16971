"""Wire text → books, bars, last values: messages per second of one core, beside its peers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.programs.tape import Tape, save
from benchmarks.rig import captures, peers, tapes
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import ROOT, Failed
from benchmarks.rig.report import Row, Table, digits, spread
from benchmarks.rig.servers import PROGRAMS

OURS, CODEC, FLOOR, CRYPTOFEED, CCXT, LIMIT = (
    "Marketdash",
    "our codec alone",
    "text into dictionaries alone",
    "cryptofeed",
    "ccxt.pro",
    "msgspec alone",
)
COMMANDS: dict[str, list[str]] = {
    OURS: [sys.executable, "-m", "benchmarks.programs.ingest_ours"],
    CODEC: [sys.executable, "-m", "benchmarks.programs.ingest_ours"],
    FLOOR: [sys.executable, "-m", "benchmarks.programs.ingest_floor"],
    CRYPTOFEED: [str(peers.python()), str(PROGRAMS / "ingest_cryptofeed.py")],
    CCXT: [str(peers.python()), str(PROGRAMS / "ingest_ccxt.py")],
    LIMIT: [str(peers.python()), str(PROGRAMS / "ingest_msgspec.py")],
}


class Source(NamedTuple):
    """One recording; ``theirs`` is the same flow as the peer understands it."""

    title: str
    ours: Tape
    theirs: Tape
    targets: dict[str, float]
    """Peer: how many times its speed is asked for."""
    stretch: float = 0


def run(bench: Bench) -> Row:
    row = Row("ingest", "Ingest: wire text → book, bars, last values, one core")
    table = Table(("recording", "handler", "messages/s", "µs per message"))
    for source in sources(bench):
        found = _measured(bench, source)
        _judge(row, source, found)
        for name in COMMANDS:
            if found.has(name):
                each = digits(1e6 / found.median(name))
                table.lines.append((source.title, name, spread(found.of(name)), each))
    row.tables.append(table)
    if captures.folder() is None:
        row.notes.append("No captures were found ($CAPTURES): every recording here is the simulator's.")
    row.notes.append(
        "Processor time of one thread, the whole recording at a time, REST snapshots included. Cryptofeed "
        "builds no bars from trades and keeps no exact text; it verifies Kraken's checksum and looks for a "
        "crossed book on Coinbase as we do. It speaks Kraken's first protocol: the same flow in that form."
    )
    return row


def sources(bench: Bench) -> list[Source]:
    mixed = {CRYPTOFEED: 4, CCXT: 16, LIMIT: 0.35}
    found: list[Source] = []
    for title, make, targets, stretch in (
        ("Binance, simulator, 73/20/7", tapes.binance_mix, mixed, 0.0),
        ("Kraken, simulator", tapes.kraken, {CRYPTOFEED: 2}, 0.0),
        ("Coinbase, simulator", tapes.coinbase, {CRYPTOFEED: 3}, 4.0),
    ):
        tape = attempt(bench, title, make, bench.quick)
        if tape is not None:
            found.append(Source(title, tape, tapes.for_peer(tape), targets, stretch))
    if captures.folder() is not None:
        found += _recorded(mixed)
    return found


def _recorded(mixed: dict[str, float]) -> list[Source]:
    binance, kraken, old_kraken, coinbase = map(captures.tape, captures.FILES)
    return [
        Source("Binance, capture of 2021-04-04", binance, binance, mixed),
        Source("Kraken, capture of 2021-04-17, CRC each update", kraken, old_kraken, {CRYPTOFEED: 2}),
        Source("Coinbase, capture of 2026-08-09", coinbase, coinbase, {CRYPTOFEED: 3}, 4.0),
    ]


def _measured(bench: Bench, source: Source) -> Samples:
    found = Samples()
    with tempfile.TemporaryDirectory(prefix="marketdash-tape-") as folder:
        save(Path(folder, "ours"), source.ours)
        save(Path(folder, "theirs"), source.theirs)
        floor = (FLOOR,) if LIMIT in source.targets else ()
        for _, name in bench.interleaved((OURS, CODEC, *floor, *source.targets)):
            rate = attempt(bench, f"{source.title}, {name}", _rate, bench, name, Path(folder))
            if rate is not None:
                found.add(name, rate)
                bench.say(f"{source.title}: {name} {digits(rate)}/s")
    return found


def _rate(bench: Bench, name: str, folder: Path) -> float:
    """Messages per second of thread time: the median pass of one process on the measured core."""
    tape = folder / ("ours" if name in (OURS, CODEC, FLOOR, LIMIT) else "theirs")
    seconds = 0.5 if bench.quick else 2.0
    command = [*COMMANDS[name], str(tape), str(seconds), *(["decode"] if name == CODEC else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=bench.cores.stay)
    if done.returncode:
        raise Failed(done.stderr[-800:])
    answer = json.loads(done.stdout)
    if name in (OURS, CODEC) and answer["counts"].get("resync"):
        raise Failed(f"{answer['counts']['resync']} resyncs in a recording without a gap")
    passes = sorted(answer["ns"])
    return answer["frames"] / (passes[len(passes) // 2] / 1e9)


def _judge(row: Row, source: Source, found: Samples) -> None:
    for peer, factor in source.targets.items():
        what, target = f"{source.title}, beside {peer}", f"≥ {factor:g} × {peer}"
        if not found.has(OURS) or not found.has(peer):
            row.absent(what, target, "one of the two did not run here")
            continue
        ours, other = found.median(OURS), found.median(peer)
        shown = f"{digits(ours)}/s : {digits(other)}/s = {digits(ours / other)} ×"
        row.at_least(what, ours / other, factor, shown, target, _why(found, 1e6 / other / factor))
        if source.stretch:
            row.at_least(
                what, ours / other, source.stretch, shown, f"stretch: ≥ {source.stretch:g} ×", _why(found)
            )


def _why(found: Samples, asked_us: float = 0) -> str:
    """Where our time goes; and what of the ``asked_us`` a message no program in Python can do without."""
    if not found.has(CODEC):
        return ""
    whole, codec = 1e6 / found.median(OURS), 1e6 / found.median(CODEC)
    parts = f"{digits(whole)} µs a message: decoding {digits(codec)}, state {digits(whole - codec)}"
    if not asked_us or not found.has(FLOOR):
        return parts
    floor = 1e6 / found.median(FLOOR)
    verdict = "more than" if floor > asked_us else "of"
    return (
        f"{parts}; typed text put into dictionaries, without any check, event or bar, takes {digits(floor)}, "
        f"{verdict} the {digits(asked_us)} that the target allows"
    )
