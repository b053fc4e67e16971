"""What a request is answered that failed: 503 with words where only the database is away, else 500."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template import loader
from django.views.defaults import server_error

from marketdash.database_away import is_away

AGAIN_S = 5
ERRORS = [{"field": "database", "expected": "an answer", "found": "none; nothing of this request was kept"}]
"""In the form of all errors of the API."""


def failed(request: HttpRequest) -> HttpResponseBase:
    """Django's ``handler500``. Nothing here may read the database, a session or a user included."""
    if not is_away(sys.exc_info()[1]):
        return server_error(request)
    answer = _answer(request)
    answer.status_code = 503
    answer.headers["Retry-After"], answer.headers["Cache-Control"] = str(AGAIN_S), "no-store"
    return answer


def _answer(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith("/api/") or not request.accepts("text/html"):
        return JsonResponse({"errors": ERRORS})
    return HttpResponse(loader.render_to_string("503.html", {"typed": request.method == "POST"}))
