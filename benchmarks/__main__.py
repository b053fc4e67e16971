"""``python -m benchmarks [--only ROW …] [--quick]``: run, print the table, write ``RESULTS.md``."""

from __future__ import annotations

import argparse
import datetime
import importlib
import sys
import time
import traceback
from pathlib import Path

from benchmarks.rig import peers, report
from benchmarks.rig.bench import Bench
from benchmarks.rig.cores import machine
from benchmarks.rig.processes import BENCH, Failed
from benchmarks.rig.reader import reader_command

ROWS = (
    *(
        "fanout",
        "symbols",
        "latency",
        "memory",
        "ingest",
        "venues",
        "worker",
        "browser",
        "chain",
        "together",
        "polling",
        "growth",
    ),
    *("portfolios", "opening"),
)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="one short round of each: rough, three minutes")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement; ten minutes a round")
    parser.add_argument(
        "--output", type=Path, help="where to write; RESULTS.md after a full run, else nowhere"
    )
    return parser.parse_args(words)


def one_row(name: str, bench: Bench) -> report.Row:
    """A row that fails as a whole says so in the table; the others still run."""
    started = time.monotonic()
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        row = importlib.import_module(f"benchmarks.rows.{name}").run(bench)
    except Exception as problem:  # one row's defect must not cost the others
        traceback.print_exc()
        row = report.Row(name, name)
        row.absent("the whole row", "to be measured", " ".join(str(problem).split())[-300:])
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return row


def about(bench: Bench) -> list[str]:
    versions = peers.versions()
    kind = (
        "quick run: one round of short windows, rough"
        if bench.quick
        else f"{bench.rounds} round(s), interleaved"
    )
    return [
        f"Machine: {machine()}",
        f"Cores: {bench.cores}",
        f"Run: {kind}; every figure is the median, with (lowest … highest) where there were several",
        f"Load reader: {reader_command()[1]}",
        f"Ours: {versions['ours']}",
        f"Peers: {versions['peers']}",
    ]


def main() -> int:
    options = arguments()
    bench = Bench(quick=options.quick, full_rounds=options.rounds)
    try:
        peers.install()
    except Failed as problem:
        print(problem, file=sys.stderr)
    rows = [one_row(name, bench) for name in options.only or ROWS]
    text = report.document(rows, about(bench), today=datetime.datetime.now(datetime.UTC).date())
    whole = not options.only and not options.quick
    target = options.output or (BENCH / "RESULTS.md" if whole else None)
    if target is not None:
        report.write(target, text)
    print(report.summary(rows) if target else text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
