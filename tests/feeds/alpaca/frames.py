"""Messages as Alpaca's documentation shows them: https://docs.alpaca.markets/docs/real-time-stock-pricing-data,
those that control the link: https://docs.alpaca.markets/docs/streaming-market-data."""

from __future__ import annotations

CONNECTED = b'[{"T":"success","msg":"connected"}]'
AUTHENTICATED = b'[{"T":"success","msg":"authenticated"}]'
SUBSCRIBED = (
    b'[{"T":"subscription","trades":["AAPL"],"quotes":["AMD","CLDR"],"bars":["*"],"updatedBars":[],'
    b'"dailyBars":["VOO"],"statuses":["*"],"lulds":[],"corrections":["AAPL"],"cancelErrors":["AAPL"]}]'
)
TRADE = (
    b'{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z",'
    b'"c":["@","I"],"z":"C"}'
)
QUOTE = (
    b'{"T":"q","S":"AMD","bx":"U","bp":87.66,"bs":1,"ax":"Q","ap":87.68,"as":4,'
    b'"t":"2021-02-22T15:51:45.335689322Z","c":["R"],"z":"C"}'
)
BAR = (
    b'{"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"n":461,"vw":389.062639,'
    b'"t":"2021-02-22T19:15:00Z"}'
)
UPDATED = BAR.replace(b'"T":"b"', b'"T":"u"')
DAILY = (
    b'{"T":"d","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":749378,"n":461,"vw":389.062639,'
    b'"t":"2021-02-22T05:00:00Z"}'
)
CORRECTION = (
    b'{"T":"c","S":"EEM","x":"M","oi":52983525033527,"op":39.1582,"os":440000,"oc":[" ","7"],'
    b'"ci":52983525034326,"cp":39.1809,"cs":440000,"cc":[" ","7"],"z":"B",'
    b'"t":"2023-04-06T14:25:06.542305024Z"}'
)
CANCEL = (
    b'{"T":"x","S":"GOOGL","i":465,"x":"D","p":135.16,"s":1,"a":"C","z":"C",'
    b'"t":"2023-04-06T13:15:42.83540958Z"}'
)
BAND = (
    b'{"T":"l","S":"IONM","u":3.24,"d":2.65,"i":"B","t":"2023-04-06T13:44:45.565960192Z","z":"C"}'
)  # fmt: skip
HALT = (
    b'{"T":"s","S":"AAPL","sc":"H","sm":"Trading Halt","rc":"T12",'
    b'"rm":"Trading Halted; For information requested by NASDAQ","t":"2021-02-22T19:15:00Z","z":"C"}'
)
RESUMED = HALT.replace(b'"H","sm":"Trading Halt"', b'"T","sm":"Trading Resumption"')
IMBALANCE = b'{"T":"i","S":"INAQU","p":9.12,"z":"C","t":"2024-12-13T19:58:09.242138635Z"}'
ERRORS = {
    code: b'[{"T":"error","code":%d,"msg":"%s"}]' % (code, words)
    for code, words in (
        (400, b"invalid syntax"), (401, b"not authenticated"), (402, b"auth failed"),
        (403, b"already authenticated"), (404, b"auth timeout"), (405, b"symbol limit exceeded"),
        (406, b"connection limit exceeded"), (407, b"slow client"), (409, b"insufficient subscription"),
        (410, b"invalid subscribe action for this feed"), (500, b"internal error"),
    )
}  # fmt: skip
DATA = [TRADE, QUOTE, BAR, UPDATED, DAILY, CORRECTION, CANCEL, BAND, HALT, RESUMED, IMBALANCE]
MIXED = b"[" + b",".join(DATA) + b"]"
ALL = [CONNECTED, AUTHENTICATED, SUBSCRIBED, *ERRORS.values(), MIXED, *(b"[%b]" % each for each in DATA)]

ASSETS = (
    b'[{"id":"904837e3-3b76-47ec-b432-046db621571b","class":"us_equity","exchange":"NASDAQ","symbol":"AAPL",'
    b'"name":"Apple Inc. Common Stock","status":"active","tradable":true,"fractionable":true},'
    b'{"symbol":"BTC","status":"active","tradable":true},{"symbol":"BRK.B","status":"active","tradable":false},'
    b'{"symbol":"GONE","status":"inactive","tradable":false}]'
)
BARS = (
    b'{"bars":[{"t":"2022-01-03T09:00:00Z","o":178.26,"h":178.34,"l":177.76,"c":178.08,"v":60937,"n":1727,'
    b'"vw":177.954244}],"symbol":"AAPL","next_page_token":null}'
)
SNAPSHOT = (
    b'{"symbol":"AAPL","latestTrade":{"t":"2021-05-11T20:00:00.435997104Z","x":"Q","p":125.91,"s":5589631,'
    b'"c":["@","M"],"i":179430,"z":"C"},"dailyBar":{"t":"2021-05-11T04:00:00Z","o":123.5,"h":126.27,'
    b'"l":122.77,"c":125.91,"v":125863164},"prevDailyBar":{"t":"2021-05-10T04:00:00Z","o":129.41,"h":129.54,'
    b'"l":126.81,"c":126.85,"v":79569305}}'
)
CALENDAR = (
    b'[{"date":"2026-11-25","open":"09:30","close":"16:00","session_open":"0400","session_close":"2000",'
    b'"settlement_date":"2026-11-27"},{"date":"2026-11-27","open":"09:30","close":"13:00","session_open":"0400",'
    b'"session_close":"1700"},{"date":"2026-11-30","open":"09:30","close":"16:00","session_open":"0400",'
    b'"session_close":"2000"}]'
)
