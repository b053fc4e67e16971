"""Messages of Bybit's markets as its documentation shows them: no recording of ours has contracts that
expire, inverse ones, options, best prices or liquidations.

https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook and the pages beside it.
"""

from __future__ import annotations

import json


def frame(topic: str, data: object, **fields: object) -> bytes:
    """With the fields in the order in which they are given, after the topic."""
    return json.dumps({"topic": topic, **fields, "data": data}, separators=(",", ":")).encode()


LINEAR_TICKER = frame(
    "tickers.BTCUSDT",
    {
        "symbol": "BTCUSDT", "tickDirection": "MinusTick", "price24hPcnt": "-0.158315",
        "lastPrice": "66666.60", "prevPrice24h": "79206.20", "highPrice24h": "79266.30",
        "lowPrice24h": "65076.90", "prevPrice1h": "66666.60", "markPrice": "66666.60",
        "indexPrice": "115418.19", "openInterest": "492373.72", "openInterestValue": "32824881841.75",
        "turnover24h": "4936790807.6521", "volume24h": "73191.3870", "fundingIntervalHour": "8",
        "fundingCap": "0.005", "nextFundingTime": "1760342400000", "fundingRate": "-0.005",
        "bid1Price": "66666.60", "bid1Size": "23789.165", "ask1Price": "66666.70", "ask1Size": "23775.469",
        "preOpenPrice": "", "preQty": "", "curPreListingPhase": "",
    },
    type="snapshot", cs=9532239429, ts=1760325052630,
)  # fmt: skip
LINEAR_CHANGE = frame(
    "tickers.BTCUSDT",
    {
        "symbol": "BTCUSDT", "markPrice": "66666.70", "openInterest": "492373.74",
        "singleOpenInterest": "246186.87", "bid1Size": "1.5",
    },
    type="delta", cs=9532239430, ts=1760325052730,
)  # fmt: skip
FUTURE_TICKER = frame(
    "tickers.BTC-26DEC25",
    {
        "symbol": "BTC-26DEC25", "tickDirection": "ZeroMinusTick", "price24hPcnt": "0",
        "lastPrice": "109401.50", "prevPrice24h": "109401.50", "highPrice24h": "109401.50",
        "lowPrice24h": "109401.50", "prevPrice1h": "109401.50", "markPrice": "121144.63",
        "indexPrice": "114132.51", "openInterest": "6.622", "openInterestValue": "802219.74",
        "turnover24h": "0.0000", "volume24h": "0.0000", "deliveryTime": "2025-12-26T08:00:00Z",
        "basisRate": "0.06129209", "deliveryFeeRate": "0", "predictedDeliveryPrice": "0.00",
        "basis": "-4730.84", "basisRateYear": "0.30655351", "nextFundingTime": "", "fundingRate": "",
        "bid1Price": "111254.50", "bid1Size": "0.176", "ask1Price": "131001.00", "ask1Size": "0.580",
    },
    type="snapshot", cs=31337927919, ts=1760409119857,
)  # fmt: skip
SPOT_TICKER = frame(
    "tickers.BTCUSDT",
    {
        "symbol": "BTCUSDT", "lastPrice": "21109.77", "highPrice24h": "21426.99", "lowPrice24h": "20575",
        "prevPrice24h": "20704.93", "volume24h": "6780.866843", "turnover24h": "141946527.22907118",
        "price24hPcnt": "0.0196", "usdIndexPrice": "21120.2400136",
    },
    ts=1673853746003, type="snapshot", cs=2588407389,
)  # fmt: skip
# The identifier comes first, and another one in each frame.
OPTION_TICKER = json.dumps(
    {
        "id": "tickers.BTC-6JAN23-17500-C-2480334983-1672917511074", "topic": "tickers.BTC-6JAN23-17500-C",
        "ts": 1672917511074,
        "data": {
            "symbol": "BTC-6JAN23-17500-C", "bidPrice": "0", "bidSize": "0", "bidIv": "0", "askPrice": "10",
            "askSize": "5.1", "askIv": "0.514", "lastPrice": "10", "highPrice24h": "25", "lowPrice24h": "5",
            "markPrice": "7.86976724", "indexPrice": "16823.73", "markPriceIv": "0.4896",
            "underlyingPrice": "16815.1", "openInterest": "49.85", "turnover24h": "446802.8473",
            "volume24h": "26.55", "totalVolume": "86", "totalTurnover": "1437431", "delta": "0.047831",
            "gamma": "0.00021453", "vega": "0.81351067", "theta": "-19.9115368",
            "predictedDeliveryPrice": "0", "change24h": "-0.33333334",
        },
        "type": "snapshot",
    },
    separators=(",", ":"),
).encode()  # fmt: skip
BEST = frame(
    "orderbook.1.BTCUSDT",
    {"s": "BTCUSDT", "b": [["27450.00", "0.500"]], "a": [["27451.00", "0.750"]], "u": 123456789, "seq": 1},
    ts=1709891679000, type="snapshot", cts=1709891678990,
)  # fmt: skip
BEST_CHANGE = frame(
    "orderbook.1.BTCUSDT",
    {"s": "BTCUSDT", "b": [["27450.00", "0.400"]], "a": [["27451.00", "0"], ["27451.50", "3"]],
     "u": 123456790, "seq": 2},
    ts=1709891679500, type="delta", cts=1709891679490,
)  # fmt: skip
BOOK = frame(
    "orderbook.50.BTCUSDT",
    {"s": "BTCUSDT", "b": [["16493.50", "0.006"], ["16493.00", "0.100"]], "a": [["16611.00", "0.029"]],
     "u": 18521288, "seq": 7961638724},
    type="snapshot", ts=1672304484978, cts=1672304484976,
)  # fmt: skip
CHANGE = frame(
    "orderbook.50.BTCUSDT",
    {"s": "BTCUSDT", "b": [["16493.50", "0"]], "a": [["16612.00", "0.213"]], "u": 18521289, "seq": 2},
    type="delta", ts=1672304485000, cts=1672304484998,
)  # fmt: skip
RETAIL_CHANGE = frame(
    "orderbook.rpi.BTCUSDT",
    {"s": "BTCUSDT", "b": [["121975.1", "0.114259", "0"], ["121960.5", "0", "0.163986"]],
     "a": [["121990.8", "0.441585", "0.78821"], ["122018.5", "0", "0"]], "u": 2258980, "seq": 79683241099},
    ts=1752472188075, type="delta", cts=1752472188067,
)  # fmt: skip
FULL_CHANGE = frame(
    "orderbook.full.MNTUSDT",
    {"s": "MNTUSDT", "b": [["0.4758", "2342.47"]], "a": [], "u": 278547, "seq": 1501100579},
    ts=1784103477732, type="delta", cts=1784103477730,
)  # fmt: skip
TRADE = frame(
    "publicTrade.BTCUSDT",
    [
        {"T": 1672304486865, "s": "BTCUSDT", "S": "Buy", "v": "0.001", "p": "16578.50", "L": "PlusTick",
         "i": "20f43950-d8dd-5b31-9112-a178eb6023af", "BT": False, "seq": 1783284617}
    ],
    type="snapshot", ts=1672304486868,
)  # fmt: skip
OPTION_TRADE = json.dumps(
    {
        "id": "publicTrade.BTC-1-1672917511074", "topic": "publicTrade.BTC", "type": "snapshot",
        "ts": 1672917511080,
        "data": [
            {"T": 1672917511070, "s": f"BTC-6JAN23-{strike}-C", "S": side, "v": "0.5", "p": "10",
             "i": f"c-{strike}", "BT": False, "mP": "7.86", "iP": "16823.73", "mIv": "0.4896", "iv": "0.514"}
            for strike, side in ((17500, "Sell"), (18000, "Buy"))
        ],
    },
    separators=(",", ":"),
).encode()  # fmt: skip
KLINE = frame(
    "kline.5.BTCUSDT",
    [
        {"start": 1672324800000, "end": 1672325099999, "interval": "5", "open": "16649.5", "close": "16677",
         "high": "16677", "low": "16608", "volume": "2.081", "turnover": "34666.4005", "confirm": False,
         "timestamp": 1672324988882}
    ],
    ts=1672324988882, type="snapshot",
)  # fmt: skip
LIQUIDATION = frame(
    "allLiquidation.BTCUSDT",
    [{"T": 1739502302929, "s": "BTCUSDT", "S": "Sell", "v": "20000", "p": "0.04499"}],
    type="snapshot", ts=1739502303204,
)  # fmt: skip
OLD_LIQUIDATION = frame(
    "liquidation.BTCUSDT",
    {"updatedTime": 1703485237953, "symbol": "BTCUSDT", "side": "Sell", "size": "0.003", "price": "43511.70"},
    type="snapshot", ts=1703485237953,
)  # fmt: skip
OTHERS = [
    frame("adlAlert.USDT", [{"c": "USDT", "s": "FWOGUSDT", "b": -5421.29}], type="snapshot", ts=1),
    frame("insurance.USDT", [{"coin": "USDT", "symbols": "X", "balance": "1"}], type="delta", ts=1),
    frame("kline.M.BTCUSDT", [{"start": 1}], type="snapshot", ts=1),
    FULL_CHANGE,
]
AGREED = {
    "spot": b'{"success":true,"ret_msg":"subscribe","conn_id":"2324d924","req_id":"7","op":"subscribe"}',
    "contracts": b'{"success":true,"ret_msg":"","conn_id":"3cd84cb1","req_id":"7","op":"subscribe"}',
}
OPTION_AGREED = (
    b'{"success":true,"conn_id":"aa01fbff","data":{"failTopics":["tickers.BTC-6JAN23-1-C"],"successTopics":'
    b'["orderbook.100.BTC-6JAN23-18000-C","publicTrade.BTC"]},"type":"COMMAND_RESP"}'
)
PONGS = [
    b'{"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"}',
    b'{"success":true,"ret_msg":"pong","conn_id":"465772b1","req_id":"","op":"ping"}',
    b'{"args":["1672916271846"],"op":"pong"}',
    b'{"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocsvfriu23r3er0-1b"}',
]

_SPOT = [SPOT_TICKER, BEST, BOOK, CHANGE, TRADE, KLINE, AGREED["spot"]]
_CONTRACTS = [
    LINEAR_TICKER, LINEAR_CHANGE, BEST, BOOK, CHANGE, RETAIL_CHANGE, TRADE, KLINE, LIQUIDATION,
    OLD_LIQUIDATION, AGREED["contracts"],
]  # fmt: skip
_OPTIONS = [
    OPTION_TICKER,
    OPTION_TRADE,
    OPTION_AGREED,
    *(
        each.replace(b"BTCUSDT", b"BTC-6JAN23-17500-C").replace(b"book.50", b"book.25")
        for each in (BOOK, CHANGE)
    ),
]
OF = {
    "BYBIT": _SPOT,
    "BYBIT_LINEAR": [*_CONTRACTS, FUTURE_TICKER],
    "BYBIT_INVERSE": [each.replace(b"BTCUSDT", b"BTCUSD") for each in _CONTRACTS],
    "BYBIT_OPTION": _OPTIONS,
}
"""By venue, what is documented to come."""
