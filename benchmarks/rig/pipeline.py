"""The whole way on one stage: an exchange, the worker, Redis, the web process."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from benchmarks.rig import site
from benchmarks.rig.names import natives
from benchmarks.rig.processes import Process, Stage
from marketdash.ops.preflight import free_port


@dataclass(slots=True)
class Pipeline:
    web: site.Site
    worker: Process
    exchange: Process
    environment: dict[str, str]
    """What says where the exchange is."""


def metronome(
    stage: Stage,
    instruments: int,
    updates_per_s: float,
    *,
    measured: str = "web",
    environment: dict[str, str] | None = None,
) -> Pipeline:
    """Tickers of made-up pairs at an exact rate; ``measured`` has the first core for itself."""
    port = free_port()
    program = [sys.executable, "-m", "benchmarks.programs.metronome", str(port), str(updates_per_s)]
    exchange = stage.start("metronome", [*program, *natives(instruments)], port=port)
    address = f"127.0.0.1:{port}"
    urls = {"VENUE_KRAKEN_WS_URL": f"ws://{address}", "VENUE_KRAKEN_REST_URL": f"http://{address}"}
    urls |= environment or {}
    web = site.web(stage, instruments, urls, measured=measured == "web")
    worker = stage.start(
        "ingest", [*site.MANAGE, "ingest"], environment=web.environment, measured=measured == "worker"
    )
    return Pipeline(web, worker, exchange, urls)
