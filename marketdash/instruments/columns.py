"""Columns that move while the page is open, and an action for each channel and depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketdash.instruments.models import Depth, Instrument

_SWITCHED = ("ticker", "trades", "bars")


def _switch(name: str, on: bool) -> Callable[..., None]:
    words = f"{'Follow' if on else 'Stop following'} their {name}"

    @admin.action(description=words, permissions=["change"])
    def act(self: Any, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        self.choose(request, queryset, {name: on}, f"have their {name} {'on' if on else 'off'} now")

    return act


def _deepen(depth: Depth) -> Callable[..., None]:
    words = f"Follow {depth.label} levels of their books" if depth else "Stop following their books"

    @admin.action(description=words, permissions=["change"])
    def act(self: Any, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        self.choose(request, queryset, {"book_depth": int(depth)}, f"have book depth {depth.label} now")

    return act


def _cell(name: str) -> Callable[[Any, Instrument], SafeString]:
    def cell(self: Any, row: Instrument) -> SafeString:
        return format_html('<span class="live" data-live="{}" data-symbol="{}">–</span>', name, row.symbol)

    return cell


class LiveColumns:
    """``static/js/admin/live.js`` fills them in."""

    columns = ("state", "age", "rate", "gaps", "last_error")
    channel_actions = (
        *(f"{name}_{word}" for name in _SWITCHED for word in ("on", "off")),
        *(f"depth_{int(depth)}" for depth in Depth),
    )

    state = admin.display(description="State")(_cell("state"))
    age = admin.display(description="Age")(_cell("age"))
    rate = admin.display(description="Msg/s")(_cell("rate"))
    gaps = admin.display(description="Gaps")(_cell("gaps"))
    last_error = admin.display(description="Last error")(_cell("last_error"))


for _name in _SWITCHED:
    setattr(LiveColumns, f"{_name}_on", _switch(_name, True))
    setattr(LiveColumns, f"{_name}_off", _switch(_name, False))
for _depth in Depth:
    setattr(LiveColumns, f"depth_{int(_depth)}", _deepen(_depth))
