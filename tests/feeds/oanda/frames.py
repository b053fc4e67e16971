"""Lines and answers of OANDA as they are shown, older and newer ones.

https://developer.oanda.com/rest-live-v20/pricing-ep/ and …/pricing-df/ are the documentation; the stream of
2016 is that of https://oanda-api-v20.readthedocs.io/en/latest/endpoints/pricing/pricingstream.html
"""

from __future__ import annotations

# Of 2016: a status, no type, no word of whether it is tradeable.
OLD = (
    b'{"status":"tradeable","asks":[{"price":"114.312","liquidity":1000000},'
    b'{"price":"114.313","liquidity":2000000},{"price":"114.314","liquidity":5000000},'
    b'{"price":"114.316","liquidity":10000000}],"closeoutBid":"114.291",'
    b'"bids":[{"price":"114.295","liquidity":1000000},{"price":"114.294","liquidity":2000000},'
    b'{"price":"114.293","liquidity":5000000},{"price":"114.291","liquidity":10000000}],'
    b'"instrument":"EUR_JPY","time":"2016-10-27T08:38:43.094548890Z","closeoutAsk":"114.316"}'
)
HEARTBEAT = b'{"type":"HEARTBEAT","time":"2016-10-27T08:38:44.327443673Z"}'
PRICE = (
    b'{"type":"PRICE","time":"2021-03-05T14:03:12.731905213Z",'
    b'"bids":[{"price":"1.19153","liquidity":1000000},{"price":"1.19152","liquidity":2000000}],'
    b'"asks":[{"price":"1.19167","liquidity":1000000},{"price":"1.19168","liquidity":2000000}],'
    b'"closeoutBid":"1.19148","closeoutAsk":"1.19172","status":"tradeable","tradeable":true,'
    b'"instrument":"EUR_USD"}'
)
CLOSED = (
    PRICE.replace(b"2021-03-05T14:03:12.731905213Z", b"2021-03-05T21:59:58.001Z")
    .replace(b'"tradeable":true', b'"tradeable":false')
    .replace(b'"status":"tradeable"', b'"status":"non-tradeable"')
)
OLD_CLOSED = OLD.replace(b'"status":"tradeable"', b'"status":"non-tradeable"')
INVALID = OLD.replace(b'"status":"tradeable"', b'"status":"invalid"')
# Liquidity as text, and as nothing; times in seconds, as whoever asks for them gets them.
GOLD = (
    b'{"type":"PRICE","time":"1786309548.642080123","bids":[{"price":"4058.110","liquidity":"500"}],'
    b'"asks":[{"price":"4058.570"}],"closeoutBid":"4057.900","closeoutAsk":"4058.780","tradeable":true,'
    b'"instrument":"XAU_USD"}'
)
ONE_SIDED = (
    b'{"type":"PRICE","time":"2026-11-27T05:00:00Z","bids":[],'
    b'"asks":[{"price":"1.15340","liquidity":1000000}],"closeoutBid":"1.15310","closeoutAsk":"1.15350",'
    b'"status":"tradeable","tradeable":true,"instrument":"EUR_USD"}'
)
# Of the API before this one: https://developer.oanda.com/rest-live/streaming/
TICK = b'{"tick":{"instrument":"AUD_CAD","time":"2014-01-30T20:47:08.066398Z","bid":0.98114,"ask":0.98139}}'
TICK_HALTED = TICK.replace(b'"ask":0.98139', b'"ask":0.98139,"status":"halted"')
BEAT = b'{"heartbeat":{"time":"2014-01-30T20:47:11.543511Z"}}'
ALL = [TICK, TICK_HALTED, BEAT, OLD, HEARTBEAT, PRICE, CLOSED, OLD_CLOSED, INVALID, GOLD, ONE_SIDED]

INSTRUMENTS = (
    b'{"instruments":[{"name":"EUR_USD","type":"CURRENCY","displayName":"EUR/USD","pipLocation":-4,'
    b'"displayPrecision":5,"tradeUnitsPrecision":0,"minimumTradeSize":"1",'
    b'"maximumTrailingStopDistance":"1.00000","minimumTrailingStopDistance":"0.00050",'
    b'"maximumPositionSize":"0","maximumOrderUnits":"100000000","marginRate":"0.02"},'
    b'{"name":"USD_JPY","type":"CURRENCY","displayName":"USD/JPY","pipLocation":-2,"displayPrecision":3,'
    b'"tradeUnitsPrecision":0,"minimumTradeSize":"1","marginRate":"0.02"},'
    b'{"name":"XAU_USD","type":"METAL","displayName":"Gold","pipLocation":-2,"displayPrecision":3,'
    b'"tradeUnitsPrecision":0,"minimumTradeSize":"1","marginRate":"0.05"},'
    b'{"name":"SPX500_USD","type":"CFD","displayName":"US SPX 500","pipLocation":0,"displayPrecision":1,'
    b'"tradeUnitsPrecision":1,"minimumTradeSize":"0.1","marginRate":"0.05"}],"lastTransactionID":"6"}'
)
CANDLES = (
    b'{"instrument":"EUR_USD","granularity":"M1","candles":['
    b'{"complete":true,"volume":57,"time":"2021-03-05T14:02:00.000000000Z",'
    b'"mid":{"o":"1.19151","h":"1.19174","l":"1.19148","c":"1.19160"}},'
    b'{"complete":false,"volume":9,"time":"2021-03-05T14:03:00.000000000Z",'
    b'"mid":{"o":"1.19161","h":"1.19165","l":"1.19158","c":"1.19158"}}]}'
)
