"""Who may ask: people by their session, bots by a token for its scopes, visitors where markets are public."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from marketdash import access
from marketdash.addresses import counted_as
from marketdash.api.limits import Limiter
from marketdash.api.problems import Problem
from marketdash.api.sharing import Sharing

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
limiter = Limiter()
sharing = Sharing(limiter.charge)


class Door(HttpBearer):
    """Before a view that needs ``scope``. Afterwards ``request.user`` is whose request it is."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._scope = scope

    async def __call__(self, request: HttpRequest) -> Any:
        try:
            access.refuse_in_address(request.GET)
            who = await self._identify(request)
        except access.BadToken as bad:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise Problem(
                401, ("Authorization", "Bearer and a token that is good", str(bad)), headers=challenge
            ) from None
        limiter.count(who)
        sharing.used(who)
        if not access.may_read_markets(request.user):
            sign_in = "a session, or Bearer and a token"
            raise Problem(401, ("Authorization", sign_in, "nothing"), headers={"WWW-Authenticate": "Bearer"})
        return who

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        raise NotImplementedError("__call__ does it: tokens and sessions come in by the same door")

    async def _identify(self, request: HttpRequest) -> str:
        """A name for the one who asks, to count by. A token counts alone, whatever cookie comes with it."""
        shown = request.headers.get("Authorization")
        if shown is not None:
            return await self._bearer(request, shown)
        request.user = await request.auser()
        if not request.user.is_authenticated:
            return f"address {counted_as(request.META.get('REMOTE_ADDR', ''))}"
        if request.method not in SAFE_METHODS and check_csrf(request):
            raise Problem(403, ("X-CSRFToken", "the token of the csrftoken cookie", "another or none"))
        return f"user {request.user.pk}"

    async def _bearer(self, request: HttpRequest, shown: str) -> str:
        found = await sync_to_async(access.bearer)(shown)
        if self._scope not in found.scopes:
            held = ", ".join(sorted(found.scopes)) or "none"
            raise Problem(403, ("Authorization", f"a token with the scope {self._scope}", held))
        request.user = found.user
        return f"token {found.token_id}"
