"""Making, arranging and filling watchlists. Every page works without scripts; those ask for JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from marketdash import access
from marketdash.dashboards import actions, pasting, queries
from marketdash.dashboards.actions import Refused
from marketdash.dashboards.models import Watchlist

View = Callable[..., HttpResponse]


def with_account(view: View) -> View:
    """Pages ask to sign in; scripts are told 401. What is refused says why at its field."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.may_read_markets(request.user) or not request.user.is_authenticated:
            if _asks_for_json(request):
                return JsonResponse({"errors": {"session": "expected to be signed in"}}, status=401)
            return redirect_to_login(request.get_full_path())
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return _refused(request, refused, kwargs.get("key"))

    return guarded


def _asks_for_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _refused(request: HttpRequest, refused: Refused, key: int | None) -> HttpResponse:
    if _asks_for_json(request):
        return JsonResponse({"errors": {refused.field: refused.words}}, status=422)
    held = access.changeable(Watchlist.objects.all(), request.user).filter(pk=key).first()
    page = _watchlist_page if held is not None else _overview_page
    return page(request, held, {"refused": refused}, 422)


def _mine(request: HttpRequest, key: int) -> Watchlist:
    """One that this person may change; any other is not here."""
    return get_object_or_404(access.changeable(Watchlist.objects.all(), request.user), pk=key)


@with_account
def overview(request: HttpRequest) -> HttpResponse:
    """All lists; a POST makes one: of one's own, or shared, for an administrator."""
    if request.method != "POST":
        return _overview_page(request)
    shared = request.POST.get("shared") == "yes"
    if shared and not access.may_arrange_shared(request.user, Watchlist):
        raise Refused("shared", "expected an administrator of watchlists")
    made = actions.create(None if shared else request.user, request.POST.get("name", ""))
    return redirect("watchlist", key=made.pk)


