"""Fills and keys as people read them: in words, unknown as unknown, live only while it is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdash.numerals import Style
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.executions import measures, shown
from marketdash.portfolios.executions.measures import Measures
from marketdash.portfolios.models import Account, ExchangeKey, Fill

S = 1_000_000
PRICES = st.decimals(Decimal("0.00000001"), Decimal("999999"), places=8).map(exact.plain)


@given(side=st.sampled_from(["buy", "sell"]), price=PRICES, qty=PRICES, bid=PRICES, ask=PRICES)
def test_slippage_is_exact_and_worse_is_more(side: str, price: str, qty: str, bid: str, ask: str) -> None:
    found = measures.of(side, price, qty, bid, ask, 10, 3)

    best = Fraction(ask if side == "buy" else bid)
    worse = (Fraction(price) - best) * (1 if side == "buy" else -1)
    assert Fraction(str(found.slippage)) == worse * Fraction(qty)
    assert abs(Fraction(str(found.basis_points)) - worse / best * 10_000) <= Fraction(1, 2 * 10**24)
    assert found.latency_us == 7


@pytest.mark.parametrize(
    "facts", [("buy", "1", "1", "1", ""), ("sell", "1", "1", "0", "2"), ("buy", "x", "1", "1", "1")]
)
def test_what_nobody_can_say_is_not_said(facts: tuple[str, ...]) -> None:
    assert measures.of(*facts, 10, None) == Measures()
    assert measures.of(*facts, 10, 11).latency_us is None  # taken after it was filled: clocks


def fill(**facts: Any) -> Fill:
    told = {
        **{
            "account": Account(name="Kraken"),
            "instrument": "KRAKEN:BTC/USD",
            "trade_id": "T1",
            "side": "buy",
        },
        **{"price": "60000.50", "qty": "0.0100", "base": "BTC", "quote": "USD", "fees": [["USD", "1.20"]]},
        **{"liquidity": "taker", "exchange_us": 1_766_000_000_123_456, "by_stream": True},
        **{"bid": "59999", "ask": "60000", "quote_age_us": 12_345, "acknowledged_us": 1_766_000_000_118_000},
    }
    return Fill(pk=7, **{**told, **facts})


def cells(row: Fill, style: Style | None = None) -> dict[str, tuple[str, str, str]]:
    [found] = shown.rows([row], *([style] if style else []))
    return {column.name: tuple(cell) for column, cell in found.columns}


def test_a_fill_has_the_digits_of_its_exchange() -> None:
    assert cells(fill()) == {
        "time": ("2025-12-17 19:33:20.123", "", ""),
        "trade": ("Buy KRAKEN:BTC/USD", "Kraken, as taker", ""),
        "quantity": ("0.0100", "BTC", ""),
        "price": ("60,000.50", "USD", ""),
        "fee": ("1.20 USD", "", ""),
        "quote": ("59,999 / 60,000", "12 ms old", ""),
        "slippage": ("0.01 USD worse", "0.08 bp", "down"),
        "latency": ("5 ms", "", ""),
        "source": ("Stream", "trade T1", ""),
    }
    assert cells(fill(), Style(",", "."))["price"][0] == "60.000,50"
    [row] = shown.rows([fill()])
    assert row.said == ["Bought", "0.01", "BTC at 60,000.50 USD, Kraken"]


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        ({"side": "sell", "qty": "2"}, "slippage", ("3.00 USD better", "0.25 bp", "up")),
        ({"ask": "60000.50"}, "slippage", ("The same", "", "")),
        ({"quote_age_us": None, "no_quote": "x", "bid": "", "ask": ""}, "quote", ("Unknown", "x", "")),
        ({"bid": "", "ask": ""}, "slippage", ("–", "", "")),
        ({"acknowledged_us": None}, "latency", ("–", "taking not heard", "")),
        ({"acknowledged_us": 1_766_000_000_123_456}, "latency", ("< 1 ms", "", "")),
        ({"acknowledged_us": 1_765_999_000_123_456}, "latency", ("16 min", "", "")),
        ({"fees": []}, "fee", ("None", "", "")),
        ({"fees": [["BNB", "0.1"], ["USD", "-2"]]}, "fee", ("0.1 BNB; −2 USD", "", "")),
        ({"by_rest": True, "by_stream": False}, "source", ("Trade list", "trade T1", "")),
        ({"liquidity": ""}, "trade", ("Buy KRAKEN:BTC/USD", "Kraken, maker or taker: not said", "")),
        ({"price": "NaN"}, "price", ("NaN", "USD", "")),
    ],
)
def test_each_cell_says_what_is_known(facts: dict[str, Any], name: str, expected: tuple[str, ...]) -> None:
    assert cells(fill(**facts))[name] == expected


def key(state: str, heard_s: float = 1, words: str = "", since_s: float = 60) -> shown.Standing:
    """Said so many seconds ago."""
    now_us = 1_766_000_000 * S
    times = {"since_us": now_us - int(since_s * S), "heard_us": now_us - int(heard_s * S)}
    return shown.standing(ExchangeKey(state=state, words=words, **times), now_us)


def test_a_key_is_live_only_while_engines_says_so() -> None:
    assert key("live") == ("live", "Live", "Since 2025-12-17 19:32:20 UTC.")
    assert key("live", words="may read").words == "May read."
    silent = key("live", heard_s=16)
    assert silent[:2] == ("down", "Not known")
    assert silent.words == "The process engines says nothing since 2025-12-17 19:33:04 UTC: it was live then."


@pytest.mark.parametrize(
    ("state", "words", "expected"),
    [
        ("checking", "", ("going", "Checking")),
        ("connecting", "", ("going", "Connecting")),
        ("catching_up", "", ("going", "Catching up")),
        ("down", "no route", ("down", "Down since 2025-12-17 19:32:20 UTC")),
        ("refused", "it may trade", ("refused", "Refused")),
    ],
)
def test_each_state_has_its_words(state: str, words: str, expected: tuple[str, str]) -> None:
    found = key(state, words=words)

    assert found[:2] == expected and found.words.startswith(words[:1].upper())


def test_one_that_nobody_looks_at_says_so() -> None:
    assert key("new", since_s=1)[:2] == ("new", "Not checked yet")
    assert key("new", since_s=16)[0] == "down" and "is it running?" in key("new", since_s=16).words
    assert key("refused", heard_s=9999, words="it may trade").state == "refused"
