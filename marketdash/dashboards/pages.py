"""The pages of markets and of one instrument, with the lists of whoever looks at them."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from marketdash.dashboards import queries
from marketdash.instruments import views as instruments


@instruments.readers_only
async def markets(request: HttpRequest) -> HttpResponseBase:
    """``?list=`` opens a list; a search from another page looks through all markets."""
    asked = request.GET.get("list") or ("all" if "q" in request.GET else None)
    shown = await sync_to_async(queries.shown)(request.user, asked)
    chosen = shown.items if shown.open else None
    return await instruments.markets(request, chosen, watch=shown, lists_state=shown.state())


@instruments.readers_only
async def instrument(request: HttpRequest, slug: str) -> HttpResponseBase:
    shown = await sync_to_async(queries.shown)(request.user, "all")
    return await instruments.instrument(request, slug, watch=shown, lists_state=shown.state())
