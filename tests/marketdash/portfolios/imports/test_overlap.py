"""Binance's trades and its statement of the same time: in whatever order they come, no fill counts twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.imports import overlap
from marketdash.portfolios.imports.formats import BY_NAME
from marketdash.portfolios.imports.overlap import Sums, Verdict
from tests.marketdash.portfolios.imports.reading import found

PAIRS = (("SOL", "BUSD"), ("ETH", "BTC"), ("USDC", "USDT"), ("BTC", "USDT"))
"""One that is bought for money, one of which neither is, one of which both are; one side of two."""
APART = PAIRS[:3]
"""What one gives none gets: sums are never less than a part of them."""


class Fill(NamedTuple):
    second: int
    pair: tuple[str, str]
    side: str
    qty: Decimal
    amount: Decimal
    fee: tuple[Decimal, str]


def trades(fills: Sequence[Fill]) -> str:
    rows = [
        f"2022-03-28 13:01:{each.second:02d},{''.join(each.pair)},{each.side},1,"
        f"{plain(each.qty)}{each.pair[0]},{plain(each.amount)}{each.pair[1]},{plain(each.fee[0])}{each.fee[1]}"
        for each in fills
    ]
    return "\n".join(["Date(UTC),Pair,Side,Price,Executed,Amount,Fee", *rows]) + "\n"


def statement(fills: Sequence[Fill]) -> str:
    rows = []
    for each in fills:
        sign = 1 if each.side == "BUY" else -1
        for word, coin, change in (
            ("Buy" if sign > 0 else "Sell", each.pair[0], each.qty * sign),
            ("Transaction Related", each.pair[1], each.amount * -sign),
            ("Fee", each.fee[1], -each.fee[0]),
        ):
            rows.append(f"1,2022-03-28 13:01:{each.second:02d},Spot,{word},{coin},{plain(change)},")
    return "\n".join(["User_ID,UTC_Time,Account,Operation,Coin,Change,Remark", *rows]) + "\n"


class Ledger:
    """What imports make of an account: by fingerprint, and by what other sources told of a second."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, Draft]] = {}

    def take(self, text: str) -> tuple[int, Verdict]:
        """How many are new, and what was decided of the rest."""
        name = "binance-trades" if text.startswith("Date") else "binance-statement"
        of, made = BY_NAME[name], found(text).drafts
        recorded: dict[int, list[Sums]] = {}
        for source, draft in self.known.values():
            if source != name and draft.kind in overlap.KINDS:
                sums = overlap.sums((leg.asset, leg.role, Decimal(leg.amount)) for leg in draft.legs)
                recorded.setdefault(overlap.second(draft.at_us), []).append(sums)
        taken = {at for at, draft in enumerate(made) if draft.fingerprint in self.known}
        verdict = overlap.judged(made, overlap.by_second(made), of.merged, recorded, taken)
        left = set(range(len(made))) - taken - verdict.same - verdict.unclear.keys()
        self.known |= {made[at].fingerprint: (name, made[at]) for at in left}
        return len(left), verdict

    def holdings(self) -> dict[tuple[str, str], Decimal]:
        held: Counter[tuple[str, str]] = Counter()
        for _, draft in self.known.values():
            for leg in draft.legs:
                held[leg.asset, leg.role] += leg.amount  # type: ignore[operator]
        return {key: amount for key, amount in held.items() if amount}  # type: ignore[misc]


amounts = st.integers(1, 5000).map(lambda whole: Decimal(whole) / 1000)


def some(*sides: str, pairs: Sequence[tuple[str, str]] = PAIRS) -> st.SearchStrategy[list[Fill]]:
    one = st.builds(
        Fill,
        st.integers(0, 29).map(lambda at: at * 2),  # a second apart is another test
        st.sampled_from(pairs),
        st.sampled_from(sides),
        amounts,
        amounts,
        st.tuples(amounts, st.sampled_from(["BNB", "SOL", "USDT"])),
    )
    return st.lists(one, min_size=1, max_size=12)


