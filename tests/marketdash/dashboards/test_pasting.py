"""Lists as people have them, read entry by entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdash.dashboards import pasting
from marketdash.dashboards.pasting import ADDED, AMBIGUOUS, THERE, UNKNOWN, Book, Known
from tests.marketdash.dashboards.conftest import LISTED, NAMES

KNOWN = [
    Known(f"{venue}:{native}", base, quote, venue.capitalize(), kind, followed, NAMES.get(base, ()))
    for venue, native, base, quote, kind, followed in LISTED
]
BOOK = Book(KNOWN)


def fates(text: str, held: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(line.fate, line.symbol) for line in BOOK.read(text, held)]


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("KRAKEN:BTC/USD", "KRAKEN:BTC/USD"),
        ("kraken:btc/usd", "KRAKEN:BTC/USD"),
        ("KRAKEN:XBTUSD", "KRAKEN:BTC/USD"),
        ("Kraken:BTC-USD", "KRAKEN:BTC/USD"),
        ("BINANCE:BTCUSDT", "BINANCE:BTCUSDT"),
        ("btcusdt", "BINANCE:BTCUSDT"),
        ("BTC / USDT", "BINANCE:BTCUSDT"),
        ("xdg", "KRAKEN:DOGE/USD"),
        ("ETHEREUM/USD", "KRAKEN:ETH/USD"),
        ('"ETH_USDT"', "BINANCE:ETHUSDT"),
        ("'=ETHUSDT", "BINANCE:ETHUSDT"),
        ("\ufeffETHUSDT", "BINANCE:ETHUSDT"),
        ("ADAUSDT.P", "BINANCE_USDM:ADAUSDT"),
        ("ADA-PERP", "BINANCE_USDM:ADAUSDT"),
        ("SOL", "KRAKEN:SOL/EUR"),
    ],
)
def test_one_instrument_by_each_of_its_names(text: str, symbol: str) -> None:
    assert fates(text) == [(ADDED, symbol)]


def test_the_forms_that_lists_come_in() -> None:
    exported = "###CRYPTO MAJORS,KRAKEN:BTCUSD,BINANCE:ETHUSDT,###REST,KRAKEN:DOGEUSD"
    assert [symbol for _, symbol in fates(exported)] == [
        "KRAKEN:BTC/USD",
        "BINANCE:ETHUSDT",
        "KRAKEN:DOGE/USD",
    ]
    lines = "# mine, since 2019\r\nBTCUSDT, ethusdt;\tKRAKEN:ETH/USD | xdg\r\n\r\n"
    assert pasting.entries(lines) == ["BTCUSDT", "ethusdt", "KRAKEN:ETH/USD", "xdg"]


def test_each_entry_has_a_fate() -> None:
    found = BOOK.read("BTCUSDT ethusdt ETH/USDT BTC NOPE KRAKEN:BTCUSDT", ("BINANCE:BTCUSDT",))

    assert [(line.text, line.fate) for line in found] == [
        ("BTCUSDT", THERE),
        ("ethusdt", ADDED),
        ("ETH/USDT", THERE),  # the line before it
        ("BTC", AMBIGUOUS),
        ("NOPE", UNKNOWN),
        ("KRAKEN:BTCUSDT", UNKNOWN),
    ]
    assert [each.symbol for each in found[3].choices] == [
        "BINANCE:BTCUSDT",
        "COINBASE:BTC-USD",
        "KRAKEN:BTC/USD",
    ]


def test_what_is_followed_is_meant_before_what_is_not() -> None:
    book = Book([*KNOWN, Known("COINBASE:ETH-USD", "ETH", "USD", "Coinbase", "spot", False)])

    assert [each.symbol for each in book.meant("ethusd")] == ["KRAKEN:ETH/USD"]
    assert [each.symbol for each in book.meant("coinbase:ethusd")] == ["COINBASE:ETH-USD"]


def test_more_than_a_list_can_hold_is_refused_with_the_bound() -> None:
    with pytest.raises(pasting.TooMuch, match="at most 500 entries at once, found 501"):
        pasting.entries("\n".join(f"A{n}" for n in range(501)))
    with pytest.raises(pasting.TooMuch, match="at most 100,000 characters"):
        pasting.entries("x" * 100_001)


def test_suggestions_are_ranked_exact_prefix_suffix_substring() -> None:
    assert [each.symbol for each in BOOK.suggestions("xbt")][:2] == ["BINANCE:BTCUSDT", "COINBASE:BTC-USD"]
    assert [each.symbol for each in BOOK.suggestions("oge")] == ["KRAKEN:DOGE/USD"]
    assert BOOK.suggestions("sol")[0].symbol == "KRAKEN:SOL/EUR"
    assert BOOK.suggestions("  ") == [] and BOOK.suggestions("btc nowhere") == []


@given(st.lists(st.sampled_from(KNOWN), unique=True), st.sampled_from(["\n", "\r\n", ",", "; ", "\t", " "]))
def test_full_names_are_read_back_whatever_separates_them(chosen: list[Known], cut: str) -> None:
    names = [each.symbol for each in chosen]

    assert fates(cut.join(names)) == [(ADDED, name) for name in names]


@given(st.text(max_size=300))
def test_no_text_breaks_it_and_each_entry_is_read_once(text: str) -> None:
    found = BOOK.read(text)

    assert len({line.text for line in found}) == len(found)
    assert all(line.text and not line.text.isspace() for line in found)
    added = [line.symbol for line in found if line.fate == ADDED]
    assert len(set(added)) == len(added)
