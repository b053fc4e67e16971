"""What every template knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def mode(request: HttpRequest) -> dict[str, object]:
    """``MODE`` is ``live`` or ``demo``; ``SIMULATED`` is what every page of a demo must say."""
    return {"MODE": settings.MODE, "SIMULATED": settings.MODE == "demo", "SIGN_UP": settings.SIGN_UP}


def simulated(request: HttpRequest) -> tuple[str, str] | None:
    """The same word at the top of the admin, whose templates are not ours: a text and its kind."""
    return ("SIMULATED", "warning") if settings.MODE == "demo" else None
