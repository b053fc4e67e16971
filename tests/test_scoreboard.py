"""The table of faults: rows renewed in place, and what a row says."""

from __future__ import annotations

import pytest

from tests.scoreboard import HEAD, Score, renewed


def scored(**more: object) -> Score:
    return Score("F21", "Redis is killed", "fresh in 2 s", seed=7, **{"share": 0.1, **more})  # type: ignore[arg-type]


def test_a_row_says_what_was_measured_and_how_to_repeat_it():
    score = scored()
    score.took(0.5)
    score.took(1.25)
    for lost in (0, 2, 1):
        score.note("sockets lost", lost, "")

    cells = score.row("pass").split(" | ")

    assert cells[:6] == [
        "| F21",
        "Redis is killed",
        "fresh in 2 s",
        "2",
        "median 0.88 s, worst 1.25 s; sockets lost 2",
        "pass",
    ]
    assert cells[-1] == "`make faults ID=F21 N=0.1 SEED=7` |"


def test_a_row_says_that_others_worked_meanwhile():
    score = scored()
    alone, score.beside = score.row("pass"), True

    assert "beside" not in alone
    assert score.row("pass").split(" | ")[6].endswith(" GB, beside other work")


def test_a_row_of_many_runs_says_what_99_of_100_took_at_most():
    score = scored()
    for hundredths in range(100):
        score.took(hundredths / 100)

    assert score.measured() == "median 0.49 s, p99 0.99 s, worst 0.99 s"


def test_counts_are_scaled_and_few_in_the_suite():
    assert scored(share=0.25).times(10_000, few=5) == 2_500
    assert scored(share=0.0001).times(10_000, few=5) == 5
    assert scored(share=None).times(10_000, few=5) == 5


def test_rows_that_were_not_run_again_stay():
    first = renewed("", {("F21", "a"): "| F21 | a | old |", ("F03", "b"): "| F03 | b | old |"})
    again = renewed(first, {("F21", "a"): "| F21 | a | new |"})

    assert again == HEAD + "| F03 | b | old |\n| F21 | a | new |\n"


def test_each_fault_has_a_run_in_the_suite(request: pytest.FixtureRequest):
    config = request.config
    if config.args != config.getini("testpaths") or config.option.keyword or config.getoption("fault"):
        pytest.skip("expected the whole suite, found a part of it")
    marks = (item.get_closest_marker("fault") for item in request.session.items)

    assert {mark.args[0] for mark in marks if mark} == {f"F{number:02}" for number in range(1, 54)}
