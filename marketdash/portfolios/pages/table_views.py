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
from marketdash.portfolios.equity import curve
from marketdash.portfolios.export import Table
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.totals import crossing
from marketdash.portfolios.pages.views import books, mine, overview_page, seen, with_account

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


@with_account
@require_GET
async def lots(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    """By the portfolio's method."""
    held = await seen(request, key)
    return await _answer(held, "lots", await sync_to_async(export.lots)(held), form)


@with_account
@require_GET
async def unknown(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    held = await seen(request, key)
    return await _answer(held, "unknown", await sync_to_async(export.unknown)(held), form)


@with_account
@require_GET
async def imports(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    """For its owner, as their page is."""
    held = await mine(request, key)
    return await _answer(held, "imports", await sync_to_async(export.imports)(held), form)


@with_account
@require_GET
async def equity(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    """All points that are stored."""
    held = await seen(request, key)
    found = await sync_to_async(curve.points)(held, "all", 0)
    return await _answer(held, "equity", export.curve(found, held.base.code), form)


@with_account
@require_GET
async def everything(request: HttpRequest, form: str) -> HttpResponseBase:
    """One's own portfolios, with what each is worth now."""
    held = await sync_to_async(books)(request)
    priced = await prices.of_books([book for _, book in held if book])
    worth = await sync_to_async(lambda: [(each, book and priced.of(book)) for each, book in held])()
    return await _table("portfolios", export.worths(worth, priced.read_us), form)


@with_account
@require_GET
async def totals(request: HttpRequest, form: str) -> HttpResponseBase:
    """What one's own portfolios come to, in each currency and all of them in one."""
    found = await sync_to_async(lambda: [queries.book(each) for each in queries.portfolios(request.user)])()
    crossed = crossing([book.base for book in found])
    priced = await prices.of_books(found, also=crossed)
    worth = await sync_to_async(lambda: [priced.of(book) for book in found])()
    market = priced.market(next(iter(crossed), ""))
    return await _table("totals", export.totals(worth, market.rate, priced.read_us), form)


async def _answer(held: Portfolio, what: str, table: Table, form: str) -> HttpResponse:
    return await _table(f"{slugify(held.name) or 'portfolio'}-{what}", table, form)


async def _table(name: str, table: Table, form: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404(f"expected one of {', '.join(FORMS)}, found {form}")
    body = await sync_to_async(table.csv if form == "csv" else table.json)()
    return _file(f"{name}.{form}", body, FORMS[form])


def _file(name: str, body: Any, kind: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@with_account
@require_GET
async def whole(request: HttpRequest, key: int) -> HttpResponseBase:
    """All of it in one file, for its owner."""
    held = await mine(request, key)
    name = f"{slugify(held.name) or 'portfolio'}-backup.json.gz"
    return _file(name, await sync_to_async(backup.written)(held), "application/gzip")


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
