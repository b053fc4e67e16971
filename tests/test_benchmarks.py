"""The measuring apparatus itself: what it reads, counts and writes."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.programs import ingest_ours
from benchmarks.programs.sawtooth import Sawtooth, mean, quantiles
from benchmarks.programs.tape import Tape, load, save
from benchmarks.programs.tick import BYTES, encode, tick
from benchmarks.rig import cores, every_venue, looping, reader, report, tapes
from benchmarks.rig.processes import BENCH, Failed, Stage
from feeds import venues

SLOW_READER = [sys.executable, str(BENCH / "programs" / "slow_reader.py")]


def test_instruments_of_every_venue_are_followed_with_all_their_channels() -> None:
    wanted = every_venue.subscriptions(400)

    named = {one.instrument for one in wanted}
    assert len(named) == 400 == len(set(every_venue.names(400)))
    assert {name.partition(":")[0] for name in named} == set(venues.VENUES)
    told = {(one.instrument.partition(":")[0], one.channel) for one in wanted}
    assert {("DERIBIT", "mark"), ("OKX", "liquidation"), ("KRAKEN", "book"), ("PYTH", "ticker")} <= told
    assert ("PYTH", "trade") not in told


def test_table_says_met_not_met_and_why() -> None:
    row = report.Row("fanout", "One update")
    row.at_most("cost", 7.0, 9.0, "7 µs", "≤ 9 µs", "never shown")
    row.at_least("rate", 3.0, 4.0, "3 ×", "≥ 4 ×", "the state costs most")
    row.state("spread", "1 | 2")
    row.absent("peer", "≥ 1", "it is not installed")

    text = report.summary([row])

    assert text.splitlines()[2:] == [
        "| One update | cost | 7 µs | ≤ 9 µs | met |  |",
        "| One update | rate | 3 × | ≥ 4 × | **not met** | the state costs most |",
        "| One update | spread | 1 \\| 2 | stated | stated |  |",
        "| One update | peer | not measured | ≥ 1 | **not met** | it is not installed |",
    ]


def test_document_holds_every_row_and_its_figures(tmp_path: Path) -> None:
    row = report.Row("memory", "Memory", notes=["A note."], tables=[report.Table(("a", "b"), [(1, 2)])])

    report.write(tmp_path / "R.md", report.document([row], ["Machine: x"], today=datetime.date(2026, 1, 2)))

    text = (tmp_path / "R.md").read_text(encoding="utf-8")
    assert "2026-01-02" in text and "- Machine: x" in text
    assert text.endswith("## Memory\n\nA note.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.31249, "0.312"), (6.912, "6.91"), (188.2, "188"), (213_456, "213,000")]
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert report.digits(value) == shown


def test_spread_shows_the_median_and_the_extremes() -> None:
    assert report.spread([3.0, 1.0, 2.0]) == "2 (1 … 3)"
    assert report.spread([5.0]) == "5"


def test_cpu_of_a_process_grows_while_it_works() -> None:
    before = cores.cpu_ns(os.getpid())
    end = time.thread_time() + 0.05
    while time.thread_time() < end:
        pass

    assert cores.cpu_ns(os.getpid()) - before >= 40_000_000


def test_cpu_of_a_process_counts_its_children() -> None:
    work = "import sys, time\nwhile time.thread_time() < 0.2: pass\nprint(1, flush=True)\nsys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        child.stdout.readline()

        assert cores.cpu_ns(child.pid) >= 200_000_000
        assert cores.rss_kib(child.pid) > 1000
        child.stdin.close()


def test_stage_ends_its_processes_and_quotes_what_failed() -> None:
    with Stage(cores.Cores([])) as stage:
        sleeper = stage.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])
        failed = stage.start("failed", [sys.executable, "-c", "raise SystemExit('out of luck')"])
        failed.popen.wait(10)

        with pytest.raises(Failed, match="failed ended with code 1: out of luck"):
            failed.check()

    assert sleeper.popen.poll() is not None


def test_ages_are_weighted_by_the_time_for_which_a_value_was_shown() -> None:
    tooth = Sawtooth()
    tooth.shows(born=900, at=1000)
    tooth.forget(2000)
    tooth.shows(born=3000, at=3000)  # 1,100 to 2,100 until then
    tooth.shows(born=3000, at=4000)  # said again: no younger by it
    tooth.ends(6000)

    assert tooth.spans == [(1100, 2100), (0, 1000), (1000, 3000)]
    assert mean(tooth.spans) == (1600 + 500 + 2 * 2000) / 4
    assert quantiles(tooth.spans, (0.25, 0.5, 1)) == [1000, 1550, 3000]


@pytest.mark.parametrize("compact", [True, False])
def test_tick_has_159_bytes(compact: bool) -> None:
    assert len(encode(tick(7, compact=compact), compact=compact)) == BYTES


def test_tape_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    tape = Tape("BINANCE", [["BTCUSDT", "BTC", "USDT"]], None, [("BTCUSDT", "{}"), ("", '{"a":"é"}')])

    save(tmp_path / "t", tape)

    assert load(str(tmp_path / "t")) == tape


def small_mix(frames: int) -> Tape:
    return asyncio.run(tapes._binance_mix(frames))


def test_recording_has_the_mix_it_says() -> None:
    tape = small_mix(400)

    kinds = Counter(tapes._kind(raw) for rest, raw in tape.records if not rest)
    assert {kind: round(count / tape.frames, 2) for kind, count in kinds.items()} == pytest.approx(
        tapes.SHARES, abs=0.03
    )


def test_looped_recording_never_breaks_a_book() -> None:
    tape, calls = small_mix(200), Counter()
    frames = looping.passes(tape, 3, start_ms=1_800_000_000_000)
    looped = tape._replace(records=[one for one in tape.records if one[0]] + [("", raw) for raw in frames])

    ingest_ours.whole(looped, calls)()()

    assert len(frames) == 3 * (tape.frames + len(tapes.MIX))
    assert calls["resync"] == 0 and calls["BookDelta"] > 0


async def clients_of(command: list[str], monkeypatch: pytest.MonkeyPatch) -> dict:
    """Two reading clients of a small server: what the server heard, and what the reader reports."""
    monkeypatch.setattr(reader, "reader_command", lambda: (command, "tested"))
    heard: list[dict] = []
    connections: set[ServerConnection] = set()

    async def serve_client(ws: ServerConnection) -> None:
        connections.add(ws)
        with contextlib.suppress(ConnectionClosed):
            async for message in ws:
                heard.append(json.loads(message))

    async with serve(serve_client, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        with Stage(cores.Cores([])) as stage:
            clients = reader.Reader(
                stage, port, "/", 2, [['{"hello":1}'], ['{"hello":2}']], ack_every=2, stamp_key='"qty":"'
            )
            await asyncio.to_thread(clients.wait_ready)
            await asyncio.to_thread(clients.reset)
            for number in (1, 2):
                stamp = time.monotonic_ns() // 1000
                rows = f'[{{"seq":{number},"qty":"{stamp}"}},{{"seq":{number},"qty":"{stamp}"}}]'
                for ws in connections:
                    await ws.send(f'{{"type":"update","frame":{number},"data":{rows}}}')
            await asyncio.to_thread(wait_for_frames, clients, 4)
            reading = await asyncio.to_thread(clients.report)
    return {"heard": heard, "reading": reading}


def wait_for_frames(clients: reader.Reader, count: int) -> None:
    end = time.monotonic() + 10
    while clients.progress()[0] < count and time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["compiled", "python"])
async def test_reader_subscribes_counts_acknowledges_and_measures(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = reader.built("reader")
    if kind == "compiled" and program is None:
        pytest.skip("no C compiler here: the Python reader is what runs")

    found = await clients_of([str(program)] if kind == "compiled" else SLOW_READER, monkeypatch)

    reading = found["reading"]
    assert [one for one in found["heard"] if "hello" in one] == [{"hello": 1}, {"hello": 2}]
    assert found["heard"].count({"method": "ack", "params": {"frame": 2}}) == 2
    assert (reading.frames, reading.rows, reading.closed) == (4, 8, 0)
    assert reading.latency_us.n == 8 and 0 < reading.latency_us.p50 <= reading.latency_us.max < 10_000_000


def test_without_a_compiler_the_reader_is_python_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "compiler", lambda: None)

    command, kind = reader.reader_command()

    assert command[-1].endswith("slow_reader.py") and "no C compiler" in kind
