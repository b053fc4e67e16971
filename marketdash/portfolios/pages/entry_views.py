"""Typing an entry in: a form, a review of what it will do, and only then the ledger. Corrections too."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from marketdash import access
from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting import drafts, exact
from marketdash.portfolios.accounting.drafts import Draft, DraftRate
from marketdash.portfolios.accounting.lacking import uncosted
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.preview import unvalued
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.entering import asked, retyped, typed
from marketdash.portfolios.entering.blanks import FORMS
from marketdash.portfolios.entering.terms import Terms, words
from marketdash.portfolios.entering.typed import Known, Wrong
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages import derivatives, proposed
from marketdash.portfolios.pages.views import mine, page, seen, with_account
from marketdash.portfolios.past import missing
from marketdash.portfolios.words import journal, reviewed

MOST_RATES = 4
_ASSETS = ("asset", "asset2", "fee_asset")


class Sent(NamedTuple):
    """What a form brought. ``corrects``: the entry in whose place it is to stand.

    ``propose``: market rates are to be looked up.
    """

    values: dict[str, str]
    nonce: str
    corrects: int | None
    rates: list[DraftRate]
    known: Known
    propose: bool = True


@with_account
async def new(request: HttpRequest, key: int) -> HttpResponseBase:
    """Empty, or with what an entry has that is to be corrected, or with what a review sent back."""
    held = await mine(request, key)
    if request.method == "POST":
        return await _form(request, held, await as_sent(request, held))
    known = await sync_to_async(_known)(held, ())
    kind = request.GET.get("kind", "")
    values = {"kind": kind if kind in FORMS else next(iter(FORMS))}
    corrects = _number(request.GET.get("corrects", ""))
    if corrects is not None:
        found = await sync_to_async(_to_correct)(held, corrects)
        values = found if kind not in FORMS else {**found, "kind": kind}
    return await _form(request, held, Sent(values, uuid.uuid4().hex, corrects, [], known))


def _to_correct(held: Portfolio, pk: int) -> dict[str, str]:
    told, entry = journal.one(held, pk), queries.entry(held, pk)
    if told is None or entry is None or not told.counts:
        raise Http404("no entry of this portfolio that counts has this number")
    found = retyped.fields(entry, told.account_pk, told.note, held.base.code)
    if found is None:
        raise Http404("an entry of more parts than the form has can be reversed, not corrected here")
    return found


@with_account
@require_POST
async def review(request: HttpRequest, key: int) -> HttpResponseBase:
    """What it would do. Writes nothing."""
    held = await mine(request, key)
    sent = await as_sent(request, held)
    now_us = time.time_ns() // 1000
    style, offer = request.display.style, None
    if sent.propose and (offer := await proposed.offer(sent.values, sent.known, now_us, style)):
        sent.values[offer.field] = offer.value
    try:
        draft = typed.draft(sent.values, sent.known, now_us, sent.nonce)
    except Wrong as wrong:
        lacks = {offer.field: offer.lacks} if offer and offer.lacks else {}
        return await _form(request, held, sent, wrong.errors | _not_asked(sent, wrong.errors) | lacks)
    bare, base = proposed.as_entry(draft, now_us), held.base.code
    rates = await proposed.rates(bare, base, now_us) if sent.propose else []
    entry = bare._replace(rates=tuple(drafts.rate(each) for each in rates))
    found = await sync_to_async(queries.preview)(held, entry, sent.corrects)
    context = {
        "portfolio": held,
        "sent": sent,
        "values": {**sent.values, "time": typed.precise_clock(draft.at_us)},
        "rates": [_told(each) for each in rates],
        "review": reviewed.shown(entry, found, sent.known, style),
        "hint": await proposed.cost(draft, base, now_us, style),
        **{"terms": _terms(sent), "by_market": offer if offer and offer.value else None},
        "replaced": await sync_to_async(journal.one)(held, sent.corrects) if sent.corrects else None,
    }
    return await page(request, "review.html", context)


def _not_asked(sent: Sent, errors: Mapping[str, str]) -> dict[str, str]:
    """An empty field that a market could fill in has another way out, where none is asked."""
    name = proposed.field(sent.values)
    if sent.propose or name not in errors or sent.values[name].strip():
        return {}
    return {name: f"{errors[name]}, or tick the look-up of market prices below"}


@with_account
@require_POST
async def save(request: HttpRequest, key: int) -> HttpResponseBase:
    """Sent twice it is recorded once."""
    held = await mine(request, key)
    sent = await as_sent(request, held)
    try:
        draft = typed.draft(sent.values, sent.known, time.time_ns() // 1000, sent.nonce, sent.rates)
        is_new = await sync_to_async(_recorded)(held, draft, sent.corrects)
    except Wrong as wrong:
        return await _form(request, held, sent, wrong.errors)
    if is_new:
        messages.success(request, "Saved.")
    else:
        messages.info(request, "This was saved already; nothing was added.")
    return redirect("portfolio", key=key)


def _recorded(held: Portfolio, draft: Draft, corrects: int | None) -> bool:
    """Whether it is new. Raises :class:`Wrong`.

    A correction that was sent twice at once finds its entry reversed, by itself.
    """
    try:
        if corrects is None:
            return bool(actions.record(held, [draft]).entries)
        actions.correct(held, corrects, draft)
    except Refused as refused:
        if queries.is_recorded(held, draft):
            return False
        field = refused.field.removeprefix("0.")
        raise Wrong({field if field in typed.FIELDS else "form": refused.words}) from None
    return True


@with_account
@require_GET
async def entry(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    held = await seen(request, key)
    return await entry_page(request, held, pk)


async def entry_page(
    request: HttpRequest, held: Portfolio, pk: int, refused: Refused | None = None, typed_rate: str = ""
) -> HttpResponse:
    told = await sync_to_async(journal.one)(held, pk, request.display.style)
    stored = await sync_to_async(queries.entry)(held, pk)
    if told is None:
        raise Http404("no entry of this portfolio has this number")
    may = access.may_change(request.user, held)
    can = may and told.counts and stored is not None
    fits = can and retyped.fields(stored, told.account_pk, told.note, held.base.code) is not None  # type: ignore[arg-type]
    lacking = await _lacking(held, stored) if can and stored is not None else {}
    at_field = refused is not None and refused.field in (
        "sure",
        *(f"rate {each}" for each, _ in lacking.get("lacking", ())),
    )
    context = {
        **{"portfolio": held, "entry": told, "refused": refused, "at_field": at_field},
        **{"can_correct": fits, "can_reverse": may and told.counts},
        **lacking,
        "typed_rate": typed_rate,
        "unknown_then": await sync_to_async(missing.of_entry)(held, pk) if told.counts else "",
    }
    return await page(request, "entry.html", context, 422 if refused else 200)


async def _lacking(held: Portfolio, stored: Entry) -> dict[str, Any]:
    """Assets of which no rate is known, with what a market said then; and a deposit's cost."""
    base, now_us = held.base.code, time.time_ns() // 1000
    wanted = unvalued(stored, base)
    proposals = {each.asset: each for each in await proposed.rates(stored, base, now_us)} if wanted else {}
    lacking = [(asset, _told(proposals[asset]) if asset in proposals else None) for asset in wanted]
    return {"lacking": lacking, "uncosted": uncosted(stored, base)}


