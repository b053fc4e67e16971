"""The file that bars wait in: torn ends, foreign lines, other processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from marketdash import held
from marketdash.history.journal import Journal
from tests.marketdash.history.making import bar


@pytest.mark.parametrize("cut", [1, 5, 60, 90])
def test_a_torn_last_line_costs_that_line_alone(tmp_path: Path, cut: int) -> None:
    first = Journal(tmp_path)
    first.append([bar(1), bar(2), bar(3)])
    first.close()
    os.truncate(first.path, first.path.stat().st_size - cut)

    second = Journal(tmp_path)
    second.append([bar(4)])

    assert second.broken == 1
    assert second.next()[0] == [bar(1), bar(2), bar(4)]


def test_lines_that_are_no_bars_are_counted_and_passed_over(tmp_path: Path) -> None:
    file = Journal(tmp_path)
    file.append([bar(1)])
    with open(file.path, "ab") as other:
        other.write(b'["not a bar"]\n\xff\xfe\n{}\n' + b"x" * 3_000_000 + b"\n")
    file.append([bar(2)])

    found = []
    while True:
        bars, length = file.next()
        if not length:
            break
        found += bars
        file.stored(length)

    assert found == [bar(1), bar(2)]
    assert file.broken >= 4
    assert file.path.stat().st_size == 0


def test_what_is_appended_meanwhile_is_not_cut_off(tmp_path: Path) -> None:
    file = Journal(tmp_path)
    file.append([bar(1)])
    _, length = file.next()
    file.append([bar(2)])

    file.stored(length)

    assert file.next()[0] == [bar(2)]


def test_long_backlogs_come_in_order_and_in_pieces(tmp_path: Path) -> None:
    file = Journal(tmp_path)
    bars = [bar(at, str(at + 1)) for at in range(1300)]
    file.append(bars)

    pieces = []
    while (step := file.next())[1]:
        pieces.append(step[0])
        file.stored(step[1])

    assert [each for piece in pieces for each in piece] == bars
    assert len(pieces) == 3


def test_two_processes_have_two_files_and_a_left_one_is_taken_over(tmp_path: Path) -> None:
    first, second = Journal(tmp_path), Journal(tmp_path)
    assert first.path != second.path
    second.append([bar(7)])
    first.close()
    second.close()

    third = Journal(tmp_path)

    assert third.path == first.path
    assert third.next()[0] == [bar(7)]
    assert second.path.stat().st_size == 0
    assert held.held(second.path) is not None
