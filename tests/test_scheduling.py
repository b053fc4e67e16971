"""Long files are given out first, and the browser tests in two halves."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from tests.scheduling import HALVES, SECONDS, Scheduling

ROOT = Path(__file__).parents[1]


class Node:
    """A process that takes whatever it is given."""

    def send_runtest_some(self, indices: list[int]) -> None:
        """Nothing runs."""


def given_out(*tests: str) -> list[str]:
    """The scopes of ``tests`` in the order in which one process gets them."""
    scheduling, node = Scheduling.__new__(Scheduling), Node()
    scheduling.workqueue, scheduling.assigned_work = OrderedDict(), {}
    scheduling.registered_collections = {node: list(tests)}
    for test in tests:
        scheduling.workqueue.setdefault(scheduling._split_scope(test), {})[test] = False
    while scheduling.workqueue:
        scheduling._assign_work_unit(node)
    return list(scheduling.assigned_work[node])


def test_what_takes_longest_is_given_out_first() -> None:
    early, late = HALVES.values()
    long = max(SECONDS.keys() - HALVES.values(), key=SECONDS.__getitem__)
    few, many = ["tests/a.py::test_1"], [f"tests/b.py::test_{n}" for n in range(9)]

    found = given_out(
        *few, *many, f"{long}::test_1", "tests/e2e/test_a.py::test_1", "tests/e2e/test_keys.py::test_1",
        "tests/e2e/test_look.py::test_1",
    )  # fmt: skip

    assert found == [late, early, long, "tests/b.py", "tests/a.py"]


def test_every_file_that_is_known_to_be_long_is_there() -> None:
    files = SECONDS.keys() - HALVES.values()

    assert [file for file in files if not (ROOT / file).exists()] == []
