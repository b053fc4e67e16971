"""What an open list of portfolios asks for: the best paths of now between the currencies of its one total."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from marketdash.portfolios import prices, queries
from marketdash.portfolios.pages.totals import crossing
from marketdash.portfolios.pages.views import closed, with_account
from marketdash.portfolios.words.overall_shown import paths


@with_account
@require_GET
async def rates(request: HttpRequest) -> HttpResponseBase:
    """Of one's own portfolios, as they are served with the page: ``paths`` into ``currency``, and which
    ``portfolios`` there are."""
    mine = await sync_to_async(lambda: list(queries.portfolios(request.user)))()
    answer: dict[str, Any] = {"currency": None, "paths": {}, "portfolios": sorted(each.pk for each in mine)}
    for currency, others in crossing([each.base.code for each in mine]).items():
        priced = await prices.read([(currency, others)])
        market = priced.market(currency)
        found = {code: market.rate(code) for code in sorted(others)}
        answer |= {
            "currency": currency,
            "paths": paths(found, currency, closed(priced), request.display.style),
        }
    return JsonResponse(answer)
