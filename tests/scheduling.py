"""What runs in one process, with ``-n``: the tests of a file, and all or half of the browser tests, on one
site."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

SHARED = "tests/e2e/"
WHOLE = SHARED
HALVES = {"early": f"{SHARED} to k", "late": f"{SHARED} from l"}
"""By the first letter of what a file is about, where the long ways through a site run too (`make
acceptance`): as one they outlast all other tests. Each half more costs the start of a site, and a quarter of
a core."""

MOST_PROCESSES = 4
"""Each has a database server and other services of its own."""

USUAL_S = 0.1
"""Of a test, in a file that is not named here."""

SECONDS = {
    WHOLE: 200,
    HALVES["early"]: 690,
    HALVES["late"]: 790,
    "tests/faults/test_venue_limits.py": 120,
    "tests/faults/test_drift.py": 90,
    "tests/marketdash/test_hostile_requests.py": 80,
    "tests/faults/test_books.py": 60,
    "tests/faults/test_clocks.py": 60,
    "tests/marketdash/ops/test_up.py": 70,
    "tests/marketdash/live/test_crowd.py": 45,
    "tests/marketdash/ops/doctor/test_command.py": 35,
    "tests/marketdash/instruments/test_forms.py": 30,
    "tests/marketdash/live/test_bearer.py": 25,
    "tests/marketdash/live/test_several.py": 25,
    "tests/marketdash/portfolios/executions/test_once.py": 25,
    "tests/marketdash/portfolios/test_private_pages.py": 25,
    "tests/marketdash/live/test_configured.py": 20,
    "tests/marketdash/portfolios/test_entry_kinds.py": 20,
    "tests/marketdash/portfolios/test_reading.py": 20,
    "tests/marketdash/test_backup.py": 20,
    "tests/faults/test_silence.py": 20,
    "tests/feeds/test_worker_simulator.py": 20,
    "tests/marketdash/live/test_ingest.py": 15,
    "tests/feeds/test_codec_conformance.py": 15,
    "tests/marketdash/live/test_documents.py": 15,
    "tests/marketdash/portfolios/executions/test_whole.py": 15,
    "tests/marketdash/test_deployment.py": 15,
    "tests/test_benchmarks.py": 15,
    "tests/feeds/test_replay_altered.py": 10,
    "tests/marketdash/live/test_views.py": 10,
    "tests/marketdash/test_environment.py": 10,
}
"""What long files took of a processor: any order ends well that gives these out first."""


class Scheduling(LoadFileScheduling):
    """Fixtures of a file are made once; the site, which costs a quarter of a core, is there at most twice.
    Who is free takes what will take longest, so that all are busy to the end."""

    halved = False

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self.halved = "not acceptance" not in config.option.markexpr

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if not file.startswith(SHARED):
            return file
        early = file.removeprefix(f"{SHARED}test_") < "l"
        return HALVES["early" if early else "late"] if self.halved else WHOLE

    def _assign_work_unit(self, node: Any) -> None:
        longest = max(self.workqueue, key=lambda scope: expected_s(scope, len(self.workqueue[scope])))
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)


def expected_s(scope: str, tests: int) -> float:
    return SECONDS.get(scope, USUAL_S * tests)
