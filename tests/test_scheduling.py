"""Long files are given out first, the browser tests on one site; on two where the long ones run too."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from tests.scheduling import HALVES, SECONDS, WHOLE, Scheduling

ROOT = Path(__file__).parents[1]
FILES = SECONDS.keys() - {WHOLE, *HALVES.values()}


class Node:
    """A process that takes whatever it is given."""

    def send_runtest_some(self, indices: list[int]) -> None:
        """Nothing runs."""


def given_out(*tests: str, halved: bool = False) -> list[str]:
    """The scopes of ``tests`` in the order in which one process gets them."""
    scheduling, node = Scheduling.__new__(Scheduling), Node()
    scheduling.halved = halved
    scheduling.workqueue, scheduling.assigned_work = OrderedDict(), {}
    scheduling.registered_collections = {node: list(tests)}
    for test in tests:
        scheduling.workqueue.setdefault(scheduling._split_scope(test), {})[test] = False
    while scheduling.workqueue:
        scheduling._assign_work_unit(node)
    return list(scheduling.assigned_work[node])


def test_what_takes_longest_is_given_out_first() -> None:
    early, late = HALVES.values()
    long = max(FILES, key=SECONDS.__getitem__)
    few, many = ["tests/a.py::test_1"], [f"tests/b.py::test_{n}" for n in range(9)]

    browser = [f"tests/e2e/test_{name}.py::test_1" for name in ("a", "keys", "look")]
    tests = (*few, *many, f"{long}::test_1", *browser)

    assert given_out(*tests) == [WHOLE, long, "tests/b.py", "tests/a.py"]
    assert given_out(*tests, halved=True) == [late, early, long, "tests/b.py", "tests/a.py"]


def test_every_file_that_is_known_to_be_long_is_there() -> None:
    assert [file for file in FILES if not (ROOT / file).exists()] == []
