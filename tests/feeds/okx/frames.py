"""Frames as OKX's documentation shows them: https://www.okx.com/docs-v5/en/"""

from __future__ import annotations

import json

US = 1_597_026_383_085_000


def frame(channel: str, of: str | dict[str, str], *rows: object, **more: object) -> bytes:
    """``of``: the instrument, or what else the stream is of."""
    arg = {"channel": channel, **({"instId": of} if isinstance(of, str) else of)}
    return json.dumps({"arg": arg, **more, "data": rows}, separators=(",", ":")).encode()


TICKER = {
    "instType": "SWAP", "instId": "BTC-USDT-SWAP", "last": "103700", "lastSz": "0.01", "askPx": "103700",
    "askSz": "1004.09", "bidPx": "103699.9", "bidSz": "299.02", "open24h": "103897.5", "high24h": "104628.1",
    "low24h": "100700", "sodUtc0": "102740.1", "sodUtc8": "102480.1", "volCcy24h": "109187.9625",
    "vol24h": "10918796.25", "ts": "1747141319306",
}  # fmt: skip
SPOT_TICKER = {
    "instType": "SPOT", "instId": "BTC-USDT", "last": "9999.99", "lastSz": "0.1", "askPx": "9999.99",
    "askSz": "11", "bidPx": "8888.88", "bidSz": "5", "open24h": "9000", "high24h": "10000",
    "low24h": "8888.88", "volCcy24h": "2222", "vol24h": "2222", "sodUtc0": "2222", "sodUtc8": "2222",
    "ts": "1597026383085",
}  # fmt: skip
TRADE = {
    "instId": "BTC-USDT", "tradeId": "130639474", "px": "42219.9", "sz": "0.12060306", "side": "buy",
    "ts": "1630048897897", "count": "3", "source": "0", "seqId": 1234,
}  # fmt: skip
OPTION_TRADE = {
    "fillVol": "0.5066007836914062", "fwdPx": "16469.69928595038", "idxPx": "16537.2",
    "instFamily": "BTC-USD", "instId": "BTC-USD-230224-18000-C", "markPx": "0.04690107010619562",
    "optType": "C", "px": "0.045", "side": "sell", "sz": "2", "tradeId": "38", "ts": "1672286551080",
}  # fmt: skip
BEST = {
    "asks": [["111.06", "55154", "0", "2"]], "bids": [["111.05", "57745", "0", "2"]],
    "ts": "1670324386802", "seqId": 363996337,
}  # fmt: skip
FIVE = {
    "asks": [["111.06", "55154", "0", "2"], ["111.07", "53276", "0", "2"], ["111.08", "72435", "0", "2"],
             ["111.09", "70312", "0", "2"], ["111.1", "67272", "0", "2"]],
    "bids": [["111.05", "57745", "0", "2"], ["111.04", "57109", "0", "2"], ["111.03", "69563", "0", "2"],
             ["111.02", "71248", "0", "2"], ["111.01", "65090", "0", "2"]],
    "instId": "BCH-USDT-SWAP", "ts": "1670324386802", "seqId": 363996337,
}  # fmt: skip
SNAPSHOT = {
    "asks": [["8476.98", "415", "0", "13"], ["8477", "7", "0", "2"]],
    "bids": [["8476.97", "256", "0", "12"], ["8475.55", "101", "0", "1"]],
    "ts": "1597026383085", "checksum": 0, "prevSeqId": -1, "seqId": 123456,
}  # fmt: skip
UPDATE = {
    "asks": [["8477", "0", "0", "0"]], "bids": [["8475.54", "100", "0", "1"]],
    "ts": "1597026383185", "checksum": 0, "prevSeqId": 123456, "seqId": 123457,
}  # fmt: skip
CANDLE = ["1597026383085", "8533.02", "8553.74", "8527.17", "8548.26", "45247", "529.58", "5529.58", "0"]
MARK = {"instType": "FUTURES", "instId": "LTC-USD-190628", "markPx": "0.1", "ts": "1597026383085"}
INDEX = {
    "instId": "LTC-USD", "idxPx": "0.105", "high24h": "0.5", "low24h": "0.1", "open24h": "0.1",
    "sodUtc0": "0.1", "sodUtc8": "0.1", "ts": "1597026383085",
}  # fmt: skip
SETTLEMENT = {
    "instId": "XRP-USDT-250307", "instType": "FUTURES", "settlePx": "2.4230631578947368",
    "settleType": "settlement", "ts": "1741244598708",
}  # fmt: skip
FUNDING = {
    "formulaType": "noRate", "fundingRate": "0.0001875391284828", "fundingTime": "1700726400000",
    "impactValue": "", "instId": "BTC-USD-SWAP", "instType": "SWAP", "interestRate": "",
    "method": "current_period", "maxFundingRate": "0.00375", "minFundingRate": "-0.00375",
    "nextFundingRate": "", "nextFundingTime": "1700755200000", "premium": "0.0001233824646391",
    "settFundingRate": "0.0001699799259033", "settState": "settled", "ts": "1700724675402",
}  # fmt: skip
INTEREST = {
    "instId": "BTC-USDT-SWAP", "instType": "SWAP", "oi": "2216113.01000000309",
    "oiCcy": "22161.1301000000309", "oiUsd": "1939251795.54769270396321", "ts": "1743041250440",
}  # fmt: skip
LIQUIDATION = {
    "details": [{"bkLoss": "0", "bkPx": "0.007831", "ccy": "", "posSide": "short", "side": "buy", "sz": "13",
                 "ts": "1692266434010"}],
    "instFamily": "IOST-USDT", "instId": "IOST-USDT-SWAP", "instType": "SWAP", "uly": "IOST-USDT",
}  # fmt: skip
SUMMARY = {
    "instType": "OPTION", "instId": "BTC-USD-241013-70000-P", "uly": "BTC-USD", "delta": "-1.1180902625",
    "gamma": "2.2361957091", "vega": "0.0000000001", "theta": "0.0000032334", "lever": "8.465747567",
    "markVol": "0.3675503331", "bidVol": "0", "askVol": "1.1669998535", "realVol": "",
    "deltaBS": "-0.9999672034", "gammaBS": "0.0000000002", "thetaBS": "28.2649858387",
    "vegaBS": "0.0000114332", "ts": "1728703155650", "fwdPx": "62604.6993093463", "volLv": "0.2044711229",
}  # fmt: skip
LIMIT = {
    "instId": "LTC-USD-190628",
    "buyLmt": "200",
    "sellLmt": "300",
    "ts": "1597026383085",
    "enabled": True,
}
LISTED = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "state": "suspend", "tickSz": "0.1", "lotSz": "1"}
MAINTENANCE = {
    "begin": "1672823400000", "end": "1672825980000", "href": "", "preOpenBegin": "", "scheDesc": "",
    "serviceType": "0", "state": "ongoing", "system": "unified", "maintType": "1", "env": "1",
    "title": "Trading account WebSocket system upgrade", "ts": "1672826038470",
}  # fmt: skip
SWAPS, BTC_OPTIONS = {"instType": "SWAP"}, {"instFamily": "BTC-USD"}

