"""The only door to a guarded object."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def may_read_markets(user: Any) -> bool:
    """Prices, books, trades and bars: everybody who is signed in, and visitors where they are public.

    ``user`` is a Django user, an anonymous one, or None.
    """
    if settings.PUBLIC_MARKETS:
        return True
    return user is not None and bool(user.is_authenticated and user.is_active)


def may_read_details(user: Any) -> bool:
    """Error texts, addresses and processes of the operator's machines: staff.

    What everybody may read of a failure are the reasons in our own and the venues' words.
    """
    return user is not None and bool(user.is_authenticated and user.is_active and user.is_staff)
