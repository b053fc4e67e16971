"""Numbers of money: refused at the boundary or exact ever after."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from decimal import Context, Decimal, FloatOperation, Inexact, getcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdash import portfolios
from marketdash.portfolios.accounting import exact

places = st.integers(-(10**44) + 1, 10**44 - 1).map(lambda units: Decimal(units).scaleb(-24, Context(100)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0.1", "0.1"),
        ("1.500", "1.5"),
        ("-0", "0"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1E-8", "0.00000001"),
        ("1e3", "1000"),
        ("0E-99", "0"),
        ("0.000000000000000000000001", "0.000000000000000000000001"),
        ("99999999999999999999.999999999999999999999999", "99999999999999999999.999999999999999999999999"),
    ],
)
def test_a_number_has_one_text(text: str, kept: str) -> None:
    assert exact.plain(exact.number(text)) == kept


@pytest.mark.parametrize(
    "bad",
    [
        *("", " ", "1,5", "1 000", "0x10", "1_000", "--1", ".", "1e", "٣", "1\n", "1.2.3"),
        *("NaN", "sNaN", "nan", "Infinity", "-inf", "1E+999999", "1E-999999", "9" * 40, "1" * 100_000),
        *("100000000000000000000", "0.0000000000000000000000001", "1E20", "1E-25"),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-999999")),
        *(10**20, 10**5000, True, None, 0.1, 1.0, float("nan")),
    ],
    ids=lambda bad: f"{type(bad).__name__} {str(bad)[:30] if not isinstance(bad, int) else 'whole'}",
)
def test_anything_else_is_refused_by_name(bad: object) -> None:
    with pytest.raises(exact.InvalidNumber, match="^amount: expected .*found") as caught:
        exact.number(bad, "amount")  # type: ignore[arg-type]

    assert len(str(caught.value)) < 300


def test_sums_are_exact_and_never_rounded() -> None:
    with exact.precisely():
        assert Decimal("0.1") + Decimal("0.2") == Decimal("0.3")
        assert exact.plain(Decimal("1E20") - Decimal("1E-24")) == f"{'9' * 20}.{'9' * 24}"
        with pytest.raises(Inexact):
            Decimal(1) / Decimal(3)
        with pytest.raises(FloatOperation):
            Decimal("0.1") < 0.2  # noqa: B015
        with pytest.raises(FloatOperation):
            Decimal(0.1)


def test_precision_ends_with_its_block() -> None:
    before = getcontext().prec
    with exact.precisely():
        inside = threading.Thread(target=lambda: seen.append(getcontext().prec))
        seen: list[int] = []
        inside.start()
        inside.join()

    assert (getcontext().prec, seen) == (before, [before])


@given(whole=places, part=places, of=places.filter(bool))
def test_a_share_is_rounded_once_half_to_even(whole: Decimal, part: Decimal, of: Decimal) -> None:
    true = Fraction(whole) * Fraction(part) / Fraction(of)

    assert Fraction(exact.share(whole, part, of)) == Fraction(round(true * 10**24), 10**24)


@pytest.mark.parametrize(
    ("whole", "part", "of", "found"),
    [("1", "1", "3", "0.333333333333333333333333"), ("2", "1", "3", "0.666666666666666666666667")],
)
def test_a_share_that_does_not_end(whole: str, part: str, of: str, found: str) -> None:
    assert exact.plain(exact.share(Decimal(whole), Decimal(part), Decimal(of))) == found


@given(places.filter(bool), places.filter(bool))
def test_a_magnitude_is_that_of_the_whole_quotient(one: Decimal, other: Decimal) -> None:
    true, found = abs(Fraction(one) / Fraction(other)), exact.magnitude(one, other)
    assert Fraction(10) ** found <= true < Fraction(10) ** (found + 1)


@given(places)
def test_a_short_number_is_the_same_and_says_its_places(value: Decimal) -> None:
    found, digits = exact.short(value)
    assert found == value and digits == len(exact.plain(value).partition(".")[2])
    assert "E" not in str(found) or digits > 6


def test_a_tie_goes_to_the_even_place() -> None:
    smallest = Decimal("1E-24")

    halves = [exact.share(smallest * odd, Decimal(1), Decimal(2)) for odd in (1, 3, 5)]

    assert halves == [Decimal(0), smallest * 2, smallest * 2]


@given(st.integers(10**42, 10**43))
def test_a_hair_beside_a_tie_is_no_tie(whole: int) -> None:
    """The quotient lies so little above a tie that sixty digits of it do not show that it does."""
    half, smallest = 2**127 - 1, Decimal("1E-24")  # a prime
    part = pow(whole, -1, half)

    with exact.precisely():
        found = exact.share(whole * smallest, part * smallest, 2 * half * smallest) / smallest

    assert found == round(Fraction(whole * part, 2 * half))


def test_nothing_is_written_with_a_sign() -> None:
    assert [exact.plain(Decimal(text)) for text in ("-0", "-0.00", "0E-24", "-0E+3")] == ["0"] * 4


@given(st.lists(places, min_size=1, max_size=6), places.filter(bool))
def test_what_is_shared_in_turn_is_never_more_or_less(parts: list[Decimal], whole: Decimal) -> None:
    with exact.precisely():
        parts = [abs(part) + Decimal("1E-24") for part in parts]
        left, of, given_out = whole, sum(parts), Decimal(0)
        for part in parts:
            mine = left if part == of else exact.share(left, part, of)
            left, of, given_out = left - mine, of - part, given_out + mine

        assert (left, given_out) == (0, whole)


TELL_TIMES = ("executions", "imports")
"""Rooms with seconds of their own, and with how alike two words are."""


def test_no_float_is_written_where_money_is() -> None:
    folder = Path(portfolios.__file__).parent

    found = [
        f"{path.name}:{node.lineno}"
        for path in [*folder.glob("*.py"), *folder.glob("*/*.py")]
        if path.parent.name not in TELL_TIMES
        for node in _no_times(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert not found


def _no_times(tree: ast.AST) -> Iterator[ast.AST]:
    """All of it but the types of arguments that are seconds, or wait for some."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        is_time = isinstance(node, ast.arg) and (node.arg.endswith("_s") or node.arg == "sleep")
        waiting += [] if is_time else ast.iter_child_nodes(node)
