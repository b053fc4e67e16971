"""Rates of the past in the database: stated once, resumably, by what is stored, fetched where nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from marketdash.history import actions as history
from marketdash.history import backfills
from marketdash.history.models import Backfill
from marketdash.portfolios import actions, queries, recording
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.models import Account, Looked, MissingRate, Portfolio, Rate
from marketdash.portfolios.models import Entry as Row
from marketdash.portfolios.past import forecast, missing, past, stating
from marketdash.portfolios.past.past import Past
from tests.marketdash.history.making import T0_US, bar
from tests.marketdash.portfolios.listing import listed
from tests.marketdash.portfolios.looking import client, text
from tests.marketdash.portfolios.writing import draft_of, entry, fee, leg

DAY_US = 86_400_000_000


@pytest.fixture
def followed(assets: Any) -> Iterator[None]:
    """USDT/EUR and BNB/USDT."""
    with listed("USDT/EUR", "BNB/USDT"):
        yield


def stored(symbol: str, close: str, at: int = 0, interval: int = 1) -> None:
    history.upsert([bar(at, close, symbol=f"KRAKEN:{symbol}", interval=interval)])


def bought(account: Account, at_us: int = T0_US + 20_000_000, mark: str = "1") -> Any:
    """2 BTC for 100 USDT and a fee of 0.01 BNB, as an exchange's file says it."""
    legs = (leg("BTC", "2"), leg("USDT", "-100"), fee("BNB", "-0.01"))
    owned = [each._replace(account=account.pk) for each in legs]
    return replace(draft_of(entry("buy", *owned), source="import"), at_us=at_us, fingerprint=mark)


def rates_of(row: Row) -> list[tuple[str, Decimal, bool]]:
    return list(row.rates.order_by("pk").values_list("asset__code", "rate", "late"))


