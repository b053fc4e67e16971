"""What a person chose for the screen: the closed set of names and values, and where a page reads them. Pure.

Kept in one cookie for each name, so that a first paint has them; of who is signed in the account keeps them,
and the cookies follow it. A value that is none of the set counts as not chosen.
"""

from __future__ import annotations

import functools
import json
import zoneinfo
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from marketdash import numerals

CHOICES: dict[str, dict[str, str]] = {
    "theme": {"system": "Follow system", "dark": "Dark", "light": "Light"},
    "palette": {"usual": "Green and red", "inverse": "Red and green", "safe": "Blue and orange"},
    "flash": {"on": "Tint for half a second", "off": "Do not tint"},
    "density": {"regular": "Regular", "compact": "Compact"},
    "amounts": {"shown": "Show amounts", "hidden": "Hide amounts"},
    "numbers": {
        "locale": "As this browser's language",
        "comma-point": "1,234,567.89",
        "point-comma": "1.234.567,89",
        "space-comma": "1 234 567,89",
        "space-point": "1 234 567.89",
        "apostrophe-point": "1’234’567.89",
        "indian": "12,34,567.89",
        "plain": "1234567.89",
    },
    "zone": {"utc": "UTC", "local": "This device", "exchange": "The exchange"},
}
"""Name → value → words. ``zone`` may also be one of :func:`zones`; the first value is what nobody chose."""

DEVICE_ZONE = "device_zone"
"""The cookie in which a browser says where it is, for ``local``."""


@functools.cache
def zones() -> tuple[str, ...]:
    """IANA names that people know: ``Europe/Berlin``, not ``EST5EDT``."""
    beside = ("Etc/", "SystemV/", "posix/", "right/", "US/")
    return tuple(sorted(n for n in zoneinfo.available_timezones() if "/" in n and not n.startswith(beside)))


class Preferences(NamedTuple):
    theme: str = "system"
    palette: str = "usual"
    flash: str = "on"
    density: str = "regular"
    amounts: str = "shown"
    numbers: str = "locale"
    zone: str = "utc"


NAMES = Preferences._fields


def problem(name: str, value: object) -> str:
    """Why ``value`` cannot be chosen for ``name``, or nothing."""
    known = CHOICES[name]
    if isinstance(value, str) and (value in known or (name == "zone" and value in zones())):
        return ""
    more = " or a name such as Europe/Berlin" if name == "zone" else ""
    return f"{name}: expected {', '.join(known)}{more}, found {value!r:.80}"


def chosen(values: Mapping[str, object]) -> Preferences:
    """What of ``values`` can be read, and nobody's choice for the rest."""
    return Preferences(**{name: str(values[name]) for name in NAMES if not problem(name, values.get(name))})


class Display(NamedTuple):
    """The preferences of one request with all that they mean. ``account``: they are kept with an account."""

    chosen: Preferences
    style: numerals.Style
    device_zone: str
    account: bool = False

    @property
    def numerals(self) -> str:
        """The style as the page's scripts read it."""
        return json.dumps(self.style._asdict())

    def zone_at(self, exchange: str = "UTC") -> ZoneInfo:
        """In which zone times of an exchange are shown; ``exchange`` is the exchange's own."""
        own = {"utc": "UTC", "local": self.device_zone or "UTC", "exchange": exchange}
        return ZoneInfo(own.get(self.chosen.zone, self.chosen.zone))

    def zone_word(self, exchange: str = "UTC") -> str:
        """For the head of a column of times."""
        return self.zone_at(exchange).key.rpartition("/")[2].replace("_", " ")


def display(
    values: Mapping[str, object], *, languages: str, device_zone: object, account: bool = False
) -> Display:
    """``values`` come from cookies or an account, ``languages`` from the Accept-Language header."""
    preferences = chosen(values)
    known = device_zone if isinstance(device_zone, str) and device_zone in zones() else ""
    return Display(preferences, numerals.named(preferences.numbers, languages), known, account)


NOBODYS = display({}, languages="", device_zone="")
"""Where there is no request."""
