"""What nobody can say of a portfolio, and saying it: a rate of an entry's time, reviewed before it counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.entering.typed import SAYS
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages import entry_views
from marketdash.portfolios.pages.views import mine, page, seen, with_account
from marketdash.portfolios.words import journal, reviewed

AT_ONCE = 50


class Row(NamedTuple):
    told: journal.Told
    lack: Lack


@with_account
@require_GET
async def unknown(request: HttpRequest, key: int) -> HttpResponseBase:
    """All entries of which something is not known, the oldest first: what they say reaches the furthest."""
    held = await seen(request, key)
    found = await sync_to_async(queries.lacks)(held)
    asked = request.GET.get("page", "")
    pages = max(1, -(-len(found) // AT_ONCE))
    at = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1), pages)
    some = found[(at - 1) * AT_ONCE : at * AT_ONCE]
    told = await sync_to_async(journal.some)(held, [each.entry for each in some], request.display.style)
    rows = [Row(told[each.entry], each) for each in some if each.entry in told]
    rates, costs = sum(1 for each in found if each.assets), sum(1 for each in found if each.cost)
    context = {"portfolio": held, "rows": rows, "at": at, "pages": pages, "rates": rates, "costs": costs}
    return await page(request, "unknown.html", context)


@with_account
@require_POST
async def rate(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    """First what it would do; with ``save`` it is stated, and stays."""
    held, sent = await mine(request, key), request.POST
    draft = _draft(held, sent)
    try:
        if sent.get("save") == "yes":
            await sync_to_async(actions.state_rate)(held, pk, draft)
            messages.success(request, f"1 {draft.asset} was worth {draft.rate} {draft.currency}: saved.")
            return redirect("entry", key=key, pk=pk)
        context = await sync_to_async(_review)(request, held, pk, draft)
    except Refused as refused:
        about = Refused(f"rate {draft.asset}", refused.words)
        return await entry_views.entry_page(request, held, pk, about, sent.get("rate", ""))
    return await page(request, "rate.html", context)


def _draft(held: Portfolio, sent: Any) -> DraftRate:
    """``proposal`` is what the market said, and where that was read: what is typed instead is typed."""
    value, source = sent.get("rate", "").strip(), SAYS
    proposed, _, by = sent.get("proposal", "").partition("|")
    return DraftRate(sent.get("asset", ""), held.base.code, value, by if by and value == proposed else source)


def _review(request: HttpRequest, held: Portfolio, pk: int, draft: DraftRate) -> dict[str, Any]:
    told, stored = journal.one(held, pk, request.display.style), queries.entry(held, pk)
    if told is None or stored is None or not told.counts:
        raise Http404("no entry of this portfolio that counts has this number")
    if draft.asset not in {leg.asset for leg in stored.legs}:
        raise Refused("asset", f"expected one that the entry moves, found {draft.asset!r:.40}")
    if any((each.asset, each.currency) == (draft.asset, draft.currency) for each in stored.rates):
        raise Refused("rate", f"expected one that is not stated yet, found {draft.asset} in {draft.currency}")
    found = drafts.rate(draft)
    after = stored._replace(rates=(*stored.rates, found))
    changes = queries.preview(held, after, pk)
    shown = reviewed.rated(after, found, changes, held.base.code, request.display.style)
    return {"portfolio": held, "entry": told, "draft": draft, "review": shown}
