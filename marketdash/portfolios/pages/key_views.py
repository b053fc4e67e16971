"""An account's page, where its owner gives and takes back the key that its exchange is asked with.

A key goes in by a form and never comes out: no page, message or refusal repeats it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from marketdash import venues
from marketdash.portfolios import actions
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.executions import shown
from marketdash.portfolios.models import Account, ExchangeKey, Portfolio
from marketdash.portfolios.pages.views import mine, page, with_account


@with_account
@require_GET
async def account(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    held = await mine(request, key)
    return await _account_page(request, held, await _of(held, pk))


async def _of(held: Portfolio, pk: int) -> Account:
    found = await Account.objects.select_related("venue", "portfolio").filter(portfolio=held, pk=pk).afirst()
    if found is None:
        raise Http404("no account of this portfolio has this number")
    return found


async def _account_page(
    request: HttpRequest, held: Portfolio, of: Account, refused: Refused | None = None, asked: str = ""
) -> HttpResponse:
    asked = asked or request.GET.get("venue", "")
    context = await sync_to_async(_context)(of, asked)
    found = {"portfolio": held, "account": of, "refused": refused, **context}
    return await page(request, "account.html", found, 422 if refused else 200)


def _context(of: Account, asked: str) -> dict[str, Any]:
    """The exchange is the account's, once it has fills or a key; until then it can be chosen."""
    known = venues.private_codecs()
    own, key = of.venue.name if of.venue is not None else "", ExchangeKey.objects.filter(account=of).first()
    is_settled = bool(own) and (key is not None or of.fills.exists())
    offered = {name: codec for name, codec in known.items() if not is_settled or name == own}
    chosen = next((name for name in (asked, own, *offered) if name in offered), "")
    return {
        "key": key,
        "standing": shown.standing(key) if key is not None else None,
        "venues": [(name, codec.title) for name, codec in offered.items()],
        "venue": chosen,
        "title": offered[chosen].title if chosen else "",
        "advice": offered[chosen].advice if chosen else None,
    }


@sensitive_post_parameters("key", "secret")
@with_account
@require_POST
async def put_in(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    held = await mine(request, key)
    of, sent = await _of(held, pk), request.POST
    texts = {name: sent.get(name, "") for name in ("venue", "key", "secret")}
    try:
        await sync_to_async(actions.put_in_key)(of, **texts, from_us=_day_us(sent.get("since", "")))
    except Refused as refused:
        return await _account_page(request, held, await _of(held, pk), refused, texts["venue"])
    messages.success(request, "The key is kept, encrypted. What the exchange says of it shows below.")
    return redirect("account", key=key, pk=pk)


def _day_us(text: str) -> int:
    if not text.strip():
        return 0
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("since", f"expected a day such as 2026-01-31, found {text!r:.20}") from None
    return max(1, int(day.timestamp()) * 1_000_000)


@with_account
@require_POST
async def remove(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    """Asked twice: the page opens the question, and the box has to be ticked."""
    held = await mine(request, key)
    of = await _of(held, pk)
    if request.POST.get("sure") != "yes":
        return await _account_page(request, held, of, Refused("sure", "expected the box to be ticked"))
    await sync_to_async(actions.remove_key)(of)
    messages.success(request, "The key is deleted. What came by it stays.")
    return redirect("account", key=key, pk=pk)


@with_account
@require_GET
async def standings(request: HttpRequest, key: int) -> HttpResponseBase:
    """How all keys of a portfolio stand, for its owner's open pages."""
    held = await mine(request, key)
    found = await sync_to_async(shown.standings)(held)
    return JsonResponse({str(pk): each._asdict() for pk, each in found.items()})
