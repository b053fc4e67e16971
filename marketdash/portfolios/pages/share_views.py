"""Sharing a portfolio from its page, ending that again, and leaving what others share."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from marketdash import access
from marketdash.portfolios import actions
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.views import changes, seen, with_account

SHARED = "If there is such an account, its person sees the portfolio from now on."
"""The same whether there is or not."""


def number(text: str) -> int:
    """Of a row; what is no number is none of them."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _end_share(held: Portfolio, sent: Any) -> None:
    actions.end_share(held, number(sent.get("share", "")))


share = changes(lambda held, sent: actions.share(held, sent.get("viewer", "")), SHARED)
end_share = changes(_end_share, "That is over. What was open there is closed.")


@with_account
@require_POST
async def leave(request: HttpRequest, key: int) -> HttpResponseBase:
    """For a viewer; an owner has nothing to leave."""
    held = await seen(request, key)
    if not access.may_change(request.user, held):
        await sync_to_async(actions.leave)(held, request.user)
        messages.success(request, f"{held.name} is not shown to you any more.")
    return redirect("portfolios")
