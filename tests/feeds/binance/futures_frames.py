"""The messages of Binance's futures as its documentation shows them, in the envelope of a combined stream.

No recording of ours has a mark price, a liquidation or a day's figures, and none is of COIN-M.
"""

from __future__ import annotations


def framed(stream: str, data: str) -> bytes:
    return f'{{"stream":"{stream}","data":{data}}}'.encode()


DEPTH = framed(
    "btcusdt@depth@100ms",
    '{"e":"depthUpdate","E":123456789,"T":123456788,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"U":157,"u":160,'
    '"pu":149,"b":[["0.0024","10"]],"a":[["0.0026","0"]]}',
)
TRADE = framed(
    "btcusdt@aggTrade",
    '{"e":"aggTrade","E":123456789,"a":5933014,"s":"BTCUSDT","p":"0.001","q":"100","f":100,"l":105,'
    '"T":123456785,"m":true,"st":1}',
)
QUOTE = framed(
    "btcusdt@bookTicker",
    '{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BTCUSDT","b":"25.35190000",'
    '"B":"31.21000000","a":"25.36520000","A":"40.66000000","st":1,"ps":"BTCUSDT"}',
)
TICKER = framed(
    "btcusdt@ticker",
    '{"e":"24hrTicker","E":1672515782136,"s":"BTCUSDT","p":"-131.40000000","P":"-0.786","w":"16628.97377498",'
    '"c":"16584.60000000","Q":"0.002","o":"16716.00000000","h":"16764.89000000","l":"16456.51000000",'
    '"v":"122474.816","q":"2036102085.69746400","O":1672429382136,"C":1672515782136,"F":2289691,"L":2432543,'
    '"n":142853,"st":1}',
)
MARK = framed(
    "btcusdt@markPrice@1s",
    '{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000","i":"11784.62659091",'
    '"P":"11784.25641265","r":"0.00038167","T":1562306400000,"st":1}',
)
LIQUIDATION = framed(
    "btcusdt@forceOrder",
    '{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014",'
    '"p":"9910.00000000","ap":"9910.12345678","X":"FILLED","l":"0.014","z":"0.013","T":1568014460894}}',
)
CONTRACT = framed("!contractInfo", '{"e":"contractInfo","E":1669647330375,"s":"BTCUSDT","cs":"SETTLING"}')
PULSES = [
    framed("btcusdt@miniTicker", '{"e":"24hrMiniTicker","E":1568014460893,"s":"BTCUSDT","c":"1"}'),
    framed("btcusdt@depth5@500ms", '{"e":"depthUpdate","E":1568014460893,"s":"BTCUSDT","b":[],"a":[]}'),
]

ALL = [DEPTH, TRADE, QUOTE, TICKER, MARK, LIQUIDATION, CONTRACT, *PULSES]


def of(symbol: str) -> list[bytes]:
    """All of them, of another contract."""
    names = ((b"BTCUSDT", symbol.encode()), (b"btcusdt", symbol.lower().encode()))
    found = ALL
    for old, new in names:
        found = [frame.replace(old, new) for frame in found]
    return found
