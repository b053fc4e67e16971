"""Share links: made and ended on a portfolio's page, and what whoever has one sees, signed in or not."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import actions, prices, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.curve_views import told
from marketdash.portfolios.pages.share_views import number
from marketdash.portfolios.pages.views import (
    changes,
    closed,
    mine,
    moment,
    page,
    portfolio_page,
    shown_with_curve,
    unfolded,
    with_account,
)
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.words import percents_shown

LIMITS = {"share_link": "60/m/ip"}
"""Of one address, good links and bad ones alike; counted by what counts failed sign-ins."""

SAFE = ("GET", "HEAD")
KINDS = ("text/html", "application/json")
"""The same address gives the page, and to its script the curve: so the secret is in no other."""
HEADERS = {"Vary": "Accept, Cookie", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""The address itself is the secret: it is not sent on, and not found by searching."""


@with_account
@require_POST
@never_cache
async def make(request: HttpRequest, key: int) -> HttpResponseBase:
    """The answer is the only page that ever shows the link."""
    held, sent = await mine(request, key), request.POST
    asked = (sent.get("link", ""), number(sent.get("days", "")), sent.get("amounts") == "yes")
    try:
        _, secret = await sync_to_async(actions.make_link)(held, *asked)
    except Refused as refused:
        return await portfolio_page(request, held, refused)
    address = request.build_absolute_uri(reverse("shared", args=[secret]))
    return await portfolio_page(request, held, link_address=address)


def _end(held: Portfolio, sent: Any) -> None:
    actions.end_link(held, number(sent.get("link", "")))


end = changes(_end, "The link opens nothing any more.")


@never_cache
async def shared(request: HttpRequest, secret: str) -> HttpResponseBase:
    """For visitors too, also where markets are not for them. What never was, ended or expired is not here."""
    answer = await sync_to_async(_refused)(request) or await _answered(request, secret)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address, which opens it
    for name, value in HEADERS.items():
        answer[name] = value
    return answer


def _refused(request: HttpRequest) -> HttpResponse | None:
    """Without a look at the link: another method, or one request too many."""
    if request.method not in SAFE:
        return HttpResponse(status=405, headers={"Allow": ", ".join(SAFE)})
    use = ratelimit.consume(request, app="", action="share_link", config=LIMITS, limit_get=True)
    return ratelimit.respond_429(request) if use is None else None


async def _answered(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        return await _shared_page(request, secret)
    except queries.Unfolded:
        return await unfolded(request)


async def _shared_page(request: HttpRequest, secret: str) -> HttpResponse:
    grant = await sync_to_async(access.link_grant)(secret)
    held = await sync_to_async(queries.granted)(grant) if grant is not None else None
    if grant is None or held is None:
        raise Http404("no link that is open has this address")
    if grant.amounts and request.get_preferred_type(KINDS) == KINDS[1]:
        return JsonResponse(await sync_to_async(told)(request, held))
    await catalogue.ensure()
    book = await sync_to_async(queries.book)(held)
    priced = await prices.of_books([book])
    show = shown_with_curve if grant.amounts else _without_amounts
    context = {
        **{"portfolio": held, "amounts": grant.amounts, "here": request.path, "curve_at": request.path},
        **{"live": grant.amounts, "account_names": {}},
        **await sync_to_async(show)(request, held, priced, book),
        **moment(priced),
    }
    return await page(request, "shared.html", context)


def _without_amounts(request: HttpRequest, held: Portfolio, priced: Prices, book: Book) -> dict[str, Any]:
    return {"shown": percents_shown.in_per_cents(priced.of(book), closed(priced), request.display.style)}
