"""Which of best prices and figures of a day proves that a price is live again after a loss."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from feeds.events import Quote
from feeds.symbols import BOOK, STATS, TICKER
from feeds.venues.binance.public import BinanceCodec
from tests.feeds.making import NAME, T0_NS, quote, stats
from tests.feeds.one_market import LINK, feed, recorded, states
from tests.feeds.replaying import Recorded

S = 1_000_000_000


def lost(*events) -> Recorded:
    """A ticker that was live, and whose link is gone and back."""
    made = recorded(TICKER)
    feed(made, *events)
    made.state.link_down(LINK, "silent for 5 s")
    return made


def at(seconds: int, event):
    return replace(event, received_ns=T0_NS + seconds * S)


def test_figures_of_a_day_do_not_prove_the_best_prices_of_before():
    made = lost(quote(), stats(last="100.0"))

    feed(made, at(20, stats(last="100.4")))

    assert states(made)[TICKER] == ("stale", "silent for 5 s")
    assert made.state.ticker(NAME)["bid"] == "100.0"  # shown as what it is

    feed(made, at(21, quote("100.3", "100.5")))
    assert states(made)[TICKER] == ("live", "")
    assert made.state.ticker(NAME)["bid"] == "100.3"


def test_best_prices_that_come_with_the_figures_take_their_place():
    made = lost(quote(), stats(last="100.0"))
    told = at(20, quote("100.3", "100.5"))

    feed(made, at(20, replace(stats(last="100.4"), quote=told)))

    assert states(made)[TICKER] == ("live", "")
    row = made.state.ticker(NAME)
    assert (row["bid"], row["ask"], row["last"]) == ("100.3", "100.5", "100.4")
    assert told in made.events


def test_they_overtake_no_quote_that_came_since():
    made = lost(quote(), stats(last="100.0"))
    newer = at(20, quote("100.6", "100.7"))

    feed(made, newer, at(21, replace(stats(last="100.4"), quote=at(21, quote("100.3", "100.5")))))

    assert made.state.ticker(NAME)["bid"] == "100.6"


@pytest.mark.parametrize(("after_s", "bid"), [(1, "100.0"), (2, "100.3")])
def test_a_quote_that_was_lost_is_known_by_the_next_figures(after_s: int, bid: str):
    """Else the price of before would stay, as young as the figures. One of the last second may be newer."""
    made = recorded(TICKER)
    feed(made, quote(), stats(last="100.0"))

    told = at(after_s, quote("100.3", "100.5"))
    feed(made, at(after_s, replace(stats(last="100.4"), quote=told)))

    assert made.state.ticker(NAME)["bid"] == bid
    assert states(made)[TICKER] == ("live", "")


def test_figures_that_tell_the_quote_that_is_held_say_nothing_new_of_it():
    made = recorded(TICKER)
    feed(made, quote(), at(20, replace(stats(last="100.4"), quote=at(20, quote()))))

    assert [event for event in made.events if type(event) is Quote] == [quote()]
    assert made.state.received_ns(TICKER, NAME) == T0_NS + 20 * S  # it is confirmed


def test_figures_alone_prove_what_never_had_best_prices():
    made = lost(stats(last="100.0"))

    feed(made, at(20, stats(last="100.4")))

    assert states(made)[TICKER] == ("live", "")


def test_figures_with_a_stream_of_their_own_prove_that_alone():
    made = recorded(TICKER, STATS)
    feed(made, replace(stats(last="100.4"), quote=quote()))

    assert states(made)[TICKER][0] == "syncing"


def test_an_unreadable_quote_makes_those_of_before_old_too():
    made = recorded(TICKER)
    feed(made, quote(), stats(last="100.0"))
    made.state.unreadable(TICKER, NAME)

    feed(made, at(1, stats(last="100.1")))

    assert states(made)[TICKER][0] == "stale"


def test_binance_says_no_old_price_live_after_a_loss():
    """Its book ticker is silent until a best price changes; its figures come each second."""
    made = Recorded(BinanceCodec())
    made.watch(["BNBBTC"], depth=10, channels=(TICKER, BOOK), link="public.0")
    made.feed(_book_ticker("0.0024", "0.0026"), T0_NS)
    made.state.link_down("public.0", "silent for 15 s")

    made.feed(_day_ticker(b="0.0031", a="0.0033"), T0_NS + 30 * S)

    row = made.state.ticker("BINANCE:BNBBTC")
    assert made.state.topic_state(TICKER, "BINANCE:BNBBTC").state == "live"
    assert (row["bid"], row["ask"], row["ts_received"]) == ("0.0031", "0.0033", (T0_NS + 30 * S) // 1000)
    assert Quote("BINANCE:BNBBTC", "0.0031", "10", "0.0033", "100", 1672515782136000, T0_NS + 30 * S) in (
        made.events
    )


def _book_ticker(bid: str, ask: str) -> bytes:
    told = f'"u":400900217,"s":"BNBBTC","b":"{bid}","B":"31.2","a":"{ask}","A":"40.6"'
    return b'{"stream":"bnbbtc@bookTicker","data":{%b}}' % told.encode()


def _day_ticker(b: str, a: str) -> bytes:
    told = (
        '"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"-0.0015","P":"-2.5","c":"0.0032",'
        f'"b":"{b}","B":"10","a":"{a}","A":"100","h":"0.0036","l":"0.0010","v":"10000"'
    )
    return b'{"stream":"bnbbtc@ticker","data":{%b}}' % told.encode()
