"""Messages of Bitfinex as its documentation shows them, in the form in which they come.

https://docs.bitfinex.com/reference/ws-public-ticker, …-trades, …-books, …-raw-books, …-status. There is no
recording of them here.
"""

from __future__ import annotations

INFO = (
    b'{"event":"info","version":2,"serverId":"5b73a436-19ca-4a15-8160-9069bdd7f181","platform":{"status":1}}'
)
IN_MAINTENANCE = b'{"event":"info","version":2,"platform":{"status":0}}'
RESTART = b'{"event":"info","code":20051,"msg":"Stopping. Please try to reconnect"}'
MAINTENANCE = b'{"event":"info","code":20060,"msg":"Entering in Maintenance mode"}'
# As version 1.1 of the socket announced it, with text for a code.
RESUMED = b'{"event":"info","code":"20061","msg":"Resync from the Trading Engine ended"}'
CONF = b'{"event":"conf","status":"OK","flags":229376}'
OLD_CONF = b'{"event":"conf","status":"OK"}'

TICKER_ASKED = b'{"event":"subscribed","channel":"ticker","chanId":224555,"symbol":"tBTCUSD","pair":"BTCUSD"}'
TICKER = (
    b"[224555,[7616.5,31.89055171,7617.5,43.358118629999986,-550.8,-0.0674,7617.1,8314.71200815,8257.8,7500]]"
)
TRADES_ASKED = b'{"event":"subscribed","channel":"trades","chanId":17470,"symbol":"tBTCUSD","pair":"BTCUSD"}'
TRADES = b"[17470,[[401597395,1574694478808,0.005,7245.3],[401597393,1574694475039,-0.005,7244.9]]]"
EXECUTED = b'[17470,"te",[401597396,1574694478809,-0.002,7245]]'
EXECUTED_AGAIN = EXECUTED.replace(b'"te"', b'"tu"')
BOOK_ASKED = (
    b'{"event":"subscribed","channel":"book","chanId":10092,"symbol":"tETHUSD","prec":"P0","freq":"F0",'
    b'"len":"25","subId":123,"pair":"ETHUSD"}'
)
BOOK = b"[10092,[[170.24,2,5.5],[170.23,1,1.25],[170.26,1,-3.2],[170.31,4,-1.5e-7]]]"
LEVEL = b"[10092,[170.25,1,2.54]]"
GONE = b"[10092,[170.26,0,-1]]"
RAW_ASKED = (
    b'{"event":"subscribed","channel":"book","chanId":433290,"symbol":"tBTCUSD","prec":"R0","freq":"F0",'
    b'"len":"25","pair":"BTCUSD"}'
)
RAW = b"[433290,[[34753006045,7294.7,0.5],[34753006046,7294.7,0.5],[34753006049,7295,-1]]]"
ORDER = b"[433290,[34753006099,7295,-0.25]]"
ORDER_GONE = b"[433290,[34753006046,0,1]]"
DERIV_ASKED = b'{"event":"subscribed","channel":"status","chanId":335856,"key":"deriv:tBTCF0:USTF0"}'
DERIV = (
    b"[335856,[1596124822000,null,0.896,0.771995,null,1396531.67460709,null,1596153600000,0.0001056,6,null,"
    b"-0.01381344,null,null,0.7664,null,null,246502.09001551,null,null,null,null,0.3]]"
)
LIQUIDATIONS_ASKED = b'{"event":"subscribed","channel":"status","chanId":91684,"key":"liq:global"}'
TRIGGERED = (
    b'[91684,[["pos",145400868,1609144352338,null,"tETHF0:USTF0",-1.67288094,730.96,null,0,0,null,null]]]'
)
LIQUIDATED = TRIGGERED.replace(b"0,0,null,null", b"1,1,null,736.13")
CANDLES_ASKED = b'{"event":"subscribed","channel":"candles","chanId":343351,"key":"trade:1m:tBTCUSD"}'
LENT_ASKED = b'{"event":"subscribed","channel":"trades","chanId":339521,"symbol":"fUSD","currency":"USD"}'
BEAT = b'[17470,"hb"]'
LEFT = b'{"event":"unsubscribed","status":"OK","chanId":91684}'
INVALID = b'{"channel":"ticker","symbol":"tNONE","event":"error","msg":"symbol: invalid","code":10300}'
TWICE = (
    b'{"channel":"book","symbol":"tXRPUSD","prec":"P0","freq":"F0","len":"25","event":"error",'
    b'"msg":"subscribe: dup","code":10301}'
)
FULL = b'{"channel":"trades","symbol":"tETHUSD","event":"error","msg":"subscribe: limit","code":10305}'
NOT_LEFT = b'{"event":"error","msg":"unsubscribe: invalid","code":10400,"chanId":7}'

ASKED = [TICKER_ASKED, TRADES_ASKED, BOOK_ASKED, RAW_ASKED, DERIV_ASKED, LIQUIDATIONS_ASKED]


def numbered(frame: bytes, sequence: int, ms: int = 0) -> bytes:
    """With what our flags add: the number of the message, and its time."""
    return frame[:-1] + f",{sequence}{f',{ms}' if ms else ''}]".encode()


ALL = [
    *(INFO, CONF, *ASKED, CANDLES_ASKED, LENT_ASKED, TICKER, TRADES, EXECUTED, EXECUTED_AGAIN, BOOK, LEVEL),
    *(GONE, RAW, ORDER, ORDER_GONE, DERIV, TRIGGERED, LIQUIDATED, BEAT, INVALID, TWICE, FULL, NOT_LEFT),
    *(numbered(LEVEL, 7, 1596124822001), numbered(b'[10092,"cs",-1890203112]', 8, 1596124822002)),
    *(numbered(BEAT, 9), LEFT, RESTART, MAINTENANCE, RESUMED),
]
