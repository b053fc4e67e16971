"""The fields of the form that an entry is typed into, as its template shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from marketdash.portfolios.accounting.ledger import KINDS
from marketdash.portfolios.entering.blanks import CALL, FORMS, Form
from marketdash.portfolios.entering.typed import Known

_CLOCK = r"|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?"


class Field(NamedTuple):
    """``choices``: one of them is chosen; ``list``: of what it suggests; ``whole``: it has a line."""

    name: str
    label: str
    value: str
    error: str = ""
    help: str = ""
    type: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    list: str = ""
    whole: bool = False


class Kind(NamedTuple):
    name: str
    label: str
    chosen: bool


def kinds(chosen: str) -> list[Kind]:
    return [Kind(name, KINDS[name], name == chosen) for name in FORMS]


def fields(values: Mapping[str, str], errors: Mapping[str, str], known: Known) -> list[Field]:
    return [_filled(each, values, errors) for each in _fields(values["kind"], known)]


def _filled(field: Field, values: Mapping[str, str], errors: Mapping[str, str]) -> Field:
    """A browser's field for a time knows no fraction of a second: one that has it is text, and keeps it."""
    value = values.get(field.name) or field.value
    is_fine = field.type != "datetime-local" or re.fullmatch(_CLOCK, value)
    return field._replace(
        value=value, error=errors.get(field.name, ""), type=field.type if is_fine else "text"
    )


def _fields(kind: str, known: Known) -> Iterator[Field]:
    form, base = FORMS[kind], known.base
    accounts = tuple((str(pk), name) for pk, name in known.accounts.items())
    first = accounts[0][0] if accounts else ""
    yield Field("account", "From account" if form.other else "Account", first, choices=accounts)
    if form.other:
        yield Field("other", form.other, accounts[-1][0] if accounts else "", choices=accounts)
    yield Field("time", "Time, UTC", "", help="Empty: now", type="datetime-local")
    if form.instrument:
        yield from _of_contracts(form)
    else:
        yield from _pair("amount", "asset", form.first)
    if form.same:
        yield Field("amount2", form.second, "", help="Of the same asset; lots keep their date and cost")
    elif form.second:
        about = "Empty: by the market's price of that time" if form.is_trade else ""
        yield from _pair("amount2", "asset2", form.second, about)
    if form.fee:
        yield Field("fee", "Fee paid", "", help="Empty: none")
        about = "Empty: what it settles in" if form.instrument else ""
        yield Field("fee_asset", "Of", "", help=about, list="assets")
    if form.worth:
        about = f"In {base}, altogether. Empty: by what the trade or the market of that time says"
        if kind == "deposit":
            about = f"In {base}, altogether. Empty: unknown, and gains leave it out"
        yield Field("worth", form.worth, "", help=about, whole=True)
    yield Field("note", "Note", "", whole=True)


def _of_contracts(form: Form) -> Iterator[Field]:
    label, like = "Perpetual, future or option", "DERIBIT:BTC-PERPETUAL"
    if form.settles:
        label, like = "Option", "DERIBIT:BTC-25DEC26-100000-C"
    about = f"Its full name, such as {like}. The catalogue knows its size and what it settles in"
    yield Field("instrument", label, "", help=about, list="contracts", whole=True)
    if form.sides:
        sides = tuple((name, words) for name, (words, _) in form.sides.items())
        yield Field("side", "Which way", sides[0][0], choices=sides)
    if form.settles:
        yield Field("settles", "How it ended", CALL, choices=tuple(form.settles.items()))
    yield Field("amount", form.first, "", help="" if form.sides else "In what it settles in")
    if form.settles:
        yield Field("price", form.price, "", help="Empty: the strike that the catalogue knows")
        yield Field(
            "asset", "Delivered", "", help="Empty: what the catalogue says. Not in cash", list="assets"
        )
        about = "In cash alone, with its sign, in what it settles in. Empty: contracts × size × price"
        yield Field("paid", "Money that was paid out", "", help=about)
    elif form.sides:
        yield Field(
            "price", form.price, "", help="Of one, as the exchange quotes it. Empty: the market's then"
        )
        about = "With its sign, in what it settles in. Empty: an option's price, else nothing yet"
        yield Field("paid", "Money that moved with it", "", help=about)


def _pair(amount: str, asset: str, label: str, about: str = "") -> Iterator[Field]:
    yield Field(amount, label, "", help=about)
    yield Field(asset, "Of", "", list="assets")
