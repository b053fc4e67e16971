"""The pages of markets and of one instrument, with the lists and the screen of whoever looks at them."""

from __future__ import annotations

import time
from typing import Any, NamedTuple
from urllib.parse import unquote

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from feeds import symbols
from marketdash.dashboards import keeping, queries, screens
from marketdash.dashboards.screens import KINDS, Invalid, Panel, Screen
from marketdash.instruments import views as instruments
from marketdash.instruments.catalogue import BLANK
from marketdash.instruments.lines import line
from marketdash.instruments.oracles import Oracles, oracles
from marketdash.options.panel import OptionPanel, option_panel
from marketdash.venues import zone_of

COOKIE = "screen"
"""In which a visitor's browser keeps a screen, so that a first paint has it already."""


class Placed(NamedTuple):
    """A panel with what it shows. ``own``: not the page's instrument, so it says whose values these are."""

    panel: Panel
    seen: instruments.Seen
    option: OptionPanel | None = None
    oracle: Oracles | None = None

    @property
    def title(self) -> str:
        return KINDS[self.panel.kind].title

    @property
    def group(self) -> str:
        """``own``: one instrument alone."""
        return "own" if ":" in self.panel.follows else self.panel.follows

    @property
    def own(self) -> bool:
        return self.panel.follows != screens.PAGE

    @property
    def without(self) -> str:
        """Why there is nothing to show, which is no fault; ``""``: there is."""
        return self.seen.line.listed.without.get(KINDS[self.panel.kind].channel, "")

    @property
    def template(self) -> str:
        return f"panels/{self.panel.kind}.html"


@instruments.readers_only
async def markets(request: HttpRequest) -> HttpResponseBase:
    """``?list=`` opens a list; a search from another page looks through all markets."""
    asked = request.GET.get("list") or ("all" if "q" in request.GET else None)
    shown = await sync_to_async(queries.shown)(request.user, asked)
    chosen = shown.items if shown.open else None
    return await instruments.markets(request, chosen, watch=shown, lists_state=shown.state())


@instruments.readers_only
async def instrument(request: HttpRequest, slug: str) -> HttpResponseBase:
    listed = instruments.known(slug)
    shown, held, saved = await sync_to_async(_kept)(request)
    presets = screens.presets(listed.kind, listed.told)
    screen = held.screen or next(iter(presets.values()))
    found = await instruments.seen(request, [listed.symbol, *screen.names()])
    page = found[listed.symbol]
    return await instruments.instrument(
        request,
        line=page.line,
        panels=[_placed(request, each, found[screen.symbol(each, listed.symbol)]) for each in screen.panels],
        blanks=_blanks(),
        intervals=[(each, symbols.interval_name(each)) for each in symbols.INTERVALS],
        embedded=instruments.embedded(
            instruments.all_lines(found.values()), instruments.held_contracts(found.values())
        ),
        screen=_state(request, screen, held, saved, presets),
        watch=shown,
        lists_state=shown.state(),
    )


def _placed(request: HttpRequest, panel: Panel, seen: instruments.Seen) -> Placed:
    if panel.kind == "oracle":
        return Placed(panel, seen, oracle=oracles(seen.line, seen.others, request.display.style))
    if panel.kind != "option" or seen.contract is None:
        return Placed(panel, seen)
    listed, row = seen.line.listed, seen.contract.rows.get(symbols.OPTION)
    zone = request.display.zone_at(zone_of(listed.venue))
    now_us = time.time_ns() // 1000
    return Placed(panel, seen, option_panel(listed, row, zone, request.display.style, now_us))


def _kept(request: HttpRequest) -> tuple[queries.Shown, keeping.Held, list[dict[str, Any]]]:
    """Of an account, or else of this browser; who has just got an account keeps what the browser had."""
    shown = queries.shown(request.user, "all")
    if not request.user.is_authenticated:
        return shown, _of_browser(request), []
    held = keeping.held(request.user)
    return shown, held if held.version else _of_browser(request), keeping.saved(request.user)


def _of_browser(request: HttpRequest) -> keeping.Held:
    """What a cookie says counts as far as it can be read."""
    try:
        return keeping.Held(0, keeping.read_now(unquote(request.COOKIES[COOKIE], errors="strict")))
    except (KeyError, Invalid, UnicodeError):
        return keeping.Held(0, None)


def _blanks() -> list[Placed]:
    """One of each kind, of nobody: what a panel that is added later is made from."""
    nobody = instruments.Seen(line(BLANK, None), [], "")
    return [Placed(Panel(name, 0, 0, kind.min_w, kind.min_h), nobody) for name, kind in KINDS.items()]


def _state(
    request: HttpRequest,
    screen: Screen,
    held: keeping.Held,
    saved: list[dict[str, Any]],
    presets: dict[str, Screen],
) -> dict[str, Any]:
    """What the page's scripts start from."""
    return {
        "screen": screens.text(screen),
        "version": held.version,
        "problem": held.problem,
        "account": request.user.is_authenticated,
        "saved": saved,
        "presets": [{"name": name, "screen": screens.text(each)} for name, each in presets.items()],
        "kinds": {name: kind._asdict() for name, kind in KINDS.items()},
        "columns": screens.COLUMNS,
        "rows": screens.ROWS,
        "most": screens.MAX_PANELS,
    }
