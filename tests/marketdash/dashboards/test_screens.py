"""What a screen may be: said at the field, nothing half read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.symbols import OHLC, TICKER, TRADE
from marketdash.dashboards.screens import (
    CONTRACT,
    DEFAULT,
    KINDS,
    MAX_TEXT,
    PRESETS,
    QUOTED,
    TRADED,
    Invalid,
    Panel,
    presets,
    read,
    text,
)

CHART = {"kind": "chart", "x": 0, "y": 0, "w": 12, "h": 12}


def of(*panels: dict[str, Any], **more: Any) -> str:
    return json.dumps({"panels": list(panels), **more})


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_screen_that_fills_one_height(name: str) -> None:
    screen = read(text(PRESETS[name]))

    assert screen == PRESETS[name]
    assert sum(each.w * each.h for each in screen.panels) == 24 * 24


def test_panels_are_in_reading_order() -> None:
    screen = read(of({**CHART, "y": 12}, CHART, {**CHART, "x": 12}))

    assert [(each.x, each.y) for each in screen.panels] == [(0, 0), (12, 0), (0, 12)]


def test_whose_values_a_panel_shows() -> None:
    own = {**CHART, "x": 12, "follows": "BINANCE:BTCUSDT"}
    screen = read(of(CHART, own, {**CHART, "y": 12, "follows": "b"}, groups={"b": "KRAKEN:ETH/USD"}))

    shown = [screen.symbol(each, "KRAKEN:BTC/USD") for each in screen.panels]
    assert shown == ["KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "KRAKEN:ETH/USD"]
    assert screen.names() == ["BINANCE:BTCUSDT", "KRAKEN:ETH/USD"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "screen: expected JSON"),
        ("[" * 3000, "screen: expected"),
        ("null", "screen: expected object, found null"),
        ("{}", "screen: object missing required field panels"),
        (of(CHART, more=1), "screen: object contains unknown field more"),
        (of({**CHART, "style": "x"}), r"panels\[0\]: object contains unknown field style"),
        (of({**CHART, "x": "0"}), r"panels\[0\].x: expected int, found str"),
        (of({**CHART, "x": 1.5}), r"panels\[0\].x: expected int, found float"),
        (of({**CHART, "kind": "clock"}), r"panels\[0\].kind: expected one of chart, .*, found 'clock'"),
        (of({**CHART, "x": 13}), r"panels\[0\].x: expected 0 to 12, found 13"),
        (of({**CHART, "x": -1}), r"panels\[0\].x: expected 0 to 12, found -1"),
        (of({**CHART, "w": 25}), r"panels\[0\].w: expected 6 to 24, found 25"),
        (of({**CHART, "h": 5}), r"panels\[0\].h: expected 6 to 72, found 5"),
        (of({**CHART, "y": 61}), r"panels\[0\].y: expected 0 to 60, found 61"),
        (of({**CHART, "interval": 7}), r"panels\[0\].interval: expected one of 1, 5, .*, found 7"),
        (
            of(CHART, {**CHART, "x": 11}),
            r"panels\[1\]: expected a free place, found .*panels\[0\], the Chart",
        ),
        (of({**CHART, "follows": "d"}), r"panels\[0\].follows: expected VENUE:SYMBOL, found 'd'"),
        (of({**CHART, "follows": "X:<img>"}), r"panels\[0\].follows: expected"),
        (of({**CHART, "follows": "a"}), r"groups.a: expected an instrument for panels\[0\], found none"),
        (of(CHART, groups={"z": "KRAKEN:X"}), "groups.z: expected one of a, b, c, found 'z'"),
        (of(CHART, groups={"a": 5}), r"groups\[...\]: expected str, found int"),
        (of(*[CHART] * 17), "panels: expected at most 16, found 17"),
        ("x" * (MAX_TEXT + 1), "screen: expected at most 8192 characters, found 8193"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(body: str, said: str) -> None:
    with pytest.raises(Invalid, match=f"^{said}"):
        read(body)


@given(
    st.text() | st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)
)
def test_whatever_comes_is_refused_in_words(body: str | bytes) -> None:
    with pytest.raises(Invalid):
        read(body)


@given(st.lists(st.builds(Panel, st.sampled_from([*KINDS, "x"]), *[st.integers(-2, 80)] * 4), max_size=4))
def test_what_is_read_is_kept_as_it_is(panels: list[Panel]) -> None:
    """Whatever panels are asked for, they are refused, or they are what is read back."""
    body = json.dumps({"panels": [{"kind": p.kind, "x": p.x, "y": p.y, "w": p.w, "h": p.h} for p in panels]})
    try:
        screen = read(body)
    except Invalid:
        return
    assert read(text(screen)) == screen and len(screen.panels) == len(panels)
    assert not any(one.meets(other) for one in screen.panels for other in screen.panels if one is not other)


def test_the_first_preset_is_what_nobody_arranged() -> None:
    assert next(iter(PRESETS.values())) is DEFAULT
    assert presets("spot") == PRESETS and next(iter(presets("future").values())) is CONTRACT
    assert list(presets("option")) == ["Option", *PRESETS]
    first = next(iter(presets("index").values()))
    assert [panel.kind for panel in first.panels] == ["quotes"], "nobody trades an index"
    assert read(text(CONTRACT)) == CONTRACT


def test_nobody_has_to_look_at_panels_that_stay_empty() -> None:
    def first(kind: str, *told: str) -> list[str]:
        return [panel.kind for panel in next(iter(presets(kind, told).values())).panels]

    assert first("forex", TICKER, OHLC) == ["chart", "quotes"], "a dealer tells no trades and no book"
    assert first("equity", TICKER, TRADE, OHLC) == ["chart", "tape", "quotes"]
    assert first("perpetual", TICKER, TRADE)[0] == "contract"
    assert all(read(text(screen)) == screen for screen in (QUOTED, TRADED))
