from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marketdash.dashboards.ordering import arranged

HELD = st.lists(st.integers(0, 30), unique=True)
ASKED = st.lists(st.integers(-5, 35))


@given(HELD, ASKED)
def test_nothing_is_lost_or_invented(held: list[int], asked: list[int]) -> None:
    assert sorted(arranged(held, asked)) == sorted(held)


@given(HELD, ASKED)
def test_what_was_asked_for_comes_in_that_order(held: list[int], asked: list[int]) -> None:
    named = [each for each in dict.fromkeys(asked) if each in held]

    assert [each for each in arranged(held, asked) if each in named] == named


@given(HELD, ASKED)
def test_what_was_not_known_stays_behind_the_one_before_it(held: list[int], asked: list[int]) -> None:
    found = arranged(held, asked)

    for before, each in zip([None, *held], held, strict=False):
        if each not in asked:
            assert found.index(each) == (0 if before is None else found.index(before) + 1)


@given(HELD, ASKED)
def test_asking_twice_changes_nothing(held: list[int], asked: list[int]) -> None:
    once = arranged(held, asked)

    assert arranged(once, once) == once


def test_an_item_that_another_tab_added_keeps_its_neighbour() -> None:
    assert arranged(["a", "b", "new", "c"], ["c", "b", "a", "gone"]) == ["c", "b", "new", "a"]
