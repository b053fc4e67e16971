"""One ledger with everything in it, by each method and in two currencies, and ledgers by chance.

Page, socket, REST and files agree in every digit, and with what a stranger works out in fractions.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from marketdash.accounts.models import Preference
from marketdash.portfolios import actions
from tests.marketdash.portfolios.doors import site, story
from tests.marketdash.portfolios.doors.chance import Chance
from tests.marketdash.portfolios.doors.holding import ROUNDED, Held, looked

pytestmark = pytest.mark.django_db(transaction=True)
METHODS = ("fifo", "lifo", "hifo", "average")
SEEDS = range(1, 5)
BY_CHANCE = ROUNDED * 10**9
"""There quantities are rounded too, and these are multiplied."""


@pytest.mark.parametrize("base", ["EUR", "USD"])
def test_all_doors_say_what_a_stranger_works_out(
    alice: User, base: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day is the market's 24 hours, also for whom the night of some entries had one less."""
    Preference.objects.create(user=alice, zone="Europe/Berlin")
    made = [Held.by(alice, method, base, method) for method in METHODS]
    drafts = [each.record(each.story()) for each in made]

    found = looked(redis_url, story.PRICES, monkeypatch, made, site.person(alice))

    for held, told, seen in zip(made, drafts, found, strict=True):
        held.check(seen, told, story.PRICES)
    assert len({seen.api["total"] for seen in found}) == 1
    assert len({seen.api["realised"]["value"] for seen in found}) == len(METHODS)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_another_currency_and_another_method(
    alice: User, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, who = Held.by(alice, "Savings", "EUR"), site.person(alice)
    drafts = held.record(held.story())
    (before,) = looked(redis_url, story.PRICES, monkeypatch, [held], who)

    actions.set_base(held.portfolio, "USD")
    actions.set_method(held.portfolio, "hifo")
    held.portfolio.refresh_from_db()

    (after,) = looked(redis_url, story.PRICES, monkeypatch, [held], who)
    assert (before.api["base"], after.api["base"]) == ("EUR", "USD")
    held.check(after, drafts, story.PRICES)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happened(alice: User, seed: int, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices are missing, old, or nobody says what they were."""
    base, made = ("EUR", "USD")[seed % 2], []
    for method in METHODS:
        held = Held.by(alice, method, base, method)
        chance = Chance(seed, *held.accounts.values())
        made.append((held, held.record(list(chance.drafts(30)))))
    prices = chance.prices()

    found = looked(redis_url, prices, monkeypatch, [held for held, _ in made], site.person(alice))

    for (held, drafts), seen in zip(made, found, strict=True):
        held.check(seen, drafts, prices, BY_CHANCE)
