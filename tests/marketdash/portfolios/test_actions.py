"""What is written to a ledger, by whom, and that it stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.drafts import Draft, DraftRate, fingerprint
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.models import Account, Leg, Portfolio, Unchangeable
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Rate as RateRow
from tests.marketdash.portfolios.writing import draft_of, entry, fee, leg, rate

pytestmark = pytest.mark.django_db


def buy(account: Account, amount: str = "0.1", **more: str) -> Draft:
    legs = (leg("BTC", amount, account=account.pk), leg("EUR", "-100", account=account.pk))
    return draft_of(entry("buy", *legs), **more)


def written(portfolio: Portfolio, *drafts: Draft) -> list[EntryRow]:
    return actions.record(portfolio, drafts).entries


def test_an_entry_is_read_as_it_was_written(portfolio: Portfolio, kraken: Account) -> None:
    parts = (leg("BTC", "0.1", account=kraken.pk), leg("USDT", "-100.5", worth="92", account=kraken.pk))
    told = entry("buy", *parts, fee("BNB", "-0.00075")._replace(account=kraken.pk), rate("BNB", "600.25"))

    (row,) = written(portfolio, draft_of(told, reference="trades.csv:7", note="the first"))

    assert list(queries.entries(portfolio)) == [told._replace(id=row.pk)]
    row.refresh_from_db()
    assert (row.source, row.reference, row.note, row.account) == (
        "typed",
        "trades.csv:7",
        "the first",
        kraken,
    )


def test_the_same_fingerprint_is_one_entry_in_an_account(
    portfolio: Portfolio, kraken: Account, wallet: Account
) -> None:
    key = fingerprint("trades", "T-1")
    first, twin, other = (buy(where, fingerprint=key) for where in (kraken, kraken, wallet))

    done = actions.record(portfolio, [first, twin, other])
    again = actions.record(portfolio, [other, buy(kraken), first])

    assert (len(done.entries), done.duplicates) == (2, [1])
    assert (len(again.entries), again.duplicates) == (1, [0, 2])
    assert EntryRow.objects.count() == 3


def test_a_fingerprint_cannot_be_shifted_between_its_parts() -> None:
    assert len({fingerprint("a", "bc"), fingerprint("ab", "c"), fingerprint("abc"), fingerprint("1:a")}) == 4
    assert fingerprint("a", "bc") == fingerprint("a", "bc")


def with_amount(draft: Draft, amount: Any) -> Draft:
    return replace(draft, legs=(replace(draft.legs[0], amount=amount), *draft.legs[1:]))


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1E+999999", "9" * 40, "1,5", "", 0.1, "0"])
def test_one_bad_number_leaves_nothing(portfolio: Portfolio, kraken: Account, bad: Any) -> None:
    with pytest.raises(Refused, match=r"^1\.legs\.0\.amount: expected .*found"):
        actions.record(portfolio, [buy(kraken), with_amount(buy(kraken), bad)])

    assert not EntryRow.objects.exists()


def test_what_is_not_known_is_named(portfolio: Portfolio, kraken: Account, charlie: User) -> None:
    foreign = actions.open_account(actions.create(charlie, "Mine", "EUR"), "Kraken")
    draft = buy(kraken)
    unknown = replace(draft, legs=(replace(draft.legs[0], asset="NOPE"), draft.legs[1]))
    elsewhere = replace(draft, legs=(replace(draft.legs[0], account=foreign.pk), draft.legs[1]))

    for bad, words in (
        (unknown, r"0\.legs\.0\.asset: expected the code of a known asset, found 'NOPE'"),
        (elsewhere, r"0\.legs\.0\.account: expected an account of this portfolio"),
        (replace(draft, account=foreign.pk), r"0\.account: expected an account of this portfolio"),
        (replace(draft, rates=(DraftRate("BTC", "NOPE", "1", ""),)), r"0\.rates\.0\.currency: expected"),
        (replace(draft, at_us=1 << 62), r"0\.time: expected one from 1970 until now"),
        (replace(draft, at_us=-1), r"0\.time: expected"),
        (replace(draft, kind="gift"), r"0\.kind: expected one of buy, "),
        (replace(draft, kind="reversal"), r"0\.kind: expected"),
        (replace(draft, note="x" * 1001), r"0\.note: expected at most 1000 characters, found 1001"),
        (replace(draft, reference="a\0b"), r"0\.reference: expected"),
        (replace(draft, fingerprint=""), r"0\.fingerprint: expected"),
        (replace(draft, note="\ud800"), r"0\.note: expected"),
        (
            replace(draft, rates=2 * (DraftRate("BTC", "EUR", "1", ""),)),
            r"0\.rates: expected one of an asset",
        ),
        (replace(draft, legs=()), r"0\.legs: expected 1 to 200, found 0"),
    ):
        with pytest.raises(Refused, match=f"^{words}"):
            actions.record(portfolio, [bad])
    assert not EntryRow.objects.exists()


def test_what_is_recorded_stays(portfolio: Portfolio, kraken: Account) -> None:
    (row,) = written(portfolio, replace(buy(kraken), rates=(DraftRate("BTC", "EUR", "1000", "typed"),)))

    for model in (EntryRow, Leg, RateRow):
        found = model.objects.first()
        for attempt in (
            found.save,
            found.delete,
            model.objects.all().delete,
            lambda model=model: model.objects.update(pk=1),
            lambda model=model, found=found: model.objects.bulk_update([found], ["id"]),
            lambda model=model, found=found: model.objects.bulk_create([found], update_conflicts=True),
        ):
            with pytest.raises(Unchangeable, match="what is recorded stays"):
                attempt()
    assert list(queries.entries(portfolio))[0].id == row.pk


@pytest.mark.parametrize(
    ("table", "column"),
    [("portfolios_entry", "note"), ("portfolios_leg", "amount"), ("portfolios_rate", "rate")],
)
def test_the_database_refuses_a_change_itself(
    portfolio: Portfolio, kraken: Account, table: str, column: str
) -> None:
    written(portfolio, replace(buy(kraken), rates=(DraftRate("BTC", "EUR", "1000", "typed"),)))

    refused = pytest.raises(IntegrityError, match="what is recorded stays")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = '7'")


def test_a_reversal_takes_an_entry_back_and_keeps_it(portfolio: Portfolio, kraken: Account) -> None:
    wrong, right = written(portfolio, buy(kraken, "5"), buy(kraken, "0.1"))

    mirror = actions.reverse(portfolio, wrong.pk, "typed twice")

    assert [each.id for each in queries.entries(portfolio)] == [right.pk]
    assert (mirror.corrects_id, mirror.kind, mirror.source, mirror.at_us) == (
        *(wrong.pk, "reversal", "correction", wrong.at_us),
    )
    amounts = Leg.objects.filter(entry__in=[wrong, mirror], asset__code="BTC").values_list(
        "amount", flat=True
    )
    assert sorted(amounts) == [-5, 5]
    for pk in (wrong.pk, mirror.pk, right.pk + 1000):
        with pytest.raises(Refused, match="^entry: expected one"):
            actions.reverse(portfolio, pk)


def test_a_correction_stands_in_the_place_of_what_it_corrects(portfolio: Portfolio, kraken: Account) -> None:
    key = fingerprint("trades", "T-1")
    (wrong,) = written(portfolio, buy(kraken, "5", fingerprint=key))

    new = actions.correct(portfolio, wrong.pk, buy(kraken, "0.5"), "a digit too much")

    assert queries.book(portfolio).holdings()[kraken.pk, "BTC"] == Decimal("0.5")
    assert (new.corrects_id, new.source) == (wrong.pk, "correction")
    assert actions.record(portfolio, [buy(kraken, "5", fingerprint=key)]).duplicates == [0], "as in the file"


def test_a_bad_correction_reverses_nothing(portfolio: Portfolio, kraken: Account) -> None:
    (row,) = written(portfolio, buy(kraken))

    with pytest.raises(Refused, match=r"^0\.legs\.0\.amount"):
        actions.correct(portfolio, row.pk, with_amount(buy(kraken), "NaN"))

    assert [each.id for each in queries.entries(portfolio)] == [row.pk]


def test_a_rate_that_was_not_known_makes_a_cost_known(portfolio: Portfolio, kraken: Account) -> None:
    legs = (leg("BTC", "1", account=kraken.pk), leg("USDT", "-100", account=kraken.pk))
    (row,) = written(portfolio, draft_of(entry("buy", *legs)))
    assert queries.book(portfolio).pool(kraken.pk, "BTC").unknown == 1

    actions.state_rate(portfolio, row.pk, DraftRate("USDT", "EUR", "0.92", "USDT → EUR, 3 s old"))

    assert queries.book(portfolio).pool(kraken.pk, "BTC").cost == 92
    for bad, words in (
        (DraftRate("USDT", "EUR", "0.93", ""), "rate: expected one that is not stated yet"),
        (DraftRate("EUR", "EUR", "1", ""), "rate.rate: expected"),
        (DraftRate("USDT", "USD", "-1", ""), "rate.rate: expected 0 or more"),
    ):
        with pytest.raises(Refused, match=f"^{words}"):
            actions.state_rate(portfolio, row.pk, bad)


def test_another_method_and_another_currency_change_no_entry(portfolio: Portfolio, kraken: Account) -> None:
    sale = (leg("BTC", "-0.1", account=kraken.pk), leg("EUR", "300", account=kraken.pk))
    drafts = [buy(kraken), replace(buy(kraken), legs=buy(kraken, "0.2").legs), draft_of(entry("sell", *sale))]
    rows = written(portfolio, *drafts)
    before = list(queries.entries(portfolio))
    fifo = queries.book(portfolio)

    actions.set_method(portfolio, "lifo")
    lifo = queries.book(Portfolio.objects.get())
    actions.set_base(portfolio, "USD")
    dollars = queries.book(Portfolio.objects.get())

    assert (fifo.tally("gain").value, lifo.tally("gain").value) == (200, 250)
    assert fifo.holdings() == lifo.holdings() == dollars.holdings()
    assert (dollars.tally("gain").value, dollars.tally("gain").unknown) == (0, 3), (
        "one lot of coins, two of euro"
    )
    for row in rows:
        actions.state_rate(portfolio, row.pk, DraftRate("EUR", "USD", "1.1", "typed"))
    assert queries.book(Portfolio.objects.get()).tallies["gain", kraken.pk, "BTC"].value == 275
    assert [each._replace(rates=()) for each in queries.entries(portfolio)] == before
    with pytest.raises(Refused, match="^method: expected one of fifo"):
        actions.set_method(portfolio, "best")
    for unknown in ("NOPE", "", "E\0UR", "\ud800"):
        with pytest.raises(Refused, match="^base: expected the code of a known asset"):
            actions.set_base(portfolio, unknown)


def test_a_portfolio_is_its_owners_alone(portfolio: Portfolio, alice: User, charlie: User) -> None:
    root = User.objects.create_superuser("root")
    gone = User.objects.create_user("gone", is_active=False)
    actions.create(gone, "Left", "EUR")

    assert list(queries.portfolios(alice)) == [portfolio]
    for other in (charlie, root, gone, AnonymousUser(), None):
        assert not queries.portfolios(other).exists()


def test_a_ledger_goes_with_its_portfolio_or_its_owner_and_not_by_itself(
    portfolio: Portfolio, kraken: Account, alice: User
) -> None:
    (row,) = written(portfolio, buy(kraken))
    actions.correct(portfolio, row.pk, buy(kraken, "0.5"))
    with pytest.raises(RestrictedError):
        kraken.delete()

    second = actions.create(alice, "Second", "EUR")
    written(second, buy(actions.open_account(second, "Kraken")))
    actions.delete(portfolio)
    assert EntryRow.objects.count() == 1
    alice.delete()

    assert not EntryRow.objects.exists() and not Leg.objects.exists()


def test_names_and_numbers_of_portfolios_are_bounded(
    portfolio: Portfolio, alice: User, monkeypatch: Any
) -> None:
    for bad in ("", "  ", "x" * 65, "a\u0007b", "Savings", " Savings "):
        with pytest.raises(Refused, match="^name: expected"):
            actions.create(alice, bad, "EUR")
    actions.rename(portfolio, " Old   age ")
    assert Portfolio.objects.get().name == "Old age"
    monkeypatch.setattr(actions, "MAX_PORTFOLIOS", 1)
    monkeypatch.setattr(actions, "MAX_ACCOUNTS", 0)
    with pytest.raises(Refused, match="at most 1 portfolios"):
        actions.create(alice, "More", "EUR")
    with pytest.raises(Refused, match="at most 0 accounts"):
        actions.open_account(portfolio, "More")


def test_entries_of_one_time_follow_one_another_as_they_were_recorded(
    portfolio: Portfolio, kraken: Account
) -> None:
    told: list[Entry] = []
    for number in range(3):
        rows = written(
            portfolio, *(replace(buy(kraken, str(at + 1)), at_us=1000 - number) for at in range(3))
        )
        told += [each for each in queries.entries(portfolio) if each.id in {row.pk for row in rows}]

    assert list(queries.entries(portfolio)) == sorted(told, key=lambda each: (each.at_us, each.id))
