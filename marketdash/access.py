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
