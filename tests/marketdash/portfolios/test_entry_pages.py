"""An entry is typed in, reviewed, saved once, corrected, reversed; what is wrong is said and not kept."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.portfolios import actions, queries
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.looking import Rows, text, ticker
from tests.marketdash.portfolios.writing import draft_of, entry, leg, rate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(portfolio: Portfolio, kraken: Account, wallet: Account) -> str:
    return f"/portfolios/{portfolio.pk}/entries/"


def buy(account: Account, **changed: str) -> dict[str, str]:
    fields = {"kind": "buy", "account": str(account.pk), "amount": "2", "asset": "BTC", "amount2": "500"}
    return {**fields, "asset2": "EUR", "propose": "yes", "nonce": "n1", **changed}


def kept(html: str) -> dict[str, Any]:
    """What the form that saves would send."""
    form = re.search(r'<form [^>]*id="save">(.*?)</form>', html, re.DOTALL)
    assert form is not None
    found: dict[str, Any] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[1]):
        found.setdefault(name, []).append(unescape(value))
    return {name: values if name == "rate" else values[-1] for name, values in found.items()}


def cells(html: str, asset: str) -> list[str]:
    return [
        re.sub(r"<[^>]+>", "", cell)
        for row in re.findall(rf'<tr data-asset="{asset}">(.*?)</tr>', html, re.DOTALL)
        for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
    ]


def test_a_buy_is_reviewed_and_then_saved_once(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    form = text(alice_there.get(f"{at}new/?kind=buy"))
    assert 'name="amount2"' in form and 'list="assets"' in form

    html = text(alice_there.post(f"{at}review/", buy(kraken)))

    assert cells(html, "BTC") == ["BTC", "Kraken", "0", "2"]
    assert cells(html, "EUR") == ["EUR", "Kraken", "0", "−500"]
    assert 'than is there: <span class="amount">500</span> EUR are then owed' in html
    assert "Nothing is saved yet" in html and not Entry.objects.exists()
    sent = kept(html)
    assert alice_there.post(f"{at}save/", sent)["Location"] == f"/portfolios/{portfolio.pk}/"
    again = alice_there.post(f"{at}save/", sent, follow=True)
    assert "This was saved already; nothing was added." in text(again)
    assert queries.book(portfolio).holdings() == {(kraken.pk, "BTC"): 2, (kraken.pk, "EUR"): -500}
    assert Entry.objects.get().source == "typed"


def test_a_sale_says_which_lots_it_closes_and_what_they_gain(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    for cost in ("100", "300"):
        legs = leg("BTC", "1", account=kraken.pk), leg("EUR", f"-{cost}", account=kraken.pk)
        actions.record(portfolio, [draft_of(entry("buy", *legs))])

    html = text(alice_there.post(f"{at}review/", buy(kraken, kind="sell", amount="1.5", amount2="600")))

    rows_ = re.findall(r'data-label="(Quantity|Cost|Closed for|Gain)">([^<]*)', html)
    assert [value for _, value in rows_] == [
        "1",
        "100.00",
        "400.00",
        "+300.00",
        "0.5",
        "150.00",
        "200.00",
        "+50.00",
    ]
    assert re.search(r"data-realised>\+350.00</b> EUR, by first in, first out", html)


def test_an_entry_of_the_past_counts_in_its_place(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    legs = leg("BTC", "-1", account=kraken.pk), leg("EUR", "600", account=kraken.pk)
    sold = draft_of(entry("sell", *legs))
    actions.record(portfolio, [sold])

    html = text(alice_there.post(f"{at}review/", buy(kraken, amount="1", time="1970-01-01T00:00")))

    assert re.search(r"data-realised>\+100.00</b>", html)  # of the later sale
    alice_there.post(f"{at}save/", kept(html))
    assert queries.book(portfolio).tally("gain").value == 100


def test_a_deposit_has_no_cost_until_somebody_takes_one(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("400.5")
    html = text(alice_there.post(f"{at}review/", buy(kraken, kind="deposit")))
    taken = re.search(r'name="worth" value="([0-9.]+)">Take that as its cost', html)
    assert 'At the market it was worth <span class="amount">801.00</span> EUR (BTC → EUR, market at' in html
    assert taken is not None and taken[1] == "801" and "Market rates that are saved" not in html

    second = text(alice_there.post(f"{at}review/", {**kept(html), "propose": "yes", "worth": taken[1]}))
    alice_there.post(f"{at}save/", kept(second))

    assert "Its cost is not said" not in second
    assert queries.book(portfolio).pools[kraken.pk, "BTC"].cost == 801


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    alice_there: Client, at: str, kraken: Account
) -> None:
    wrong = {"amount": "NaN", "asset": "<b>NOPE", "fee": "-1", "fee_asset": "BTC", "time": "2999-01-01T00:00"}
    for step in ("review/", "save/"):
        answer = alice_there.post(f"{at}{step}", buy(kraken, **wrong))
        html = text(answer, 422)
        for name in ("amount", "asset", "fee", "time"):
            assert f'id="e-{name}">Expected ' in html and f'aria-describedby="e-{name}"' in html
        assert "found '<b>NOPE'" in html and b"<b>NOPE" not in answer.content
        assert 'value="500"' in html  # what was fine is still there
    assert not Entry.objects.exists()


@pytest.mark.parametrize("rate_", ["NOPE|1|x", "BTC|NaN|x", "BTC|-1|x", "BTC|1|" + "x" * 201, "BTC|1|a\0b"])
def test_a_rate_that_was_tampered_with_is_refused(
    alice_there: Client, at: str, kraken: Account, rate_: str
) -> None:
    html = text(alice_there.post(f"{at}save/", buy(kraken, rate=rate_)), 422)

    assert "Expected" in html and not Entry.objects.exists()


def test_another_portfolios_account_is_refused(alice_there: Client, at: str, alice: User) -> None:
    other = actions.open_account(actions.create(alice, "Other", "EUR"), "There")

    assert "an account of this portfolio" in text(alice_there.post(f"{at}save/", buy(other)), 422)


def test_a_correction_stands_in_the_place_of_what_was_wrong(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    legs = leg("BTC", "1", account=kraken.pk), leg("EUR", "-100", account=kraken.pk)
    (first,) = actions.record(portfolio, [draft_of(entry("buy", *legs), note="mistyped")]).entries
    assert "Correct it" in text(alice_there.get(f"{at}{first.pk}/"))
    form = text(alice_there.get(f"{at}new/?corrects={first.pk}"))
    assert 'value="mistyped"' in form and 'name="amount" type="text" value="1"' in form

    html = text(
        alice_there.post(f"{at}review/", buy(kraken, amount="3", amount2="100", corrects=str(first.pk)))
    )

    assert cells(html, "BTC") == ["BTC", "Kraken", "1", "3"] and cells(html, "EUR") == []
    sent = kept(html)
    alice_there.post(f"{at}save/", sent)
    assert "saved already" in text(alice_there.post(f"{at}save/", sent, follow=True))
    assert queries.book(portfolio).holdings() == {(kraken.pk, "BTC"): 3, (kraken.pk, "EUR"): -100}
    page = text(alice_there.get(f"/portfolios/{portfolio.pk}/"))
    assert f"In place of entry {first.pk}" in page and "Reversed, counts no more" in page
    late = buy(kraken, corrects=str(first.pk), nonce="n2")
    assert "expected one that still counts" in text(alice_there.post(f"{at}save/", late), 422).lower()
    assert alice_there.get(f"{at}new/?corrects={first.pk}").status_code == 404


def test_a_reversal_is_asked_twice(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    (first,) = actions.record(
        portfolio, [draft_of(entry("deposit", leg("BTC", "1", account=kraken.pk)))]
    ).entries
    assert "Expected the box to be ticked" in text(alice_there.post(f"{at}{first.pk}/reverse/"), 422)
    assert queries.book(portfolio).holdings()

    sent = {"sure": "yes", "note": "was a test"}
    assert alice_there.post(f"{at}{first.pk}/reverse/", sent).status_code == 302

    assert queries.book(portfolio).holdings() == {}
    assert "expected one that still counts" in text(alice_there.post(f"{at}{first.pk}/reverse/", sent), 422)
    html = text(alice_there.get(f"{at}{first.pk}/"))
    assert (
        "Reversed, counts no more" in html and "Correct it" not in html and "Reverse this entry" not in html
    )
    mirror = Entry.objects.get(kind="reversal")
    assert f"Takes back entry {first.pk}" in text(alice_there.get(f"{at}{mirror.pk}/"))


def test_what_the_form_cannot_say_can_only_be_reversed(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    legs = [
        leg("BTC", "1", account=kraken.pk),
        *(leg(code, "-1", account=kraken.pk) for code in ("EUR", "USD")),
    ]
    (first,) = actions.record(portfolio, [draft_of(entry("buy", *legs, rate("USD", "0.9")))]).entries

    html = text(alice_there.get(f"{at}{first.pk}/"))

    assert "Correct it" not in html and "Reverse this entry" in html and "1 USD = 0.9 EUR" in html
    assert alice_there.get(f"{at}new/?corrects={first.pk}").status_code == 404


def test_a_transfer_moves_lots_with_their_cost(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, wallet: Account
) -> None:
    actions.record(portfolio, [draft_of(entry("deposit", leg("BTC", "1", worth="70", account=kraken.pk)))])
    sent = buy(kraken, kind="transfer", amount="0.5", other=str(wallet.pk), fee="0.001", fee_asset="BTC")

    html = text(alice_there.post(f"{at}review/", sent))
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "BTC") == ["BTC", "Kraken", "1", "0.499", "BTC", "Wallet", "0", "0.5"]
    assert queries.book(portfolio).pools[wallet.pk, "BTC"].cost == Decimal(35)


def test_without_an_account_nothing_can_be_typed(alice_there: Client, alice: User) -> None:
    bare = actions.create(alice, "Bare", "EUR")

    assert "There is no account yet" in text(alice_there.get(f"/portfolios/{bare.pk}/entries/new/"))