def _overview_page(
    request: HttpRequest, _: Any = None, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    lists = queries.lists(request.user)
    context = {
        "mine": [each for each in lists if each.owner_id is not None],
        "shared": [each for each in lists if each.owner_id is None],
        "may_share": access.may_arrange_shared(request.user, Watchlist),
        "typed": request.POST.get("name", ""),
        **(more or {}),
    }
    return render(request, "dashboards/overview.html", context, status=status)


@with_account
@require_POST
def order_lists(request: HttpRequest) -> HttpResponse:
    """``order``: keys of one's own lists, or of the shared ones (``shared=yes``)."""
    asked = [int(key) for key in request.POST.get("order", "").split() if key.isdecimal() and len(key) < 19]
    shared = request.POST.get("shared") == "yes" and access.may_arrange_shared(request.user, Watchlist)
    actions.order_lists(None if shared else request.user, asked)
    return _done(request, "watchlists")


@with_account
@require_GET
def watchlist(request: HttpRequest, key: int) -> HttpResponse:
    return _watchlist_page(request, _mine(request, key))


def _watchlist_page(
    request: HttpRequest, held: Watchlist, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {"list": held, "items": queries.items(held), "most": actions.MAX_ITEMS, **(more or {})}
    return render(request, "dashboards/watchlist.html", context, status=status)


@with_account
@require_POST
def rename(request: HttpRequest, key: int) -> HttpResponse:
    actions.rename(_mine(request, key), request.POST.get("name", ""))
    return _done(request, "watchlist", key=key)


@with_account
@require_POST
def delete(request: HttpRequest, key: int) -> HttpResponse:
    held = _mine(request, key)
    actions.delete(held)
    messages.success(request, f"{held.name} is deleted.")
    return redirect("watchlists")


@with_account
@require_POST
def review(request: HttpRequest, key: int) -> HttpResponse:
    """What a pasted text or a file would add, entry by entry. Writes nothing."""
    held = _mine(request, key)
    try:
        lines = queries.book().read(_text_of(request), queries.names(held))
    except pasting.TooMuch as problem:
        raise Refused("text", str(problem)) from None
    if not lines:
        raise Refused("text", "expected at least one instrument, found none")
    sure = [line.symbol for line in lines if line.fate == pasting.ADDED]
    open_ = [line for line in lines if line.fate == pasting.AMBIGUOUS]
    if len(lines) == len(sure) == 1:
        return _added(request, held, sure)
    context = {"list": held, "lines": lines, "sure": " ".join(sure), "count": len(sure), "open": len(open_)}
    return render(request, "dashboards/review.html", context)


def _text_of(request: HttpRequest) -> str:
    """Of the field, or of a file: UTF-8, or what a spreadsheet on Windows writes."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if file.size > pasting.MAX_TEXT:
        raise Refused("file", f"expected at most {pasting.MAX_TEXT:,} bytes, found {file.size:,}")
    content = file.read()
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("file", "expected text, found something else")


@with_account
@require_POST
def add(request: HttpRequest, key: int) -> HttpResponse:
    """``symbol`` fields of full names, one or several lines each; empty ones were left out by the person."""
    names = [name for field in request.POST.getlist("symbol") for name in field.split()]
    return _added(request, _mine(request, key), names)


def _added(request: HttpRequest, held: Watchlist, names: list[str]) -> HttpResponse:
    added = actions.add(held, names)
    messages.success(request, f"{added} added." if added else "Nothing was added.")
    return _done(request, "watchlist", key=held.pk)


@with_account
@require_POST
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """The page after it offers to put it back where it was."""
    name = request.POST.get("symbol", "")
    place = actions.remove(_mine(request, key), name)
    if place is None or _asks_for_json(request):
        return _done(request, "watchlist", key=key)
    return redirect(f"{reverse('watchlist', args=[key])}?{urlencode({'removed': name, 'place': place})}")


@with_account
@require_POST
def restore(request: HttpRequest, key: int) -> HttpResponse:
    place = request.POST.get("place", "")
    if not place.isdecimal() or len(place) > 4:
        raise Refused("place", f"expected a number, found {place!r:.40}")
    actions.restore(_mine(request, key), request.POST.get("symbol", ""), int(place))
    return _done(request, "watchlist", key=key)


@with_account
@require_POST
def order_items(request: HttpRequest, key: int) -> HttpResponse:
    """``order``: all full names; or ``up`` or ``down``: one name, one place."""
    held = _mine(request, key)
    for word, by in (("up", -1), ("down", 1)):
        if name := request.POST.get(word):
            actions.move(held, name, by)
    if asked := request.POST.get("order", "").split():
        actions.order_items(held, asked)
    return _done(request, "watchlist", key=key)


@with_account
@require_GET
def export(request: HttpRequest, key: int) -> HttpResponse:
    held = get_object_or_404(access.readable(Watchlist.objects.all(), request.user), pk=key)
    answer = HttpResponse(queries.exported(held), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slugify(held.name) or "watchlist"}.txt"'
    return answer


@with_account
@require_POST
def star(request: HttpRequest) -> HttpResponse:
    """``symbol`` into the list ``list``, or into one's first; out of it where it was, or as ``on`` says."""
    name, key = request.POST.get("symbol", ""), request.POST.get("list", "")
    held = _mine(request, int(key)) if key.isdecimal() and len(key) < 19 else actions.first(request.user)
    wanted = request.POST.get("on") or ("no" if name in queries.names(held) else "yes")
    if wanted == "yes":
        actions.add(held, [name])
    else:
        actions.remove(held, name)
    if _asks_for_json(request):
        return JsonResponse(queries.shown(request.user, request.POST.get("open") or "all").state())
    back = request.POST.get("back", "")
    known = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    return redirect(back if known else "markets")


@with_account
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """What a page that is looked at again compares itself with."""
    shown = queries.shown(request.user, request.GET.get("list") or "all")
    return JsonResponse(shown.state(), headers={"Cache-Control": "no-store"})


@with_account
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Suggestions for what is being typed."""
    found = queries.suggestions(request.GET.get("q", ""))
    rows = [{"symbol": each.symbol, "kind": each.kind, "followed": each.followed} for each in found]
    return JsonResponse({"found": rows}, headers={"Cache-Control": "no-store"})


def _done(request: HttpRequest, page: str, **kwargs: Any) -> HttpResponse:
    return HttpResponse(status=204) if _asks_for_json(request) else redirect(page, **kwargs)
