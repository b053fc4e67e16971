"""What a load balancer or a container engine asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


async def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so that a slow database does not restart the web."""
    return HttpResponse("ok\n", content_type="text/plain")
