"""What a market says for an entry that is being typed, asked again and again by the form's script."""

from __future__ import annotations

import time

from allauth.core.internal import ratelimit
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketdash.portfolios.pages import proposed
from marketdash.portfolios.pages.entry_views import as_sent
from marketdash.portfolios.pages.views import mine, with_account

LIMITS = {"entry_offer": "240/m/user"}
"""A form asks once in two seconds while its time is now, and once for each pause in typing."""


@with_account
@require_POST
@never_cache
async def offer(request: HttpRequest, key: int) -> HttpResponseBase:
    """As the review would fill it in, with the same words and digits. Writes nothing."""
    if await sync_to_async(_is_too_often)(request):
        return JsonResponse({"errors": {"rate": "expected fewer questions in a minute"}}, status=429)
    held = await mine(request, key)
    sent, style = await as_sent(request, held), request.display.style
    found = await proposed.offer(sent.values, sent.known, time.time_ns() // 1000, style)
    return JsonResponse({} if found is None else found._asdict())


def _is_too_often(request: HttpRequest) -> bool:
    return ratelimit.consume(request, app="", action="entry_offer", config=LIMITS, user=request.user) is None
