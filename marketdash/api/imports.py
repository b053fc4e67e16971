"""Files that are brought into a portfolio by bots: looked at, recorded, taken back, as on its pages.

Its owner alone, who also changes it; a token needs another scope to change anything than to read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from marketdash import access
from marketdash.api import import_shapes as shapes
from marketdash.api.door import Door
from marketdash.api.portfolio_shapes import NothingAsked
from marketdash.api.portfolios import seen
from marketdash.api.problems import Problem, encoded, refuse_unknown
from marketdash.api.shapes import FINDS, LARGEST, Errors
from marketdash.instruments.queries import catalogue
from marketdash.portfolios import actions, import_answers

router = Router(auth=Door(access.READ_PORTFOLIOS), tags=["imports"])
writing = Door(access.WRITE_PORTFOLIOS)
CHANGES = {**FINDS, 409: Errors}
LARGE = {413: Errors}
"""Of those with a body: the server reads no more of it than it takes."""


async def _owned(request: HttpRequest, key: int) -> Any:
    """To whom it is only shown is told so; to all others it is not here."""
    found = await seen(request, key)
    if not access.may_change(request.user, found):
        raise Problem(403, ("id", "a portfolio of your own", str(key)))
    return found


async def _found(request: HttpRequest, key: int, pk: int) -> Any:
    held = await _owned(request, key)
    found = await sync_to_async(import_answers.one)(held, pk) if 0 < pk <= LARGEST else None
    if found is None:
        raise Problem(404, ("import", "the number of an import of this portfolio", str(pk)))
    return found


async def _done(work: Callable[[], Any]) -> Any:
    """In a thread. What is refused names the field, what was expected and what was found."""
    await catalogue.ensure()
    try:
        return await sync_to_async(work)()
    except actions.Refused as refused:
        expected, _, found = refused.words.removeprefix("expected ").partition(", found ")
        status = 409 if refused.field == "import" else 422
        raise Problem(status, (refused.field, expected, found or "another or none")) from None


async def _told(request: HttpRequest, key: int, pk: int, status: int = 200) -> HttpResponse:
    found = await _found(request, key, pk)
    return encoded({"data": import_answers.told(found)}, status=status)


@router.get("/portfolios/{int:key}/imports", response={200: shapes.Imports, **FINDS})
async def imports(request: HttpRequest, key: int, asked: Query[shapes.ImportsAsked]) -> HttpResponse:
    """Of its owner: all files that were brought, the newest first."""
    refuse_unknown(request, asked)
    held = await _owned(request, key)
    found, following = await sync_to_async(import_answers.listed)(held, asked.before, asked.limit)
    return encoded({"data": found, "next": following})


@router.post(
    "/portfolios/{int:key}/imports",
    auth=writing,
    response={201: shapes.ImportAnswer, **FINDS, **LARGE},
)
async def bring(
    request: HttpRequest, key: int, file: File[UploadedFile], sent: Form[shapes.Brought]
) -> HttpResponse:
    """Brings a file, as a form with the fields file and account, and looks at it. Records nothing: the answer
    says what would become of it."""
    refuse_unknown(request, NothingAsked())
    held = await _owned(request, key)
    made = await _done(lambda: import_answers.brought(held, sent.account, file, request.user))
    return await _told(request, key, made.pk, 201)


@router.get("/portfolios/{int:key}/imports/{int:pk}", response={200: shapes.ImportAnswer, **FINDS})
async def one(request: HttpRequest, key: int, pk: int) -> HttpResponse:
    """How far it is, and what is to be said of it before it can begin."""
    refuse_unknown(request, NothingAsked())
    return await _told(request, key, pk)


@router.get("/portfolios/{int:key}/imports/{int:pk}/rows", response={200: shapes.Fates, **CHANGES})
async def rows(request: HttpRequest, key: int, pk: int, asked: Query[shapes.RowsAsked]) -> HttpResponse:
    """What becomes of each row, while nothing of it is recorded."""
    refuse_unknown(request, asked)
    held = await _found(request, key, pk)
    found, following = await _done(lambda: import_answers.rows(held, asked.fate, asked.after, asked.limit))
    return encoded({"data": found, "next": following})


@router.post(
    "/portfolios/{int:key}/imports/{int:pk}/look",
    auth=writing,
    response={200: shapes.ImportAnswer, **CHANGES, **LARGE},
)
async def look(request: HttpRequest, key: int, pk: int, chosen: shapes.Chosen) -> HttpResponse:
    """Looks again, with what is said of it: format, account, time zone, what codes and columns mean."""
    refuse_unknown(request, NothingAsked())
    held = await _found(request, key, pk)
    await _done(lambda: import_answers.looked(held, chosen.dict()))
    return await _told(request, key, pk)


@router.post(
    "/portfolios/{int:key}/imports/{int:pk}/commit",
    auth=writing,
    response={200: shapes.ImportAnswer, **CHANGES, **LARGE},
)
async def commit(request: HttpRequest, key: int, pk: int, asked: shapes.Committed) -> HttpResponse:
    """Records what was looked at. Long files go on after the answer: ask until the state is done."""
    refuse_unknown(request, NothingAsked())
    held = await _found(request, key, pk)
    await _done(lambda: actions.begin(held, asked.leave_out))
    return await _told(request, key, pk)


@router.post(
    "/portfolios/{int:key}/imports/{int:pk}/undo",
    auth=writing,
    response={200: shapes.ImportAnswer, **CHANGES},
)
async def undo(request: HttpRequest, key: int, pk: int) -> HttpResponse:
    """Takes back all that it recorded, and what was typed in its place."""
    refuse_unknown(request, NothingAsked())
    held = await _found(request, key, pk)
    await _done(lambda: actions.undo(held))
    return await _told(request, key, pk)


@router.delete("/portfolios/{int:key}/imports/{int:pk}", auth=writing, response={204: None, **CHANGES})
async def forget(request: HttpRequest, key: int, pk: int) -> HttpResponse:
    """Forgets a file of which nothing is recorded."""
    refuse_unknown(request, NothingAsked())
    held = await _found(request, key, pk)
    await _done(lambda: actions.forget(held))
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
