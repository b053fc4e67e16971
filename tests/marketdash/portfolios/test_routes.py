"""Which markets are asked: those on a way that is short enough, looked for as simply as can be."""

from __future__ import annotations

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.valuing.routes import DETOUR, Pair, Ways
from marketdash.portfolios.valuing.valuation import MOST_STEPS

ASSETS = "ABCDEFG"
pairs = st.lists(st.tuples(st.sampled_from(ASSETS), st.sampled_from(ASSETS)), max_size=12).map(
    lambda sides: [Pair(f"M{n}:{base}/{quote}", base, quote) for n, (base, quote) in enumerate(sides)]
)


def ways(listed: list[Pair], start: str, end: str, most: int) -> list[list[str]]:
    """All walks from one to the other that do not go on behind the end, as the markets they take."""
    found, begun = [], [(start, [])]
    for at, taken in begun:
        if at == end:
            found.append(taken)
        elif len(taken) < most:
            for symbol, base, quote in listed:
                if at in (base, quote) and base != quote:
                    begun.append((quote if at == base else base, [*taken, symbol]))
    return found


@seed(31)
@settings(max_examples=150)
@given(pairs, st.sampled_from(ASSETS), st.sampled_from([0, DETOUR, 2]))
def test_the_markets_of_all_ways_that_are_short_enough(listed: list[Pair], asset: str, detour: int) -> None:
    shortest = min(map(len, ways(listed, asset, "A", MOST_STEPS)), default=0)
    most = min(MOST_STEPS, shortest + detour)
    expected = {symbol for way in ways(listed, asset, "A", most) for symbol in way} if shortest else set()

    assert set(Ways(listed, "A").needed([asset], detour)) == expected


def test_what_lies_beyond_the_longest_path_is_in_nobodys_way():
    chain = [Pair(f"{base}/{quote}", base, quote) for base, quote in ("AB", "BC", "CD", "DE", "EF", "FG")]

    ways = Ways(chain, "A")

    assert ways.needed(["E"]) == ["A/B", "B/C", "C/D", "D/E"] and ways.needed(["F", "G"]) == []
