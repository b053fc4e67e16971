"""What recorded traffic of USDⓈ-M says of futures alone; all else is held to the reference with spot."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from feeds.events import BookDelta, Quote, Trade
from feeds.venues.binance.futures import UsdmCodec
from tests.feeds.binance.recorded import USDM, Played


@pytest.fixture(scope="module")
def played(captures: Path) -> Played:
    return Played(UsdmCodec(), captures / USDM)


def test_each_change_follows_the_one_before(played):
    """``pu`` is the ``u`` before, while ``U`` leaps: ids are counted over all contracts."""
    last: dict[str, int] = {}
    for event in played.decoded:
        if type(event) is BookDelta:
            assert event.previous == last.get(event.instrument, event.previous)
            last[event.instrument] = event.last
    assert len(last) == 4


def test_a_buyer_pays_the_ask_and_a_seller_gets_the_bid(played):
    """The aggressor's side, from the recording itself: of each trade, with the quote before it.

    The venue's documentation says only that ``m`` is "is the buyer the market maker".
    """
    quotes: dict[str, Quote] = {}
    right = wrong = 0
    for event in sorted(
        (event for event in played.decoded if type(event) in (Quote, Trade)),
        key=lambda event: event.exchange_us,
    ):
        if type(event) is Quote:
            quotes[event.instrument] = event
        elif event.instrument in quotes:
            quote = quotes[event.instrument]
            middle = (Decimal(quote.bid) + Decimal(quote.ask)) / 2
            bought = Decimal(event.price) > middle
            right += bought == (event.side == "buy")
            wrong += bought != (event.side == "buy")
    assert right > 10 * wrong, (right, wrong)


def test_the_recorded_list_of_contracts_is_understood(played):
    found = {spec.native: spec for spec in played.instruments}

    assert len(found) == len(played.instruments) == 121, "one of 122 is announced and has no contract"
    bitcoin, quarter = found["BTCUSDT"], found["BTCUSDT_210924"]
    assert bitcoin[:9] == (
        "BINANCE_USDM", "BTCUSDT", "perpetual", "BTC", "USDT", "USDT", "0.01", "0.001", "trading",
    )  # fmt: skip
    assert (bitcoin.expiry_us, bitcoin.listed_us) == (0, 1569398400000_000)
    assert (bitcoin.contract_size, bitcoin.inverse) == ("1", False)
    assert (quarter.kind, quarter.expiry_us) == ("future", 1632470400000_000)
    assert Counter(spec.kind for spec in played.instruments) == {"perpetual": 119, "future": 2}
