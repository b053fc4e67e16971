"""What Gemini sends, as its documentation shows it and as others caught it.

https://developer.gemini.com/websocket/streams, ``…/archived/v2``, ``…/archived/multi-market-data``; captured
frames of perpetuals are of 15 September 2026.
"""

from __future__ import annotations

# https://developer.gemini.com/websocket/streams
BEST = (
    b'{"u":1751505576085,"E":1751508438600117161,"s":"btcusd",'
    b'"b":"45000.50","B":"1.25000000","a":"45001.00","A":"0.75000000"}'
)
CHANGE = (
    b'{"e":"depthUpdate","E":1751508260659505382,"s":"btcusd","U":12345677,"u":12345678,'
    b'"b":[["45000.50","1.25000000"],["45000.25","0.00000000"]],"a":[["45001.00","0.75000000"]]}'
)
PARTIAL = (
    b'{"lastUpdateId":12345678,"bids":[["45000.50","1.25000000"],["45000.25","0.50000000"]],'
    b'"asks":[["45001.00","0.75000000"],["45001.25","2.00000000"]]}'
)
# https://github.com/gemini/developer-platform/blob/main/conformance/websocket/events/trade.json
TRADE = b'{"e":"trade","E":1700000000000,"s":"btcusd","t":123456789,"p":"1000.00","q":"0.25","m":true}'
BARE_TRADE = (
    b'{"E":1759291847686856569,"s":"btcusd","t":2840140956529623,"p":"117284.86","q":"0.000643","m":false}'
)

# Captured: the first frame of a subscription, and two changes that follow each other.
WHOLE = (
    b'{"e":"depthUpdate","E":1789456740173524809,"s":"avaxgusdperp","U":1764527605191349,'
    b'"u":1764527605191349,"b":[["7.487000","140.40000"],["7.479000","570.50000"],["7.457000","680.90000"],'
    b'["7.415000","2161.00000"],["7.407000","56.10000"],["0.350000","300.00000"],'
    b'["0.160000","10000.00000"]],"a":[["7.503000","142.60000"],["7.510000","547.50000"],'
    b'["7.533000","681.50000"],["7.559000","56.20000"],["7.566000","2110.70000"]]}'
)
FIRST = (
    b'{"e":"depthUpdate","E":1789456742337187316,"s":"ethgusdperp","U":1764527605192323,'
    b'"u":1764527605192686,"b":[["2482.5500","0.000"]],'
    b'"a":[["2483.5000","0.000"],["2483.4500","1.047"]]}'
)
SECOND = (
    b'{"e":"depthUpdate","E":1789456742362015387,"s":"ethgusdperp","U":1764527605192686,'
    b'"u":1764527605192712,"b":[["2482.5500","1.047"]],"a":[]}'
)
MARK = b'{"e":"markPrice","E":1789456746446652397,"s":"btcgusdperp","p":"77303.727","i":"7725880.833"}'
PAYMENT = (
    b'{"e":"fundingAmount","E":1789459200000000000,"s":"btcgusdperp","T":1789459200000000000,"i":60,'
    b'"f":"7.90688","r":"0.01000","p":"77302.223","R":false}'
)
AGREED = b'{"id":1,"status":200}'
REFUSED = b'{"id":4,"status":400,"error":{"code":-1013,"msg":"Invalid stream name: nosuchperp@depth@100ms"}}'

