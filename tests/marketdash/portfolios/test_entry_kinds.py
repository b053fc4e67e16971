"""Kinds of entries that few people type, and all who need them need exactly."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from marketdash.instruments.assets import settle_all
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue
from marketdash.portfolios import actions, queries
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.looking import Rows, text, ticker
from tests.marketdash.portfolios.test_entry_pages import cells, kept
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(portfolio: Portfolio, kraken: Account) -> str:
    legs = leg("BTC", "2", account=kraken.pk), leg("EUR", "-500", account=kraken.pk)
    actions.record(portfolio, [draft_of(entry("buy", *legs))])
    return f"/portfolios/{portfolio.pk}/entries/"


def reviewed(there: Client, at: str, account: Account, **fields: str) -> str:
    sent = {"account": str(account.pk), "propose": "yes", "nonce": "n", **fields}
    return text(there.post(f"{at}review/", sent))


def test_a_split_changes_the_quantity_and_nothing_else(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    form = text(alice_there.get(f"{at}new/?kind=split"))
    assert 'name="amount2"' in form and 'name="asset2"' not in form and 'name="worth"' not in form

    html = reviewed(alice_there, at, kraken, kind="split", amount="2", asset="BTC", amount2="20")
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "BTC") == ["BTC", "Kraken", "2", "20"] and "is not known" not in html
    pool = queries.book(portfolio).pools[kraken.pk, "BTC"]
    assert (pool.quantity, pool.cost) == (20, 500)


def test_a_rename_takes_lots_along(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    fields = {"kind": "rename", "amount": "2", "asset": "BTC", "amount2": "2000", "asset2": "NEW"}
    html = reviewed(alice_there, at, kraken, **fields)
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "BTC") == ["BTC", "Kraken", "2", "0"]
    assert cells(html, "NEW") == ["NEW", "Kraken", "0", "2,000"]
    assert queries.book(portfolio).pools[kraken.pk, "NEW"].cost == 500


def test_funding_is_paid_or_received(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    for amount in ("3", "-8"):
        html = reviewed(alice_there, at, kraken, kind="funding", amount=amount, asset="EUR", nonce=amount)
        alice_there.post(f"{at}save/", kept(html))

    assert queries.book(portfolio).tally("funding").value == -5


@pytest.fixture
def contracts(rows: Rows) -> Rows:
    """An inverse and a linear perpetual, an option; the linear one has a name that a spot market has too."""
    venue, _ = Venue.objects.get_or_create(name="DERIBIT", defaults={"title": "Deribit"})
    for native, kind, base, quote, settle, size in (
        ("BTC-PERPETUAL", "perpetual", "BTC", "USD", "BTC", "10"),
        ("BTCEUR", "perpetual", "BTC", "EUR", "", "0.1"),
        ("BTC-27DEC30-100000-C", "option", "BTC", "USD", "BTC", "1"),
        ("NEW-30-C", "option", "NEW", "EUR", "", "100"),
        ("BTC/EUR", "spot", "BTC", "EUR", "", "1"),
    ):
        more = {"settle": settle, "contract_size": size, "enabled": True}
        if native == "NEW-30-C":
            more |= {"strike": "30", "right": "call"}
        Instrument(venue=venue, native=native, kind=kind, base=base, quote=quote, **more).save()
    settle_all()
    async_to_sync(catalogue.refresh)()
    return rows


def ended(html: str) -> list[str]:
    return re.findall(r'data-label="(?:Quantity|Cost|Closed for|Gain)">([^<]*)', html)


def fill(instrument: str, amount: str, price: str, side: str = "buy", **more: str) -> dict[str, str]:
    fields = {"kind": "fill", "instrument": instrument, "side": side, "amount": amount, "price": price}
    return {**fields, "nonce": f"{side}{amount}{price}", **more}


@pytest.mark.usefixtures("contracts")
def test_a_linear_perpetual_is_opened_and_closed(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    form = text(alice_there.get(f"{at}new/?kind=fill"))
    assert '<option value="DERIBIT:BTCEUR">' in form and 'name="asset"' not in form

    html = reviewed(alice_there, at, kraken, **fill("deribit:btceur", "30", "400", fee="0.5"))
    assert "DERIBIT:BTCEUR: linear; one contract is 0.1 BTC, settled in EUR, by the catalogue" in html
    assert cells(html, "DERIBIT:BTCEUR") == ["DERIBIT:BTCEUR", "Kraken", "0", "30"]
    assert cells(html, "EUR") == ["EUR", "Kraken", "−500", "−500.5"]  # the fee, in what it settles in
    alice_there.post(f"{at}save/", kept(html))
    html = reviewed(alice_there, at, kraken, **fill("DERIBIT:BTCEUR", "10", "450", "sell", paid="50"))
    alice_there.post(f"{at}save/", kept(html))

    assert ended(html) == ["10", "at 400.00", "at 450.00", "+50.00"]
    assert re.search(r"data-realised>\+50.00</b> EUR", html)
    book = queries.book(portfolio)
    held = book.positions[kraken.pk, "DERIBIT:BTCEUR"]
    assert (held.pool.quantity, held.gained, held.paid) == (20, 50, 50)
    assert book.tally("position").value == 50


@pytest.mark.usefixtures("contracts")
def test_what_contracts_gain_is_turned_by_a_rate_that_is_shown_before(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("50000")
    name = "DERIBIT:BTC-PERPETUAL"
    html = reviewed(alice_there, at, kraken, **fill(name, "1000", "50000", "sell"))
    assert f"{name}: inverse; one contract is 10 USD, settled in BTC" in html
    assert "are then owed" not in html and "1 BTC = 50000 EUR" in html
    alice_there.post(f"{at}save/", kept(html))

    html = reviewed(alice_there, at, kraken, **fill(name, "1000", "40000"))
    bare = reviewed(alice_there, at, kraken, **fill(name, "1000", "40000", propose=""))

    assert ended(html) == ["−1,000", "at 50,000.00", "at 40,000.00", "+2,500.00"]  # 0.05 BTC at 50,000
    assert ended(bare)[-1] == "+0.05000000 BTC"
    assert "What BTC was worth in EUR then is not known: state its rate on the entry's page" in bare


@pytest.mark.usefixtures("contracts")
def test_an_option_is_paid_for_at_once_and_may_end_worthless(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    name = "BTC-27DEC30-100000-C"
    html = reviewed(alice_there, at, kraken, **fill(name, "2", "0.05", fee="0.0003", fee_asset="BTC"))
    assert cells(html, "BTC") == ["BTC", "Kraken", "2", "1.8997"]
    alice_there.post(f"{at}save/", kept(html))
    over = {"kind": "expiry", "instrument": name, "side": "long", "amount": "2", "price": "0"}
    html = reviewed(alice_there, at, kraken, nonce="o", **over)
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, f"DERIBIT:{name}") == [f"DERIBIT:{name}", "Kraken", "2", "0"]
    held = queries.book(portfolio).positions[kraken.pk, f"DERIBIT:{name}"]
    assert (held.pool.quantity, held.gained, held.paid) == (0, Decimal("-0.1"), Decimal("-0.1"))


@pytest.mark.usefixtures("contracts")
def test_the_markets_price_is_taken_where_none_is_typed(
    alice_there: Client, at: str, kraken: Account, rows: Rows
) -> None:
    sent = {"account": str(kraken.pk), **fill("DERIBIT:BTCEUR", "1", "")}
    html = text(alice_there.post(f"{at}review/", {**sent, "propose": "yes"}), 422)
    words = "No market here says a price of DERIBIT:BTCEUR of that time: type it"
    assert f'id="e-price">{words}.' in html

    rows["ticker:DERIBIT:BTCEUR"] = ticker("432.1")
    html = reviewed(alice_there, at, kraken, **fill("DERIBIT:BTCEUR", "1", ""))

    assert (
        "Price 432.1, by the market's price of that time: DERIBIT" in html and kept(html)["price"] == "432.1"
    )


@pytest.mark.usefixtures("contracts")
def test_contracts_that_are_open_say_how_large_one_is(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    html = reviewed(alice_there, at, kraken, **fill("DERIBIT:BTC-PERPETUAL", "5", "50000"))
    alice_there.post(f"{at}save/", kept(html))
    Instrument.objects.filter(native="BTC-PERPETUAL").update(contract_size="1")

    html = reviewed(alice_there, at, kraken, **fill("DERIBIT:BTC-PERPETUAL", "5", "50000", "sell"))

    assert "one contract is 10 USD, settled in BTC, by what is open in the account" in html
    Instrument.objects.filter(native="BTC-PERPETUAL").delete()
    html = reviewed(alice_there, at, kraken, **fill("DERIBIT:BTC-PERPETUAL", "5", "50000", "sell"))
    assert "one contract is 10, settled in BTC, by what is open in the account" in html


@pytest.mark.usefixtures("contracts")
@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"instrument": ""}, "instrument", "such as DERIBIT:BTC-PERPETUAL, found nothing"),
        ({"instrument": "x\0y"}, "instrument", "found 'x\\x00y'"),
        ({"instrument": "KRAKEN:BTC/EUR"}, "instrument", "found 'KRAKEN:BTC/EUR', which is spot"),
        ({"amount": "-1"}, "amount", "expected more than 0, found -1"),
        ({"amount": "1e19", "price": "1e19"}, "amount", "expected at most 20 digits before the point"),
        ({"side": "hold"}, "side", "expected one of buy, sell, found 'hold'"),
        ({"price": "-1"}, "price", "expected 0 or more, found -1"),
        ({"instrument": "DERIBIT:BTC-PERPETUAL", "price": "0"}, "price", "expected more than 0, found 0"),
        ({"paid": "NaN"}, "paid", "expected a plain decimal number, found 'NaN'"),
        ({"fee": "1", "fee_asset": "NOPE"}, "fee_asset", "expected the code of a known asset"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_fill_is_said_at_its_field(
    alice_there: Client, at: str, kraken: Account, changed: dict[str, str], field: str, words: str
) -> None:
    name = "DERIBIT:BTC-27DEC30-100000-C"
    sent = {"account": str(kraken.pk), **fill(name, "1", "5"), **changed}
    before = Entry.objects.count()
    for step in ("review/", "save/"):
        html = text(alice_there.post(f"{at}{step}", sent), 422)
        found = re.findall(r'id="e-(\w+)">([^<]*)', html)
        assert [name for name, _ in found] == [field] and words.lower() in found[0][1].lower()
    assert Entry.objects.count() == before


@pytest.mark.usefixtures("contracts")
@pytest.mark.parametrize(
    "fields",
    [
        fill("DERIBIT:BTC-PERPETUAL", "100", "50000", "sell", paid="-0.5", fee="0.1", fee_asset="EUR"),
        fill("DERIBIT:BTC-27DEC30-100000-C", "2", "0.05"),
        fill("DERIBIT:BTC-27DEC30-100000-C", "2", "0.05", paid="0"),
        {"kind": "expiry", "instrument": "DERIBIT:BTCEUR", "side": "short", "amount": "1", "price": "0"},
        {"kind": "settlement", "instrument": "DERIBIT:BTC-PERPETUAL", "amount": "-0.01", "fee": "0.001"},
    ],
)
def test_what_a_derivative_did_can_be_corrected(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account, fields: dict[str, str]
) -> None:
    alice_there.post(f"{at}save/", {"account": str(kraken.pk), **fields})
    told = Entry.objects.latest("pk")
    before = queries.entry(portfolio, told.pk)
    assert before is not None and told.kind == fields["kind"]

    form = text(alice_there.get(f"{at}new/?corrects={told.pk}"))
    found = {"account": str(kraken.pk), "kind": told.kind, "nonce": "again", "corrects": str(told.pk)}
    for name, value in re.findall(r'<input id="f-(\w+)" [^>]*?value="([^"]*)"', form):
        found[name] = value
    for name, value in re.findall(r'<select id="f-(\w+)".*?<option value="(\w+)" selected', form):
        found[name] = value
    html = text(alice_there.post(f"{at}review/", {**found, "propose": ""}))
    assert "No quantity changes" in html
    alice_there.post(f"{at}save/", kept(html))

    after = queries.entry(portfolio, Entry.objects.latest("pk").pk)
    assert after is not None and after.legs == before.legs


@pytest.mark.usefixtures("contracts")
def test_an_option_that_is_exercised_takes_its_premium_into_what_it_delivers(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    form = text(alice_there.get(f"{at}new/?kind=exercise"))
    assert 'name="settles"' in form and 'name="asset"' in form
    bought = fill("NEW-30-C", "2", "1.5")
    alice_there.post(f"{at}save/", kept(reviewed(alice_there, at, kraken, **bought)))

    asked = {"kind": "exercise", "instrument": "NEW-30-C", "side": "long", "settles": "call", "amount": "2"}
    html = reviewed(alice_there, at, kraken, **asked, fee="1", nonce="x")
    alice_there.post(f"{at}save/", kept(html))

    assert cells(html, "NEW") == ["NEW", "Kraken", "0", "200"]
    assert cells(html, "EUR") == ["EUR", "Kraken", "−800", "−6,801"]
    assert 'what is delivered cost more by <span class="amount">300.00</span> EUR' in html
    assert re.search(r"data-realised>0.00</b> EUR", html)
    book = queries.book(portfolio)
    assert book.pools[kraken.pk, "NEW"].cost == 6300
    option = book.positions[kraken.pk, "DERIBIT:NEW-30-C"]
    assert (option.pool.quantity, option.gained - option.paid, book.tally("position").value) == (0, 0, 0)

    last = Entry.objects.filter(portfolio=portfolio, kind="exercise").get()
    again = text(alice_there.get(f"{at}new/?corrects={last.pk}"))
    assert re.search(r'value="call" selected', again) and 'value="30"' in again


@pytest.mark.usefixtures("contracts")
def test_an_option_that_is_assigned_brings_its_premium_with_the_strike(
    alice_there: Client, at: str, portfolio: Portfolio, kraken: Account
) -> None:
    written = fill("NEW-30-C", "1", "2", "sell")
    alice_there.post(f"{at}save/", kept(reviewed(alice_there, at, kraken, **written)))
    asked = {"kind": "exercise", "instrument": "NEW-30-C", "side": "short", "settles": "call", "amount": "1"}
    html = reviewed(alice_there, at, kraken, **asked, nonce="x")
    alice_there.post(f"{at}save/", kept(html))

    assert 'than is there: <span class="amount">100</span> NEW are then owed' in html
    assert 'what is delivered brought more by <span class="amount">200.00</span> EUR' in html
    assert queries.book(portfolio).pools[kraken.pk, "NEW"].cost == -3200
