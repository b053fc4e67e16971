from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash import numerals, preferences
from marketdash.instruments import display
from marketdash.instruments.listed import BLANK
from tests import provide

ROOT = Path(__file__).parents[3]
NUMBERS = st.decimals(min_value=0, max_value=10**15, places=8, allow_nan=False).map(
    lambda number: f"{number:f}"
)
ABSENT = ["", None, "NaN", "Infinity", "1E999", "<img src=x>", 5, "1,000", "+1"]


@pytest.mark.parametrize(
    ("text", "decimals", "shown"),
    [
        ("64012.1", 2, "64,012.10"),
        ("64012.1234", 2, "64,012.1234"),
        ("63995.64000000", 2, "63,995.64"),
        ("1500.000", 0, "1,500"),
        ("0.00000712", 8, "0.0₅712"),
        ("0.00001", 5, "0.00001"),
        ("0.00000000", 8, "0.00000000"),
        ("0", 0, "0"),
    ],
)
def test_a_price_has_the_digits_of_its_tick(text: str, decimals: int, shown: str) -> None:
    assert display.price(text, decimals) == shown


@pytest.mark.parametrize("text", ABSENT)
def test_what_is_absent_is_a_dash(text: object) -> None:
    assert display.price(text, 2) == display.percent(text) == display.ABSENT
    assert display.spread_bps(text, "1") is None
    assert display.turnover(text, "1") is None


def test_a_change_has_its_sign() -> None:
    shown = [display.percent(text) for text in ("1.254", "-0.485", "0.001", "-0.001", "0")]
    assert shown == ["+1.25%", "−0.49%", "0.00%", "0.00%", "0.00%"]


def test_large_amounts_have_three_digits_and_a_letter() -> None:
    texts = ("0", "0.1234", "9.996", "123.4", "999.9", "1234", "999600", "1234567890", "1234567890123456")
    shown = [display.compact(Decimal(text)) for text in texts]
    assert shown == ["0.00", "0.12", "10.00", "123", "1.00 K", "1.23 K", "1.00 M", "1.23 B", "1.23 Q"]


def test_small_amounts_have_three_digits_too() -> None:
    shown = [display.compact(Decimal(text)) for text in ("0.0000056749", "0.009996", "0.00123")]
    assert shown == ["0.0₅567", "0.01", "0.00123"]


def test_ages_are_words_that_grow() -> None:
    shown = [display.age(int(s * 1e6)) for s in (0, 0.44, 12.7, 121, 7200, 200_000)]
    assert shown == ["< 1 s", "< 1 s", "12 s", "2 min", "2 h", "2 d"]
    assert display.age(None) == display.ABSENT


@given(bid=NUMBERS, ask=NUMBERS)
def test_a_spread_of_any_two_numbers_is_finite(bid: str, ask: str) -> None:
    spread = display.spread_bps(bid, ask)
    assert spread is None or spread.is_finite()


def in_node(script: str, *arguments: object) -> object:
    """What a script in the folder of the project prints as JSON; its arguments are JSON too."""
    node = provide.node()
    if node is None:
        pytest.fail("no Node.js for the tests")
    command = [node, "--input-type=module", "-e", script, *map(json.dumps, arguments)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    return json.loads(said)


STYLES = sorted({*numerals.EXPLICIT.values(), *map(numerals.of_languages, ("de", "fr", "es", "pl", "hi"))})


@settings(max_examples=1, deadline=None)
@given(st.lists(NUMBERS, min_size=200, max_size=200))
def test_the_first_paint_reads_as_the_scripts_write(texts: list[str]) -> None:
    """Digit by digit, in each style."""
    script = (
        "import { Format } from './static/js/core/format.js';"
        "const [styles, texts] = process.argv.slice(1).map((text) => JSON.parse(text));"
        "const shown = (f, t) => [f.price(t, 2), f.percent(t), f.percent('-' + t), f.compact(t)];"
        "const all = styles.map((style) => new Format(style)).map((f) => texts.map((t) => shown(f, t)));"
        "console.log(JSON.stringify(all))"
    )

    theirs = in_node(script, [style._asdict() for style in STYLES], texts)

    for style, written in zip(STYLES, theirs, strict=True):
        mine = [
            [
                display.price(t, 2, style),
                display.percent(t, style),
                display.percent(f"-{t}", style),
                display.compact(Decimal(t), style),
            ]
            for t in texts
        ]
        assert written == mine, style


def test_times_read_as_the_scripts_write_in_each_zone_that_can_be_chosen() -> None:
    names = [*preferences.zones(), "UTC"]
    times = [(946_684_800 + n * 7_654_321) * 1_000_000 + 999_999 for n in range(100)]  # 2000 to 2024
    script = (
        "import { Zone } from './static/js/core/zone.js';"
        "const [names, times] = process.argv.slice(1).map((text) => JSON.parse(text));"
        "const of = (zone) => times.map((us) => `${zone.dateAndTime(us)} ${zone.timeOfDay(us)}`);"
        "console.log(JSON.stringify(names.map((name) => of(new Zone(name)))))"
    )

    theirs = in_node(script, names, times)

    wrong = {
        name: (mine, said)
        for name, written in zip(names, theirs, strict=True)
        for us, said in zip(times, written, strict=True)
        for mine in [f"{display.date_and_time(us, ZoneInfo(name))} {display.time_of_day(us, ZoneInfo(name))}"]
        if mine != said
    }
    assert wrong == {}


def test_nobody_is_told_to_switch_on_a_book_that_a_venue_has_not() -> None:
    share = BLANK._replace(symbol="ALPACA:AAPL", venue="ALPACA", venue_title="Alpaca")

    assert share.without == {"book": "Alpaca tells no book."}
    assert "can switch it on" in share._replace(symbol="KRAKEN:A/B", venue="KRAKEN").without["book"]
    assert share._replace(book_depth=10).without == share.without
    assert BLANK.without == {}


def test_what_a_venue_does_not_tell_is_said_calmly_and_what_is_off_as_such() -> None:
    pair = BLANK._replace(symbol="OANDA:EUR_USD", venue="OANDA", venue_title="OANDA", kind="forex")
    perpetual = pair._replace(
        symbol="GEMINI:BTCGUSDPERP", venue="GEMINI", venue_title="Gemini", book_depth=10
    )
    perpetual = perpetual._replace(kind="perpetual", off=("trade", "ohlc"))

    assert pair.without == {
        "trade": "OANDA tells no trades.",
        "book": "OANDA tells no book.",
        "ohlc": "No candles are stored, and OANDA tells no trades to make them of.",
    }
    assert pair._replace(kind="index").without["trade"] == "An index has no trades: nobody trades it."
    assert perpetual.without == {
        "trade": "No trades are followed for this instrument. An administrator can switch them on.",
        "ohlc": "No candles are followed for this instrument. An administrator can switch them on.",
        "liquidation": "Gemini tells no liquidations.",
    }
    assert "high" in pair.untold and perpetual.untold == ("volume",)