# https://developer.gemini.com/websocket/archived/v2
V2_WHOLE = (
    b'{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","22252.37","0.02"],["buy","22251.61","0.04"],'
    b'["sell","22253.00","0.98942292"]],"trades":['
    b'{"type":"trade","symbol":"BTCUSD","event_id":122258166738,"timestamp":1655330221424,'
    b'"price":"22269.14","quantity":"0.00004473","side":"buy"},'
    b'{"type":"trade","symbol":"BTCUSD","event_id":122258141091,"timestamp":1655330213216,'
    b'"price":"22250.01","quantity":"0.5","side":"sell"},'
    b'{"type":"trade","symbol":"BTCUSD","event_id":122258141090,"timestamp":1655330213216,'
    b'"price":"22250.00","quantity":"0.00704098","side":"buy"}],'
    b'"auction_events":[{"type":"auction_result","symbol":"BTCUSD","time_ms":1655323200000,'
    b'"result":"failure","highest_bid_price":"21590.88","lowest_ask_price":"21602.30",'
    b'"collar_price":"21634.73"}]}'
)
V2_CHANGE = (
    b'{"type":"l2_updates","symbol":"BTCUSD","changes":[["sell","22253.00","0"],["buy","22252.37","0.1"]]}'
)
V2_TRADE = (
    b'{"type":"trade","symbol":"BTCUSD","event_id":122278173770,"timestamp":1655335880981,'
    b'"price":"22530.80","quantity":"0.04","side":"buy"}'
)
V2_NUMBERED = (
    b'{"type":"trade","symbol":"BTCUSD","event_id":3575573053,"timestamp":151231241,'
    b'"price":"9004.21000000","quantity":"0.09110000","side":"buy","tid":2840140800042677}'
)
V2_BEAT = b'{"timestamp":1789456747150,"type":"heartbeat"}'
V2_MARK = (
    b'{"changes":[{"mark_price":"77233.302","spot_index":"77188.41867","timestamp":1789456071687541147}],'
    b'"symbol":"BTCGUSDPERP","type":"mark_price_updates"}'
)
V2_PAYMENT = (
    b'{"changes":[{"funding_amount":"9.25568","funding_date_time":1789459200000000000,'
    b'"funding_interval_in_minutes":60,"funding_rate":"0.011","is_realized":false,'
    b'"mark_price":"77260.531","timestamp":1789456071687573598}],"symbol":"BTCGUSDPERP",'
    b'"type":"funding_amount_updates"}'
)
V2_CANDLES = (
    b'{"type":"candles_15m_updates","symbol":"BTCUSD","changes":'
    b"[[1561054500000,9350.18,9358.35,9350.18,9355.51,2.07]]}"
)
# https://developer.gemini.com/websocket/archived/multi-market-data
V1_WHOLE = (
    b'{"eventId":1683002284477823,"events":[{"delta":"4.817624","price":"0.000000001","reason":"initial",'
    b'"remaining":"4.817624","side":"bid","symbol":"SHIBUSD","type":"change"},'
    b'{"delta":"2","price":"0.000000002","reason":"initial","remaining":"2","side":"bid",'
    b'"symbol":"SHIBUSD","type":"change"},'
    b'{"delta":"3","price":"1342.20","reason":"initial","remaining":"3","side":"ask",'
    b'"symbol":"ETHUSD","type":"change"},'
    b'{"delta":"1.7","price":"1342.10","reason":"initial","remaining":"1.7","side":"ask",'
    b'"symbol":"ETHUSD","type":"change"}],"socket_sequence":0,"type":"update"}'
)
V1_TRADE = (
    b'{"type":"update","eventId":5375547515,"timestamp":1547760288,"timestampms":1547760288001,'
    b'"socket_sequence":15,"events":[{"type":"trade","tid":5375547515,"price":"3632.54",'
    b'"amount":"0.1362819142","makerSide":"ask","symbol":"BTCUSD"},'
    b'{"type":"change","side":"ask","price":"3632.54","remaining":"0","delta":"-0.1362819142",'
    b'"reason":"trade","symbol":"BTCUSD"}]}'
)
V1_BEAT = b'{"type":"heartbeat","timestamp":1547742998508,"sequence":31,"trace_id":"x","socket_sequence":30}'
V1_OF_ONE = (
    b'{"type":"update","eventId":1,"socket_sequence":1,"events":[{"type":"change","side":"bid",'
    b'"price":"3626.73","remaining":"1.6","reason":"initial"}]}'
)

ALL = [
    BEST, CHANGE, PARTIAL, TRADE, BARE_TRADE, WHOLE, FIRST, SECOND, MARK, PAYMENT, AGREED, REFUSED,
    V2_WHOLE, V2_CHANGE, V2_TRADE, V2_NUMBERED, V2_BEAT, V2_MARK, V2_PAYMENT, V2_CANDLES,
    V1_WHOLE, V1_TRADE, V1_BEAT, V1_OF_ONE,
]  # fmt: skip

# REST

# https://developer.gemini.com/rest/market-data; rows as served in September 2026.
LIST = b"""[
{"symbol":"BTCUSD","base_currency":"BTC","quote_currency":"USD","tick_size":1E-8,"quote_increment":0.01,
 "min_order_size":"0.00001","status":"open","wrap_enabled":false,"product_type":"spot",
 "contract_type":"vanilla","contract_price_currency":"USD"},
{"symbol":"EURUSD","quote_currency":"USD","tick_size":0.000001,"quote_increment":0.00001,
 "min_order_size":"0.1","status":"limit_only","product_type":"spot","contract_type":"vanilla",
 "base_currency":"EUR"},
{"symbol":"BTCUSDCPERP","base_currency":"BTC","quote_currency":"USDC","tick_size":0.0001,
 "quote_increment":0.5,"min_order_size":"0.0001","status":"open","product_type":"swap",
 "contract_type":"linear","contract_price_currency":"GUSD"},
{"symbol":"EFILFIL","base_currency":"EFIL","quote_currency":"FIL","tick_size":1e-14,
 "quote_increment":0.00001,"min_order_size":"0.1","status":"closed","product_type":"spot",
 "contract_type":"vanilla"}]"""
# https://developer.gemini.com/trading/rest-api/market-data/get-ticker-v2
DAY = (
    b'{"symbol":"BTCUSD","open":"9121.76","high":"9440.66","low":"9106.51","close":"9347.66",'
    b'"changes":["9365.1","9386.16"],"bid":"9345.70","ask":"9347.67"}'
)
RISK = (
    b'{"product_type":"PerpetualSwapContract","mark_price":"77244.69","index_price":"77199.85",'
    b'"open_interest":"18.2696","open_interest_notional":"1411229.5883"}'
)
# https://developer.gemini.com/trading/rest-api/market-data/list-candles
CANDLES = (
    b"[[1559755860000,7781.6,7820.23,7776.56,7819.39,34.7624802159],"
    b"[1559755800000,7781.6,7829.46,7776.56,7817.28,43.4228281059],"
    b"[1559755740000,7781.6,7781.6,7781.6,7781.6,0.0]]"
)
