"""Each message of Bybit's spot and contracts, whole, as the events it means."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    Bar,
    BookDelta,
    BookSnapshot,
    Funding,
    Heartbeat,
    Liquidation,
    Mark,
    OpenInterest,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.bybit.public import InverseCodec, LinearCodec, SpotCodec
from tests.feeds.bybit import frames

NS = 1_700_000_000_000_000_001
BTC, SPOT, FUTURE = "BYBIT_LINEAR:BTCUSDT", "BYBIT:BTCUSDT", "BYBIT_LINEAR:BTC-26DEC25"
TICKER_US, CHANGE_US, FUTURE_US = 1760325052630_000, 1760325052730_000, 1760409119857_000

MEANT = [
    (frames.BEST, [Quote(BTC, "27450.00", "0.500", "27451.00", "0.750", 1709891678990_000, NS)]),
    (
        frames.BOOK,
        [
            BookSnapshot(
                BTC, [("16493.50", "0.006"), ("16493.00", "0.100")], [("16611.00", "0.029")], 0, 18521288,
                None, 1672304484976_000, NS,
            )
        ],
    ),
    (
        frames.CHANGE,
        [
            BookDelta(
                BTC, [("16493.50", "0")], [("16612.00", "0.213")], 18521289, 18521289, None, None,
                1672304484998_000, NS,
            )
        ],
    ),
    (
        frames.TRADE,
        [
            Trade(
                BTC, "20f43950-d8dd-5b31-9112-a178eb6023af", "buy", "16578.50", "0.001", 1672304486865_000, NS
            )
        ],
    ),
    (
        frames.KLINE,
        [Bar(BTC, 5, 1672324800000_000, "16649.5", "16677", "16608", "16677", "2.081", 0, False, False)],
    ),
    (
        frames.LINEAR_TICKER,
        [
            Stats(
                BTC, "66666.60", "73191.3870", "79266.30", "65076.90", "-12539.60", "-15.8315", TICKER_US, NS
            ),
            Mark(BTC, "66666.60", "115418.19", "", TICKER_US, NS),
            Funding(BTC, "-0.005", 1760342400000_000, 8 * 3_600_000_000, "", TICKER_US, NS),
            OpenInterest(BTC, "246186.86", "base", TICKER_US, NS),
            Quote(BTC, "66666.60", "23789.165", "66666.70", "23775.469", TICKER_US, NS),
        ],
    ),
    (
        frames.FUTURE_TICKER,
        [
            Stats(FUTURE, "109401.50", "0.0000", "109401.50", "109401.50", "0.00", "0", FUTURE_US, NS),
            Mark(FUTURE, "121144.63", "114132.51", "", FUTURE_US, NS),
            OpenInterest(FUTURE, "3.311", "base", FUTURE_US, NS),
            Quote(FUTURE, "111254.50", "0.176", "131001.00", "0.580", FUTURE_US, NS),
        ],
    ),
    (frames.LIQUIDATION, [Liquidation(BTC, "buy", "0.04499", "", "20000", "20000", 1739502302929_000, NS)]),
    (
        frames.OLD_LIQUIDATION,
        [Liquidation(BTC, "buy", "43511.70", "", "0.003", "0.003", 1703485237953_000, NS)],
    ),
]  # fmt: skip


@pytest.fixture
def codec() -> LinearCodec:
    return LinearCodec()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("frame", "events"), MEANT, ids=lambda value: repr(value)[12:34])
def test_a_frame_means_its_events_the_first_time_and_later(codec, frame: bytes, events: list, times: int):
    for _ in range(times):
        assert codec.decode(frame, NS) == events


@pytest.mark.parametrize(("frame", "events"), MEANT, ids=lambda value: repr(value)[12:34])
def test_the_order_of_keys_and_blanks_mean_nothing(frame: bytes, events: list):
    """As it is documented ("ts" before or after "type") and recorded: spot's candles begin with a type."""
    message = json.loads(frame)
    turned = {name: message[name] for name in reversed(message)}
    for text in (
        json.dumps(turned),
        json.dumps(message, indent=2),
        json.dumps(turned, separators=(",", ":")),
    ):
        assert LinearCodec().decode(text.encode(), NS) == events


def test_spot_tells_figures_of_a_day_and_no_best_price():
    """https://bybit-exchange.github.io/docs/v5/websocket/public/ticker: ``price24hPcnt`` is a fraction."""
    us = 1673853746003_000
    figures = "21109.77", "6780.866843", "21426.99", "20575", "404.84", "1.96"
    assert SpotCodec().decode(frames.SPOT_TICKER, NS) == [Stats(SPOT, *figures, us, NS)]


def test_one_symbol_in_three_markets_is_three_instruments():
    names = [each().decode(frames.TRADE, NS)[0].instrument for each in (SpotCodec, LinearCodec, InverseCodec)]
    assert names == [f"{venue}:BTCUSDT" for venue in ("BYBIT", "BYBIT_LINEAR", "BYBIT_INVERSE")]


