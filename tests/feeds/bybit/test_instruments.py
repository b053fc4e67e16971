"""What Bybit lists, market by market and page by page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.codec import DecodeError, InstrumentSpec, RestRequest
from feeds.venues.bybit.public import InverseCodec, LinearCodec, MarketCodec, OptionCodec, SpotCodec

SPOT, LINEAR, INVERSE, OPTIONS = SpotCodec(), LinearCodec(), InverseCodec(), OptionCodec()
CALL = "BTC-27MAR26-70000-C-USDT"


def folder(captures: Path) -> Path:
    return captures / "examples" / "bybit"


def body(*rows: dict, cursor: str | None = "") -> bytes:
    return json.dumps({"retCode": 0, "result": {"list": list(rows), "nextPageCursor": cursor}}).encode()


ROW = {
    "symbol": "BTCUSDZ26", "contractType": "InverseFutures", "status": "Trading", "baseCoin": "BTC",
    "quoteCoin": "USD", "settleCoin": "BTC", "launchTime": "1750000000000", "deliveryTime": "1798185600000",
    "priceFilter": {"tickSize": "0.50"}, "lotSizeFilter": {"qtyStep": "1"},
}  # fmt: skip


def test_an_inverse_contract_is_a_dollar_and_settled_in_the_base():
    """https://bybit-exchange.github.io/docs/v5/market/kline: the volume of an "Inverse contract: unit is
    quote coin (e.g., USD)"."""
    [spec] = INVERSE.decode_instruments(body(ROW))
    assert spec == InstrumentSpec(
        "BYBIT_INVERSE", "BTCUSDZ26", "future", "BTC", "USD", "BTC", "0.50", "1", "trading",
        1798185600000_000, "", "", "1", 1750000000000_000, "inverse",
    )  # fmt: skip
    assert spec.inverse


@pytest.mark.parametrize(
    ("kind", "delivery", "expected"),
    [
        ("InversePerpetual", "1798185600000", ("perpetual", 0)),
        ("LinearPerpetual", "0", ("perpetual", 0)),
        ("LinearFutures", "1798185600000", ("future", 1798185600000_000)),
        ("Novelty", "1798185600000", ("future", 1798185600000_000)),
        ("Novelty", "0", ("perpetual", 0)),
    ],
)
def test_the_time_of_delivery_is_a_futures(kind: str, delivery: str, expected: tuple[str, int]):
    """https://bybit-exchange.github.io/docs/v5/market/instrument: a perpetual's is a "delisting time"."""
    [spec] = LINEAR.decode_instruments(body({**ROW, "contractType": kind, "deliveryTime": delivery}))
    assert (spec.kind, spec.expiry_us) == expected


@pytest.mark.parametrize(
    ("word", "status"),
    [("Trading", "trading"), ("PreLaunch", "halted"), ("Delivering", "halted"), ("Closed", "delisted")],
)
def test_words_for_a_status(word: str, status: str):
    """https://bybit-exchange.github.io/docs/v5/enum#status"""
    [spec] = LINEAR.decode_instruments(body({**ROW, "status": word}))
    assert spec.status == status


def test_an_option_has_its_strike_in_its_symbol_and_its_right_in_a_field(captures: Path):
    [put] = OPTIONS.decode_instruments((folder(captures) / "http_get_instruments_option.json").read_bytes())
    assert (put.native, put.strike, put.right, put.kind) == ("ETH-26JUN26-16000-P", "16000", "put", "option")
    assert (put.base, put.quote, put.settle, put.contract_size) == ("ETH", "USDC", "USDC", "1")
    assert put.expiry_us == 1780005000000_000
    row = {**ROW, "symbol": CALL, "optionsType": "Call"}
    [call] = OPTIONS.decode_instruments(body(row))
    assert (call.strike, call.right) == ("70000", "call")
    for wrong in ({**row, "symbol": "BTC-C"}, {**row, "symbol": "BTC-X-Y-C"}, {**row, "optionsType": ""}):
        assert OPTIONS.decode_instruments(body(wrong)) == []


def test_tokens_of_stocks_are_kept_apart(captures: Path):
    [apple] = SPOT.decode_instruments(
        (folder(captures) / "http_get_instruments_spot_xstocks.json").read_bytes()
    )
    assert (apple.native, apple.kind, apple.lot_size) == ("AAPLUSDT", "equity", "0.0001")
    [tesla] = LINEAR.decode_instruments(
        (folder(captures) / "http_get_instruments_linear_symbol_type.json").read_bytes()
    )
    assert (tesla.native, tesla.kind) == ("TSLAUSDT", "perpetual")


def pages(codec: MarketCodec, *cursors: str | None) -> list[str]:
    request: RestRequest | None = codec.instruments_request()
    paths = []
    for cursor in cursors:
        assert request is not None
        paths.append(request.path.partition("?")[2])
        request = codec.more_instruments(request, body(cursor=cursor))
    assert request is None
    return paths


def test_the_list_comes_in_pages_and_of_options_by_base():
    """https://bybit-exchange.github.io/docs/v5/market/instrument: a cursor is written as in a URL already;
    "`option`: returns BTC by default"."""
    head = "category=linear&limit=1000"
    assert pages(LINEAR, "first%3DBIOUSDT%26last%3DBIOUSDT", "") == [
        head, f"{head}&cursor=first%3DBIOUSDT%26last%3DBIOUSDT"
    ]  # fmt: skip
    assert pages(SPOT, None) == ["category=spot&limit=1000"]
    head = "category=option&limit=1000&baseCoin="
    assert pages(OPTIONS, "next", "", "", None) == [
        f"{head}BTC",
        f"{head}BTC&cursor=next",
        f"{head}ETH",
        f"{head}SOL",
    ]


@pytest.mark.parametrize(
    "wrong",
    [b"<html>", b'{"retCode":10006,"retMsg":"Too many visits!"}', b'{"retCode":0,"result":{"list":{}}}'],
)
def test_an_answer_that_is_no_list_is_an_error(wrong: bytes):
    for call in (
        LINEAR.decode_instruments,
        lambda found: LINEAR.more_instruments(LINEAR.instruments_request(), found),
    ):
        with pytest.raises(DecodeError):
            call(wrong)
