"""Bringing a file in: chosen or dropped, looked at row by row, imported with its progress, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from marketdash.portfolios import actions, queries
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.imports import sheets
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages import importing
from marketdash.portfolios.pages.views import View, mine, page, with_account


@with_account
async def imports(request: HttpRequest, key: int) -> HttpResponseBase:
    """All of a portfolio; a POST brings a file, and leads to what was found in it."""
    held = await mine(request, key)
    if request.method != "POST":
        return await _list(request, held)
    try:
        made = await sync_to_async(_brought)(request, held)
    except Refused as refused:
        return await _list(request, held, refused)
    return redirect("import", key=key, pk=made.pk)


def _brought(request: HttpRequest, held: Portfolio) -> Import:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused("file", "expected a file, found none")
    if file.size > sheets.MOST_BYTES:  # before any of it is read
        found = f"expected at most {sheets.MOST_BYTES // 2**20} MiB, found {-(-file.size >> 20)}"
        raise Refused("file", f"{found}: export fewer years at once")
    account = importing.number(request.POST.get("account", ""))
    return actions.bring(held, account, file.name or "", file.read(), request.user)


async def _list(request: HttpRequest, held: Portfolio, refused: Refused | None = None) -> HttpResponse:
    context = {
        "portfolio": held,
        "accounts": await sync_to_async(lambda: list(held.accounts.all()))(),
        "imports": await sync_to_async(lambda: list(queries.imports(held)[: importing.MOST_LISTED]))(),
        "refused": refused,
        "typed": request.POST,
    }
    return await page(request, "imports.html", context, 422 if refused else 200)


async def _own(request: HttpRequest, key: int, pk: int) -> Import:
    """Of one's own portfolio; any other is not here."""
    found = await queries.imports(await mine(request, key)).filter(pk=pk).afirst()
    if found is None:
        raise Http404("no import of this portfolio has this number, or its file is not kept any more")
    return found


@with_account
@require_GET
async def one(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    return await _page(request, await _own(request, key, pk))


async def _page(request: HttpRequest, held: Import, refused: Refused | None = None) -> HttpResponse:
    context = await sync_to_async(importing.told)(held, request.GET, request.display.style)
    context |= {"refused": refused, "typed": request.POST}
    return await page(request, "import.html", context, 422 if refused else 200)


@with_account
@require_GET
async def progress(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    held = await _own(request, key, pk)
    whole = held.new if held.state in (Import.UNDOING, Import.UNDONE) else held.found
    return JsonResponse({"state": held.state, "done": held.done, "of": whole})


async def _question(request: HttpRequest, held: Import, refused: Refused | None = None) -> HttpResponse:
    """Before it is undone: what would then be owed."""
    owed = await sync_to_async(importing.undoing)(held, request.display.style)
    context = {"portfolio": held.portfolio, "import": held, "undoing": owed, "refused": refused}
    return await page(request, "import_undo.html", context, 422 if refused else 200)


def _does(act: Callable[[Import, Any], object]) -> View:
    """A view that goes on with one of one's own imports, and shows it again: with what was refused, or as it
    is then."""

    @with_account
    @require_POST
    async def view(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
        try:
            await sync_to_async(act)(await _own(request, key, pk), request.POST)
        except Refused as refused:
            return await _page(request, await _own(request, key, pk), refused)
        return redirect("import", key=key, pk=pk)

    return view


def _looked(held: Import, sent: Any) -> None:
    chosen = importing.chosen(held, sent)
    actions.look(held, **chosen)
    if "columns" in chosen:
        if not held.found and not held.refused:
            raise Refused("columns", "expected a column for the time, and one for an amount at least")
        actions.remember(held)


look = _does(_looked)
start = _does(lambda held, sent: actions.begin(held, sent.get("leave_out") == "yes"))


@with_account
async def undo(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    """Asked twice: on a page of its own, and the box has to be ticked."""
    held = await _own(request, key, pk)
    if request.method != "POST":
        can = held.state == Import.DONE and held.new
        return await _question(request, held) if can else redirect("import", key=key, pk=pk)
    if request.POST.get("sure") != "yes":
        return await _question(request, held, Refused("sure", "expected the box to be ticked"))
    return await _undone(request, key, pk)


_undone = _does(lambda held, sent: actions.undo(held))


@with_account
@require_POST
async def forget(request: HttpRequest, key: int, pk: int) -> HttpResponseBase:
    held = await _own(request, key, pk)
    try:
        await sync_to_async(actions.forget)(held)
    except Refused as refused:
        return await _page(request, await _own(request, key, pk), refused)
    messages.success(request, f"Nothing of {held.file_name} was imported.")
    return redirect("imports", key=key)
