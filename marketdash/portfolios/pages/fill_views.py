"""Pages of fills: all of a portfolio's, and what its open pages are told of new ones."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from marketdash.numerals import Style
from marketdash.portfolios.executions import queries
from marketdash.portfolios.executions import shown as executions
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.views import page, seen, with_account

AT_ONCE, MOST_TOLD = 100, 50


@with_account
@require_GET
async def fills(request: HttpRequest, key: int) -> HttpResponseBase:
    held, asked = await seen(request, key), request.GET.get("page", "")
    at = max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1)
    context = await sync_to_async(_page)(held, at, request.display.style)
    return await page(request, "fills.html", {"portfolio": held, **context})


def _page(held: Portfolio, asked: int, style: Style) -> dict[str, Any]:
    found = queries.fills(held)
    pages = max(1, -(-found.count() // AT_ONCE))
    at = min(asked, pages)
    some = found[(at - 1) * AT_ONCE : at * AT_ONCE]
    columns = executions.COLUMNS
    return {"fills": executions.rows(some, style), "fill_columns": columns, "at": at, "pages": pages}


@with_account
@require_GET
async def new(request: HttpRequest, key: int) -> HttpResponseBase:
    """Those that changed since ``after``, in that order: a page asks when it hears that there are."""
    held, after = await seen(request, key), request.GET.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < 19 else 0
    return JsonResponse(await sync_to_async(_new)(held, number, request.display.style))


def _new(held: Portfolio, after: int, style: Style) -> dict[str, Any]:
    found = queries.fills(held).filter(changed_us__gt=after).order_by("changed_us")
    some = list(found[: MOST_TOLD + 1])
    told = [row._asdict() for row in executions.rows(some[:MOST_TOLD], style)]
    changed = some[:MOST_TOLD][-1].changed_us if some else after
    return {"rows": told, "changed": changed, "more": len(some) > MOST_TOLD}
