"""What would have to be typed for an entry that is there, so that it can be corrected. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.ledger import FEE, FEES, PAID, POSITION, PRINCIPAL, Entry, Leg
from marketdash.portfolios.entering import terms
from marketdash.portfolios.entering.blanks import CALL, CASH, FORMS, PUT, Form
from marketdash.portfolios.entering.terms import Terms
from marketdash.portfolios.entering.typed import precise_clock

Fields = dict[str, str]


def fields(entry: Entry, account: int, note: str, base: str) -> Fields | None:
    """None where the form cannot say it."""
    form = FORMS.get(entry.kind)
    if form is not None and form.instrument:
        return _of_contracts(form, entry, account, note)
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
    return (
        _head(entry, account, note)
        | _first(form, first)
        | _second(form, second)
        | _of_fee(fees)
        | _worth(of_worth)
    )


def _head(entry: Entry, account: int, note: str) -> Fields:
    return {"kind": entry.kind, "account": str(account), "time": precise_clock(entry.at_us), "note": note}


def _of_contracts(form: Form, entry: Entry, account: int, note: str) -> Fields | None:
    """Of one instrument, in one account, each role at most once."""
    if form.settles and any(leg.role == PRINCIPAL for leg in entry.legs):
        return _delivered(form, entry, account, note)
    roles = {role: [leg for leg in entry.legs if leg.role == role] for role in (POSITION, PAID, FEE)}
    of_main = roles[POSITION if form.sides else PAID]
    if not of_main or max(map(len, roles.values())) > 1:
        return None
    (main,) = of_main
    legs = [main, *roles[FEE], *(roles[PAID] if form.sides else ())]
    is_one = {(leg.account, leg.instrument or main.instrument) for leg in legs} == {
        (account, main.instrument)
    }
    fees_are_paid = all(leg.amount < 0 for leg in roles[FEE])
    stated = any(leg.worth is not None for leg in entry.legs)
    fits = is_one and fees_are_paid and not stated and len(legs) == len(entry.legs)
    if not fits or any(leg.asset != main.asset for leg in roles[PAID]):
        return None
    found = _head(entry, account, note) | {"instrument": main.instrument} | _of_fee(roles[FEE])
    if not form.sides:
        return found | {"amount": exact.plain(main.amount)}
    ended = {"settles": CASH} if form.settles else {}
    return found | _traded(form, main, roles[PAID]) | ended


def _delivered(form: Form, entry: Entry, account: int, note: str) -> Fields | None:
    """An option at nothing, what it is of, the money for it, and perhaps a fee."""
    position, *others = sorted(entry.legs, key=lambda leg: leg.role != POSITION)
    fees = [leg for leg in others if leg.role == FEE]
    sides = [leg for leg in others if leg.role == PRINCIPAL]
    asset = next((leg for leg in sides if leg.asset != position.asset), None)
    money = next((leg for leg in sides if leg.asset == position.asset), None)
    if position.contract is None or asset is None or money is None or len(sides) + len(fees) != len(others):
        return None
    if len(sides) != 2 or len(fees) > 1 or any(leg.amount > 0 for leg in fees):
        return None
    if any(leg.account != account or leg.worth is not None for leg in entry.legs):
        return None
    strike = exact.share(money.amount.copy_abs(), exact.ONE, asset.amount.copy_abs())
    side = next(name for name, (_, sign) in form.sides.items() if (sign > 0) == (position.amount > 0))
    right = CALL if (asset.amount > 0) == (position.amount < 0) else PUT
    same = terms.delivery(_terms_of(position), account, position.amount, right, strike, asset.asset)
    if [(leg.asset, leg.amount) for leg in same] != [
        (leg.asset, leg.amount) for leg in (position, asset, money)
    ]:
        return None
    what = {"instrument": position.instrument, "side": side, "settles": right, "asset": asset.asset}
    numbers = {"amount": exact.plain(position.amount.copy_abs()), "price": exact.plain(strike)}
    return _head(entry, account, note) | what | numbers | _of_fee(fees)


def _terms_of(leg: Leg) -> Terms:
    assert leg.contract is not None
    return Terms(leg.instrument, leg.asset, leg.contract.multiplier, leg.contract.inverse)


def _traded(form: Form, main: Leg, paid: Sequence[Leg]) -> Fields:
    """What was paid is said even where it is nothing: left empty, an option's would be worked out."""
    assert main.contract is not None
    side = next(name for name, (_, sign) in form.sides.items() if (sign > 0) == (main.amount > 0))
    moved = exact.plain(paid[0].amount) if paid else "0"
    terms = {"price": exact.plain(main.contract.price), "paid": moved}
    return {"side": side, "amount": exact.plain(main.amount.copy_abs()), **terms}


def _first(form: Form, leg: Leg) -> Fields:
    amount = leg.amount if form.sign > 0 else leg.amount.copy_negate()
    return {"amount": exact.plain(amount), "asset": leg.asset}


def _second(form: Form, leg: Leg | None) -> Fields:
    if leg is None:
        return {}
    if form.other:
        return {"other": str(leg.account)}
    return {"amount2": exact.plain(leg.amount.copy_abs()), **({} if form.same else {"asset2": leg.asset})}


def _of_fee(fees: Sequence[Leg]) -> Fields:
    return {"fee": exact.plain(fees[0].amount.copy_negate()), "fee_asset": fees[0].asset} if fees else {}


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
