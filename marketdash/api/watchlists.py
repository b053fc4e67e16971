"""What somebody keeps an eye on: one's own lists, and the shared ones."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from marketdash import access
from marketdash.api import shapes
from marketdash.api.door import Door
from marketdash.api.problems import encoded, refuse_unknown
from marketdash.dashboards import queries

router = Router(auth=Door(access.READ_WATCHLISTS), tags=["watchlists"])


@router.get("/watchlists", response={200: shapes.Watchlists, **shapes.REFUSALS})
async def watchlists(request: HttpRequest, asked: Query[shapes.WatchlistsAsked]) -> HttpResponse:
    """In their order, each with its instruments in theirs. Visitors have the shared ones."""
    refuse_unknown(request, asked)
    found = await sync_to_async(queries.as_rows)(request.user)
    return encoded({"data": [each for each in found if asked.name in ("", each["name"])]})
