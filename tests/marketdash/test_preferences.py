"""The closed set of preferences, and how the languages of a browser become a style of numbers."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdash import numerals, preferences
from tests import provide

EVERYDAY = (
    "en en-GB de de-AT de-CH fr fr-CA es es-MX it pt-BR pt-PT nl pl ru uk cs sv da fi hu ro tr el hi en-IN ja"
)
"""Languages whose writing no release of a browser changed of late."""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("comma-point", "1,234,567.8"),
        ("point-comma", "1.234.567,8"),
        ("space-comma", "1\u202f234\u202f567,8"),
        ("apostrophe-point", "1’234’567.8"),
        ("indian", "12,34,567.8"),
        ("plain", "1234567.8"),
    ],
)
def test_each_style_groups_in_its_own_way(name: str, shown: str) -> None:
    style = numerals.named(name, "de")

    assert f"{style.whole('1234567')}{style.point}8" == shown


@pytest.mark.parametrize(
    ("header", "like"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "1.234.567"),
        ("en-US,en;q=0.9", "1,234,567"),
        ("en;q=0.5, hi-IN", "12,34,567"),
        ("xx-YY, de", "1.234.567"),
        ("sr-Latn-RS", "1.234.567"),
        ("es-419", "1,234,567"),
        ("", "1,234,567"),
        ("*;q=nonsense,,;", "1,234,567"),
    ],
)
def test_the_first_language_that_is_known_decides(header: str, like: str) -> None:
    assert numerals.of_languages(header).whole("1234567") == like


@given(st.text(max_size=200))
def test_no_header_is_too_strange(header: str) -> None:
    assert isinstance(numerals.of_languages(header), numerals.Style)


def test_the_everyday_languages_are_written_as_a_browser_writes_them() -> None:
    node = provide.node()
    assert node, "no Node.js for the tests"
    script = (
        "const shown = (tag) => { const f = new Intl.NumberFormat(tag, {maximumFractionDigits: 0});"
        "const p = new Intl.NumberFormat(tag).formatToParts(1.5).find((p) => p.type === 'decimal').value;"
        "return [f.format(1234n), f.format(12345n), f.format(123456789n), p]; };"
        "console.log(JSON.stringify(process.argv.slice(1).map(shown)))"
    )
    command = [node, "-e", script, *EVERYDAY.split()]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=30).stdout)

    for tag, written in zip(EVERYDAY.split(), theirs, strict=True):
        style = numerals.of_languages(tag)
        mine = [*map(style.whole, ("1234", "12345", "123456789")), style.point]
        assert mine == [text.replace("'", "’") for text in written], tag


@pytest.mark.parametrize("name", preferences.NAMES)
@pytest.mark.parametrize(
    "bad", ["", "x", "<img src=x onerror=1>", None, 5, "Europe/Nowhere", "../etc/passwd"]
)
def test_a_value_outside_of_the_set_is_named_and_not_taken(name: str, bad: object) -> None:
    assert preferences.problem(name, bad).startswith(f"{name}: expected ")
    assert preferences.chosen({name: bad}) == preferences.Preferences()


def test_times_are_shown_where_somebody_wants_them() -> None:
    def zone(chosen: str, device: str = "Asia/Tokyo") -> str:
        display = preferences.display({"zone": chosen}, languages="", device_zone=device)
        return display.zone_at("America/New_York").key

    assert zone("utc") == "UTC"
    assert zone("local") == "Asia/Tokyo" and zone("local", "nonsense") == "UTC"
    assert zone("exchange") == "America/New_York"
    assert zone("Europe/Berlin") == "Europe/Berlin"
    assert preferences.NOBODYS.zone_word("America/New_York") == "UTC"
