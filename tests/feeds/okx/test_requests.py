"""What is asked of OKX, over which links and how often: https://www.okx.com/docs-v5/en/#overview-websocket-connect"""

from __future__ import annotations

import json
from collections import Counter

import pytest

from feeds.codec import DecodeError, Subscription
from feeds.events import Ack, Bar
from feeds.roster import Roster
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, OPTION, TICKER, TRADE, channels_of
from feeds.venues.okx.public import OkxCodec
from feeds.venues.okx.rest import PAGE

SWAP, FUTURE, CALL = "BTC-USD_UM-SWAP", "BTC-USD-261225", "BTC-USD-261225-100000-C"


@pytest.fixture
def codec() -> OkxCodec:
    return OkxCodec()


def wish(channel: str, native: str) -> Subscription:
    return Subscription(channel, f"OKX:{native}", native)


def args(codec: OkxCodec, *wishes: Subscription, op: str = "subscribe") -> list[dict[str, str]]:
    return [arg for request in getattr(codec, op)(wishes, 1) for arg in json.loads(request.text)["args"]]


@pytest.mark.parametrize(
    ("channel", "native", "asked"),
    [
        (
            TICKER,
            "BTC-USDT",
            [
                {"channel": "tickers", "instId": "BTC-USDT"},
                {"channel": "instruments", "instType": "SPOT"},
            ],
        ),
        (TRADE, "BTC-USDT", [{"channel": "trades", "instId": "BTC-USDT"}]),
        (OHLC, "BTC-USDT", [{"channel": "trades", "instId": "BTC-USDT"}]),
        (BOOK, CALL, [{"channel": "books", "instId": CALL}]),
        (FUNDING, SWAP, [{"channel": "funding-rate", "instId": SWAP}]),
        (LIQUIDATION, SWAP, [{"channel": "liquidation-orders", "instType": "SWAP"}]),
        (LIQUIDATION, FUTURE, [{"channel": "liquidation-orders", "instType": "FUTURES"}]),
        (OPTION, CALL, [{"channel": "opt-summary", "instFamily": "BTC-USD"}]),
        (
            MARK,
            SWAP,
            [
                {"channel": "mark-price", "instId": SWAP},
                {"channel": "open-interest", "instId": SWAP},
                # "BTC-USD_UM" is the family, "BTC-USD" the index: #overview-general-info.
                {"channel": "index-tickers", "instId": "BTC-USD"},
            ],
        ),
    ],
)
def test_each_channel_has_its_streams(codec, channel, native, asked):
    assert args(codec, wish(channel, native)) == asked


def test_what_is_of_many_stays_when_one_is_left(codec):
    left = args(codec, wish(MARK, SWAP), wish(TICKER, SWAP), op="unsubscribe")

    assert {arg["channel"] for arg in left} == {"mark-price", "open-interest", "tickers"}


def test_a_request_has_the_number_that_answers_repeat(codec):
    [request] = codec.subscribe([wish(BOOK, "BTC-USDT")], 7)

    assert json.loads(request.text) == {
        "id": "7", "op": "subscribe", "args": [{"channel": "books", "instId": "BTC-USDT"}],
    }  # fmt: skip
    assert request.req_id == 7


def test_a_link_is_greeted_with_a_pulse_and_what_the_venue_says_of_itself(codec):
    [greeting] = codec.greeting()
    asked = json.loads(greeting)["args"]

    assert {"channel": "price-limit", "instId": "BTC-USDT-SWAP"} in asked
    assert {"channel": "status"} in asked
    assert codec.ping(3) == "ping"


def test_bars_are_made_of_trades_that_come_once(codec):
    assert codec.stream(wish(OHLC, "BTC-USDT")) == codec.stream(wish(TRADE, "BTC-USDT")) != ""
    assert codec.stream(wish(TICKER, "BTC-USDT")) == ""


def test_what_comes_of_whole_types_and_families_is_on_one_link(codec):
    calls = [f"BTC-USD-261225-{strike}-C" for strike in range(1000, 1900)]
    wanted = [wish(channel, native) for native in calls for channel in (OPTION, BOOK, TICKER)]

    plans = codec.links([*wanted, wish(LIQUIDATION, SWAP)])

    [shared] = [plan for plan in plans if plan.name.startswith("shared")]
    assert {item.channel for item in shared.subscriptions} == {OPTION, LIQUIDATION}
    assert {codec.stream(item) for item in shared.subscriptions} == {
        "opt-summary:BTC-USD", "liquidation-orders:SWAP",
    }  # fmt: skip


def every(count: int) -> list[Subscription]:
    """All that so many perpetuals have."""
    natives = [f"COIN{number}-USDT-SWAP" for number in range(count)]
    return [wish(channel, native) for native in natives for channel in channels_of("perpetual")]


def test_few_books_are_on_a_link(codec):
    """As "it is recommended to subscribe through multiple websocket connections, with each of less than 30
    channels": #order-book-trading-market-data-ws-order-book-channel."""
    for plan in codec.links(every(500)):
        books = [item for item in plan.subscriptions if item.channel == BOOK]
        assert len(books) < 30
        assert not books or len(books) == len(plan.subscriptions)
        assert plan.path == "/ws/v5/public"


