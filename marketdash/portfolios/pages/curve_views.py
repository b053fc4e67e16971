"""What a page that is open asks each minute: its curve, drawn anew."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from marketdash.portfolios.equity import curve, equity_shown
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.views import seen, with_account


@with_account
@require_GET
async def drawn(request: HttpRequest, key: int) -> HttpResponseBase:
    held = await seen(request, key)
    return JsonResponse(await sync_to_async(told)(request, held), headers={"Cache-Control": "no-store"})


def told(request: HttpRequest, held: Portfolio) -> dict[str, Any]:
    """For whoever may see amounts."""
    found = curve.drawn(held, request.GET.get("period", ""), request.display.style)
    return {**equity_shown.told(found), "due_s": curve.due_s(found)}
