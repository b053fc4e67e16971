"""Messages of Kraken's derivatives as its documentation shows them, in the form in which they come.

https://docs.kraken.com/exchange/api-reference/futures-websocket. There is no recording of them here.
"""

from __future__ import annotations

# …/ticker: an inverse perpetual, with the rates of funding that it has.
INVERSE = (
    b'{"time":1676393235406,"product_id":"PI_XBTUSD","funding_rate":-6.2604214e-11,'
    b'"funding_rate_prediction":-3.65989977e-10,"relative_funding_rate":-1.380384722222e-6,'
    b'"relative_funding_rate_prediction":-8.047629166667e-6,"next_funding_rate_time":1676394000000,'
    b'"feed":"ticker","bid":21978.5,"ask":21987.0,"bid_size":2536.0,"ask_size":13948.0,"volume":31403908.0,'
    b'"dtm":0,"leverage":"50x","index":21984.54,"premium":-0.0,"last":21983.5,"change":1.9974017538161748,'
    b'"suspended":false,"tag":"perpetual","pair":"XBT:USD","openInterest":30072580.0,'
    b'"markPrice":21979.68641534714,"maturityTime":0,"post_only":false,"volumeQuote":31403908.0,'
    b'"open":21968.5,"high":22123.0,"low":21456.0}'
)
# The same message of a multi-collateral perpetual, as it came in September 2026.
LINEAR = (
    b'{"time":1790359997224,"product_id":"PF_XBTUSD","funding_rate":0.912482213835,'
    b'"funding_rate_prediction":1.3232500286425,"relative_funding_rate":0.00001089345,'
    b'"relative_funding_rate_prediction":0.00001575425,"next_funding_rate_time":1790362800000,'
    b'"leverage":"100x","premium":0.0,"feed":"ticker","bid":84001.0,"ask":84002.0,"bid_size":0.0273,'
    b'"ask_size":0.006,"volume":4237.2723,"dtm":0,"index":83995.76,"last":83997.0,"change":-0.22,'
    b'"suspended":false,"tag":"perpetual","pair":"XBT:USD","openInterest":2189.7813,'
    b'"markPrice":84004.11362574516,"maturityTime":0,"post_only":false,"volumeQuote":356641614.007}'
)
FUTURE = (
    b'{"time":1676393235406,"product_id":"FI_XBTUSD_230331","feed":"ticker","bid":0,"ask":22110.5,"bid_size":0,'
    b'"ask_size":1200,"volume":180400,"dtm":45,"leverage":"50x","index":21984.54,"premium":0.5,"last":22101.0,'
    b'"change":0.8,"suspended":false,"tag":"quarter","pair":"XBT:USD","openInterest":812000,'
    b'"markPrice":22103.25,"maturityTime":1680274800000,"post_only":false}'
)
LITE = (
    b'{"feed":"ticker_lite","product_id":"FI_ETHUSD_210625","bid":1753.45,"ask":1760.35,'
    b'"change":13.448175559936647,"premium":9.1,"volume":6899673.0,"tag":"semiannual","pair":"ETH:USD",'
    b'"dtm":141,"maturityTime":1624633200000}'
)
SNAPSHOT = (
    b'{"feed":"book_snapshot","product_id":"PI_XBTUSD","timestamp":1612269825817,"seq":326072249,'
    b'"tickSize":null,"bids":[{"price":34892.5,"qty":6385},{"price":34892,"qty":10924}],'
    b'"asks":[{"price":34911.5,"qty":20598},{"price":34912,"qty":2300}]}'
)
CHANGE = (
    b'{"feed":"book","product_id":"PI_XBTUSD","side":"sell","seq":326094134,"price":34981,"qty":0,'
    b'"timestamp":1612269953629}'
)
TRADE = (
    b'{"feed":"trade","product_id":"PI_XBTUSD","uid":"05af78ac-a774-478c-a50c-8b9c234e071e","side":"sell",'
    b'"type":"fill","seq":653355,"time":1612266317519,"qty":15000,"price":34969.5}'
)
TRADES = (
    b'{"feed":"trade_snapshot","product_id":"PI_XBTUSD","trades":[{"feed":"trade","product_id":"PI_XBTUSD",'
    b'"uid":"caa9c653-420b-4c24-a9f1-462a054d86f1","side":"sell","type":"fill","seq":655508,'
    b'"time":1612269657781,"qty":440,"price":34893},{"feed":"trade","product_id":"PI_XBTUSD",'
    b'"uid":"45ee9737-1877-4682-bc68-e4ef818ef88a","side":"sell","type":"liquidation","seq":655507,'
    b'"time":1612269656839,"qty":9643,"price":34891}]}'
)
LIQUIDATION = TRADE.replace(b'"fill"', b'"liquidation"')
OLD_TRADE = (
    b'{"feed":"trade","product_id":"FI_XBTUSD_190426","side":"buy","type":"fill","seq":5271,'
    b'"time":1554076802518,"qty":3.0,"price":4088.5}'
)
HEARTBEAT = b'{"feed":"heartbeat","time":1534262350627}'
INFO = b'{"event":"info","version":1}'
SUBSCRIBED = b'{"event":"subscribed","feed":"ticker","product_ids":["PF_XBTUSD","PI_XBTUSD"]}'
BOOK_SUBSCRIBED = b'{"event":"subscribed","feed":"book","product_ids":["PF_XBTUSD"]}'
UNSUBSCRIBED = b'{"event":"unsubscribed","feed":"trade","product_ids":["PF_XBTUSD"]}'
BEATING = b'{"event":"subscribed","feed":"heartbeat"}'
INVALID = b'{"event":"error","message":"Invalid product id"}'
WRONG_FEED = b'{"event":"alert","message":"Couldn\'t subscribe to invalid feed"}'
TWICE = b'{"event":"alert","message":"Already subscribed to feed, re-requesting"}'
CHALLENGE = b'{"event":"challenge","message":"5a2d547e-2226-4193-957e-7b19e32cf5b4"}'
ACCOUNT = b'{"feed":"open_orders_snapshot","account":"e258dba9-4dd4-4da5-bfef-75beb91c098e","orders":[]}'

ALL = [
    *(INVERSE, LINEAR, FUTURE, LITE, SNAPSHOT, CHANGE, TRADE, TRADES, LIQUIDATION, OLD_TRADE, HEARTBEAT),
    *(
        SUBSCRIBED,
        BOOK_SUBSCRIBED,
        UNSUBSCRIBED,
        BEATING,
        INVALID,
        WRONG_FEED,
        TWICE,
        CHALLENGE,
        ACCOUNT,
    ),
]
