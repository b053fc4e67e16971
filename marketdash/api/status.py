"""The state of venues and of the links to them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from feeds import symbols
from marketdash import access
from marketdash.api import shapes
from marketdash.api.door import Door
from marketdash.api.markets import rows
from marketdash.api.problems import Problem, refuse_unknown
from marketdash.instruments.queries import catalogue

router = Router(auth=Door(access.READ_STATUS), tags=["status"])


@router.get("/status", response={200: shapes.StatusAnswer, **shapes.FINDS})
async def status(request: HttpRequest, asked: Query[shapes.StatusAsked]) -> HttpResponse:
    """What each feed says of itself, and its silence."""
    refuse_unknown(request, asked)
    await catalogue.ensure()
    venues = sorted({each.venue for each in catalogue.all()})
    unknown = [name for name in asked.symbol if name not in venues]
    if unknown:
        expected = f"a venue that is followed here: {', '.join(venues) or 'there is none'}"
        raise Problem(404, *(("symbol", expected, name) for name in unknown))
    names = dict.fromkeys(asked.symbol or venues)
    return await rows(names, lambda name: symbols.topic(symbols.STATUS, name), lambda body: body)