def test_five_hundred_instruments_are_asked_for_within_the_venues_limits(codec):
    """480 requests an hour on a connection, 64 KB each: all of it, left and asked for again five times."""
    most = 0
    for plan in codec.links(every(500)):
        roster = Roster(codec, plan.subscriptions, ack_s=5, retry_s=600, counters=Counter())
        sent = len(codec.greeting())
        for _ in range(5):
            roster.want(plan.subscriptions)
            sent += drained(roster)
            roster.want([])
            sent += drained(roster)
        most = max(most, sent)

    assert 0 < most < codec.limits.asks < 480
    assert codec.limits.asks_window_s == 3600


def drained(roster: Roster) -> int:
    """How many requests were sent, each agreed to at once."""
    sent = 0
    while (outgoing := roster.next(sent)) is not None:
        roster.sent(outgoing, sent)
        sent += 1
        assert len(outgoing.request.text) < 16_000
        for item in outgoing.request.subscriptions if outgoing.subscribing else ():
            roster.acknowledge(Ack(True, "", item.channel, item.instrument, 0), sent)
        roster.expire(sent, lambda item: False)
    return sent


def test_a_refusal_of_one_costs_no_other(codec):
    roster = Roster(codec, [wish(BOOK, "BTC-USDT"), wish(BOOK, "BTC-NONE")], ack_s=5, retry_s=600,
                    counters=Counter())  # fmt: skip
    roster.sent(roster.next(0), 0)
    words = "Wrong URL or channel:books,instId:BTC-NONE doesn't exist. Please use the correct URL"
    told = json.dumps({"id": "1", "event": "error", "code": "60018", "msg": words}).encode()

    verdicts = [roster.acknowledge(event, 0) for event in codec.decode(told, 0)]

    assert [verdict.refused for verdict in verdicts] == [[wish(BOOK, "BTC-NONE")]]


def test_a_book_is_asked_for_as_deep_as_it_comes(codec):
    request = codec.snapshot_request(wish(BOOK, "BTC-USDT"))

    assert request.path == "/api/v5/market/books?instId=BTC-USDT&sz=400"
    body = (
        b'{"code":"0","msg":"","data":[{"asks":[["41006.8","0.60038921","0","1"]],'
        b'"bids":[["41006.3","0.30178218","0","2"]],"ts":"1629966436396","seqId":3235851742}]}'
    )
    found = codec.decode_snapshot(wish(BOOK, "BTC-USDT"), body, 5)
    assert (found.bids, found.asks) == ([("41006.3", "0.30178218")], [("41006.8", "0.60038921")])
    assert (found.last, found.depth, found.exchange_us) == (3_235_851_742, 0, 1_629_966_436_396_000)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":"51001","msg":"Instrument ID does not exist","data":[]}',
        b'{"code":"0","msg":"","data":[]}',
        b'{"code":"0","msg":"","data":[{"asks":[],"bids":[],"ts":"1629966436396"}]}',
        b"<html>",
    ],
)
def test_a_book_that_could_not_be_spliced_is_an_error(codec, body):
    with pytest.raises(DecodeError):
        codec.decode_snapshot(wish(BOOK, "BTC-USDT"), body, 5)


def test_candles_are_asked_for_by_pages(codec):
    """``after`` is earlier than, ``before`` newer than, neither included:
    #order-book-trading-market-data-get-candlesticks-history."""
    item, minute_us = wish(TRADE, "BTC-USDT"), 60_000_000
    assert codec.candles_request(item, 1440).path == (
        "/api/v5/market/candles?instId=BTC-USDT&bar=1Dutc&limit=300"
    )
    since_ms = 1_747_000_020_000
    assert codec.candles_request(item, 1, 0, since_ms * 1000).path == (
        "/api/v5/market/history-candles?instId=BTC-USDT&bar=1m&limit=300"
        f"&before={since_ms - 1}&after={since_ms + PAGE * 60_000}"
    )
    assert codec.candles_request(item, 7) is None
    assert codec.candles_page * minute_us == PAGE * minute_us


def test_candles_are_read_oldest_first(codec, captures):
    """Sizes in contracts of contracts: 1040.37 of 0.01 were 10.4037 bitcoin."""
    body = (captures / "examples/okx/http_get_candlesticks_full.json").read_bytes()

    first, second = codec.decode_candles(wish(TRADE, "BTC-USDT-SWAP"), 1, body, 0)

    figures = "102806", "102820.5", "102783.1", "102806.1", "7164.04"
    assert first == Bar("OKX:BTC-USDT-SWAP", 1, 1_747_093_980_000_000, *figures, 0, True, False)
    assert second.start_us - first.start_us == 60_000_000


def test_limits_are_below_the_venues(codec):
    """3 connects a second: #overview-websocket-connect. 40 books or candles in 2 s, 20 pages of history or
    lists: each endpoint's own page."""
    limits = codec.limits
    assert limits.connects / limits.connects_window_s < 3
    assert limits.rest_weight / limits.rest_window_s <= 20
    assert codec.snapshot_request(wish(BOOK, SWAP)).weight == 1
    assert codec.candles_request(wish(TRADE, SWAP), 1, 0, 10**15).weight == 2
    assert codec.instruments_request().weight == 2
    assert limits.data_idle_s < 30
