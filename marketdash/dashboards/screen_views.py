"""The screens of whoever is signed in, for the scripts of the instrument page: answers are JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from marketdash.dashboards import keeping, screens
from marketdash.dashboards.actions import Refused
from marketdash.dashboards.views import with_account


@with_account
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """``screen`` over the kept one if that is still ``version``; else 409 with the one that is kept."""
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Refused("version", f"expected a number, found {version!r:.40}")
    try:
        new = keeping.keep(request.user, int(version), request.POST.get("screen", ""))
    except keeping.Conflict as conflict:
        words = f"expected {conflict.held.version}, found {version}: another page of yours changed it"
        return _answer({"errors": {"version": words}, **_current(conflict.held)}, 409)
    return _answer({"version": new})


@with_account
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """``screen`` under ``name``; over another of that name with ``replace=yes``."""
    name, body = request.POST.get("name", ""), request.POST.get("screen", "")
    keeping.save_as(request.user, name, body, replace=request.POST.get("replace") == "yes")
    return _answer({"saved": keeping.saved(request.user)})


@with_account
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    keeping.delete(request.user, request.POST.get("name", ""))
    return _answer({"saved": keeping.saved(request.user)})


def _current(held: keeping.Held) -> dict[str, Any]:
    return {"version": held.version, "screen": screens.text(held.screen or screens.DEFAULT)}


def _answer(content: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store"})
