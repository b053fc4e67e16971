"""The content policy: strict for pages, and what Alpine needs on top of it for the admin."""

from __future__ import annotations

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
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
    """A list of the admin asked for what no database compares with, such as a number without end.

    It is answered like other lookups that make no sense: by the list, and a word that it is not filtered.
    """

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        cannot = isinstance(problem, OverflowError | DataError) or "NUL" in str(problem)
        asked = request.method == "GET" and "e" not in request.GET  # else it is no lookup that is the matter
        if not asked or not request.path_info.startswith("/admin/") or not cannot:
            return None
        return HttpResponseRedirect(f"{request.path}?e=1")
