"""The pages of portfolios. What is served is of the moment that it names; scripts have it move from there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.portfolios import actions, prices, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.equity import curve
from marketdash.portfolios.executions import shown as executions
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.pages.totals import Held, bases_of, crossing, totals
from marketdash.portfolios.past import missing
from marketdash.portfolios.prices import Prices
from marketdash.portfolios.queries import Unfolded
from marketdash.portfolios.words import journal, shown

View = Callable[..., Awaitable[HttpResponseBase]]


def with_account(view: View) -> View:
    """Visitors are asked to sign in. Leaves ``request.user`` loaded, for templates. Of a ledger that is still
    being folded the page says so, and comes back by itself."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.user = await request.auser()
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        await catalogue.ensure()
        try:
            return await view(request, *args, **kwargs)
        except Unfolded:
            return await unfolded(request)

    return guarded


async def unfolded(request: HttpRequest) -> HttpResponse:
    """In the place of what cannot be said yet. 202 until it can be."""
    return await page(request, "unfolded.html", {"sent": request.method == "POST"}, 202)


async def mine(request: HttpRequest, key: int) -> Portfolio:
    """One's own, to change it; any other is not here, but for who may look at it."""
    found = await seen(request, key)
    if not access.may_change(request.user, found):
        raise PermissionDenied("its owner alone may change it")
    return found


async def seen(request: HttpRequest, key: int) -> Portfolio:
    """One's own, or what somebody shows to one; any other is not here."""
    found = await queries.seen(request.user).filter(pk=key).afirst()
    if found is None:
        raise Http404("no portfolio of yours has this number")
    return found


async def page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Rendered in the request's thread: the loop serves sockets."""
    return await sync_to_async(render)(request, f"portfolios/{template}", context, status=status)


@with_account
async def overview(request: HttpRequest) -> HttpResponseBase:
    """All of one's own; a POST makes one."""
    if request.method != "POST":
        return await overview_page(request)
    asked = {name: request.POST.get(name, "") for name in ("name", "base", "method", "account")}
    try:
        made = await sync_to_async(_made)(request.user, **asked)
    except Refused as refused:
        return await overview_page(request, refused)
    return redirect("portfolio", key=made.pk)


@transaction.atomic
def _made(owner: Any, name: str, base: str, method: str, account: str) -> Portfolio:
    """With its first account, without which nothing can be recorded."""
    found = actions.create(owner, name, queries.codes([base]).get(base, base), method)
    _opened(found, account)
    return found


async def overview_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    held = await sync_to_async(books)(request)
    priced = await prices.of_books([book for _, book in held if book], also=crossing(bases_of(held)))
    unfolded = any(book is None for _, book in held)
    context = {
        **await sync_to_async(totals)(held, priced, closed(priced), request.display.style),
        "unfolded": unfolded,
        "shared": await sync_to_async(queries.shown_to)(request.user),
        "methods": METHODS,
        "assets": queries.suggested(),
        "typed": request.POST,
        "refused": refused,
        **moment(priced),
    }
    return await page(request, "overview.html", context, 422 if refused else 202 if unfolded else 200)


def books(request: HttpRequest) -> Held:
    """One's own portfolios, folded as far as somebody waits for that; in a thread."""
    return [(each, _book(each)) for each in queries.portfolios(request.user)]


