"""Messages of Deribit as its documentation shows them, in the form in which they come.

https://docs.deribit.com/subscriptions. The recording has options alone, of 2021.
"""

from __future__ import annotations


def framed(channel: str, data: str) -> bytes:
    params = f'{{"channel":"{channel}","data":{data}}}'
    return f'{{"jsonrpc":"2.0","method":"subscription","params":{params}}}'.encode()


PERPETUAL = framed(
    "ticker.BTC-PERPETUAL.100ms",
    '{"timestamp":1765541474086,"state":"open","stats":{"high":93612.0,"low":89277.5,"price_change":-2.3275,'
    '"volume":11897.27640428,"volume_usd":1092371540.0,"volume_notional":1092371540.0},'
    '"index_price":92263.55,"instrument_name":"BTC-PERPETUAL","last_price":92283.5,"settlement_price":92464.66,'
    '"min_price":90897.5,"max_price":93666.5,"open_interest":1132329370.0,"mark_price":92281.78,'
    '"interest_value":0.0028213400122472977,"best_ask_price":92284.0,"best_bid_price":92283.5,'
    '"estimated_delivery_price":92263.55,"best_ask_amount":186520.0,"best_bid_amount":117660.0,'
    '"current_funding":-1.742e-5,"funding_8h":0.00001742}',
)
FUTURE = framed(
    "ticker.BTC-27MAR26.agg2",
    '{"timestamp":1765541474086,"state":"open","stats":{"high":93612.0,"low":89277.5,"price_change":null,'
    '"volume":11.2,"volume_usd":1033000.0},"index_price":92263.55,"instrument_name":"BTC-27MAR26",'
    '"last_price":93100.0,"min_price":90897.5,"max_price":93666.5,"open_interest":1132370.0,'
    '"mark_price":93105.78,"best_ask_price":93110.0,"best_bid_price":0.0,"estimated_delivery_price":92263.55,'
    '"best_ask_amount":1860.0,"best_bid_amount":0.0}',
)
LINEAR = framed(
    "ticker.ETH_USDC-PERPETUAL.100ms",
    '{"timestamp":1765541474086,"state":"locked","stats":{"high":3280.0,"low":3180.0,"price_change":0.5,'
    '"volume":611.25,"volume_usd":1970000.0},"index_price":3220.1,"instrument_name":"ETH_USDC-PERPETUAL",'
    '"last_price":3221.0,"min_price":3100.0,"max_price":3300.0,"open_interest":5120.75,"mark_price":3220.9,'
    '"best_ask_price":3221.2,"best_bid_price":3220.8,"estimated_delivery_price":3220.1,'
    '"best_ask_amount":2.5,"best_bid_amount":1.25,"current_funding":0.0,"funding_8h":0.0}',
)
OPTION = framed(
    "ticker.BTC-25MAR22-50000-C.raw",
    '{"underlying_price":74020.92,"underlying_index":"SYN.BTC-25MAR22","timestamp":1618677878904,'
    '"stats":{"volume":null,"price_change":null,"low":null,"high":null},"state":"open",'
    '"settlement_price":0.44,"open_interest":1.0,"min_price":0.371,"max_price":0.494,'
    '"mark_price":0.42348784,"mark_iv":71.89,"last_price":null,"interest_rate":0.0,'
    '"instrument_name":"BTC-25MAR22-50000-C","index_price":60634.37,"greeks":{"vega":188.5171,'
    '"theta":-19.83417,"rho":274.07754,"gamma":0.00001,"delta":0.81907},"estimated_delivery_price":60634.37,'
    '"bid_iv":62.52,"best_bid_price":0.4,"best_bid_amount":1.0,"best_ask_price":0.0,"best_ask_amount":0.0,'
    '"ask_iv":0.0}',
)
SPOT = framed(
    "ticker.BTC_USDC.100ms",
    '{"timestamp":1765541474086,"state":"open","stats":{"high":93612.0,"low":89277.5,"price_change":1.0,'
    '"volume":12.5,"volume_usd":1150000.0},"index_price":92263.55,"instrument_name":"BTC_USDC",'
    '"last_price":92283.0,"min_price":90897.5,"max_price":93666.5,"mark_price":92281.78,'
    '"best_ask_price":92284.0,"best_bid_price":92283.0,"estimated_delivery_price":92263.55,'
    '"best_ask_amount":0.5,"best_bid_amount":0.25}',
)
QUOTE = framed(
    "quote.BTC-PERPETUAL",
    '{"timestamp":1550658624149,"instrument_name":"BTC-PERPETUAL","best_bid_price":3914.97,'
    '"best_bid_amount":40.0,"best_ask_price":3996.61,"best_ask_amount":50.0}',
)
SNAPSHOT = framed(
    "book.BTC-PERPETUAL.100ms",
    '{"type":"snapshot","timestamp":1554373962454,"instrument_name":"BTC-PERPETUAL","change_id":297217,'
    '"bids":[["new",5042.34,30.0],["new",5041.94,20.0]],"asks":[["new",5042.64,40.0],["new",5043.3,40.0]]}',
)
CHANGE = framed(
    "book.BTC-PERPETUAL.100ms",
    '{"type":"change","timestamp":1554373911330,"prev_change_id":297217,"instrument_name":"BTC-PERPETUAL",'
    '"change_id":297218,"bids":[["delete",5041.94,0.0],["delete",5042.34,0.0]],'
    '"asks":[["new",5042.94,20.0]]}',
)
LEVELS = framed(
    "book.BTC-PERPETUAL.none.20.100ms",
    '{"timestamp":1554375447971,"instrument_name":"BTC-PERPETUAL","change_id":109615,'
    '"bids":[[160.0,40.0]],"asks":[[161.0,20.0]]}',
)
GROUPS = LEVELS.replace(b".none.", b".5.")
TRADES = framed(
    "trades.BTC-PERPETUAL.100ms",
    '[{"timestamp":1765531356452,"price":92294.5,"amount":10.0,"direction":"sell","index_price":92276.75,'
    '"instrument_name":"BTC-PERPETUAL","trade_seq":271252854,"mark_price":92287.11,"tick_direction":2,'
    '"contracts":1.0,"trade_id":"403691824"},{"timestamp":1765531356452,"price":92288.5,"amount":750.0,'
    '"direction":"sell","index_price":92276.75,"instrument_name":"BTC-PERPETUAL","trade_seq":271252855,'
    '"mark_price":92287.11,"tick_direction":2,"contracts":75.0,"liquidation":"T","trade_id":"403691825"}]',
)
OPTION_TRADES = framed(
    "trades.option.BTC.agg2",
    '[{"trade_seq":8,"trade_id":"244365195","timestamp":1779118041757,"tick_direction":2,"price":0.0174,'
    '"mark_price":0.01733488,"iv":41.01,"instrument_name":"BTC-19MAY26-75000-C","index_price":76185.14,'
    '"direction":"buy","contracts":0.1,"combo_id":"BTC-CS-19MAY26-70000_75000","amount":0.1}]',
)
INDEX = framed(
    "deribit_price_index.btc_usd", '{"timestamp":1550588002899,"price":3937.89,"index_name":"btc_usd"}'
)
DVOL = framed(
    "deribit_volatility_index.btc_usd",
    '{"volatility":129.36,"timestamp":1619777946007,"index_name":"btc_usd"}',
)
INTEREST = framed(
    "perpetual.BTC-PERPETUAL.raw",
    '{"timestamp":1571386349530,"interest":0.004999511380756577,"index_price":7872.88}',
)
OPTION_MARKS = framed(
    "markprice.options.btc_usd",
    '[{"timestamp":1622470378005,"mark_price":0.0333,"iv":0.9,"instrument_name":"BTC-2JUN21-37000-P"}]',
)
LISTING = framed(
    "instrument.state.option.any",
    '{"timestamp":1553080940000,"state":"terminated","instrument_name":"BTC-22MAR19-6500-C"}',
)
PLATFORM = framed("platform_state", '{"maintenance":true}')
LOCKED = framed("platform_state", '{"price_index":"sol_usdc","locked":true}')
ESTIMATE = framed(
    "estimated_expiration_price.btc_usd", '{"seconds":180929,"price":3939.73,"is_estimated":false}'
)
HEARTBEAT = b'{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}'
TEST_REQUEST = b'{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}'
SUBSCRIBED = (
    b'{"jsonrpc":"2.0","id":3,"result":["ticker.BTC-PERPETUAL.100ms","trades.BTC-PERPETUAL.100ms"],'
    b'"usIn":1699999999000000,"usOut":1699999999001000,"usDiff":1000,"testnet":false}'
)
TESTED = b'{"jsonrpc":"2.0","id":0,"result":{"version":"1.2.26"},"testnet":true,"usOut":1535043730126250}'
REFUSED = b'{"jsonrpc":"2.0","id":3,"error":{"code":10028,"message":"too_many_requests","data":null}}'

ALL = [
    *(
        PERPETUAL,
        FUTURE,
        LINEAR,
        OPTION,
        SPOT,
        QUOTE,
        SNAPSHOT,
        CHANGE,
        LEVELS,
        GROUPS,
        TRADES,
        OPTION_TRADES,
    ),
    *(INDEX, DVOL, INTEREST, OPTION_MARKS, LISTING, PLATFORM, LOCKED, ESTIMATE, HEARTBEAT, TEST_REQUEST),
    *(OPTION_TRADES, SUBSCRIBED, TESTED, REFUSED),
]
