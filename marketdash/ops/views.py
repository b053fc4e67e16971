"""What a load balancer or a container engine asks, and what people ask: how are the feeds?"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from marketdash import access, publish
from marketdash.environment import is_loopback
from marketdash.instruments.catalogue import catalogue
from marketdash.ops import feeds, log
from marketdash.ops import metrics as figures
from marketdash.ops.models import Incident
from marketdash.ops.readiness import readiness

logger = logging.getLogger(__name__)

SCRAPE_S = 1.5

View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


async def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so that a slow database does not restart the web."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponseBase:
    """Whether this process should be sent visitors: 200 or 503, and what each check found, within 2 s."""
    found = await readiness.outcomes()
    ready = all(outcome.ok for outcome in found.values())
    checks = {
        name: {"status": "ok" if ok else "failed", "problem": problem, "took_ms": took_ms}
        for name, (ok, problem, took_ms) in found.items()
    }
    body = {"ready": ready, "checks": checks}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


async def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus. ``?part=web`` or ``?part=feeds`` where several web processes are scraped."""
    if not _may_scrape(request):
        words = "metrics: from this machine, or with METRICS_TOKEN as a bearer token\n"
        return HttpResponse(words, status=403, content_type="text/plain")
    part = request.GET.get("part", "")
    if part not in ("", *figures.PARTS):
        words = f"part: expected {' or '.join(figures.PARTS)}, found {part!r:.40}\n"
        return HttpResponse(words, status=400, content_type="text/plain")
    rows = await feeds.rows(SCRAPE_S) if part != "web" else {}
    text = figures.text(part, publish.statistics(), rows)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_scrape(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others, so what it forwards is not from here."""
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}")
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return not forwarded and is_loopback(request.META.get("REMOTE_ADDR", ""))


def readers_only(view: View) -> View:
    """Who may read markets may see how they arrive; the others are asked to sign in."""

    async def guarded(request: HttpRequest) -> HttpResponseBase:
        request.user = await request.auser()
        if not access.may_read_markets(request.user):
            return redirect_to_login(request.get_full_path())
        return await view(request)

    return guarded


@readers_only
async def status(request: HttpRequest) -> HttpResponseBase:
    details = access.may_read_details(request.user)
    await feeds.read_catalogue()
    titles = {listed.venue: listed.venue_title for listed in catalogue.all()}
    found = await feeds.read(titles, details=details)
    incidents, problem = await _incidents(log.Asked(), details)
    context = {
        "venues": found.venues,
        "topics": found.topics[: feeds.FIRST_TOPICS],
        "count": len(found.topics),
        "details": details,
        "incidents": incidents,
        "log_problem": problem,
        "kinds": Incident.Kind.choices,
        "titles": sorted(titles.items()),
    }
    return await database_sync_to_async(render, thread_sensitive=False)(request, "ops/status.html", context)


@readers_only
async def events(request: HttpRequest) -> HttpResponseBase:
    """``?kind=&venue=&q=&ongoing=1&before=ID`` → a page of the event log, newest first, as JSON."""
    get = {name: text.replace("\0", "") for name, text in request.GET.items()}
    before = get.get("before", "")
    asked = log.Asked(
        kind=get.get("kind", "")[:10],
        venue=get.get("venue", "")[:32],
        text=get.get("q", "")[:64],
        ongoing=get.get("ongoing") == "1",
        before=int(before) if before.isdecimal() and len(before) < 16 else 0,
    )
    found, problem = await _incidents(asked, access.may_read_details(request.user))
    body = {"events": found, "problem": problem, "more": len(found) == log.PAGE}
    return JsonResponse(body, status=503 if problem else 200, headers={"Cache-Control": "no-store"})


async def _incidents(asked: log.Asked, details: bool) -> tuple[list[dict[str, Any]], str]:
    """What was found; why not, where the database does not answer."""
    try:
        return await sync_to_async(log.read)(asked, details=details), ""
    except Exception:  # the page shows the feeds all the same
        logger.exception("event log: could not be read")
        return [], "The event log cannot be read just now: the database does not answer."
