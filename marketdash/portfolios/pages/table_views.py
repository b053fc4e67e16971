"""Tables to take away, as CSV and JSON; a whole portfolio as one file, and one made of such a file."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from marketdash.portfolios import actions, backup, export, prices, queries
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.export import Table
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.views import mine, overview_page, seen, with_account

FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@with_account
@require_GET
async def holdings(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    """The page's numbers, with all their digits."""
    held = await seen(request, key)
    book = await sync_to_async(queries.book)(held)
    priced = await prices.of_books([book])
    names = await sync_to_async(lambda: {each.pk: each.name for each in held.accounts.all()})()
    return await _answer(held, "holdings", export.holdings(priced.of(book), names, priced.read_us), form)


@with_account
@require_GET
async def entries(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    held = await seen(request, key)
    return await _answer(held, "entries", export.entries(held), form)


@with_account
@require_GET
async def fills(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    held = await seen(request, key)
    return await _answer(held, "fills", await sync_to_async(export.fills)(held), form)


async def _answer(held: Portfolio, what: str, table: Table, form: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404(f"expected one of {', '.join(FORMS)}, found {form}")
    body = await sync_to_async(table.csv if form == "csv" else table.json)()
    return _file(held, f"{what}.{form}", body, FORMS[form])


def _file(held: Portfolio, what: str, body: Any, kind: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{slugify(held.name) or "portfolio"}-{what}"'
    return answer


@with_account
@require_GET
async def whole(request: HttpRequest, key: int) -> HttpResponseBase:
    """All of it in one file, for its owner."""
    held = await mine(request, key)
    return _file(held, "backup.json.gz", await sync_to_async(backup.written)(held), "application/gzip")


@with_account
@require_POST
async def restore(request: HttpRequest) -> HttpResponseBase:
    """A portfolio of one's own out of such a file."""
    try:
        made = await sync_to_async(_restored)(request)
    except Refused as refused:
        return await overview_page(request, Refused("file", f"{refused.field}: {refused.words}"))
    messages.success(request, f"{made.name} is there.")
    return redirect("portfolio", key=made.pk)


def _restored(request: HttpRequest) -> Portfolio:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused("file", "expected a backup, found none")
    if file.size > backup.MOST_BYTES:
        raise Refused(
            "file", f"expected at most {backup.MOST_BYTES // 2**20} MiB, found {-(-file.size >> 20)}"
        )
    return actions.restore(request.user, file.read())
