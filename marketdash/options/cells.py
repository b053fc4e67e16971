"""The cells of a strike. It has thirty-two of them, so a template for each would be what a page costs."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketdash.options.estimates import FIGURES
from marketdash.options.lines import CALL_CELLS, PUT_CELLS, Line, Side


class Painted(NamedTuple):
    """A line with its cells as they stand in the page."""

    line: Line
    calls: SafeString
    puts: SafeString


def painted(line: Line) -> Painted:
    return Painted(line, _cells(line.call, "call", CALL_CELLS), _cells(line.put, "put", PUT_CELLS))


def _cells(side: Side | None, which: str, names: tuple[str, ...]) -> SafeString:
    return format_html_join("", "{}", ((_cell(side, which, name),) for name in names))


def _cell(side: Side | None, which: str, name: str) -> SafeString:
    """Empty where there is no such option."""
    if side is None:
        return format_html('<td role="cell" class="{} {}"></td>', which, name)
    if name == "state":
        state, reason = side.row.standing
        attributes = format_html(' data-state="{}" title="{}"', state, reason)
        return _written(which, name, name, attributes, side.state_words)
    classes = f"{name} num{' figure' if name in FIGURES else ''}"
    title = format_html(' title="{}"', side.titles[name]) if name in side.titles else SafeString("")
    return _written(which, name, classes, title, side.shown[name])


def _written(which: str, name: str, classes: str, attributes: SafeString, text: str) -> SafeString:
    head = format_html('<td role="cell" class="{} {}" data-cell="{}.{}"', which, classes, which, name)
    return format_html("{}{}>{}</td>", head, attributes, text)
