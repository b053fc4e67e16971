"""Keys go in and never come out: sealed, wiped, sealed anew; nothing repeats them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from feeds import private
from feeds.private import AccountState, Credentials
from marketdash.kept_secrets import fernet_key
from marketdash.portfolios import actions
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.executions import sealing, standing, taking
from marketdash.portfolios.models import Account, ExchangeKey, Portfolio
from tests.marketdash.portfolios.executions.telling import Trade, heard

pytestmark = pytest.mark.django_db
KEY, SECRET = "canary-of-a-key-1234", "canary-of-a-secret"


@pytest.fixture(autouse=True)
def known(private_venues: dict[str, str]) -> None:
    """Kraken alone."""


def test_it_is_put_in_and_only_its_end_is_shown(kraken: Account) -> None:
    before_us = time.time_ns() // 1000

    held = actions.put_in_key(kraken, "KRAKEN", f" {KEY}\n", f"{SECRET}\r\n")

    assert (held.last, held.state, held.words, held.version) == ("1234", "new", "", 1)
    assert before_us <= held.from_us == held.through_us == held.since_us
    assert SECRET not in str(vars(held)) and KEY not in str(vars(held)) and "1234" not in str(held)
    assert sealing.opened(kraken.pk, held.sealed) == Credentials(KEY, SECRET)
    wanted = standing.wanted(held.pk)
    assert wanted is not None and wanted.credentials == Credentials(KEY, SECRET)
    assert SECRET not in repr(wanted) and KEY not in repr(wanted)


def test_another_one_goes_on_where_the_one_before_was(kraken: Account) -> None:
    first = actions.put_in_key(kraken, "KRAKEN", KEY, SECRET)
    ExchangeKey.objects.update(through_us=first.from_us + 5, state="refused", words="no", sealed="")

    second = actions.put_in_key(kraken, "KRAKEN", "another-key-5678", SECRET)

    assert (second.pk, second.version, second.last) == (first.pk, 2, "5678")
    assert (second.state, second.words, second.through_us) == ("new", "", first.from_us + 5)
    third = actions.put_in_key(kraken, "KRAKEN", KEY, SECRET, from_us=7)
    assert (third.from_us, third.through_us) == (7, 7)


def test_what_is_said_of_the_key_before_is_not_said_of_this_one(kraken: Account) -> None:
    """Its feed may still be told that it was refused, when another one is in its place."""
    before = standing.wanted(actions.put_in_key(kraken, "KRAKEN", KEY, SECRET).pk)
    assert before is not None
    held = actions.put_in_key(kraken, "KRAKEN", "another-key-5678", SECRET)

    standing.write(before, [AccountState(private.REFUSED, "this key may trade", 1, 2**60)])

    row = ExchangeKey.objects.get()
    assert (row.sealed, row.state, row.words, row.through_us) == (held.sealed, "new", "", held.through_us)


def test_what_is_known_to_be_complete_stays_so(kraken: Account) -> None:
    held = actions.put_in_key(kraken, "KRAKEN", KEY, SECRET)
    wanted, at_us = standing.wanted(held.pk), held.through_us
    assert wanted is not None

    for more in (9, 5, 0):
        standing.write(wanted, [AccountState(private.LIVE, "", 1, at_us + more if more else 0)])
        assert ExchangeKey.objects.get().through_us == at_us + 9


def test_an_exchange_of_an_account_without_one_is_settled_with_its_key(wallet: Account) -> None:
    actions.put_in_key(wallet, "KRAKEN", KEY, SECRET)

    wallet.refresh_from_db()
    assert wallet.venue is not None and wallet.venue.name == "KRAKEN"


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"venue": "NOWHERE"}, "venue"),
        ({"venue": "COINBASE"}, "venue"),
        ({"key": " "}, "key"),
        ({"key": f"{KEY}\0"}, "key"),
        ({"key": KEY * 99}, "key"),
        ({"secret": ""}, "secret"),
        ({"secret": SECRET * 999}, "secret"),
        ({"from_us": 2**60}, "since"),
        ({"from_us": -1}, "since"),
    ],
)
def test_what_is_refused_is_not_repeated(kraken: Account, what: dict[str, Any], field: str) -> None:
    asked = {"venue": "KRAKEN", "key": KEY, "secret": SECRET, **what}

    with pytest.raises(Refused) as refused:
        actions.put_in_key(kraken, **asked)

    assert refused.value.field == field and "canary" not in str(refused.value)
    assert not ExchangeKey.objects.exists()


def test_the_exchange_of_fills_stays(kraken: Account, private_venues: dict[str, str]) -> None:
    private_venues["BINANCE"] = private_venues["KRAKEN"]
    taking.take(kraken, [heard(Trade("KRAKEN", 1))])

    with pytest.raises(Refused, match="another account"):
        actions.put_in_key(kraken, "BINANCE", KEY, SECRET)


def test_removed_it_is_gone(kraken: Account) -> None:
    actions.put_in_key(kraken, "KRAKEN", KEY, SECRET)

    actions.remove_key(kraken)
    actions.remove_key(kraken)

    assert not ExchangeKey.objects.exists() and standing.keys() == {}


def test_keys_of_people_who_may_not_sign_in_are_not_used(portfolio: Portfolio, kraken: Account) -> None:
    held = actions.put_in_key(kraken, "KRAKEN", KEY, SECRET)
    assert standing.keys() == {held.pk: 1}

    portfolio.owner.is_active = False
    portfolio.owner.save()

    assert standing.keys() == {} and standing.wanted(held.pk) is None


def test_they_are_sealed_anew_with_the_first_key(kraken: Account, settings: Any, capsys: Any) -> None:
    old, new = fernet_key(), fernet_key()
    settings.FIELD_ENCRYPTION_KEYS = (old,)
    held = actions.put_in_key(kraken, "KRAKEN", KEY, SECRET)

    settings.FIELD_ENCRYPTION_KEYS = (new, old)
    call_command("rotate_keys")
    assert "1 sealed with the first" in capsys.readouterr().out
    settings.FIELD_ENCRYPTION_KEYS = (new,)

    wanted = standing.wanted(held.pk)
    assert wanted is not None and wanted.credentials == Credentials(KEY, SECRET)
    settings.FIELD_ENCRYPTION_KEYS = (fernet_key(),)
    lost = standing.wanted(held.pk)
    assert lost is not None and lost.credentials is None
    with pytest.raises(CommandError, match="1 cannot be opened"):
        call_command("rotate_keys")


def test_what_is_sealed_opens_for_its_own_account_alone(kraken: Account, wallet: Account) -> None:
    sealed = sealing.seal(kraken.pk, Credentials(KEY, SECRET))

    assert KEY not in sealed and SECRET not in sealed
    for account, text in ((wallet.pk, sealed), (kraken.pk, sealed[:-4]), (kraken.pk, "")):
        with pytest.raises(sealing.Unreadable):
            sealing.opened(account, text)
