"""Codes that nobody knows become assets of whoever brings them, so many a person: by files and by backups."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import actions, backup, own_assets
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import looking
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.imports.test_kraken import OLDEST

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = OLDEST.splitlines()[0]
EXPECTED = "expected at most 2 assets of which a person brings in the code"


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_assets, "MAX_OWN", 2)


def file_of(*codes: str) -> bytes:
    """A deposit of each."""
    rows = (
        f'"L{code}","R{code}","2024-03-24 08:00:00","deposit","","currency","{code}",1,0,1' for code in codes
    )
    return "\n".join([HEAD, *rows, ""]).encode()


def looked(account: Account, *codes: str) -> Import:
    """All that nobody knows is to be kept."""
    by = account.portfolio.owner
    held = actions.bring(account.portfolio, account.pk, "ledgers.csv", file_of(*codes), by)
    return actions.look(held, kept=[code for code, _ in held.told["unknown"]])


def brought(*codes: str) -> bool:
    return Asset.objects.filter(code__in=codes).count() == len(codes)


def test_a_row_with_one_more_is_refused_by_its_field(kraken: Account) -> None:
    held = looked(kraken, "BTC", "QA", "QB", "QC")

    (refused,) = [each for each in looking.fates(held) if each.fate == "refused"]
    assert (refused.line, refused.field, refused.code) == (5, "asset", "QC")
    assert refused.words == f"{EXPECTED}, found 'QC' as one more"
    with pytest.raises(Refused, match="leave_out: expected the box to be ticked"):
        actions.begin(held)
    assert not Asset.objects.filter(code__startswith="Q").exists() and not Entry.objects.exists()

    actions.begin(held, leave_out=True)

    assert brought("QA", "QB") and not brought("QC") and Entry.objects.count() == 3
    assert actions.look(_again(held), assets={"QC": "BTC"}).refused == 0  # it may still be said what it is


def _again(held: Import) -> Import:
    data = file_of("BTC", "QA", "QB", "QC")
    return actions.bring(held.portfolio, held.account_id, "ledgers.csv", data, held.by)


def test_files_that_each_had_room_are_counted_again_when_they_begin(kraken: Account) -> None:
    first, second = looked(kraken, "QA", "QB"), looked(kraken, "QB", "QC")
    assert (first.refused, second.refused) == (0, 0)
    actions.begin(first)
    before = Entry.objects.count()

    with pytest.raises(Refused) as refused:
        actions.begin(second)

    assert str(refused.value) == f"keep: {EXPECTED}, found 1 more, such as 'QC'"
    assert Import.objects.get(pk=second.pk).state == Import.LOOKED
    assert Entry.objects.count() == before and not brought("QC")
    again = actions.look(second)
    assert again.refused == 1 and again.told["kept"] == []
    assert [each.words for each in looking.fates(again)][-1] == f"{EXPECTED}, found 'QC' as one more"


def test_each_person_has_a_bound_of_their_own_and_deleting_gives_nothing_back(
    kraken: Account, bob: User
) -> None:
    actions.begin(looked(kraken, "QA", "QB"))
    assert own_assets.room(kraken.portfolio.owner_id) == 0
    his = actions.open_account(actions.create(bob, "His", "EUR"), "Kraken", kraken.venue)

    actions.begin(looked(his, "QA", "QC", "QD"))  # QA is there by now

    assert brought("QA", "QB", "QC", "QD") and own_assets.room(bob.pk) == 0
    actions.delete(his.portfolio)
    assert own_assets.room(bob.pk) == 0


def test_what_is_known_already_takes_no_room(kraken: Account) -> None:
    Alias.objects.create(code="XXBT", asset=Asset.objects.get(code="BTC"), venue=kraken.venue)
    actions.begin(looked(kraken, "XXBT", "ETH", "QA"))
    assert own_assets.room(kraken.portfolio.owner_id) == 1


def test_a_backup_with_one_more_leaves_nothing(kraken: Account, bob: User) -> None:
    actions.begin(looked(kraken, "QA", "QB"))
    data = backup.written(kraken.portfolio)
    actions.delete(kraken.portfolio)
    Asset.objects.filter(code__in=("QA", "QB")).delete()
    Asset.objects.create(code="Q1", of=bob)

    with pytest.raises(Refused) as refused:
        actions.restore(bob, data)

    assert str(refused.value) == f"assets: {EXPECTED}, found 1 more, such as 'QB'"
    assert not Portfolio.objects.exists() and not brought("QA")
    Asset.objects.filter(code="Q1").update(of=None)
    actions.restore(bob, data)
    assert brought("QA", "QB") and own_assets.room(bob.pk) == 0
