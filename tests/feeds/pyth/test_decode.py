"""Each message of Hermes, whole, as the events it means."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.admission import opening
from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.credentials import Credentials
from feeds.events import Ack, Event, InstrumentStatus, Reconnect, Stats, Unknown
from feeds.refusals import is_passing, names
from feeds.symbols import TICKER
from feeds.venues.pyth.instruments import parts
from feeds.venues.pyth.messages import STILL, scaled
from feeds.venues.pyth.public import PythCodec
from tests.feeds.pyth import frames

S = 1_000_000_000
AT_S = 1_692_110_601
NS = (AT_S + 2) * S
NAME = f"PYTH:{frames.ETH}"
ETHER = Stats(NAME, "1841.36023127", *5 * ("",), AT_S * 1_000_000, NS, "1.77166324")
MEANING: dict[str, tuple[bytes, list[Event]]] = {
    "price": (frames.PRICE, [ETHER]),
    "with more about it": (frames.VERBOSE, [ETHER]),
    "agreed": (frames.SUCCESS, [Ack(True, "", "", "", 0, in_order=True)]),
    "not found": (
        frames.NOT_FOUND,
        [Ack(False, f"Price feed(s) with id(s) [{frames.BTC}] not found", "", "", 0, in_order=True)],
    ),
    "too much": (frames.TOO_MUCH, [Ack(False, "Rate limit exceeded", "", "", 0, in_order=True)]),
    "a day old": (frames.AGED, [Reconnect("Connection timeout reached (24h)")]),
    "novelty": (b'{"type":"novelty"}', [Unknown("message novelty")]),
}


@pytest.mark.parametrize("name", MEANING)
def test_a_message_means_these_events(name: str) -> None:
    frame, events = MEANING[name]

    assert PythCodec().decode(frame, NS) == events


@pytest.mark.parametrize("head", [b"", b"data:"])
def test_an_event_of_the_other_stream_tells_many_feeds(head: bytes) -> None:
    """``PriceUpdate`` of https://github.com/pyth-network/pyth-crosschain, hermes, types.rs:
    ``binary`` and ``parsed``, each of it with ``metadata``. What stands still does not halt the other."""
    price = {"price": "184136023127", "conf": "177166324", "expo": -8, "publish_time": AT_S}
    rows = [
        {"id": frames.ETH, "price": price, "ema_price": price, "metadata": {"slot": 1}},
        {"id": f"0x{frames.BTC.upper()}", "price": {**price, "publish_time": AT_S - 90}},
    ]
    body = msgspec.json.encode({"binary": {"encoding": "hex", "data": ["504e"]}, "parsed": rows})

    ether, old, halt = PythCodec().decode(head + body, NS)

    assert ether == ETHER
    assert (old.instrument, old.exchange_us) == (f"PYTH:{frames.BTC}", (AT_S - 90) * 1_000_000)
    assert halt == InstrumentStatus(f"PYTH:{frames.BTC}", "halted", STILL, NS)


def test_refusals_say_whom_they_mean_and_whether_they_pass() -> None:
    [unknown], [busy] = (PythCodec().decode(each, NS) for each in (frames.NOT_FOUND, frames.TOO_MUCH))

    assert names(unknown.error, frames.BTC) and not names(unknown.error, frames.ETH)
    assert is_passing(busy.error) and not is_passing(unknown.error)


@given(number=st.integers(-(2**63), 2**64 - 1), expo=st.integers(-20, 12))
def test_a_price_is_its_integer_times_a_power_of_ten_to_the_last_digit(number: int, expo: int) -> None:
    """``x * 10^expo``: https://docs.pyth.network/price-feeds/core/best-practices (fixed-point numbers)."""
    text = scaled(str(number), expo)

    assert "e" not in text.lower()
    assert Decimal(text) == Decimal(number) * Decimal(10) ** expo
    assert len(text.partition(".")[2]) == max(0, -expo)


def test_a_price_that_is_sent_on_and_never_published_anew_is_not_live() -> None:
    """Hermes sends the last price of each feed with each of its turns, whatever the age of it."""
    codec = PythCodec()
    fresh, edge, late = (codec.decode(frames.PRICE, (AT_S + age) * S) for age in (2, 60, 61))
    again = codec.decode(frames.PRICE, NS)

    assert [len(each) for each in (fresh, edge)] == [1, 1]
    assert late[1:] == [InstrumentStatus(NAME, "halted", STILL, (AT_S + 61) * S)]
    assert again[1:] == [InstrumentStatus(NAME, "trading", "", NS)]
    assert codec.decode(frames.PRICE, NS) == [ETHER]


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b'"price":"184136023127"', b'"price":1841.36'),
        (b'"price":"184136023127"', b'"price":"1841.36"'),
        (b'"conf":"177166324"', b'"conf":"-1"'),
        (b'"expo":-8', b'"expo":-9000000'),
        (b'"expo":-8', b'"expo":"-8"'),
        (b'"publish_time":1692110601', b'"publish_time":-1'),
        (frames.ETH[:6].encode(), b"0xff61"),
    ],
)
def test_a_price_of_another_shape_is_an_error(found: bytes, instead: bytes) -> None:
    assert found in frames.PRICE

    with pytest.raises(DecodeError):
        PythCodec().decode(frames.PRICE.replace(found, instead, 1), NS)


def test_what_is_asked_for() -> None:
    """``ClientMessage`` of ws.rs: identifiers, with ``0x`` or without."""
    wanted = [Subscription(TICKER, f"PYTH:{each}", each) for each in (frames.BTC, frames.ETH)]
    codec = PythCodec()

    [plan] = codec.links(wanted)
    [asked], [left] = codec.subscribe(wanted, 7), codec.unsubscribe(wanted[:1], 8)

    assert plan.path == "/ws"
    assert msgspec.json.decode(asked.text) == {"type": "subscribe", "ids": [frames.BTC, frames.ETH]}
    assert msgspec.json.decode(left.text) == {"type": "unsubscribe", "ids": [frames.BTC]}


def test_the_operators_key_is_shown_in_the_handshake() -> None:
    """https://docs.pyth.network/price-feeds/pro/pyth-core-upgrade"""
    keyed = PythCodec()
    keyed.credentials = Credentials("pyth-key", "")

    assert opening(keyed, keyed.ws_url).headers == {"Authorization": "Bearer pyth-key"}
    assert not opening(PythCodec(), PythCodec.ws_url).headers and not keyed.needs_key


def test_the_list_names_what_each_feed_is_a_price_of() -> None:
    """https://docs.pyth.network/api-reference/pyth-core/hermes/price_feeds_metadata. A share is no coin of
    the same letters, and its price before the market opens is none of the day's."""
    found = PythCodec().decode_instruments(frames.LISTED)

    assert found[0] == InstrumentSpec(
        "PYTH", frames.BTC, "index", "BTC", "USD", "USD", "0.00000001", "1", "trading"
    )
    assert [(each.base, each.quote) for each in found[1:]] == [
        ("USD", "JPY"),
        ("Equity.US.SOL.PRE", "USD"),
        ("Crypto.Index.SILV", "USD"),
    ]
    with pytest.raises(DecodeError):
        PythCodec().decode_instruments(b'{"error":"unauthorized"}')


@pytest.mark.parametrize("symbol", ["", "/", "Crypto", "Crypto.BTC", "Crypto.BTC/", "Crypto./USD", "/USD"])
def test_what_is_no_pair_has_no_parts(symbol: str) -> None:
    _, base, quote = parts(symbol)

    assert not (base and quote)
