"""Messages of Hermes as its documentation and its source show them.

https://docs.pyth.network/price-feeds/core/how-pyth-works/hermes has the price of ETH/USD,
https://github.com/pyth-network/pyth-crosschain/blob/main/apps/hermes/server/src/api/ws.rs what is around it.
"""

from __future__ import annotations

ETH = "ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace"
BTC = "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43"
PRICE = (
    b'{"type":"price_update","price_feed":{"id":"' + ETH.encode() + b'",'
    b'"price":{"price":"184136023127","conf":"177166324","expo":-8,"publish_time":1692110601},'
    b'"ema_price":{"price":"184100641000","conf":"178704085","expo":-8,"publish_time":1692110601}}}'
)
VERBOSE = PRICE[:-2] + (
    b',"metadata":{"slot":85480034,"emitter_chain":26,"price_service_receive_time":1692110602,'
    b'"prev_publish_time":1692110600}}}'
)
SUCCESS = b'{"type":"response","status":"success"}'
NOT_FOUND = (
    b'{"type":"response","status":"error","error":"Price feed(s) with id(s) [0x'
    + BTC.encode()
    + b'] not found"}'
)
TOO_MUCH = b'{"status":"error","error":"Rate limit exceeded"}'
AGED = b'{"type":"response","status":"error","error":"Connection timeout reached (24h)"}'
ALL = [PRICE, VERBOSE, SUCCESS, NOT_FOUND, TOO_MUCH, AGED]
LISTED = (
    b'[{"id":"' + BTC.encode() + b'","attributes":{"asset_type":"Crypto","base":"BTC","description":'
    b'"BITCOIN / US DOLLAR","display_symbol":"BTC/USD","generic_symbol":"BTCUSD","quote_currency":"USD",'
    b'"symbol":"Crypto.BTC/USD"}},'
    b'{"id":"' + b"1" * 64 + b'","attributes":{"symbol":"FX.USD/JPY"}},'
    b'{"id":"' + b"2" * 64 + b'","attributes":{"symbol":"Equity.US.SOL/USD.PRE"}},'
    b'{"id":"' + b"3" * 64 + b'","attributes":{"symbol":"Crypto.Index.SILV/USD"}},'
    b'{"id":"' + b"4" * 64 + b'","attributes":{"symbol":"Rates.US10Y"}}]'
)
