"""What waits for the database is in a file, and finds its way out of it after any end."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketdash.ops.incidents import MAX_PENDING
from marketdash.ops.spill import Spill
from tests.marketdash.ops.test_event_log import entry


def test_the_next_life_finds_what_waited(tmp_path: Path) -> None:
    one = Spill(tmp_path)
    one.keep([entry(1), entry(2)])
    one.keep([entry(2, ended_us=9)])
    one.close()

    two = Spill(tmp_path)
    assert two.left == [entry(2, ended_us=9)]
    two.keep([entry(3)])
    two.close()
    assert Spill(tmp_path).left == [entry(2, ended_us=9), entry(3)]


def test_what_is_stored_leaves_no_file(tmp_path: Path) -> None:
    one = Spill(tmp_path)
    one.keep([entry(1)])
    one.close()
    two = Spill(tmp_path)
    two.stored()
    two.keep([])

    assert list(tmp_path.glob("*.json")) == []


def test_of_several_workers_each_has_its_file_and_the_living_takes_the_deads(tmp_path: Path) -> None:
    one, two = Spill(tmp_path), Spill(tmp_path)
    one.keep([entry(1)])
    two.keep([entry(2)])
    assert len(list(tmp_path.glob("*.json"))) == 2
    two.close()

    three = Spill(tmp_path)
    assert three.left == [entry(2)]
    one.close()
    three.close()
    assert sorted(Spill(tmp_path).left) == [entry(1), entry(2)]
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_who_dies_while_it_takes_over_leaves_nothing_twice(tmp_path: Path) -> None:
    one, two = Spill(tmp_path), Spill(tmp_path)
    one.keep([entry(1), entry(2)])
    two.keep([entry(2), entry(3)])
    one.close()
    two.close()

    assert Spill(tmp_path).left == [entry(1), entry(2), entry(3)]


def test_what_several_lives_left_is_bounded(tmp_path: Path) -> None:
    one, two = Spill(tmp_path), Spill(tmp_path)
    one.keep([entry(number) for number in range(MAX_PENDING)])
    two.keep([entry(MAX_PENDING)])
    one.close()
    two.close()

    left = Spill(tmp_path).left
    assert (len(left), left[0], left[-1]) == (MAX_PENDING, entry(1), entry(MAX_PENDING))


@pytest.mark.parametrize("text", [b"", b"[[1", b"{}", b"[[1,2]]"])
def test_a_file_that_is_none_of_ours_costs_itself_alone(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "1.json").write_bytes(text)
    made = Spill(tmp_path)
    assert made.left == []
    made.keep([entry(1)])
    made.close()
    assert Spill(tmp_path).left == [entry(1)]