def test_what_an_import_lacks_is_stated_from_stored_closes(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    stored("USDT/EUR", "0.9")
    stored("BNB/USDT", "600")
    (row,) = actions.record(portfolio, [bought(kraken)]).entries
    before = Row.objects.filter(pk=row.pk).values().get()

    assert stating.work_due(T0_US) == 2
    assert stating.work_due(T0_US) == 0, "once"

    assert rates_of(row) == [("USDT", Decimal("0.9"), True), ("BNB", Decimal(540), True)]
    assert "BNB → USDT → EUR by KRAKEN:BNB/USDT 1 m close of" in row.rates.last().source
    assert Row.objects.filter(pk=row.pk).values().get() == before
    (lot,) = queries.book(portfolio).pools[kraken.pk, "BTC"].lots()
    assert lot.cost == 90
    assert not MissingRate.objects.exists()


def test_a_stated_rate_stays_and_is_what_others_follow(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    stored("USDT/EUR", "0.9")
    (row,) = actions.record(portfolio, [bought(kraken)]).entries
    actions.state_rate(portfolio, row.pk, DraftRate("USDT", "EUR", "0.5", "the bank"))

    stating.work_due(T0_US)

    assert row.rates.get(asset__code="USDT").source == "the bank"
    assert row.rates.filter(asset__code="BTC").count() == 0, "it cost what was given"


def test_what_is_not_stored_is_fetched_and_stated_when_it_came(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    (row,) = actions.record(portfolio, [bought(kraken)]).entries

    assert stating.work_due(T0_US) == 0
    missing = MissingRate.objects.order_by("pk")
    assert [(each.asset.code, each.coming) for each in missing] == [
        ("USDT", True),
        ("BNB", True),
    ]
    assert Backfill.objects.count() == 4
    stored("USDT/EUR", "0.8", interval=60)
    assert stating.work_due(T0_US + 1) == 0, "not before it is due"

    assert stating.work_due(T0_US + stating.SOON_US) == 1
    assert [(each.asset.code, each.coming, each.tries) for each in missing.all()] == [("BNB", True, 2)]
    for each in Backfill.objects.all():
        backfills.finish(each)
    stored("BNB/USDT", "500", interval=1440)
    assert stating.work_due(T0_US + DAY_US) == 1
    assert rates_of(row) == [("USDT", Decimal("0.8"), True), ("BNB", Decimal(400), True)]
    assert not missing.all().exists() and stating.work_due(T0_US + 9 * DAY_US) == 0


def test_what_is_far_from_the_time_waits_for_what_is_on_its_way(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    stored("USDT/EUR", "0.7", interval=1440)
    (row,) = actions.record(portfolio, [bought(kraken)]).entries
    assert stating.work_due(T0_US) == 0

    for each in Backfill.objects.all():
        backfills.finish(each)
    stating.work_due(T0_US + stating.SOON_US)

    assert rates_of(row) == [("USDT", Decimal("0.7"), True)]
    assert row.rates.get().source.endswith("UTC, 23 h 59 min later")


def test_what_no_market_says_stays_unknown_and_is_said(
    portfolio: Portfolio, kraken: Account, alice: User, followed: None
) -> None:
    (row,) = actions.record(
        portfolio, [replace(draft_of(entry("reward", leg("NEW", "5", account=kraken.pk))), at_us=T0_US)]
    ).entries

    assert stating.work_due(T0_US) == 0

    held = MissingRate.objects.get()
    assert (held.asset.code, held.coming, held.due_us) == ("NEW", False, T0_US + DAY_US)
    assert not Backfill.objects.exists()
    (lot,) = queries.book(portfolio).pools[kraken.pk, "NEW"].lots()
    assert lot.cost is None


def test_reversed_entries_need_none_and_another_currency_needs_others(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    stored("USDT/EUR", "0.9")
    stored("BNB/USDT", "600")
    first, second = actions.record(portfolio, [bought(kraken), bought(kraken, mark="2")]).entries
    actions.reverse(portfolio, first.pk)
    stating.work_due(T0_US)
    assert (rates_of(first), len(rates_of(second))) == ([], 2)

    actions.set_base(portfolio, "USDT")
    assert stating.work_due(T0_US) == 1
    assert second.rates.get(currency__code="USDT").asset.code == "BNB"
    assert Looked.objects.get().base.code == "USDT"


def test_it_goes_on_wherever_it_was_killed(
    portfolio: Portfolio, kraken: Account, followed: None, monkeypatch: Any
) -> None:
    stored("USDT/EUR", "0.9")
    stored("BNB/USDT", "600")
    monkeypatch.setattr(stating, "AT_ONCE", 2)
    rows = actions.record(portfolio, [bought(kraken, mark=str(at)) for at in range(7)]).entries
    told, locks = recording.locked, iter(range(99))

    class Killed(BaseException):
        pass

    def dying(held: Portfolio) -> Portfolio:
        if next(locks) % 2:
            raise Killed
        return told(held)

    monkeypatch.setattr(stating, "locked", dying)
    for _ in range(9):
        try:
            stating.work_due(T0_US)
        except Killed:
            continue

    assert all(len(rates_of(row)) == 2 for row in rows)
    assert Rate.objects.count() == 14 and Looked.objects.get().entries == rows[-1].pk


def test_a_ledger_that_breaks_costs_others_nothing(
    portfolio: Portfolio, kraken: Account, alice: User, followed: None, monkeypatch: Any
) -> None:
    stored("USDT/EUR", "0.9")
    other = actions.create(alice, "Other", "EUR")
    account = actions.open_account(other, "Kraken")
    actions.record(portfolio, [bought(kraken)])
    actions.record(other, [bought(account)])
    found = past.Past.found

    def breaking(self: Past, entries: list[Entry]) -> list[past.Found]:
        if entries[0].legs[0].account == kraken.pk:
            raise ValueError("broken")
        return found(self, entries)

    monkeypatch.setattr(past.Past, "found", breaking)

    with pytest.raises(ValueError, match="broken"):  # so that the round is counted as one that failed
        stating.work_due(T0_US)
    assert [each.portfolio for each in Looked.objects.all()] == [other]


# --- on pages -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_pages_say_what_is_not_known_and_what_is_on_its_way(
    portfolio: Portfolio, kraken: Account, alice: User, bob: User, followed: None
) -> None:
    (lacks,) = actions.record(portfolio, [bought(kraken)]).entries
    actions.share(portfolio, "bob")
    stating.work_due(T0_US)

    for user in (alice, bob):
        whole = text(client(user).get(f"/portfolios/{portfolio.pk}/"))
        assert "Of 1 entry it is not known what BNB, USDT was worth then" in whole
        assert "bars of that time are being fetched from the venue." in whole
        one = text(client(user).get(f"/portfolios/{portfolio.pk}/entries/{lacks.pk}/"))
        assert "Bars of that time, which may say what BNB, USDT was worth" in one

    actions.state_rate(portfolio, lacks.pk, DraftRate("USDT", "EUR", "0.5", "the bank"))
    assert "what BNB was worth" in missing.of_entry(portfolio, lacks.pk)
    stored("USDT/EUR", "0.9")
    stored("BNB/USDT", "600")
    stating.work_due(T0_US + DAY_US)
    assert "it is not known" not in text(client(alice).get(f"/portfolios/{portfolio.pk}/"))
    page = text(client(alice).get(f"/portfolios/{portfolio.pk}/entries/{lacks.pk}/"))
    assert "BNB → USDT → EUR by KRAKEN:BNB/USDT 1 m close of 2024-10-04 00:01 UTC, 40 s later" in page
    assert "On its way" not in page


def test_before_an_import_it_is_said_what_will_be_of_unknown_cost(
    portfolio: Portfolio, kraken: Account, followed: None
) -> None:
    stored("USDT/EUR", "0.9")
    stored("BNB/USDT", "600")
    away_us = T0_US + 40 * DAY_US
    made = [
        bought(kraken, mark="known"),
        bought(kraken, away_us, "asked"),
        bought(kraken, away_us + 1, "asked too"),
        draft_of(entry("reward", leg("NEW", "5", account=kraken.pk))),
        draft_of(entry("deposit", leg("BNB", "5", account=kraken.pk))),
        draft_of(entry("deposit", leg("EUR", "5", account=kraken.pk))),
    ]

    found = forecast.uncosted(made, "EUR", away_us * 2)

    assert found == {"deposited": 1, "asked": 2, "nobody": 1, "assets": ["NEW"]}
    assert missing.forecast(found) == [
        "4 entries will have an unknown cost, in part or whole.",
        "1: what was deposited cost what only you know.",
        "2: no close of that time is stored yet; after the import it is fetched from the venue.",
        "1: no market that is followed here says anything of NEW.",
    ]
    assert not Backfill.objects.exists() and missing.forecast({}) == []
