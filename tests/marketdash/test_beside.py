"""A command given in another window acts on what runs, and never on what ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketdash import beside

RUNS = {"MODE": "demo", "REDIS_URL": "unix:///run/redis.sock", "DATABASE_URL": "sqlite:////data/demo.sqlite3"}


def joined(folder: Path, **variables: str) -> dict[str, str]:
    beside.join(folder, variables)
    return variables


def test_what_runs_is_joined_and_what_ran_is_not(tmp_path: Path) -> None:
    assert joined(tmp_path) == {}
    with beside.told(tmp_path, RUNS):
        assert joined(tmp_path, LOG_LEVEL="DEBUG") == {**RUNS, "LOG_LEVEL": "DEBUG"}
        assert (tmp_path / beside.NAME).stat().st_mode & 0o077 == 0

    assert joined(tmp_path) == {}  # the file is still there, and nobody holds it


@pytest.mark.parametrize("name", beside.OWN)
def test_whoever_says_what_is_meant_is_not_led_elsewhere(tmp_path: Path, name: str) -> None:
    with beside.told(tmp_path, RUNS):
        assert joined(tmp_path, **{name: "mine"}) == {name: "mine"}


def test_the_first_of_two_is_joined(tmp_path: Path) -> None:
    with beside.told(tmp_path, RUNS), beside.told(tmp_path, {"MODE": "live"}):
        assert joined(tmp_path) == RUNS


def test_a_shorter_word_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    with beside.told(tmp_path, RUNS):
        pass
    with beside.told(tmp_path, {"MODE": "live"}):
        assert joined(tmp_path) == {"MODE": "live"}


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00"])
def test_a_damaged_file_leads_nowhere(tmp_path: Path, text: str) -> None:
    with beside.told(tmp_path, RUNS):
        (tmp_path / beside.NAME).write_text(text)
        assert joined(tmp_path) == {}