def moment(priced: Prices) -> dict[str, Any]:
    return {"read_at": datetime.fromtimestamp(priced.read_us // 1_000_000, UTC)}


def shown_now(
    request: HttpRequest, priced: Prices, book: Book, accounts: Mapping[int, str] | None = None
) -> shown.Shown:
    return shown.shown(priced.of(book), accounts or {}, closed(priced), request.display.style)


def shown_with_curve(
    request: HttpRequest,
    held: Portfolio,
    priced: Prices,
    book: Book,
    accounts: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """With amounts, for whoever may see them."""
    found = shown_now(request, priced, book, accounts)
    lines = [*found.rows, *found.positions]
    has_worth = not lines or any(each.state != "missing" for each in lines)
    asked = request.GET.get("period", "")
    drawn = curve.drawn(held, asked, request.display.style, has_worth)
    return {"shown": found, "curve": drawn, "due_s": curve.due_s(drawn)}


def closed(priced: Prices) -> dict[str, str]:
    """Of what markets there is no more than a stored close, and of when."""
    return {
        name: f"{datetime.fromtimestamp(end_us // 1_000_000, UTC):%-d %b %Y, %H:%M} UTC"
        for name, end_us in priced.closed_us.items()
    }


@with_account
@require_GET
async def portfolio(request: HttpRequest, key: int) -> HttpResponseBase:
    return await portfolio_page(request, await seen(request, key))


async def portfolio_page(
    request: HttpRequest, held: Portfolio, refused: Refused | None = None, **more: Any
) -> HttpResponse:
    book, accounts, entries = await sync_to_async(_folded)(request, held)
    priced = await prices.of_books([book] if book else [])
    names = {each.pk: each.name for each in accounts}
    can_change = access.may_change(request.user, held)
    standings = [(each, executions.of_account(each) if can_change else None) for each in accounts]
    context = {
        "portfolio": held,
        "live": bool(book),
        "account_names": names,
        "can_change": can_change,
        "has_keys": any(standing for _, standing in standings),
        **await sync_to_async(_shared)(held),
        "here": reverse("portfolio", args=[held.pk]),
        "curve_at": reverse("portfolio_curve", args=[held.pk]),
        **(await sync_to_async(shown_with_curve)(request, held, priced, book, names) if book else {}),
        "accounts": accounts,
        "standings": standings,
        "entries": entries,
        **await sync_to_async(executions.latest)(held, request.display.style),
        "unknown_then": await sync_to_async(missing.of_portfolio)(held),
        "older_ones": bool(request.GET.get("before")),
        "methods": METHODS,
        "typed": request.POST,
        "refused": refused,
        **moment(priced),
        **more,
    }
    return await page(request, "portfolio.html", context, 422 if refused else 200 if book else 202)


def _shared(held: Portfolio) -> dict[str, Any]:
    return {"shares": list(held.shares.all()), "links": list(held.links.all()), "days": actions.DAYS}


def _folded(request: HttpRequest, held: Portfolio) -> tuple[Book | None, Sequence[Any], journal.Page]:
    """The book is None while it is being folded: all else is there."""
    entries = journal.page(held, request.GET.get("before", ""), style=request.display.style)
    accounts = list(held.accounts.select_related("venue", "exchange_key"))
    return _book(held), accounts, entries


def _book(held: Portfolio) -> Book | None:
    try:
        return queries.book(held)
    except Unfolded:
        return None


def _opened(held: Portfolio, name: str) -> None:
    """What is refused of an account's name is about that field, and not about the portfolio's."""
    try:
        actions.open_account(held, name)
    except Refused as refused:
        raise Refused("account", refused.words) from None


def changes(change: Callable[[Portfolio, Any], Any], said: str) -> View:
    """A view that changes one's portfolio, and shows it again: with what was refused, or as it is then."""

    @with_account
    @require_POST
    async def view(request: HttpRequest, key: int) -> HttpResponseBase:
        held = await mine(request, key)
        try:
            await sync_to_async(change)(held, request.POST)
        except Refused as refused:
            return await portfolio_page(request, await mine(request, key), refused)
        messages.success(request, said)
        return redirect("portfolio", key=key)

    return view


rename = changes(lambda held, sent: actions.rename(held, sent.get("name", "")), "Renamed.")
set_method = changes(
    lambda held, sent: actions.set_method(held, sent.get("method", "")),
    "Gains are worked out anew; nothing of the ledger changed.",
)
open_account = changes(lambda held, sent: _opened(held, sent.get("account", "")), "The account is there.")


@with_account
@require_POST
async def delete(request: HttpRequest, key: int) -> HttpResponseBase:
    """Asked twice: the page opens the question, and the box has to be ticked."""
    held = await mine(request, key)
    if request.POST.get("sure") != "yes":
        words = "expected the box to be ticked: its whole ledger is gone then"
        return await portfolio_page(request, held, Refused("delete", words))
    await sync_to_async(actions.delete)(held)
    messages.success(request, f"{held.name} is deleted.")
    return redirect("portfolios")
