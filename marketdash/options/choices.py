"""What somebody chose to see of a chain, as its address says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

SHOWS = {"venue": "Venue", "ours": "Ours", "difference": "Difference"}
COLUMNS = {"quotes": "Quotes", "greeks": "Greeks"}
SIDES = {"call": "Calls", "put": "Puts"}
AROUND = {"": "All strikes", "5": "± 5", "10": "± 10", "20": "± 20", "40": "± 40"}
ALL = "all"


class Choice(NamedTuple):
    """The first of each is what nobody chose, and is left out of addresses. ``expiry``: a key, or all."""

    expiry: str = ""
    show: str = "venue"
    columns: str = "quotes"
    side: str = "call"
    around: str = ""
    smile: str = ""

    @property
    def query(self) -> str:
        usual = Choice()._asdict()
        told = {name: value for name, value in self._asdict().items() if value != usual[name]}
        return f"?{urlencode(told)}" if told else "?"

    @property
    def count(self) -> int:
        return int(self.around or 0)


_KNOWN: dict[str, Mapping[str, str]] = {
    "show": SHOWS,
    "columns": COLUMNS,
    "side": SIDES,
    "around": AROUND,
    "smile": {"": "", "off": "", "on": ""},
}


def chosen(query: Mapping[str, str]) -> Choice:
    """What is not known counts as not chosen: an address may be old."""
    told = {name: query[name] for name, known in _KNOWN.items() if query.get(name) in known}
    return Choice(expiry=query.get("expiry", "")[:16], **told)