ALL = [
    frame("tickers", "BTC-USDT-SWAP", TICKER),
    frame("tickers", "BTC-USDT", SPOT_TICKER),
    frame("trades", "BTC-USDT", TRADE),
    frame("option-trades", {"instType": "OPTION", "instFamily": "BTC-USD"}, OPTION_TRADE),
    frame("bbo-tbt", "BCH-USDT-SWAP", BEST),
    frame("books5", "BCH-USDT-SWAP", FIVE),
    frame("books", "BTC-USDT", SNAPSHOT, action="snapshot"),
    frame("books", "BTC-USDT", UPDATE, action="update"),
    frame("candle1D", "BTC-USDT", CANDLE),
    frame("mark-price", "LTC-USD-190628", MARK),
    frame("index-tickers", "LTC-USD", INDEX),
    frame("estimated-price", {"instType": "FUTURES", "instFamily": "XRP-USDT"}, SETTLEMENT),
    frame("funding-rate", "BTC-USD-SWAP", FUNDING),
    frame("open-interest", "BTC-USDT-SWAP", INTEREST),
    frame("liquidation-orders", SWAPS, LIQUIDATION),
    frame("opt-summary", BTC_OPTIONS, SUMMARY),
    frame("price-limit", "LTC-USD-190628", LIMIT),
    frame("instruments", SWAPS, LISTED),
    frame("status", {}, MAINTENANCE),
    b'{"id":"7","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a4d3ae55"}',
    b'{"id":"8","event":"unsubscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a4d3ae55"}',
    b'{"id":"9","event":"error","code":"60012","msg":"Invalid request: {\\"op\\": \\"x\\"}","connId":"a4"}',
    b'{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. '
    b'Please reconnect.","connId":"a4d3ae55"}',
    b'{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"}',
]
