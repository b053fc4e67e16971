"""What markets say of an entry that is being typed: the rates and the price of its time, and nothing is taken
before somebody saw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from marketdash.numerals import Style
from marketdash.portfolios import prices
from marketdash.portfolios.accounting import drafts, exact
from marketdash.portfolios.accounting.drafts import Draft, DraftRate
from marketdash.portfolios.accounting.exact import ONE
from marketdash.portfolios.accounting.ledger import DEPOSIT, Entry
from marketdash.portfolios.accounting.preview import AFTER_ALL, unvalued
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.entering import amounts, typed
from marketdash.portfolios.entering.blanks import CASH, FORMS, Form
from marketdash.portfolios.entering.terms import Terms
from marketdash.portfolios.entering.typed import Known
from marketdash.portfolios.words import offered, reviewed
from marketdash.portfolios.words.offered import Offer

MOST_RATES = 4
PAIR = ("asset", "asset2")


def as_entry(draft: Draft, now_us: int) -> Entry:
    """One that passed its check, without rates: as if it were the last of its time."""
    return Entry(AFTER_ALL, draft.at_us, draft.kind, drafts.checked(draft, now_us).legs)


async def rates(entry: Entry, base: str, now_us: int) -> list[DraftRate]:
    """Of what has no worth yet, one after another: one rate may say what another asset was worth."""
    found: list[DraftRate] = []
    wanted = unvalued(entry, base)
    market, when = await prices.around(base, wanted, entry.at_us, now_us) if wanted else (None, "")
    for asset in wanted:
        rate = market.rate(asset) if market is not None else None
        told = None if rate is None else DraftRate(asset, base, rate.of(ONE), f"{rate.path}, {when}")
        if _can_be_kept(told) and asset in unvalued(_with(entry, found), base):
            found.append(told)
    return found[:MOST_RATES]


def _with(entry: Entry, found: list[DraftRate]) -> Entry:
    return entry._replace(rates=(*entry.rates, *(drafts.rate(each) for each in found)))


def _can_be_kept(told: DraftRate | None) -> TypeGuard[DraftRate]:
    """Markets may say what is too small or too large for a ledger."""
    try:
        return told is not None and bool(drafts.rate(told).rate)
    except Refused:
        return False


async def cost(draft: Draft, base: str, now_us: int, style: Style) -> dict[str, str] | None:
    """What a deposit was worth at its time: no cost until somebody takes it as one."""
    leg = draft.legs[0]
    if draft.kind != DEPOSIT or leg.worth is not None or leg.asset == base:
        return None
    market, when = await prices.around(base, [leg.asset], draft.at_us, now_us)
    rate = market.rate(leg.asset)
    return None if rate is None else reviewed.hint(rate, leg.amount, base, when, style)


def field(fields: Mapping[str, str]) -> str:
    """The one that a market can fill in; "" where there is none."""
    form = FORMS.get(fields["kind"])
    if form is None or form.is_trade:
        return "amount2" if form else ""
    return "price" if form.sides and not (form.settles and fields["settles"] != CASH) else ""


async def offer(fields: Mapping[str, str], known: Known, now_us: int, style: Style) -> Offer | None:
    """For the one field that a market can fill in, where it is empty and enough is typed to ask for it."""
    if not field(fields):
        return None
    form = FORMS[fields["kind"]]
    try:
        at_us = typed.moment(fields["time"].strip(), now_us)
        if form.is_trade:
            return await _second(form, fields, known, (at_us, now_us), style)
        return await _price(fields, known, (at_us, now_us), style)
    except (Refused, exact.InvalidNumber):
        return None


async def _second(
    form: Form, fields: Mapping[str, str], known: Known, times: tuple[int, int], style: Style
) -> Offer | None:
    """What was given or got for the first amount."""
    asset, currency = (known.codes.get(word, word) for word in (fields[name].strip() for name in PAIR))
    if fields["amount2"].strip() or not (asset and currency) or asset == currency:
        return None
    first = amounts.amount(fields["amount"].strip())
    market, when = await prices.around(currency, [asset], *times)
    return offered.second(form.second, market.rate(asset), first, (asset, currency), when, style)


async def _price(
    fields: Mapping[str, str], known: Known, times: tuple[int, int], style: Style
) -> Offer | None:
    """Of one contract."""
    terms = known.contracts.get(fields["instrument"].strip())
    if fields["price"].strip() or not isinstance(terms, Terms):
        return None
    found = await prices.mark(terms.instrument, *times)
    return offered.price(found, terms.instrument, style)
