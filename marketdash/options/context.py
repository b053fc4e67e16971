"""What every template knows of options: whether there are any."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest

from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.options.chains import is_option


def options(request: HttpRequest) -> dict[str, object]:
    """``HAS_OPTIONS``: some are followed here, and whoever asks may see them."""
    user = getattr(request, "user", None)
    return {"HAS_OPTIONS": _any(catalogue.version) and access.may_read_markets(user)}


@lru_cache(maxsize=1)
def _any(version: str) -> bool:
    """Thousands of instruments are looked through once for each version of their list."""
    return any(map(is_option, catalogue.all()))
