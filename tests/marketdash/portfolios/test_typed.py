"""What is typed into the form of an entry: a draft, or what is wrong at each field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.ledger import Entry, Worth
from marketdash.portfolios.entering import retyped, typed
from marketdash.portfolios.entering.blanks import FORMS
from marketdash.portfolios.entering.terms import Terms
from marketdash.portfolios.entering.typed import Known, Wrong

KNOWN = Known(
    {code: code for code in ("BTC", "EUR", "USDT", "BNB")} | {"xbt": "BTC"},
    {1: "Main", 2: "Safe"},
    "EUR",
    {
        "DERIBIT:Y": Terms("DERIBIT:Y", "USDT", Decimal("0.1"), inverse=True),
        "C": Terms(
            "IBKR:NEW-C", "USDT", Decimal(100), False, True, strike=Decimal(15), right="call", delivers="BTC"
        ),
        "?": Terms("IBKR:NEW-Q", "USDT", Decimal(100), False, True),
    },
)
NOW_US = 1_800_000_000_123_456
BUY = {"kind": "buy", "account": "1", "amount": "0.1", "asset": "xbt", "amount2": "100", "asset2": "EUR"}
FULL = {"account": "1", "other": "2", "amount": "2", "asset": "BTC", "amount2": "3", "asset2": "USDT"}
FULL |= {"instrument": "DERIBIT:Y", "price": "7", "paid": "-0.25", "settles": "cash"}
EXERCISE = {
    "kind": "exercise",
    "account": "1",
    "instrument": "C",
    "side": "long",
    "amount": "2",
    "settles": "call",
}


def errors(**changed: str) -> dict[str, str]:
    with pytest.raises(Wrong) as found:
        typed.draft({**BUY, **changed}, KNOWN, NOW_US, "n")
    return found.value.errors


def test_a_buy_with_a_fee() -> None:
    draft = typed.draft({**BUY, "fee": "0.001", "fee_asset": "BNB", "note": " first "}, KNOWN, NOW_US, "n")

    assert [(leg.asset, leg.amount, leg.role) for leg in draft.legs] == [
        ("BTC", Decimal("0.1"), "principal"),
        ("EUR", Decimal(-100), "principal"),
        ("BNB", Decimal("-0.001"), "fee"),
    ]
    assert (draft.at_us, draft.note, draft.source) == (1_800_000_000_000_000, "first", "typed")


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_is_an_entry_that_the_ledger_takes_and_gives_back(kind: str) -> None:
    form = FORMS[kind]
    fields = {**FULL, "kind": kind, "fee": "0.5", "fee_asset": "BNB", "time": "2026-01-31T13:05:00.000001"}
    side, sign = next(((name, sign) for name, (_, sign) in form.sides.items()), ("", form.sign))
    fields["side"] = side
    if form.worth:
        fields["worth"] = "7.5"

    draft = typed.draft(fields, KNOWN, NOW_US, "n")
    checked = drafts.checked(draft, NOW_US)

    assert checked.legs[0].amount == 2 * sign
    assert any(leg.worth is not None for leg in checked.legs) == bool(form.worth)
    again = retyped.fields(Entry(1, draft.at_us, kind, checked.legs), 1, draft.note, "EUR")
    assert again is not None
    assert typed.draft(again, KNOWN, NOW_US, "n").legs == draft.legs
    assert again["time"] == fields["time"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "reversal", "expected one of buy"),
        ("account", "9", "expected an account of this portfolio, found '9'"),
        ("account", "9" * 40, "expected an account"),
        ("amount", "", "the amount is empty: type a number, such as 1250.5"),
        ("amount2", "", "the amount is empty: type a number, such as 1250.5"),
        ("amount", "NaN", "expected a plain decimal number, found 'NaN'"),
        ("amount", "1,5", "expected a plain decimal number"),
        ("amount", "9" * 40, "expected at most 20 digits before the point and 24 after it"),
        ("amount", "-1", "expected more than 0, found -1"),
        ("amount2", "0", "expected more than 0, found 0"),
        ("asset", "nope", "expected the code of a known asset, such as BTC, found 'nope'"),
        ("asset2", "", "expected the code of a known asset, such as BTC, found nothing"),
        ("asset2", "BTC", "expected another asset than BTC"),
        ("fee", "-0.1", "expected 0 or more, as what was paid, found -0.1"),
        ("time", "yesterday", "expected a date and a time such as"),
        ("time", "2099-01-01T00:00", "expected one that is past, found 2099-01-01T00:00 while it is 2027"),
        ("time", "1969-12-31T23:59", "expected one from 1970 on"),
        ("worth", "5", "expected nothing: EUR is worth itself, found 5"),
        ("worth", "-5", "expected 0 or more, found -5"),
        ("note", "n" * 1001, "expected at most 1000 characters, found 1001"),
        ("note", "a\0b", "expected at most 1000 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(field: str, value: str, words: str) -> None:
    found = errors(**{field: value})

    assert list(found) == [field] and words in found[field]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(errors(amount="x", asset="?", fee="-1", time="x")) == {"amount", "asset", "fee", "time"}


def test_a_fee_needs_what_it_is_of() -> None:
    assert set(errors(fee="1")) == {"fee_asset"}
    assert typed.draft({**BUY, "fee": "0", "fee_asset": ""}, KNOWN, NOW_US, "n").legs[2:] == []


def test_a_transfer_leads_elsewhere() -> None:
    with pytest.raises(Wrong) as found:
        typed.draft({**FULL, "kind": "transfer", "other": "1"}, KNOWN, NOW_US, "n")

    assert found.value.errors == {"other": "expected another account than the one that it leaves"}


def test_interest_may_be_paid() -> None:
    draft = typed.draft({**FULL, "kind": "interest", "amount": "-2"}, KNOWN, NOW_US, "n")

    assert draft.legs[0].amount == -2


def test_the_same_form_is_one_entry_and_another_content_is_another() -> None:
    def mark(nonce: str = "n", **changed: str) -> str:
        return typed.draft({**BUY, **changed}, KNOWN, NOW_US, nonce).fingerprint

    assert mark() == mark() and len({mark(), mark("other"), mark(amount="0.2"), mark(note="x")}) == 4


def test_what_the_form_cannot_say_is_not_said_wrongly() -> None:
    draft: Any = typed.draft(BUY, KNOWN, NOW_US, "n")
    legs = drafts.checked(draft, NOW_US).legs

    def again(*legs: Any, kind: str = "buy") -> Any:
        return retyped.fields(Entry(1, 0, kind, legs), 1, "", "EUR")

    assert again(*legs) is not None
    assert again(*legs, *legs) is None
    assert again(legs[0], legs[1]._replace(account=2)) is None
    assert again(*legs, legs[1]._replace(role="fee", amount=Decimal(1))) is None  # a rebate
    assert again(*legs, kind="split") is None
    assert again(*legs, kind="exercise") is None


@pytest.mark.parametrize(("place", "currency"), [(0, "EUR"), (1, "USD"), (2, "EUR")])
def test_a_stated_worth_that_the_form_does_not_ask_for_is_not_lost(place: int, currency: str) -> None:
    swapped = {**BUY, "asset2": "USDT", "worth": "90", "fee": "1", "fee_asset": "BNB"}
    legs = list(drafts.checked(typed.draft(swapped, KNOWN, NOW_US, "n"), NOW_US).legs)
    assert retyped.fields(Entry(1, 0, "buy", tuple(legs)), 1, "", "EUR") is not None

    legs[place] = legs[place]._replace(worth=Worth(Decimal(90), currency, "a file"))

    assert retyped.fields(Entry(1, 0, "buy", tuple(legs)), 1, "", "EUR") is None


@pytest.mark.parametrize(
    ("side", "right", "contracts", "delivered", "money"),
    [
        ("long", "call", -2, 200, -3000),
        ("short", "call", 2, -200, 3000),
        ("long", "put", -2, -200, 3000),
        ("short", "put", 2, 200, -3000),
    ],
)
def test_an_exercise_delivers_which_way_its_right_and_side_say(
    side: str, right: str, contracts: int, delivered: int, money: int
) -> None:
    fields = {**EXERCISE, "instrument": "?", "side": side, "settles": right, "price": "15", "asset": "BTC"}

    draft = typed.draft({**fields, "fee": "1"}, KNOWN, NOW_US, "n")

    assert [(leg.role, leg.asset, leg.amount) for leg in draft.legs] == [
        ("position", "USDT", contracts),
        ("principal", "BTC", delivered),
        ("principal", "USDT", money),
        ("fee", "USDT", -1),
    ]
    checked = drafts.checked(draft, NOW_US)
    again = retyped.fields(Entry(1, draft.at_us, "exercise", checked.legs), 1, "", "EUR")
    assert again is not None and (again["side"], again["settles"], again["price"]) == (side, right, "15")


def test_the_catalogue_says_what_an_option_delivers_and_for_how_much() -> None:
    draft = typed.draft(EXERCISE, KNOWN, NOW_US, "n")

    assert [(leg.asset, leg.amount) for leg in draft.legs[1:]] == [("BTC", 200), ("USDT", -3000)]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"settles": "put"}, "settles", "expected a call, as IBKR:NEW-C is one, found a put"),
        ({"settles": ""}, "settles", "expected one of call, put, cash, found ''"),
        (
            {"instrument": "DERIBIT:Y", "asset": "BTC", "price": "1"},
            "settles",
            "pays USDT and delivers nothing",
        ),
        ({"instrument": "?", "asset": "BTC"}, "price", "the strike is empty: type a number"),
        ({"instrument": "?", "price": "15"}, "asset", "expected the code of a known asset"),
        ({"asset": "USDT"}, "asset", "expected another asset than USDT"),
        ({"paid": "5"}, "paid", "expected nothing: what is delivered is paid for with its strike"),
        ({"price": "0"}, "price", "expected more than 0"),
        ({"side": ""}, "side", "expected one of long, short"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_said_at_its_field(
    changed: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(Wrong) as found:
        typed.draft({**EXERCISE, **changed}, KNOWN, NOW_US, "n")

    assert field in found.value.errors and words in found.value.errors[field]


def test_an_option_that_ends_in_cash_is_paid_out_at_its_settlement_price() -> None:
    draft = typed.draft({**EXERCISE, "settles": "cash", "price": "4"}, KNOWN, NOW_US, "n")

    assert [(leg.role, leg.amount) for leg in draft.legs] == [("position", -2), ("paid", 800)]
