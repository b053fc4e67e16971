"""Names and numbers: what is let in, what is refused and in which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import symbols


@pytest.mark.parametrize(
    "native", ["BTC/USD", "BTCUSDT", "BTC-27DEC26-100000-C", "币安人生USDT", "SOL_USDC-7MAY21-0d65-P"]
)
def test_a_name_comes_apart_as_it_was_put_together(native):
    name = symbols.instrument_name("KRAKEN", native)

    assert symbols.split_instrument(name) == ("KRAKEN", native)
    assert symbols.split_topic(symbols.topic("ohlc", name, 5)) == ("ohlc", name, 5)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "BTC/USD",
        "kraken:BTC",
        "KRAKEN:",
        "KRAKEN:<img src=x onerror=alert(1)>",
        "KRAKEN:A\u202eB",
        "K:" + "x" * 65,
    ],
)
def test_a_name_outside_the_grammar_is_refused(name):
    with pytest.raises(symbols.InvalidName, match="expected"):
        symbols.split_instrument(name)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1E999", "-1", "+1", "", ".5", "1.", "1" * 21, "٣", None, 1.0]
)
def test_a_number_that_is_not_plain_is_refused(text):
    with pytest.raises(symbols.InvalidNumber, match="price: expected a plain decimal number"):
        symbols.number(text, what="price")


@given(st.decimals(min_value=0, max_value=10**12, places=8))
def test_a_plain_number_keeps_every_digit(value):
    assert str(symbols.number(f"{value:f}")) == str(Decimal(f"{value:f}"))


def test_the_shard_of_a_name_never_changes():
    names = ("KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "KRAKEN:ETH/USD")

    assert [symbols.shard_of(name, 4) for name in names] == [0, 0, 3]


@pytest.mark.parametrize(
    ("increment", "digits"), [("0.01", 2), ("1E-8", 8), ("5", 0), ("0.50", 1), ("100", 0)]
)
def test_digits_follow_the_increment(increment, digits):
    assert symbols.decimals(increment) == digits


async def test_async_tests_run():
    assert symbols.slug("KRAKEN:BTC/USD") == "kraken-btc-usd"
