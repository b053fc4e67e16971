"""Kraken's frames become events with its own digits; everything else is a DecodeError or unknown."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import Ack, BookDelta, BookSnapshot, Heartbeat, Quote, Stats, Trade, Unknown, VenueStatus
from feeds.venues.kraken.public import KrakenCodec

NS = 1_766_000_000_000_000_000
BTC = "KRAKEN:BTC/USD"
CODEC = KrakenCodec()


def decode(text: str | bytes) -> list:
    return CODEC.decode(text if isinstance(text, bytes) else text.encode(), NS)


def book(bids: str = "", asks: str = "", kind: str = "update") -> str:
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD","bids":[{bids}],"asks":[{asks}],'
        '"checksum":2439117997,"timestamp":"2023-10-06T17:35:55.440295Z"}]}'
    )


def test_a_book_update_keeps_every_digit():
    (event,) = decode(book('{"price":105944.20,"qty":0.10000000},{"price":105944.10,"qty":0.00000000}'))

    bids = [("105944.20", "0.10000000"), ("105944.10", "0.00000000")]
    us = 1_696_613_755_440_295
    assert event == BookDelta(BTC, bids, [], 0, 0, None, 2439117997, us, NS)


def test_a_book_snapshot_is_one():
    (event,) = decode(book('{"price":1.0,"qty":2.00}', '{"price":2.0,"qty":3.10}', "snapshot"))

    assert (type(event), event.bids, event.asks) == (BookSnapshot, [("1.0", "2.00")], [("2.0", "3.10")])
    assert event.checksum == 2439117997


@pytest.mark.parametrize(
    ("sent", "text"), [("0E-8", "0.00000000"), ("1e-7", "0.0000001"), ("1.50E-3", "0.00150"), ("2E2", "200")]
)
def test_a_short_exponent_is_written_out(sent, text):
    (event,) = decode(book(f'{{"price":1.0,"qty":{sent}}}'))

    assert event.bids == [("1.0", text)]


@pytest.mark.parametrize("sent", ["-1", "1E999", "1E-999", "null", "1" * 50])
def test_a_number_that_no_book_can_hold_is_left_for_the_state_to_refuse(sent):
    (event,) = decode(book(f'{{"price":1.0,"qty":{sent}}}'))

    assert event.bids == [("1.0", "" if sent == "null" else sent)]


def test_keys_may_come_in_any_order():
    frame = json.dumps({"data": [], "type": "update", "channel": "trade"})

    assert decode(frame) == []


def test_a_trade_names_the_aggressor_and_a_snapshot_is_replayed_in_order_of_time(captures):
    frame = (captures / "examples/kraken/ws_trade_update.json").read_bytes()

    first, second = decode(frame)

    assert first == Trade(BTC, "10218208", "buy", "105944.20", "0.00027625", 1_696_613_755_440_295, NS)
    replayed = json.loads(frame, parse_float=str)
    replayed["type"], replayed["data"] = "snapshot", replayed["data"][::-1]
    for row in replayed["data"]:
        row["price"], row["qty"] = Decimal(row["price"]), Decimal(row["qty"])
    events = decode(json.dumps(replayed, default=float))
    assert [event.trade_id for event in events] == [first.trade_id, second.trade_id]
    assert all(event.replayed for event in events)


def test_a_ticker_is_a_quote_and_figures(captures):
    quote, stats = decode((captures / "examples/kraken/ws_ticker_snapshot.json").read_bytes())

    us = 1_671_960_659_123_456
    assert quote == Quote(BTC, "105944.20", "2.5", "105944.30", "3.2", us, NS)
    figures = ("105899.40", "163.28908096", "106613.10", "104711.00", "250.00", "0.24")
    assert stats == Stats(BTC, *figures, us, NS)


def test_a_ticker_may_lack_a_side_and_fall():
    quote, stats = decode(
        '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1.5,"bid_qty":2,"ask":null,'
        '"last":1.5,"change":-0.50,"change_pct":-25.00}]}'
    )

    assert (quote.bid, quote.bid_qty, quote.ask, quote.ask_qty) == ("1.5", "2", "", "")
    assert (stats.change, stats.change_pct, stats.volume) == ("-0.50", "-25.00", "")
    assert quote.exchange_us == 0


@pytest.mark.parametrize("system", ["maintenance", "cancel_only", "post_only", "something_new"])
def test_any_status_but_online_is_a_halt(system):
    frame = '{{"channel":"status","data":[{{"system":"{}","connection_id":17843232920108168701}}]}}'

    assert decode(frame.format(system)) == [VenueStatus("KRAKEN", "halted", system, NS)]
    assert decode(frame.format("online")) == [VenueStatus("KRAKEN", "online", "", NS)]


def test_a_heartbeat_and_a_pong_prove_the_link(captures):
    assert decode('{"channel":"heartbeat"}') == [Heartbeat("KRAKEN", 0, NS)]
    (pong,) = decode((captures / "examples/kraken/ws_pong.json").read_bytes())
    assert pong == Heartbeat("KRAKEN", 1_695_632_700_123_500, NS)


def test_acknowledgements_name_what_they_confirm(captures):
    assert decode((captures / "examples/kraken/ws_subscribe_response.json").read_bytes()) == [
        Ack(True, "", "ticker", BTC, 1)
    ]
    assert decode(
        '{"method":"unsubscribe","result":{"channel":"book","symbol":"BTC/USD"},"success":true,"req_id":3}'
    ) == [Ack(True, "", "book", BTC, 3, subscribed=False)]
    assert decode(
        '{"error":"Currency pair not supported","method":"subscribe","req_id":4,"success":false,"symbol":"X"}'
    ) == [Ack(False, "Currency pair not supported", "", "KRAKEN:X", 4)]


def test_confirmed_trades_confirm_bars_too():
    acks = decode('{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true}')

    assert [ack.channel for ack in acks] == ["trade", "ohlc"]


def test_what_is_subscribed_already_is_no_failure():
    (ack,) = decode('{"method":"subscribe","success":false,"error":"Already subscribed","symbol":"BTC/USD"}')

    assert ack.ok


@pytest.mark.parametrize("name", ["ohlc_update", "l3_snapshot", "add_order_response_success"])
def test_what_we_do_not_speak_is_unknown(captures, name):
    (event,) = decode((captures / f"examples/kraken/ws_{name}.json").read_bytes())

    assert type(event) is Unknown


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"5",
        b"[1,2]",
        b"{",
        b'{"channel":"book","type":"update"',
        b'{"channel":"book","type":"update","data":[{"symbol":"BTC/USD"}]}',
        b'{"channel":"book","type":"update","data":[{"symbol":7,"bids":[],"asks":[]}]}',
        b'{"channel":"trade","type":"update","data":[{"symbol":"B","side":"up","price":1,"qty":1,"trade_id":1,'
        b'"timestamp":"2023-10-06T17:35:55.440295Z"}]}',
        b'{"channel":"ticker","type":"update","data":[{"symbol":"B","bid":"12"}]}',
        b'{"channel":"ticker","type":"update","data":[{"symbol":"B","bid":{"a":[]}}]}',
        b'{"channel":"ticker","type":"update","data":[{"symbol":"B","timestamp":"yesterday, at noon"}]}',
        b'{"channel":"\xff\xfe","data":[]}',
        b'{"channel":"book","type":"update","data":[{"symbol":"\xff","bids":[],"asks":[]}]}',
        b'{"channel":"book","data":' + b"[" * 100_000,
        b'{"method":' + b'{"a":' * 100_000,
        book('{"price":"1.0","qty":1}').encode(),
        book('{"price":NaN,"qty":1}').encode(),
        book('{"price":true,"qty":1}').encode(),
    ],
)
def test_a_wrong_shape_is_a_decode_error_with_the_head_of_the_frame(frame):
    with pytest.raises(DecodeError) as caught:
        decode(frame)

    assert len(str(caught.value)) < 1000


SAMPLES = [
    book('{"price":1.0,"qty":2.00}', '{"price":2.0,"qty":3.10}').encode(),
    b'{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1.5,"change":-0.50}]}',
    b'{"method":"subscribe","result":{"channel":"book","symbol":"BTC/USD"},"success":true,"req_id":3}',
]


@given(st.sampled_from(SAMPLES), st.data())
def test_no_damage_to_a_frame_raises_anything_but_a_decode_error(sample, data):
    at = data.draw(st.integers(0, len(sample)))
    until = data.draw(st.integers(at, min(len(sample), at + 8)))
    damaged = sample[:at] + data.draw(st.binary(max_size=6)) + sample[until:]

    try:
        events = decode(damaged)
    except DecodeError:
        return
    assert isinstance(events, list)


@given(st.binary(max_size=60))
def test_no_rubbish_raises_anything_but_a_decode_error(rubbish):
    for frame in (rubbish, b'{"channel":"book",' + rubbish):
        try:
            decode(frame)
        except DecodeError:
            continue