@seed(13)
@settings(max_examples=150)
@given(some("BUY", "SELL"), st.randoms())
def test_in_any_order_and_in_any_parts_the_ledger_is_that_of_one_file(made: list[Fill], any_: object) -> None:
    one, other = Ledger(), Ledger()
    one.take(trades(made))
    other.take(statement(made))
    by_sums = found(statement(made))
    if not by_sums.wrong and not by_sums.left:  # what comes and goes in one second may come to nothing
        assert one.holdings() == other.holdings()

    cut = any_.randint(0, 60)  # type: ignore[attr-defined]
    early, late = ([each for each in made if (each.second < cut) is first] for first in (True, False))
    files = [
        trades(made),
        statement(made),
        *(kind(part) for kind in (trades, statement) for part in (early, late) if part),
    ]
    any_.shuffle(files)  # type: ignore[attr-defined]
    both = Ledger()
    for text in files:
        _, verdict = both.take(text)
        assert verdict.unclear == {}

    assert both.holdings() == one.holdings()


@seed(14)
@settings(max_examples=100)
@given(some("BUY", pairs=APART), some("BUY", pairs=APART), st.booleans())
def test_files_that_do_not_agree_never_count_anything_twice(
    made: list[Fill], more: list[Fill], first: bool
) -> None:
    """What one of them lacks in a second cannot be decided: it is refused, and never more than all of it."""
    whole = sorted([*made, *more])
    files = [trades(made), statement(whole)] if first else [statement(whole), trades(made)]
    both, all_of_it = Ledger(), Ledger()
    all_of_it.take(statement(whole))
    for text in files:
        _, verdict = both.take(text)
    seconds = {each.second for each in made} & {each.second for each in more}

    held, most = both.holdings(), all_of_it.holdings()
    assert all(abs(amount) <= abs(most[key]) for key, amount in held.items())
    assert bool(seconds) is bool(verdict.unclear)
    if not seconds:
        assert held == most


SOLD = Fill(36, ("SOL", "BUSD"), "SELL", Decimal("0.18"), Decimal("19.8"), (Decimal("0.02"), "BUSD"))


def test_two_fills_of_one_second_are_told_already_whichever_comes_first() -> None:
    made = [SOLD, SOLD._replace(qty=Decimal(1), amount=Decimal(110))]
    for files in ((trades(made), statement(made)), (statement(made), trades(made))):
        ledger = Ledger()
        ledger.take(files[0])
        new, verdict = ledger.take(files[1])
        assert (new, verdict.unclear) == (0, {}) and verdict.same


def test_what_one_of_them_lacks_is_refused_with_what_is_there_and_what_was_found() -> None:
    ledger = Ledger()
    ledger.take(statement([SOLD, SOLD]))
    new, verdict = ledger.take(trades([SOLD]))

    assert (new, verdict.same) == (0, set())
    assert list(verdict.unclear.values()) == [
        "expected what is recorded of that second from another source, 39.6 BUSD, -0.36 SOL, fee -0.04 BUSD, "
        "found 19.8 BUSD, -0.18 SOL, fee -0.02 BUSD: take it from one of them"
    ]


def test_another_part_of_the_account_in_the_same_second_is_another_entry() -> None:
    margin = statement([SOLD._replace(qty=Decimal(7))]).replace("Spot", "Margin").splitlines()[1:]
    text = statement([SOLD, SOLD]) + "\n".join(margin) + "\n"
    ledger = Ledger()
    ledger.take(trades([SOLD, SOLD]))

    new, verdict = ledger.take(text)

    assert (new, len(verdict.same), verdict.unclear) == (1, 1, {})
    assert ledger.take(trades([SOLD, SOLD]))[0] == 0


def test_the_same_a_second_apart_is_not_recorded_unasked() -> None:
    late = SOLD._replace(second=37)
    for first, then in ((trades([SOLD, SOLD]), statement([late, late])), (statement([late]), trades([SOLD]))):
        ledger = Ledger()
        ledger.take(first)
        new, verdict = ledger.take(then)
        assert new == 0 and len(verdict.unclear) == 1 and not verdict.same


def test_a_fee_that_was_written_down_a_second_later_is_not_paid_twice() -> None:
    text = statement([SOLD]).replace("13:01:36,Spot,Fee", "13:01:37,Spot,Fee")
    ledger = Ledger()
    ledger.take(trades([SOLD]))

    new, verdict = ledger.take(text)

    assert new == 0 and len(verdict.unclear) == 2
