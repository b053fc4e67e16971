"""Gives each request its ``display``: of who is signed in from the account, of a visitor from the cookies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from marketdash import preferences
from marketdash.accounts.models import Preference

YEAR_S = 31_536_000


@sync_and_async_middleware
def display(get_response: Any) -> Any:
    """After the middleware for sessions and users. Asks the database only for who has a session."""
    if iscoroutinefunction(get_response):

        async def in_loop(request: HttpRequest) -> HttpResponseBase:
            user = await request.auser() if _has_session(request) else None
            mine = Preference.objects.filter(user=user) if user and user.is_authenticated else None
            _begin(request, mine is not None, await mine.afirst() if mine is not None else None)
            return _mirrored(request, await get_response(request))

        return in_loop

    def in_thread(request: HttpRequest) -> HttpResponseBase:
        user = request.user if _has_session(request) else None
        mine = Preference.objects.filter(user=user) if user and user.is_authenticated else None
        _begin(request, mine is not None, mine.first() if mine is not None else None)
        return _mirrored(request, get_response(request))

    return in_thread


def _has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _begin(request: HttpRequest, account: bool, stored: Preference | None) -> None:
    request.stored_preference = stored  # type: ignore[attr-defined]
    request.display = preferences.display(  # type: ignore[attr-defined]
        request.COOKIES if stored is None else stored.values(),
        languages=request.headers.get("Accept-Language", ""),
        device_zone=request.COOKIES.get(preferences.DEVICE_ZONE),
        account=account,
    )


def _mirrored(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Pages carry the account's choice back to this browser; what a view has just set stays.

    The answer to a choice carries none: what the account said when it began may be older than another
    choice that was made meanwhile.
    """
    stored = request.stored_preference  # type: ignore[attr-defined]
    page = request.method == "GET" and response.get("Content-Type", "").startswith("text/html")
    if stored is not None and page:
        changed = {n: v for n, v in stored.values().items() if request.COOKIES.get(n) != v}
        keep(response, {n: v for n, v in changed.items() if n not in response.cookies})
    return response


def keep(response: HttpResponseBase, values: Mapping[str, str]) -> None:
    """In cookies that scripts may write too: nothing in them is a secret."""
    for name, value in values.items():
        response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=settings.HTTPS)
