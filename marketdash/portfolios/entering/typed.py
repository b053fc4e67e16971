"""An entry as somebody types it: plain fields of one kind → a draft, or what is wrong at each field. Pure.

Amounts are typed without a sign, because the kind says which way they go; a fee is what was paid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from marketdash.portfolios.accounting import drafts, exact
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, DraftRate
from marketdash.portfolios.accounting.ledger import FEE, FEES, PRINCIPAL
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.entering import amounts, terms
from marketdash.portfolios.entering.blanks import CASH, FORMS, Form
from marketdash.portfolios.entering.terms import Terms

FIELDS = (
    *("kind", "account", "other", "time", "amount", "asset", "amount2", "asset2", "fee", "fee_asset"),
    *("worth", "note", "instrument", "side", "price", "paid", "settles"),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SAYS = "typed in"
Found = TypeVar("Found")


class Wrong(ValueError):
    """``errors``: field → what was expected and found."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {words}" for field, words in errors.items()))
        self.errors = errors


class Known(NamedTuple):
    """What may be named: ``codes`` of what is typed, ``accounts`` by key; and what it is measured in.

    ``contracts``: what is typed → the terms of a derivative, or words for why there are none.
    """

    codes: Mapping[str, str]
    accounts: Mapping[int, str]
    base: str
    contracts: Mapping[str, Terms | str] = MappingProxyType({})


def draft(
    fields: Mapping[str, str], known: Known, now_us: int, nonce: str, rates: Sequence[DraftRate] = ()
) -> Draft:
    """Raises :class:`Wrong` with all that is wrong. The same fields with the same ``nonce`` are one entry."""
    found = _Reading(fields, known)
    kind = found.take("kind", _kind)
    if kind is None:
        raise Wrong(found.errors)
    at_us = found.take("time", lambda text: moment(text, now_us))
    note = found.take("note", lambda text: drafts.text(text.strip(), "note", drafts.NOTE_LENGTH))
    account = found.take("account", found.account)
    with exact.precisely():
        legs = found.legs(FORMS[kind], kind, account or 0)
    if found.errors:
        raise Wrong(found.errors)
    assert at_us is not None and account is not None and note is not None
    mark = drafts.fingerprint("typed", nonce, *(fields.get(name, "") for name in FIELDS))
    made = Draft(kind, at_us, account, legs, rates, note=note, fingerprint=mark)
    try:
        drafts.checked(made, now_us)
    except Refused as refused:
        raise Wrong({_field_of(refused.field): refused.words}) from None
    return made