@with_account
@require_POST
async def reverse(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    """Asked twice: the entry's page opens the question, and the box has to be ticked."""
    held = await mine(request, key)
    if await sync_to_async(journal.one)(held, pk) is None:
        raise Http404("no entry of this portfolio has this number")
    try:
        if request.POST.get("sure") != "yes":
            raise Refused("sure", "expected the box to be ticked")
        await sync_to_async(actions.reverse)(held, pk, request.POST.get("note", "").strip())
    except Refused as refused:
        return await entry_page(request, held, pk, refused)
    messages.success(request, f"Entry {pk} counts no more.")
    return redirect("portfolio", key=key)


async def _form(
    request: HttpRequest, held: Portfolio, sent: Sent, errors: Mapping[str, str] | None = None
) -> HttpResponse:
    errors = errors or {}
    kind = sent.values.get("kind", "")
    if kind not in FORMS:
        sent = sent._replace(values={**sent.values, "kind": next(iter(FORMS))})
    context = {
        "portfolio": held,
        "sent": sent,
        "kinds": asked.kinds(sent.values["kind"]),
        "fields": asked.fields(sent.values, errors, sent.known),
        "whole": "; ".join(words for name, words in errors.items() if name in ("form", "kind", "rate")),
        "assets": queries.suggested(sent.known.codes.values()),
        "contracts": await sync_to_async(_contracts)(held, sent.values["kind"]),
    }
    return await page(request, "entry_form.html", context, 422 if errors else 200)


def _contracts(held: Portfolio, kind: str) -> list[str]:
    return derivatives.suggested(held) if FORMS[kind].instrument else []


async def as_sent(request: HttpRequest, held: Portfolio) -> Sent:
    values = {name: request.POST.get(name, "") for name in typed.FIELDS}
    nonce = request.POST.get("nonce", "")[:64] or uuid.uuid4().hex
    corrects = _number(request.POST.get("corrects", ""))
    form, asked = (
        FORMS.get(values["kind"]),
        (values["instrument"].strip(), values["account"].strip(), corrects),
    )
    codes = [values[name].strip() for name in _ASSETS]
    known = await sync_to_async(_known)(held, codes, asked if form and form.instrument else None)
    told = (text.split("|", 2) for text in request.POST.getlist("rate")[:MOST_RATES])
    rates = [DraftRate(part[0], known.base, part[1], part[2]) for part in told if len(part) == 3]
    return Sent(values, nonce, corrects, rates, known, request.POST.get("propose") == "yes")


def _told(rate: DraftRate) -> dict[str, str]:
    """``told`` comes back with the form, so that what is saved is what was reviewed."""
    asset, value, source = rate.asset, exact.plain(Decimal(rate.rate)), rate.source
    return {"asset": asset, "rate": value, "source": source, "told": f"{asset}|{value}|{source}"}


def _known(
    held: Portfolio, codes: Sequence[str], instrument: tuple[str, str, int | None] | None = None
) -> Known:
    """``instrument``: what was typed of it, the account, and the entry that is corrected."""
    accounts = {each.pk: each.name for each in held.accounts.all()}
    found = {}
    if instrument is not None:
        typed_, account, corrects = instrument
        found[typed_] = derivatives.terms(held, _number(account) or 0, typed_, corrects)
    return Known(queries.codes(codes), accounts, held.base.code, found)


def _terms(sent: Sent) -> str:
    found = sent.known.contracts.get(sent.values["instrument"].strip())
    return words(found) if isinstance(found, Terms) and FORMS[sent.values["kind"]].instrument else ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
