"""Whether followed portfolios are what they were: asked for many at once, and found whatever changed."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketdash.portfolios import actions, reading
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.executions.models import Fill
from marketdash.portfolios.models import Account, Portfolio
from marketdash.portfolios.versions import versions
from tests.marketdash.portfolios.writing import draft_of, entry, leg


def test_many_are_asked_for_in_one_query(held: Portfolio) -> None:
    others = [actions.create(held.owner, f"Other {n}", "USD") for n in range(20)]

    with CaptureQueriesContext(connection) as asked:
        found = versions([held.pk, *(each.pk for each in others), 10**6])

    assert len(asked) == 1
    assert found.keys() == {held.pk, *(each.pk for each in others)}
    assert found[held.pk].reach == reading.reach(held)


def test_each_change_is_another_version_of_that_one_alone(held: Portfolio, kraken: Account) -> None:
    other = actions.create(held.owner, "Other", "EUR")
    first = versions([held.pk, other.pk])
    seen = [first[held.pk]]

    def changed() -> None:
        now = versions([held.pk, other.pk])
        assert now[held.pk] not in seen and now[other.pk] == first[other.pk]
        assert now[held.pk].reach == reading.reach(held)
        seen.append(now[held.pk])

    gift = draft_of(entry("reward", leg("ETH", "1", account=kraken.pk)))
    recorded = actions.record(held, [gift])
    changed()
    actions.state_rate(held, recorded.entries[0].pk, DraftRate("ETH", "EUR", "2000", "stated"))
    changed()
    actions.set_method(held, "lifo")
    changed()
    filled(kraken)
    changed()


def filled(account: Account) -> None:
    fill = {"trade_id": "T", "instrument": "KRAKEN:BTC/EUR", "side": "buy", "price": "1", "qty": "1"}
    times = {"exchange_us": 1, "received_us": 2, "changed_us": 3}
    Fill.objects.create(account=account, base="BTC", quote="EUR", alike="a", **fill, **times)