def test_a_change_of_a_ticker_says_what_changed_and_no_more(codec):
    """ "If a response param is not found in the message, then its value has not changed." """
    codec.decode(frames.LINEAR_TICKER, NS)
    assert codec.decode(frames.LINEAR_CHANGE, NS) == [
        Mark(BTC, "66666.70", "", "", CHANGE_US, NS),
        OpenInterest(BTC, "246186.87", "base", CHANGE_US, NS),
        Quote(BTC, "66666.60", "1.5", "66666.70", "23775.469", CHANGE_US, NS),
    ]
    last = frames.LINEAR_CHANGE.replace(b'"markPrice":"66666.70"', b'"lastPrice":"79207.20"')
    assert codec.decode(last, NS)[0] == Stats(BTC, "79207.20", "", "", "", "1.00", "", CHANGE_US, NS)


def test_a_change_without_its_beginning_tells_no_best_prices(codec):
    assert [type(event) for event in codec.decode(frames.LINEAR_CHANGE, NS)] == [Mark, OpenInterest]


def test_an_older_change_of_another_link_changes_no_best_price(codec):
    codec.decode(frames.LINEAR_TICKER, NS)
    older = frames.LINEAR_CHANGE.replace(b"1760325052730", b"1760325052629")
    assert codec.decode(older, NS)[-1].bid_qty == "23789.165"


def test_a_change_of_nothing_of_ours_is_a_sign_of_life(codec):
    frame = frames.frame(
        "tickers.BTCUSDT", {"symbol": "BTCUSDT", "turnover24h": "5"}, type="delta", cs=1, ts=7
    )
    assert codec.decode(frame, NS) == [Heartbeat("BYBIT_LINEAR", 7000, NS)]


def test_open_interest_is_each_contract_once():
    """https://bybit-exchange.github.io/docs/v5/market/open-interest: ``openInterest`` "is the sum of both
    sides", ``singleOpenInterest`` "is the single side"; "BTCUSD(inverse) is USD, BTCUSDT(linear) is BTC"."""
    both, single = frames.LINEAR_TICKER, frames.LINEAR_CHANGE
    found = [event for frame in (both, single) for event in LinearCodec().decode(frame, NS)]
    held = [event for event in found if type(event) is OpenInterest]
    assert [(event.amount, event.unit) for event in held] == [("246186.86", "base"), ("246186.87", "base")]
    [inverse] = [e for e in InverseCodec().decode(both, NS) if type(e) is OpenInterest]
    assert inverse.unit == "quote"


def test_the_aggressor_is_the_taker_whose_side_is_told(codec):
    """https://bybit-exchange.github.io/docs/v5/websocket/public/trade: ``S`` is "Side of taker"."""
    [buyer] = codec.decode(frames.TRADE, NS)
    [seller] = codec.decode(frames.TRADE.replace(b'"Buy"', b'"Sell"'), NS)
    assert (buyer.side, seller.side) == ("buy", "sell")


@pytest.mark.parametrize("frame", [frames.LIQUIDATION, frames.OLD_LIQUIDATION])
def test_a_liquidated_long_is_sold(codec, frame: bytes):
    """https://bybit-exchange.github.io/docs/v5/websocket/public/all-liquidation: ``S`` is "Position side …
    When you receive a `Buy` update, this means that a long position has been liquidated"."""
    [short] = codec.decode(frame, NS)
    [long] = codec.decode(frame.replace(b'"Sell"', b'"Buy"'), NS)
    assert (short.side, long.side) == ("buy", "sell")


# books


def test_best_prices_come_whole_and_older_ones_as_changes(codec):
    """Level 1 "has `snapshot` message only"; before 2025 it had changes too."""
    codec.decode(frames.BEST, NS)
    us = 1709891679490_000
    changed = Quote(BTC, "27450.00", "0.400", "27451.50", "3", us, NS)
    assert codec.decode(frames.BEST_CHANGE, NS) == [changed]
    gone = frames.BEST_CHANGE.replace(b'["27451.50","3"]', b'["27451.50","0"]').replace(b"6790,", b"6791,")
    [quote] = codec.decode(gone, NS)
    assert (quote.ask, quote.ask_qty) == ("", "")


def test_whoever_has_best_prices_in_time_does_not_take_them_from_the_ticker(codec):
    codec.decode(frames.BEST, NS)
    assert Quote not in {type(event) for event in codec.decode(frames.LINEAR_TICKER, NS)}


def test_after_a_restart_of_the_service_the_book_begins_anew(codec):
    """ "Occasionally, you'll receive "u"=1, which is a snapshot data due to the restart of the service." """
    codec.decode(frames.BOOK, NS)
    for frame in (frames.CHANGE, frames.CHANGE.replace(b'"delta"', b'"snapshot"')):
        [event] = codec.decode(frame.replace(b'"u":18521289', b'"u":1'), NS)
        assert (type(event), event.last) == (BookSnapshot, 1)


