"""What would have to be typed for an entry that is there, so that it can be corrected. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from marketdash.portfolios import exact
from marketdash.portfolios.blanks import FORMS, Form
from marketdash.portfolios.ledger import FEE, FEES, PRINCIPAL, Entry, Leg
from marketdash.portfolios.typed import precise_clock

Fields = dict[str, str]


def fields(entry: Entry, account: int, note: str, base: str) -> Fields | None:
    """None where the form cannot say it."""
    form = FORMS.get(entry.kind)
    main = [leg for leg in entry.legs if leg.role == (FEE if entry.kind == FEES else PRINCIPAL)]
    fees = [leg for leg in entry.legs if leg.role == FEE and entry.kind != FEES]
    expected = 2 if form and (form.second or form.other) else 1
    if form is None or len(main) != expected or len(fees) > 1 or len(main) + len(fees) != len(entry.legs):
        return None
    first = main[0] if (main[0].amount > 0) == (form.sign > 0) or form.either_way else main[-1]
    second = next((leg for leg in main if leg is not first), None)
    of_worth = (second if form.of and second else first) if form.worth else None
    if not _fits(form, first, second, fees, account) or _says_more(entry, of_worth, base):
        return None
    head = {"kind": entry.kind, "account": str(account), "time": precise_clock(entry.at_us), "note": note}
    return head | _first(form, first) | _second(form, second) | of_fee(fees) | _worth(of_worth)


def _first(form: Form, leg: Leg) -> Fields:
    return {"amount": exact.plain(leg.amount * form.sign), "asset": leg.asset}


def _second(form: Form, leg: Leg | None) -> Fields:
    if leg is None:
        return {}
    if form.other:
        return {"other": str(leg.account)}
    return {"amount2": exact.plain(abs(leg.amount)), **({} if form.same else {"asset2": leg.asset})}


def of_fee(fees: Sequence[Leg]) -> Fields:
    return {"fee": exact.plain(-fees[0].amount), "fee_asset": fees[0].asset} if fees else {}


def _worth(leg: Leg | None) -> Fields:
    return {} if leg is None or leg.worth is None else {"worth": exact.plain(leg.worth.amount)}


def _says_more(entry: Entry, of_worth: Leg | None, base: str) -> bool:
    """Whether it states a worth that the form has no field for: a correction would lose it."""
    stated = [leg for leg in entry.legs if leg.worth is not None]
    return any(leg is not of_worth or leg.worth.currency != base for leg in stated)  # type: ignore[union-attr]


def _fits(form: Form, first: Leg, second: Leg | None, fees: Sequence[Leg], account: int) -> bool:
    """One account where one is asked for, one asset too, and the signs that the form gives."""
    if form.same and (second is None or second.asset != first.asset):
        return False
    stays = [first, *fees, *([second] if second and not form.other else [])]
    signs = form.either_way or (first.amount > 0) == (form.sign > 0)
    return signs and all(leg.account == account for leg in stays) and all(leg.amount < 0 for leg in fees)
