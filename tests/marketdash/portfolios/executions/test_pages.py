"""Fills on pages, in files and for bots; an account's key by its owner alone."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.accounts import tokens
from marketdash.portfolios import actions
from marketdash.portfolios.executions import taking
from marketdash.portfolios.executions.quotes import Quoted
from marketdash.portfolios.models import Account, ExchangeKey, Fill, Portfolio
from tests.marketdash.portfolios.executions.telling import Trade, heard, order
from tests.marketdash.portfolios.looking import client, text

pytestmark = pytest.mark.django_db(transaction=True)
QUOTED = Quoted("60000.1", "60000.2", 15_000)
SENT = {"venue": "KRAKEN", "key": "canary-of-a-key-1234", "secret": "canary-of-a-secret"}


@pytest.fixture
def told(portfolio: Portfolio, accounts: dict[str, Account]) -> Portfolio:
    """One that is an entry, and one that waits."""
    trade = Trade("KRAKEN", 1)
    taking.take(accounts["KRAKEN"], [order(trade), heard(trade, quoted=QUOTED)])
    taking.take(accounts["BINANCE"], [heard(Trade("BINANCE", 2, side="sell", at_s=9), base="LATER")])
    return portfolio


def test_the_page_and_the_list_show_them(told: Portfolio, alice: User) -> None:
    for path in ("", "fills/"):
        page = text(client(alice).get(f"/portfolios/{told.pk}/{path}"))

        assert "Buy KRAKEN:BTC/USD" in page and "60,000.1 / 60,000.2" in page
        assert "&lt; 0.01 USD worse" in page or "< 0.01 USD worse" in page
        assert "Not in the ledger yet. Asset: expected a known asset, found LATER." in page
    assert "Page 1 of 1" in text(client(alice).get(f"/portfolios/{told.pk}/fills/?page=99"))


def test_what_changed_since_is_told_once(told: Portfolio, accounts: dict[str, Account], alice: User) -> None:
    def asked(after: object) -> Any:
        return json.loads(text(client(alice).get(f"/portfolios/{told.pk}/fills/new/?after={after}")))

    every = asked("x")
    assert [row["said"][0] for row in every["rows"]] == ["Bought", "Sold"] and not every["more"]
    assert every["rows"][1]["waits"] and every["rows"][1]["entry"] is None
    assert asked(every["changed"]) == {"rows": [], "changed": every["changed"], "more": False}

    taking.take(accounts["KRAKEN"], [heard(Trade("KRAKEN", 1), "rest")])

    [again] = asked(every["changed"])["rows"]
    assert again["pk"] == every["rows"][0]["pk"] and again["cells"][-1][0] == "Stream, Trade list"
    for number in range(60):
        taking.take(accounts["KRAKEN"], [heard(Trade("KRAKEN", 100 + number))])
    many = asked(every["changed"])
    assert many["more"] and len(many["rows"]) == 50 and len(asked(many["changed"])["rows"]) == 11


def test_files_and_bots_get_every_digit(told: Portfolio, alice: User) -> None:
    rows = list(csv.DictReader(io.StringIO(text(client(alice).get(f"/portfolios/{told.pk}/fills.csv")))))
    same = json.loads(text(client(alice).get(f"/portfolios/{told.pk}/fills.json")))
    _, secret = tokens.make(alice, "bot", ["read:portfolios"])
    bot = Client(headers={"authorization": f"Bearer {secret}"})
    answer = json.loads(text(bot.get(f"/api/v1/portfolios/{told.pk}/fills?limit=1")))

    assert [{name: value or "" for name, value in row.items()} for row in same] == rows
    assert [row["side"] for row in rows] == ["sell", "buy"]
    last, [first] = rows[1], answer["data"]
    assert (last["price"], last["slippage"], last["latency_us"]) == ("60000.5", "0.00045", "3000")
    for name in ("price", "qty", "slippage", "slippage_bp", "bid", "ask", "trade_id", "side"):
        assert first[name] == last[{"qty": "quantity"}.get(name, name)]
    assert first["fees"] == [{"asset": "USD", "amount": "0.25"}] and first["sources"] == ["stream"]
    assert (first["quote_age_us"], first["no_quote"], first["waits"]) == (15_000, None, None)
    [second] = json.loads(text(bot.get(f"/api/v1/portfolios/{told.pk}/fills?after={answer['next']}")))["data"]
    assert second["entry"] is None and second["waits"] and second["no_quote"]


def test_viewers_see_fills_and_no_keys_and_links_neither(
    told: Portfolio, accounts: dict[str, Account], alice: User, bob: User, private_venues: dict[str, str]
) -> None:
    actions.put_in_key(accounts["KRAKEN"], "KRAKEN", SENT["key"], SENT["secret"])
    actions.share(told, "bob")
    here, viewer = f"/portfolios/{told.pk}/", client(bob)

    page = text(viewer.get(here))
    assert "Buy KRAKEN:BTC/USD" in page and "keystates" not in page and "Not checked yet" not in page
    assert "keystates" in text(client(alice).get(here))
    for path in ("keys/", f"accounts/{accounts['KRAKEN'].pk}/"):
        assert viewer.get(here + path).status_code == 403
    for amounts in (True, False):
        link = text(Client().get(f"/shared/{actions.make_link(told, 'x', 1, amounts)[1]}/"))
        assert "Buy KRAKEN" not in link and "Fills" not in link


def test_a_key_is_put_in_replaced_and_deleted(
    accounts: dict[str, Account], alice: User, private_venues: dict[str, str]
) -> None:
    account, browser = accounts["KRAKEN"], client(alice)
    here = f"/portfolios/{account.portfolio_id}/accounts/{account.pk}/"
    page = text(browser.get(here))
    for words in ("Put a key in", "Query orders", "Create orders", "Settings, API"):
        assert words in page

    page = text(browser.post(f"{here}key/", SENT, follow=True))

    assert "…1234" in page and "Not checked yet" in page and "canary" not in page
    states = json.loads(text(browser.get(f"/portfolios/{account.portfolio_id}/keys/")))
    assert states[str(account.pk)]["label"] == "Not checked yet"
    page = text(
        browser.post(f"{here}key/", {**SENT, "key": "another-key-5678", "since": "2026-01-02"}, follow=True)
    )
    assert "…5678" in page and ExchangeKey.objects.get().from_us == 1_767_312_000_000_000
    page = text(browser.post(f"{here}key/remove/"), 422)
    assert "Expected the box to be ticked" in page and ExchangeKey.objects.exists()
    page = text(browser.post(f"{here}key/remove/", {"sure": "yes"}, follow=True))
    assert "The key is deleted" in page and not ExchangeKey.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"key": ""}, "Expected the key as the exchange shows it, found 0 characters"),
        ({"secret": " "}, "Expected the secret as the exchange shows it, found 0 characters"),
        ({"venue": "NOWHERE"}, "Expected one of KRAKEN, found 'NOWHERE'"),
        ({"since": "yesterday"}, "Expected a day such as 2026-01-31, found 'yesterday'"),
        ({"since": "9999-01-01"}, "Expected a day that is past, or nothing"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_is_not_repeated(
    accounts: dict[str, Account],
    alice: User,
    private_venues: dict[str, str],
    wrong: dict[str, str],
    words: str,
) -> None:
    account = accounts["KRAKEN"]
    here = f"/portfolios/{account.portfolio_id}/accounts/{account.pk}/key/"

    page = text(client(alice).post(here, {**SENT, **wrong}), 422)

    assert words in page and "canary" not in page and not ExchangeKey.objects.exists()


def test_an_account_of_another_portfolio_is_not_here(
    accounts: dict[str, Account], alice: User, private_venues: dict[str, str]
) -> None:
    other = actions.create(alice, "Other", "EUR")
    for path in ("", "key/", "key/remove/"):
        address = f"/portfolios/{other.pk}/accounts/{accounts['KRAKEN'].pk}/{path}"
        answer = client(alice).post(address, SENT) if path else client(alice).get(address)
        assert answer.status_code == 404
    assert not ExchangeKey.objects.exists() and not Fill.objects.exists()
