"""OKX's list: kinds, sizes, increments, families. https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments"""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError, InstrumentSpec, RestRequest
from feeds.venues.okx.public import OkxCodec

ROW = {
    "alias": "", "baseCcy": "", "category": "1", "ctMult": "1", "ctType": "linear", "ctVal": "0.01",
    "ctValCcy": "BTC", "expTime": "", "instFamily": "BTC-USDT", "instId": "BTC-USDT-SWAP",
    "instType": "SWAP", "lever": "125", "listTime": "1611916828000", "lotSz": "0.01", "minSz": "0.01",
    "optType": "", "quoteCcy": "", "settleCcy": "USDT", "state": "live", "stk": "", "tickSz": "0.1",
    "uly": "BTC-USDT",
}  # fmt: skip
PERPETUAL = InstrumentSpec(
    "OKX", "BTC-USDT-SWAP", "perpetual", "BTC", "USDT", "USDT", "0.1", "0.01", "trading",
    contract_size="0.01", listed_us=1_611_916_828_000_000, pays="linear",
)  # fmt: skip


@pytest.fixture
def codec() -> OkxCodec:
    return OkxCodec()


def answer(*rows: object) -> bytes:
    return json.dumps({"code": "0", "msg": "", "data": rows}).encode()


def test_a_contract_is_worth_ctval_of_the_base(codec):
    """As "ctVal: Contract value", "ctValCcy: Contract value currency"."""
    assert codec.decode_instruments(answer(ROW)) == [PERPETUAL]
    assert not PERPETUAL.inverse


def test_an_inverse_contract_is_worth_dollars(codec):
    """As "ctType: inverse: the contract value is in quote": 100 dollars of BTC-USD-SWAP."""
    told = {**ROW, "instId": "BTC-USD-SWAP", "uly": "BTC-USD", "ctType": "inverse", "ctVal": "100",
            "ctValCcy": "USD", "settleCcy": "BTC", "lotSz": "1"}  # fmt: skip
    [found] = codec.decode_instruments(answer(told))

    assert (found.base, found.quote, found.settle, found.contract_size) == ("BTC", "USD", "BTC", "100")
    assert found.inverse


def test_a_contract_margined_in_dollars_is_of_the_index(codec):
    told = {**ROW, "instId": "BTC-USD_UM-SWAP", "uly": "BTC-USD", "instFamily": "BTC-USD_UM",
            "settleCcy": "USDⓈ"}  # fmt: skip
    [found] = codec.decode_instruments(answer(told))

    assert (found.base, found.quote, found.settle, found.inverse) == ("BTC", "USD", "USDⓈ", False)


def test_a_future_expires(codec):
    told = {**ROW, "instType": "FUTURES", "instId": "BTC-USD-241227", "uly": "BTC-USD", "ctVal": "100",
            "expTime": "1735286400000", "settleCcy": "BTC", "state": "suspend"}  # fmt: skip
    [found] = codec.decode_instruments(answer(told))

    assert (found.kind, found.expiry_us, found.status) == ("future", 1_735_286_400_000_000, "halted")


def test_options_are_hundredths_of_a_coin_priced_in_coin(codec, captures):
    """As "ctMult: Contract multiplier": 1 BTC times 0.01. Ticks are 0.0001 BTC, so that is the quote."""
    body = (captures / "examples/okx/http_get_instruments_option.json").read_bytes()
    call, put = codec.decode_instruments(body)[:2]

    assert call == InstrumentSpec(
        "OKX", "BTC-USD-241217-92000-C", "option", "BTC", "BTC", "BTC", "0.0001", "1", "trading",
        expiry_us=1_734_422_400_000_000, strike="92000", right="call", contract_size="0.01",
        listed_us=1_734_165_000_000_000,
    )  # fmt: skip
    assert put.right == "put"
    assert not call.inverse


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("spot", {"spot"}), ("swap", {"perpetual"}), ("futures", {"future"}), ("option", {"option"})],
)
def test_the_lists_that_are_documented_are_understood(codec, captures, name, kinds):
    found = codec.decode_instruments(
        (captures / f"examples/okx/http_get_instruments_{name}.json").read_bytes()
    )

    assert {spec.kind for spec in found} == kinds
    assert all(spec.contract_size == "1" for spec in found if spec.kind == "spot")


def test_what_is_of_margin_or_has_no_sizes_yet_is_left_out(codec):
    rows = [
        {**ROW, "instType": "MARGIN"},
        {**ROW, "instType": "EVENTS"},
        {**ROW, "tickSz": ""},
        {**ROW, "ctVal": ""},
    ]
    assert codec.decode_instruments(answer(*rows, ROW)) == [PERPETUAL]


def test_the_list_is_whole_after_every_type_and_every_family(codec):
    """As "If instType is OPTION, instFamily is required"; which there are says ``/public/underlying``."""
    bodies = {"underlying": answer(["BTC-USD", "ETH-USD", "SOL-USD"])}
    request: RestRequest | None = codec.instruments_request()
    asked = []
    while request is not None:
        body = bodies.get(request.path.rpartition("/")[2].partition("?")[0], answer(ROW))
        assert len(codec.decode_instruments(body)) == ("underlying" not in request.path)
        asked.append(request.path.partition("#")[0].partition("?")[2])
        request = codec.more_instruments(request, body)

    families = [f"instType=OPTION&instFamily={base}-USD" for base in ("BTC", "ETH", "SOL")]
    assert asked == ["instType=SPOT", "instType=SWAP", "instType=FUTURES", "instType=OPTION", *families]


def test_an_answer_that_says_an_error_is_one(codec):
    with pytest.raises(DecodeError, match="50011 Too Many Requests"):
        codec.decode_instruments(b'{"code":"50011","msg":"Too Many Requests","data":[]}')
