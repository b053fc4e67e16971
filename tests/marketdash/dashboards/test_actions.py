"""Writes to watchlists: bounded, in order, and nothing that somebody refers to vanishes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import ProtectedError

from marketdash.dashboards import actions, queries
from marketdash.dashboards.actions import Refused
from marketdash.dashboards.models import Watchlist
from marketdash.instruments.models import Instrument

pytestmark = pytest.mark.django_db

BITCOIN, ETHER, DOGE = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "KRAKEN:DOGE/USD"


@pytest.fixture
def mine(alice: User) -> Watchlist:
    held = actions.create(alice, "Mine")
    actions.add(held, [BITCOIN, ETHER, DOGE])
    return held


def test_items_are_added_once_in_the_order_given(mine: Watchlist) -> None:
    assert actions.add(mine, ["BINANCE:BTCUSDT", BITCOIN, "BINANCE:BTCUSDT"]) == 1

    assert queries.names(mine) == [BITCOIN, ETHER, DOGE, "BINANCE:BTCUSDT"]


def test_an_unknown_name_adds_nothing(mine: Watchlist) -> None:
    with pytest.raises(Refused, match="^symbol: .*found 'KRAKEN:NOPE'"):
        actions.add(mine, ["BINANCE:BTCUSDT", "KRAKEN:NOPE"])

    assert len(queries.names(mine)) == 3


def test_lists_and_items_are_bounded(mine: Watchlist, alice: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "MAX_ITEMS", 3)
    monkeypatch.setattr(actions, "MAX_LISTS", 1)

    with pytest.raises(Refused, match="at most 3 in a list, found 4"):
        actions.add(mine, ["BINANCE:BTCUSDT"])
    with pytest.raises(Refused, match="at most 1 lists"):
        actions.create(alice, "Another")
    actions.create(None, "A shared one counts apart")


@pytest.mark.parametrize("bad", ["", "  ", "x" * 65, "a\u0007b", "a\u202eb"])
def test_a_name_is_one_printable_line(alice: User, mine: Watchlist, bad: str) -> None:
    with pytest.raises(Refused, match="^name: expected 1 to 64 printable"):
        actions.create(alice, bad)
    with pytest.raises(Refused, match="^name:"):
        actions.rename(mine, bad)


def test_a_name_is_free_for_each_owner_alone(alice: User, charlie: User, mine: Watchlist) -> None:
    with pytest.raises(Refused, match="in use"):
        actions.create(alice, "  Mine ")
    actions.create(charlie, "Mine")
    actions.create(None, "Mine")
    with pytest.raises(Refused, match="in use"):
        actions.create(None, "Mine")
    actions.rename(mine, "Mine")


def test_items_are_put_in_order(mine: Watchlist) -> None:
    actions.order_items(mine, [DOGE, "KRAKEN:GONE", BITCOIN])
    assert queries.names(mine) == [DOGE, BITCOIN, ETHER]

    actions.move(mine, ETHER, -1)
    assert queries.names(mine) == [DOGE, ETHER, BITCOIN]
    actions.move(mine, DOGE, -5)
    actions.move(mine, "KRAKEN:GONE", 1)
    assert queries.names(mine) == [DOGE, ETHER, BITCOIN]


def test_what_is_removed_can_be_put_back_where_it_was(mine: Watchlist) -> None:
    place = actions.remove(mine, ETHER)
    assert place == 1 and queries.names(mine) == [BITCOIN, DOGE]
    assert actions.remove(mine, ETHER) is None

    actions.restore(mine, ETHER, place)
    actions.restore(mine, ETHER, 0)

    assert queries.names(mine) == [BITCOIN, ETHER, DOGE]


def test_lists_are_put_in_order(alice: User, charlie: User, mine: Watchlist) -> None:
    second, foreign = actions.create(alice, "Second"), actions.create(charlie, "Foreign")

    actions.order_lists(alice, [foreign.pk, second.pk, mine.pk])

    assert [each.name for each in queries.lists(alice)] == ["Second", "Mine"]


def test_the_first_star_makes_a_list(alice: User) -> None:
    made = actions.first(alice)

    assert made.name == "Favourites" and actions.first(alice) == made


def test_an_instrument_in_a_list_is_never_gone(mine: Watchlist, instruments: dict[str, Instrument]) -> None:
    with pytest.raises(ProtectedError):
        instruments[BITCOIN].delete()
    Instrument.objects.filter(symbol=BITCOIN).update(status="delisted")
    Instrument.objects.filter(symbol=ETHER).update(enabled=False)

    found = queries.items(mine)

    assert [(each.state, each.followed) for each in found[:2]] == [("delisted", True), ("off", False)]
    assert found[2].followed
    actions.delete(mine)
    instruments[DOGE].delete()


def test_queries_do_not_grow_with_lists_and_items(
    mine: Watchlist, alice: User, django_assert_max_num_queries: Any
) -> None:
    for at in range(5):
        actions.add(actions.create(alice, f"list {at}"), [BITCOIN, ETHER])

    with django_assert_max_num_queries(3):
        assert len(queries.shown(alice, str(mine.pk)).items) == 3
    with django_assert_max_num_queries(2):
        rows = queries.as_rows(alice)
    assert rows[0] == {"id": mine.pk, "name": "Mine", "shared": False, "symbols": [BITCOIN, ETHER, DOGE]}
    assert len(rows) == 6