def test_of_two_depths_the_one_that_began_last_is_followed(codec):
    """Each depth has numbers of its own: one's changes are not the other's."""
    deep = [each.replace(b"orderbook.50", b"orderbook.200") for each in (frames.BOOK, frames.CHANGE)]
    codec.decode(frames.BOOK, NS)
    codec.decode(deep[0], NS)
    assert codec.decode(frames.CHANGE, NS) == [Unknown("orderbook.50")]
    assert [type(event) for event in codec.decode(deep[1], NS)] == [BookDelta]
    codec.decode(frames.BOOK, NS)
    assert codec.decode(deep[1], NS) == [Unknown("orderbook.200")]
    assert [type(event) for event in codec.decode(frames.CHANGE, NS)] == [BookDelta]


def test_orders_that_nobody_reaches_from_here_are_left_out(codec):
    """https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook-rpi: the second number is the "None
    RPI" size, the third the RPI size."""
    [event] = codec.decode(frames.RETAIL_CHANGE, NS)
    assert event.bids == [("121975.1", "0.114259"), ("121960.5", "0")]
    assert event.asks == [("121990.8", "0.441585"), ("122018.5", "0")]
    codec.decode(frames.BOOK, NS)
    begun = frames.RETAIL_CHANGE.replace(b'"delta"', b'"snapshot"')
    assert codec.decode(begun, NS) == [Unknown("orderbook.rpi")], "a whole book without them is there"


# what is not data


def kinds(codec, texts: list[bytes]) -> list[list]:
    return [codec.decode(text, NS) for text in texts]


@pytest.mark.parametrize("make", [SpotCodec, LinearCodec, InverseCodec])
def test_what_means_nothing_is_named_and_a_pong_is_no_data(make):
    expected = ["adlAlert", "insurance", "kline.M", "orderbook.full"]
    assert kinds(make(), frames.OTHERS) == [[Unknown(kind)] for kind in expected]
    assert kinds(make(), frames.PONGS) == [[]] * len(frames.PONGS)


REFUSED = '{"success":false,"ret_msg":"error:%s","conn_id":"x","req_id":"7","op":"%s"}'
NOT_FOUND, AGAIN = "handler not found,topic:orderbook.50.NOPEUSDT", "already subscribed,topic:%s"


@pytest.mark.parametrize(
    ("frame", "ack"),
    [
        (frames.AGREED["spot"], Ack(True, "", "", "", 7)),
        (frames.AGREED["contracts"], Ack(True, "", "", "", 7)),
        (frames.AGREED["contracts"].replace(b'"7"', b'""'), Ack(True, "", "", "", 0)),
        (frames.AGREED["spot"].replace(b'"op":"sub', b'"op":"unsub'), Ack(True, "", "", "", 7, False)),
        ((REFUSED % (NOT_FOUND, "subscribe")).encode(), Ack(False, f"error:{NOT_FOUND}", "", "", 7)),
        (
            (REFUSED % (AGAIN % "orderbook.1.BTCUSDT", "subscribe")).encode(),
            Ack(True, "", "ticker", BTC, 7),
        ),
        ((REFUSED % (AGAIN % "orderbook.50.BTCUSDT", "subscribe")).encode(), Ack(True, "", "book", BTC, 7)),
        (
            (REFUSED % (AGAIN % "allLiquidation.BTCUSDT", "subscribe")).encode(),
            Ack(True, "", "liquidation", BTC, 7),
        ),
        (
            (REFUSED % (AGAIN % "tickers.BTCUSDT", "subscribe")).encode(),
            Ack(True, "", "", "", 7, stream="tickers.BTCUSDT"),
        ),
    ],
)
def test_answers_to_requests(codec, frame: bytes, ack: Ack):
    assert codec.decode(frame, NS) == [ack]


@pytest.mark.parametrize(
    "frame",
    [
        frames.CHANGE.replace(b'"u":18521289,', b""),
        frames.CHANGE.replace(b'"u":18521289', b'"u":0'),
        frames.CHANGE.replace(b'"s":"BTCUSDT"', b'"s":"ETHUSDT"'),
        frames.BOOK.replace(b'"snapshot"', b'"novelty"'),
        frames.BEST.replace(b'["27450.00","0.500"]', b'["27450.00"]'),
        frames.TRADE.replace(b'"0.001"', b"0.001"),
        frames.TRADE.replace(b'"Buy"', b'"buy"'),
        frames.TRADE.replace(b'"s":"BTCUSDT"', b'"s":"ETHUSDT"'),
        frames.LINEAR_TICKER.replace(b'"symbol":"BTCUSDT"', b'"symbol":"ETHUSDT"'),
        frames.LINEAR_TICKER.replace(b'"1760342400000"', b'"tomorrow"'),
        frames.LIQUIDATION.replace(b'"T":1739502302929', b'"T":-1'),
        frames.TRADE.replace(b"BTCUSDT", b"BTC USDT"),
    ],
)
def test_a_known_message_of_wrong_shape_is_an_error(codec, frame: bytes):
    with pytest.raises(DecodeError):
        codec.decode(frame, NS)
