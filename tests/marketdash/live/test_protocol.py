"""Requests are read strictly: what is wrong is named, and nothing unreadable gets further."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from feeds.symbols import INTERVALS, in_words
from marketdash.live import protocol, replies
from marketdash.live.protocol import BadRequest
from marketdash.live.replies import Result


def request(**fields):
    return json.dumps(fields)


def subscribe(**params):
    return request(method="subscribe", params=params, req_id=7)


def refusal(text):
    with pytest.raises(BadRequest) as caught:
        protocol.parse(text)
    return caught.value


def test_a_request_is_read_with_its_defaults():
    read = protocol.parse(subscribe(channel="book", symbol=["KRAKEN:BTC/USD"]))

    assert read.params == protocol.Book(symbol=["KRAKEN:BTC/USD"], depth=10, interval_ms=50)
    assert (read.params.channel, read.req_id) == ("book", 7)


def test_status_needs_no_symbol():
    assert protocol.parse(subscribe(channel="status")).params.symbol is UNSET


@pytest.mark.parametrize(
    ("params", "error"),
    [
        (
            {"channel": "tick", "symbol": ["A"]},
            "params.channel: expected ticker, trade, book, ohlc, mark, funding, liquidation, option, status,"
            " health or portfolio",
        ),
        ({"symbol": ["A"]}, "params.channel: is missing"),
        ({"channel": "ticker"}, "params.symbol: is missing"),
        ({"channel": "ticker", "symbol": "A"}, "params.symbol: expected a list of 1 to 1000 symbols"),
        ({"channel": "ticker", "symbol": []}, "params.symbol: expected a list of 1 to 1000 symbols"),
        (
            {"channel": "ticker", "symbol": ["A"] * 1001},
            "params.symbol: expected a list of 1 to 1000 symbols",
        ),
        ({"channel": "ticker", "symbol": ["A", 5]}, "params.symbol[1]: expected a symbol such as"),
        ({"channel": "ticker", "symbol": ["A" * 101]}, "params.symbol[0]: expected a symbol such as"),
        ({"channel": "ticker", "symbol": ["A"], "depth": 10}, "params.depth: is not known"),
        (
            {"channel": "book", "symbol": ["A"], "depth": 11},
            "params.depth: expected 10, 25, 100, 500 or 1000",
        ),
        ({"channel": "book", "symbol": ["A"], "depth": "10"}, "params.depth: expected 10, 25, 100"),
        (
            {"channel": "ohlc", "symbol": ["A"], "interval": 2},
            f"params.interval: expected {in_words(INTERVALS)}",
        ),
        ({"channel": "ticker", "symbol": ["A"], "interval_ms": 1001}, "params.interval_ms: expected a whole"),
        ({"channel": "ticker", "symbol": ["A"], "interval_ms": 1.5}, "params.interval_ms: expected a whole"),
        ({"channel": "ticker", "symbol": ["A"], "interval_ms": True}, "params.interval_ms: expected a whole"),
        ({"channel": "ticker", "symbol": ["A"], "__proto__": {}}, "params.__proto__: is not known"),
    ],
)
def test_a_bad_parameter_is_named(params, error):
    found = refusal(subscribe(**params))

    assert found.error.startswith(error)
    assert (found.method, found.req_id) == ("subscribe", 7)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "frame: expected one JSON object"),
        ("{", "frame: expected one JSON object"),
        ("[]", "frame: expected object, got array"),
        ('"ping"', "frame: expected object, got str"),
        ("null", "frame: expected object, got null"),
        ('{"method":"ping"} {}', "frame: expected one JSON object"),
        ('{"method":"ping","req_id":NaN}', "frame: expected one JSON object"),
        ('{"method":"ping","req_id":1e999}', "req_id: expected a whole number"),
        ('{"method":"ping","req_id":184467440737095516160}', "req_id: expected a whole number"),
        ('{"method":"ping","req_id":"1"}', "req_id: expected a whole number"),
        ('{"method":"ping","extra":1}', "extra: is not known"),
        ('{"method":"explode"}', "method: expected subscribe, unsubscribe, ping or ack"),
        ('{"method":["ping"]}', "method: expected subscribe, unsubscribe, ping or ack"),
        ('{"req_id":1}', "method: is missing"),
        ('{"method":"subscribe"}', "params: is missing"),
        ('{"method":"subscribe","params":[]}', "params: expected object, got array"),
        ('{"method":"ack","params":{"frame":-1}}', "params.frame: expected the number of a frame"),
        ('{"method":"ack","params":{"frame":1,"away_ms":-1}}', "params.away_ms: expected a whole number"),
        ('{"method":"ack","params":{"frame":1,"away_ms":1e99}}', "params.away_ms: expected a whole number"),
        ("[" * 16000, "frame: expected"),
        ('{"method":"ping","x":' + "[" * 8000 + "]" * 8000 + "}", "x: is not known"),
        ('{"method":' + '{"a":' * 2000 + "1" + "}" * 2001, "frame: expected one JSON object"),
        ('{"method":"subscribe","params":{"channel":"ticker","symbol":["\\ud800"]}}', "frame: expected one"),
        (b"\xff\xfe\x00", "frame: expected one JSON object"),
        ('{"method":"\ud800"}', "frame: expected one JSON object"),
        (" " * 16384 + '{"method":"ping"}', "frame: at most 16384 bytes, found 16401"),
    ],
)
def test_a_bad_frame_is_refused(text, error):
    assert refusal(text).error.startswith(error)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_whatever_is_sent_is_read_or_refused(frame):
    try:
        protocol.parse(frame)
    except BadRequest as refused:
        assert refused.error
        json.loads(replies.failure(refused.error, method=refused.method, req_id=refused.req_id))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {"method": st.sampled_from(["subscribe", "unsubscribe", "ping", "ack"]) | _json},
        optional={"params": st.fixed_dictionaries({}, optional={"channel": _json, "symbol": _json}) | _json},
    )
)
def test_whatever_shape_it_has_is_read_or_refused(frame):
    try:
        protocol.parse(json.dumps(frame))
    except BadRequest as refused:
        json.loads(replies.failure(refused.error, method=refused.method, req_id=refused.req_id))


def test_replies_repeat_what_they_answer():
    result = Result("book", "KRAKEN:BTC/USD", 25)

    assert json.loads(replies.success("subscribe", result, 3)) == {
        "method": "subscribe",
        "success": True,
        "result": {"channel": "book", "symbol": "KRAKEN:BTC/USD", "depth": 25},
        "req_id": 3,
    }
    assert json.loads(replies.failure("symbol: is not known", method="subscribe", symbol="X:Y")) == {
        "method": "subscribe",
        "success": False,
        "error": "symbol: is not known",
        "symbol": "X:Y",
    }
    assert json.loads(replies.pong(5, 6, UNSET)) == {"method": "pong", "ts": 5, "clock_us": 6}
