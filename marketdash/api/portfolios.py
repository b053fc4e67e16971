"""Portfolios, one's own and those that are shown to one: what they are worth, lots and ledgers."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from marketdash import access
from marketdash.api import import_shapes
from marketdash.api import portfolio_shapes as shapes
from marketdash.api.door import Door
from marketdash.api.problems import Problem, encoded, refuse_unknown
from marketdash.api.shapes import FINDS, LARGEST, REFUSALS
from marketdash.portfolios import answers, queries
from marketdash.portfolios.equity.performance import PERIODS
from marketdash.portfolios.equity.performance import performance as returned

router = Router(auth=Door(access.READ_PORTFOLIOS), tags=["portfolios"])


async def seen(request: HttpRequest, key: int) -> object:
    """Any other is not here, be it somebody's or nobody's."""
    found = None
    if 0 < key <= LARGEST:
        found = await queries.seen(request.user).filter(pk=key).afirst()
    if found is None:
        raise Problem(404, ("id", "the number of a portfolio that you may see", str(key)))
    return found


@router.get("/portfolios", response={200: shapes.Portfolios, **REFUSALS})
async def portfolios(request: HttpRequest) -> HttpResponse:
    """Their names and numbers."""
    refuse_unknown(request, shapes.NothingAsked())
    return encoded({"data": await sync_to_async(answers.listed)(request.user)})


@router.get("/portfolios/total", response={200: shapes.TotalAnswer, **FINDS})
async def total(request: HttpRequest) -> HttpResponse:
    """What all your own come to, in the currency of most of them, as on the page that lists them."""
    refuse_unknown(request, shapes.NothingAsked())
    found = await answers.total(request.user)
    if found is None:
        raise Problem(404, ("portfolios", "at least one portfolio of yours", "none"))
    return encoded({"data": found})


@router.get("/portfolios/{int:key}", response={200: shapes.PortfolioAnswer, **FINDS})
async def portfolio(request: HttpRequest, key: int) -> HttpResponse:
    """What it is worth now: sums, holdings, open contracts, as on its page and on the socket."""
    refuse_unknown(request, shapes.NothingAsked())
    held = await seen(request, key)
    return encoded({"data": {"id": key, **await answers.worth(held)}})


@router.get("/portfolios/{int:key}/lots", response={200: shapes.Lots, **FINDS})
async def lots(request: HttpRequest, key: int, asked: Query[shapes.LotsAsked]) -> HttpResponse:
    """What is open, the first to go first by its method."""
    refuse_unknown(request, asked)
    held = await seen(request, key)
    return encoded({"data": await sync_to_async(answers.lots)(held, asked.asset)})


@router.get(
    "/portfolios/{int:key}/performance",
    response={200: import_shapes.Performance, **FINDS},
    by_alias=True,  # in the document too: it is called from, which no name here may be
)
async def performance(
    request: HttpRequest, key: int, asked: Query[import_shapes.PerformanceAsked]
) -> HttpResponse:
    """What it returned in each period, as on its page, with all digits."""
    refuse_unknown(request, asked)
    held = await seen(request, key)
    periods = asked.period or list(PERIODS)
    return encoded({"data": await sync_to_async(returned)(held, periods, asked.points)})


@router.get("/portfolios/{int:key}/fills", response={200: shapes.Fills, **FINDS})
async def fills(request: HttpRequest, key: int, asked: Query[shapes.FillsAsked]) -> HttpResponse:
    """What exchanges said of trades themselves, in the order in which it was heard."""
    refuse_unknown(request, asked)
    held = await seen(request, key)
    found, following = await sync_to_async(answers.fills)(held, asked.after, asked.limit)
    return encoded({"data": found, "next": following})


@router.get("/portfolios/{int:key}/entries", response={200: shapes.Entries, **FINDS})
async def entries(request: HttpRequest, key: int, asked: Query[shapes.EntriesAsked]) -> HttpResponse:
    """Its ledger in the order in which it was recorded; corrections and what they took back are there too."""
    refuse_unknown(request, asked)
    held = await seen(request, key)
    found, following = await sync_to_async(answers.entries)(held, asked.after, asked.limit)
    return encoded({"data": found, "next": following})
