"""Portfolios of the tests, looked at through all doors of one moment."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.models import Portfolio
from tests.marketdash.portfolios.doors import site, story
from tests.marketdash.portfolios.doors.agreeing import agree
from tests.marketdash.portfolios.doors.ledger import Ledger
from tests.marketdash.portfolios.doors.worth import Prices, Told, Worth

ROUNDED = Fraction(40, 10**24)
"""Each part of a cost is off by half of the last place at most."""


class Held(NamedTuple):
    """``accounts``: their numbers by name."""

    portfolio: Portfolio
    accounts: dict[str, int]

    @classmethod
    def by(cls, owner: User, name: str, base: str, method: str = "fifo") -> Held:
        made = actions.create(owner, name, base, method)
        return cls(made, {each: actions.open_account(made, each).pk for each in ("Kraken", "Wallet")})

    def record(self, drafts: list[Draft]) -> list[Draft]:
        actions.record(self.portfolio, drafts)
        return drafts

    def story(self) -> list[Draft]:
        return list(story.story(*self.accounts.values()))

    def told(self, drafts: list[Draft], prices: Prices) -> Told:
        """By the stranger."""
        held = self.portfolio
        return Worth(Ledger(held.base.code, held.method, drafts), prices).told()

    def check(self, found: site.Seen, drafts: list[Draft], prices: Prices, slack: Fraction = ROUNDED) -> None:
        agree(found, self.told(drafts, prices), self.portfolio.name, self.accounts, slack)


@async_to_sync
async def looked(
    redis_url: str, prices: Prices, patch: pytest.MonkeyPatch, held: list[Held], who: site.Person
) -> list[site.Seen]:
    async with site.quoted(redis_url, prices, patch):
        return [await site.seen(each.portfolio, who) for each in held]