class _Reading:
    """Fields one after another, the errors gathered."""

    def __init__(self, fields: Mapping[str, str], known: Known) -> None:
        self.fields, self.known = fields, known
        self.errors: dict[str, str] = {}

    def take(self, name: str, read: Callable[[str], Found]) -> Found | None:
        try:
            return read(self.fields.get(name, "").strip())
        except (Refused, exact.InvalidNumber) as problem:
            self.errors[name] = problem.words
            return None

    def legs(self, form: Form, kind: str, account: int) -> list[DraftLeg]:
        legs = self._of_contracts(form, account) if form.instrument else self._of_assets(form, kind, account)
        if form.fee and (fee := self.take("fee", amounts.fee)):
            settles = (
                legs[0].asset if form.instrument and not self.fields.get("fee_asset", "").strip() else ""
            )
            code = settles or self.take("fee_asset", self._asset) or ""
            legs.append(DraftLeg(account, code, -fee, FEE))
        return legs

    def _of_contracts(self, form: Form, account: int) -> list[DraftLeg]:
        found = self.take("instrument", lambda text: terms.named(text, self.known.contracts))
        amount = self.take("amount", lambda text: amounts.amount(text, form.either_way)) or exact.ZERO
        if not form.sides:
            return [terms.money(found or terms.NONE, account, amount)]
        inverse = found is not None and found.inverse
        sign = self.take("side", lambda text: terms.sign(text, form.sides)) or 1
        if form.settles:
            of = found or terms.NONE
            right = self.take("settles", lambda text: terms.settles(text, form.settles, of))
            if right != CASH:
                return self._delivered(of, account, sign * amount, right or "")
        price = self.take("price", lambda text: amounts.price(text, inverse)) or exact.ZERO
        paid = self.take("paid", lambda text: exact.number(text) if text else None)
        return terms.legs(found or terms.NONE, account, sign * amount, price, paid)

    def _delivered(self, of: Terms, account: int, amount: Decimal, right: str) -> list[DraftLeg]:
        """For its strike, both of which the catalogue knows where the fields are empty."""
        strike = self.take("price", lambda text: amounts.amount(text or str(of.strike or ""), what="strike"))
        known = of.delivers if not self.fields.get("asset", "").strip() else ""
        asset = known or self.take("asset", self._asset) or ""
        if asset and asset == of.asset:
            self.errors["asset"] = f"expected another asset than {asset}, which is paid for it"
        if self.fields.get("paid", "").strip():
            self.errors["paid"] = "expected nothing: what is delivered is paid for with its strike"
        return terms.delivery(of, account, amount, right, strike or exact.ZERO, asset)

    def _of_assets(self, form: Form, kind: str, account: int) -> list[DraftLeg]:
        role = FEE if kind == FEES else PRINCIPAL
        amount = self.take("amount", lambda text: amounts.amount(text, form.either_way))
        legs = [self._leg(account, "asset", amount, form.sign, role)]
        if form.second:
            legs.append(self._second(form, legs[0]))
        if form.other:
            legs.append(self._arrival(legs[0], account))
        if form.worth:
            legs[form.of] = self._worth(legs[form.of], legs)
        return legs

    def _leg(
        self, account: int, name: str, amount: Decimal | None, sign: int, role: str = PRINCIPAL
    ) -> DraftLeg:
        code = self.take(name, self._asset) or ""
        return DraftLeg(account, code, (amount or exact.ZERO) * sign, role)

    def _second(self, form: Form, first: DraftLeg) -> DraftLeg:
        amount = self.take("amount2", amounts.amount)
        if form.same:
            return DraftLeg(first.account, first.asset, (amount or exact.ZERO) * -form.sign)
        second = self._leg(first.account, "asset2", amount, -form.sign)
        if first.asset and first.asset == second.asset:
            self.errors["asset2"] = f"expected another asset than {first.asset}, found the same"
        return second

    def _arrival(self, given: DraftLeg, account: int) -> DraftLeg:
        other = self.take("other", self.account) or 0
        if other and other == account:
            self.errors["other"] = "expected another account than the one that it leaves"
        return DraftLeg(other, given.asset, -Decimal(given.amount))

    def _worth(self, leg: DraftLeg, legs: Sequence[DraftLeg]) -> DraftLeg:
        worth, base = self.take("worth", amounts.worth), self.known.base
        if worth is None:
            return leg
        if any(each.asset == base for each in legs):
            self.errors["worth"] = f"expected nothing: {base} is worth itself, found {exact.plain(worth)}"
            return leg
        return DraftLeg(leg.account, leg.asset, leg.amount, leg.role, worth, base, SAYS)

    def account(self, text: str) -> int:
        key = int(text) if text.isdecimal() and len(text) < 19 else 0
        if key not in self.known.accounts:
            raise Refused("account", f"expected an account of this portfolio, found {text!r:.40}")
        return key

    def _asset(self, text: str) -> str:
        code = self.known.codes.get(text)
        if code is None:
            found = f"found {text!r:.40}" if text else "found nothing"
            raise Refused("asset", f"expected the code of a known asset, such as BTC, {found}")
        return code


def _kind(text: str) -> str:
    if text not in FORMS:
        raise Refused("kind", f"expected one of {', '.join(FORMS)}, found {text!r:.40}")
    return text


def moment(text: str, now_us: int) -> int:
    """UTC, as a browser's field gives it; nothing is now, to the second."""
    if not text:
        return now_us - now_us % 1_000_000
    try:
        found = datetime.fromisoformat(text)
        at_us = (found.replace(tzinfo=found.tzinfo or UTC) - _EPOCH) // datetime.resolution
    except (ValueError, OverflowError):
        raise Refused(
            "time", f"expected a date and a time such as 2026-01-31T13:05, found {text!r:.40}"
        ) from None
    if at_us < 0:
        raise Refused("time", f"expected one from 1970 on, found {text:.40}")
    if at_us > now_us + drafts.SLACK_US:
        raise Refused("time", f"expected one that is past, found {text:.40} while it is {clock(now_us)} UTC")
    return at_us


def clock(us: int) -> str:
    """As the field takes it."""
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}"


def precise_clock(us: int) -> str:
    """With all its digits."""
    return f"{clock(us)}.{us % 1_000_000:06d}" if us % 1_000_000 else clock(us)


def _field_of(name: str) -> str:
    """What the ledger refuses beyond what was asked here, at the field that it is nearest to."""
    return name if name in FIELDS else "rate" if name.startswith("rates") else "amount"
