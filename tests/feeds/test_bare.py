"""Bare numbers of frames: cut out one by one or all at once, they are the same text."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from feeds.bare import NOTHING, all_digits, digits

NUMBERS = ["0", "-0", "64012.10", "-54.39", "0.000010", "1e-7", "-2.5E+3", "1e400", "12345678901234567890123"]


def raws_of(*texts: str) -> list[Raw]:
    return msgspec.json.decode(f"[{', '.join(texts)}]".encode(), type=list[Raw])


@given(st.lists(st.sampled_from([*NUMBERS, "null"]), min_size=1))
def test_all_at_once_are_what_each_is_alone(texts: list[str]) -> None:
    raws = raws_of(*texts)
    assert all_digits(raws) == [digits(raw) for raw in raws]


def test_digits_stay_as_they_were_written() -> None:
    assert all_digits([*raws_of("64012.10", "-54.390", "null", "1e-3"), NOTHING]) == [
        *("64012.10", "-54.390", "", "0.001"),
        "",
    ]


@pytest.mark.parametrize(
    "other", ["true", "{}", "[1]", json.dumps("1"), json.dumps("1 2"), json.dumps("null")]
)
def test_what_is_no_number_is_refused_among_numbers(other: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        all_digits(raws_of("1.5", other, "-2"))
