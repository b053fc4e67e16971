"""The content policy: strict for pages, and what Alpine needs on top of it for the admin."""

from __future__ import annotations

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin


class ContentPolicyMiddleware(CSPMiddleware):
    """One policy in the settings; below ``/admin/`` some directives are replaced, nothing is exempt."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/") and not report_only:
            parts.replace = {**settings.ADMIN_CONTENT_SECURITY, **(parts.replace or {})}
        return parts


class UnusableLookupMiddleware(MiddlewareMixin):
    """The admin was sent what no database compares with: text for a key, a number without end, NUL.

    A page that is asked for with it is shown without, and says so; what is sent is refused.
    """

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        if not request.path_info.startswith("/admin/") or not _cannot_be_compared(problem):
            return None
        if request.method == "POST":
            return render(request, "ops/unusable.html", status=400)
        asked = request.method == "GET" and "e" not in request.GET  # else it is no lookup that is the matter
        return HttpResponseRedirect(f"{request.path}?e=1") if asked else None


def _cannot_be_compared(problem: Exception) -> bool:
    is_text = isinstance(problem, ValueError) and "expected a number but got" in str(problem)
    return is_text or isinstance(problem, OverflowError | DataError) or "NUL" in str(problem)
