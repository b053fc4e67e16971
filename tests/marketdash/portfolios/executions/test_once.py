"""Trades told by streams, lists and files in any order, again and again, and cut off anywhere: once each."""

from __future__ import annotations

import contextlib
import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios import actions
from marketdash.portfolios.executions import standing, taking
from marketdash.portfolios.models import Account, Fill, Import, Portfolio
from tests import databases
from tests.marketdash.portfolios import killing
from tests.marketdash.portfolios.executions.telling import VENUES, Trade, files, heard, order
from tests.marketdash.portfolios.executions.test_taking import counting, held, imported, told
from tests.scoreboard import Score


class Killed(Exception):
    """In place of a signal: what is not committed is gone."""


TRADES = st.builds(
    Trade,
    venue=st.sampled_from(VENUES),
    number=st.just(0),
    side=st.sampled_from(["buy", "sell"]),
    price=st.sampled_from(["60000.5", "60001"]),
    qty=st.sampled_from(["0.0015", "0.002"]),
    fee=st.sampled_from(["0", "0.25"]),
    at_s=st.integers(0, 1),
)
STREAMED = ("stream", "rest", "order", "killed")


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[Trade], list[tuple[str, Any]]]:
    """Some trades, equal ones among them, and who says what of them in which order; cuts in between."""
    drawn = draw(st.lists(TRADES, min_size=1, max_size=6))
    trades = [replace(each, number=at) for at, each in enumerate(drawn, 1)]
    of = st.integers(0, len(trades) - 1)
    says = st.one_of(
        st.tuples(st.sampled_from(STREAMED), st.lists(of, min_size=1, max_size=4)),
        st.tuples(st.just("file"), st.tuples(st.sampled_from(VENUES), of, st.integers(0, 1))),
        st.tuples(st.sampled_from(["undo", "again"]), st.none()),
    )
    return trades, draw(st.lists(says, max_size=10))


class Story:
    """What happens to one portfolio; at the end the exchange's list says all of it once more."""

    def __init__(self, portfolio: Portfolio, accounts: dict[str, Account], trades: list[Trade]) -> None:
        self.portfolio, self.accounts, self.trades = portfolio, accounts, trades

    def tell(self, who: str, what: Any) -> None:
        if who in STREAMED:
            chosen = [self.trades[at] for at in what]
            for venue, each in itertools.groupby(chosen, lambda trade: trade.venue):
                self._take(venue, who, list(each))
        elif who == "file":
            self._file(*what)
        elif who == "undo":
            self._undo()
        else:
            standing.try_again()

    def _take(self, venue: str, who: str, chosen: list[Trade]) -> None:
        source = "rest" if who == "rest" else "stream"
        said = [order(each) if who == "order" else heard(each, source) for each in chosen]
        with contextlib.suppress(Killed), transaction.atomic():
            taking.take(self.accounts[venue], said)
            if who == "killed":
                raise Killed

    def _file(self, venue: str, until: int, which: int) -> None:
        """All of a venue's up to one trade: a file has no holes, but it may end early."""
        brought = list(files(self.trades[: until + 1], venue).items())
        if brought:
            name, data = brought[which % len(brought)]
            imported(self.portfolio, self.accounts[venue], name, data)

    def _undo(self) -> None:
        last = Import.objects.filter(portfolio=self.portfolio, state=Import.DONE).order_by("-pk").first()
        if last is not None:
            actions.undo(last)

    def end(self) -> None:
        for venue, account in self.accounts.items():
            taking.take(account, [heard(each, "rest") for each in self.trades if each.venue == venue])
        standing.try_again()

    def check(self) -> None:
        fills = list(Fill.objects.filter(account__portfolio=self.portfolio))
        entries = {entry.pk for entry in counting(self.portfolio)}
        assert len(fills) == len(self.trades)
        assert {fill.entry_id for fill in fills} == entries and len(entries) == len(fills)
        sums = {asset: held(self.portfolio, asset) for asset in ("BTC", "USD", "USDT")}
        assert sums == told(self.trades)


@pytest.mark.django_db
@pytest.mark.timeout(3600)  # for the full count
@pytest.mark.fault(
    "F38",
    "Trades are told by streams, lists and files, late, twice, in any order, cut off, undone, {database}",
    goal="each is one entry",
)
def test_each_trade_is_one_entry(
    portfolio: Portfolio, accounts: dict[str, Account], database: str, score: Score
) -> None:
    @seed(score.seed)
    @settings(
        max_examples=score.times(full=2_000, few=15), database=None, suppress_health_check=list(HealthCheck)
    )
    @given(tellings())
    def once(told_so: tuple[list[Trade], list[tuple[str, Any]]]) -> None:
        trades, happened = told_so
        with databases.rolled_back():
            story = Story(portfolio, accounts, trades)
            for who, what in happened:
                story.tell(who, what)
            story.end()
            story.check()
        score.runs += 1

    once()


@pytest.mark.django_db(transaction=True)
def test_killed_for_real(portfolio: Portfolio, accounts: dict[str, Account]) -> None:
    trades = [Trade(venue, at) for at, venue in enumerate(VENUES * 10, 1)]
    told_of = [
        (venue, [heard(each, source) for each in trades if each.venue == venue])
        for venue in VENUES
        for source in ("stream", "rest")
    ]

    def work() -> None:
        for venue, each in told_of:
            for at in range(0, len(each), 3):
                taking.take(accounts[venue], each[at : at + 3])

    assert killing.killed(work, most=6, within_s=0.3, chance=random.Random(4)) > 0

    Story(portfolio, accounts, trades).check()
