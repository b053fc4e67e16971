"""Which options stand together, in which order, under which names."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from marketdash.options.chains import around, chains, nearest, trading
from marketdash.options.choices import Choice, chosen
from tests.marketdash.options.making import EXPIRY, option

LATER = datetime(2031, 3, 28, 8, tzinfo=UTC)
SAME_DAY = datetime(2030, 12, 27, 16, tzinfo=UTC)


def test_options_of_one_underlying_stand_by_expiry_and_strike() -> None:
    listed = [
        option("100000", "put"),
        option("80000"),
        option("9000"),
        option("80000", "put"),
        option("70000", expiry=LATER),
        option("1", kind="perpetual"),
        option("2")._replace(strike=""),
    ]

    (found,) = chains(listed).values()

    assert (found.slug, found.title, found.paid_in, found.count) == (
        "kraken-btc-usd-btc",
        "BTC/USD",
        "BTC",
        5,
    )
    assert found.in_coin and found.struck_in == "USD" and found.magnitude == 4
    assert [(each.key, each.day, each.count) for each in found.expiries] == [
        ("2030-12-27", "27 Dec 30", 4),
        ("2031-03-28", "28 Mar 31", 1),
    ]
    strikes = found.expiries[0].strikes
    assert [each.price for each in strikes] == ["9000", "80000", "100000"]
    assert strikes[1].call == listed[1] and strikes[1].put == listed[3] and strikes[2].call is None


def test_what_is_paid_otherwise_or_elsewhere_is_another_underlying() -> None:
    listed = [
        option("1"),
        option("1", quote="USDC", settle="USDC"),
        option("1", venue="OTHER"),
        option("1", quote="BTC", settle="BTC", venue="THIRD"),
    ]

    found = chains(listed)

    assert list(found) == ["kraken-btc-usd-btc", "kraken-btc-usdc", "other-btc-usd-btc", "third-btc"]
    assert not found["kraken-btc-usdc"].in_coin
    assert (found["third-btc"].title, found["third-btc"].struck_in) == ("BTC", "USD")
    assert listed[0].chain_path == "/options/kraken-btc-usd-btc/?expiry=2030-12-27"


def test_two_expiries_of_a_day_have_names_of_their_own() -> None:
    (found,) = chains([option("1"), option("1", expiry=SAME_DAY)]).values()

    assert [each.key for each in found.expiries] == ["2030-12-27T0800", "2030-12-27T1600"]
    assert found.expiry("2030-12-27T1600") == found.expiries[1]
    assert found.expiry("2030-12-27") == found.expiries[0] and found.expiry("") is None


def test_time_left_is_told_as_it_is_read() -> None:
    (found,) = chains([option("1")]).values()
    expiry, at_us = found.expiries[0], int(EXPIRY.timestamp() * 1e6)

    told = [expiry.left(at_us - int(hours * 3_600_000_000)) for hours in (720, 31, 0.5, 0, -1)]

    assert told == ["30 d", "31 h", "30 min", "expired", "expired"]
    assert trading(expiry, at_us - 1) and not trading(expiry, at_us)


@pytest.mark.parametrize(
    ("forward", "strike"), [("84999", "80000"), ("85000", "80000"), ("85000.1", "90000"), ("1", "80000")]
)
def test_the_nearest_strike_is_at_the_money(forward: str, strike: str) -> None:
    assert nearest(["80000", "90000"], Decimal(forward)) == strike
    assert nearest(["80000"], None) is None and nearest([], Decimal(1)) is None


def test_strikes_around_the_money_are_kept() -> None:
    (found,) = chains([option(f"{each}000") for each in range(10, 30)]).values()
    expiry = found.expiries[0]

    kept = around(expiry, Decimal("11400"), 2).strikes

    assert [each.price for each in kept] == ["10000", "11000", "12000", "13000"]
    assert around(expiry, None, 2) == expiry and around(expiry, Decimal(1), 0) == expiry


def test_a_choice_is_an_address_and_back() -> None:
    choice = Choice("2030-12-27", "ours", "greeks", "put", "10")

    assert choice.query == "?expiry=2030-12-27&show=ours&columns=greeks&side=put&around=10"
    assert Choice().query == "?"
    assert chosen(dict(pair.split("=") for pair in choice.query[1:].split("&"))) == choice
    assert chosen({"show": "<b>", "around": "9999999", "expiry": "x" * 99}) == Choice(expiry="x" * 16)
