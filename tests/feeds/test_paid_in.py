"""What contracts are paid in, by their venues' own words, in every list that was recorded or documented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.codec import INVERSE, LINEAR, InstrumentSpec
from feeds.recorder import read
from feeds.symbols import derivatives_of
from feeds.venues import codec

# What the recordings' hosts and paths say, and which of the documented answers are lists of instruments.
RECORDED = {
    ("BINANCE_USDM", "binance-usdm"): "/fapi/v1/exchangeInfo",
    ("BYBIT_LINEAR", "bybit-v5"): "category=linear",
    ("DERIBIT", "deribit-v2"): "/public/get_instruments",
    ("OKX", "okx-v5"): "/public/instruments",
}
DOCUMENTED = {
    "BYBIT_INVERSE": "bybit/http_get_instruments_inverse*.json",
    "BYBIT_LINEAR": "bybit/http_get_instruments_linear*.json",
    "BYBIT_OPTION": "bybit/http_get_instruments_option*.json",
    "DERIBIT": "deribit/http_get_instruments.json",
    "KRAKEN_FUTURES": "kraken/http_futures_instruments.json",
    "OKX": "okx/http_get_instruments_*.json",
}


def lists(captures: Path) -> Iterator[tuple[str, list[InstrumentSpec]]]:
    for (venue, folder), asked in RECORDED.items():
        for file in sorted((captures / folder).glob("*.jsonl.gz")):
            for record in read(file):
                if record["k"] == "http" and asked in record["url"]:
                    yield venue, codec(venue).decode_instruments(record["raw"].encode())
    for venue, names in DOCUMENTED.items():
        for file in sorted((captures / "examples").glob(names)):
            yield venue, codec(venue).decode_instruments(file.read_bytes())


def test_no_contract_of_any_list_is_paid_in_a_third_thing(captures: Path) -> None:
    """Those that are neither linear nor inverse by word are settled in one of their two codes."""
    contracts = [spec for _, specs in lists(captures) for spec in specs if derivatives_of(spec.kind)]

    assert len({spec.venue for spec in contracts}) == 7 and len(contracts) > 1000
    assert {spec.pays for spec in contracts} == {"", LINEAR, INVERSE}
    assert not [spec for spec in contracts if not spec.pays and spec.settle not in (spec.base, spec.quote)]


def test_the_word_and_the_codes_say_the_same(captures: Path) -> None:
    contracts = [
        spec for _, specs in lists(captures) for spec in specs if spec.kind in ("perpetual", "future")
    ]

    assert not [spec for spec in contracts if spec.pays and spec.inverse != (spec.pays == INVERSE)]


@pytest.mark.parametrize(
    ("venue", "row"),
    [
        # https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments, "ctType"
        ("OKX", {"instId": "A-B-SWAP", "instType": "SWAP", "uly": "A-B", "ctType": "quanto", "ctVal": "1"}),
        # https://www.bitstamp.net/api/#tag/Market-info, "payoff_type": linear ones alone are listed
        ("BITSTAMP", {"name": "A/B-PERP", "market_type": "PERPETUAL", "payoff_type": "Quanto"}),
    ],
)
def test_a_contract_that_its_venue_calls_a_quanto_is_never_a_linear_one(
    venue: str, row: dict[str, str]
) -> None:
    okx = {"state": "live", "tickSz": "1", "lotSz": "1", "settleCcy": "C"}
    stamp = {"base_decimals": 1, "counter_decimals": 1, "trading": "Enabled", "market_symbol": "ab-perp"}
    body = {"code": "0", "data": [{**okx, **row}]} if venue == "OKX" else [{**stamp, **row}]

    assert [spec.pays for spec in codec(venue).decode_instruments(json.dumps(body).encode())] in (
        [],
        ["quanto"],
    )
