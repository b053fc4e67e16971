"""What every venue's codec keeps: a new line in the registry is tested by this file at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import astuple

from feeds.codec import Codec, DecodeError, InstrumentSpec, Limits, LinkPlan, Request, Subscription
from feeds.events import Event
from feeds.symbols import BOOK, CHANNELS, DEPTHS, INTERVALS, TICKER, is_native, is_number
from feeds.venues import VENUES, codec
from tests.feeds.samples import samples

NS = 1_786_309_548_642_080_000
# Where an answer with its instruments is kept.
INSTRUMENTS = {
    "BINANCE": "examples/binance/spot/http_json/exchange_info_response.json",
    "BYBIT": "examples/bybit/http_get_instruments_spot.json",
    "BYBIT_INVERSE": "examples/bybit/http_get_instruments_inverse.json",
    "BYBIT_LINEAR": "examples/bybit/http_get_instruments_linear.json",
    "BYBIT_OPTION": "examples/bybit/http_get_instruments_option.json",
    "COINBASE": "examples/coinbase/http_products.json",
    "DERIBIT": "examples/deribit/http_get_instruments.json",
    "KRAKEN": "examples/kraken/http_asset_pairs.json",
    "KRAKEN_FUTURES": "examples/kraken/http_futures_instruments.json",
    "OKX": "examples/okx/http_get_instruments_swap.json",
}
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_EVENTS = get_args(Event)


@pytest.fixture(params=VENUES)
def venue(request: pytest.FixtureRequest) -> Codec:
    return codec(request.param)


@pytest.fixture
def frames(venue: Codec, captures: Path) -> list[bytes]:
    return samples(venue.venue, captures)


def subscriptions(venue: Codec, count: int, depth: int = 100) -> list[Subscription]:
    natives = [f"A{number}/USD" for number in range(count)]
    return [
        Subscription(channel, f"{venue.venue}:{native}", native, depth if channel == BOOK else 0)
        for native in natives
        for channel in CHANNELS
    ]


def decoded(venue: Codec, frame: bytes) -> list[Event]:
    """Nothing but :class:`DecodeError` may come out, and nothing but well-made events."""
    try:
        events = venue.decode(frame, NS)
    except DecodeError as error:
        assert len(str(error)) < 2000
        return []
    for event in events:
        assert isinstance(event, _EVENTS)
        values = astuple(event) if isinstance(event, Struct) else event
        assert all(0 <= value < 2**63 for value in values if type(value) is int)
        assert getattr(event, "instrument", "") == "" or event.instrument.startswith(f"{venue.venue}:")
    return events


def test_it_has_all_that_the_vocabulary_asks(venue):
    assert VENUES[venue.venue]
    assert venue.title
    assert venue.ws_url.startswith("https://" if venue.lines else "wss://")
    assert venue.rest_url.startswith("https://")
    assert (venue.ws_url + venue.rest_url).count("/") == 4
    assert isinstance(venue.limits, Limits)
    assert venue.resync_scope in ("symbol", "link")
    assert venue.snapshots in ("stream", "rest")
    assert isinstance(venue.truncate, bool)
    assert venue.checksum_levels >= 0
    markets = set(venue.channels) >= set(CHANNELS) - {BOOK}
    assert markets or venue.channels == (TICKER,), "all, maybe without books, or indexes alone"
    assert isinstance(venue.samples_liquidations, bool)
    assert isinstance(venue.funds_continuously, bool)
    members = [name for name in vars(Codec) if not name.startswith("_")]
    assert all(callable(getattr(venue, name)) for name in members)


@pytest.mark.parametrize("count", [0, 1, 40, 700])
def test_links_carry_every_subscription_once(venue, count):
    wanted = subscriptions(venue, count)

    plans = venue.links(wanted)

    assert sorted(item for plan in plans for item in plan.subscriptions) == sorted(wanted)
    assert len({plan.name for plan in plans}) == len(plans)
    assert all(isinstance(plan, LinkPlan) and plan.subscriptions for plan in plans)
    assert all(plan.path == "" or plan.path.startswith("/") for plan in plans)


def test_links_are_the_same_whatever_the_order(venue):
    wanted = subscriptions(venue, 200)

    def named(plans: list[LinkPlan]) -> dict[str, set[Subscription]]:
        return {plan.name: set(plan.subscriptions) for plan in plans}

    assert named(venue.links(wanted)) == named(venue.links(wanted[::-1]))


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize("count", [1, 120])
def test_requests_are_json_numbered_and_speak_of_every_subscription_once(venue, verb, count):
    wanted = subscriptions(venue, count)

    requests: list[Request] = getattr(venue, verb)(wanted, 41)
    if venue.lines:
        assert not requests
        assert all(quote(item.native, safe="") in venue.query(wanted) for item in wanted)
        return

    assert [request.req_id for request in requests] == list(range(41, 41 + len(requests)))
    assert all(isinstance(json.loads(request.text), dict) for request in requests)
    assert all(len(request.text) < 16_000 for request in requests)
    assert sorted(item for request in requests for item in request.subscriptions) == sorted(wanted)


@pytest.mark.parametrize("depth", [0, *DEPTHS])
def test_every_depth_can_be_asked_for(venue, depth):
    wanted = [item for item in subscriptions(venue, 1, depth) if item.channel == BOOK]

    assert venue.subscribe(wanted, 1) or venue.lines
    request = venue.snapshot_request(wanted[0])
    assert (request is None) == (venue.snapshots == "stream")
    assert request is None or (
        request.path.startswith("/") and 0 < request.weight <= venue.limits.rest_weight
    )


@pytest.mark.parametrize("depth", [0, *DEPTHS])
def test_a_second_look_is_asked_for_where_the_stream_does_not_prove_all(venue, depth):
    book = subscriptions(venue, 1, depth)[CHANNELS.index(BOOK)]

    request = venue.audit_request(book)

    assert request is None or (
        request.path.startswith("/") and 0 < request.weight <= venue.limits.rest_weight / 3
    )
    for body in (b"", b"<html>", b"[" * 100_000, b'{"error":[],"result":[]}'):
        with pytest.raises(DecodeError):
            venue.decode_audit(book, body, NS)


def test_candles_of_every_interval_can_be_asked_for(venue):
    subscription = subscriptions(venue, 1)[0]

    for interval in INTERVALS:
        request = venue.candles_request(subscription, interval, NS // 1000)
        assert request is None or request.path.startswith("/")
        page = venue.candles_request(subscription, interval, NS // 1000, NS // 1000 - interval * 60_000_000)
        assert (page is None) == (request is None)
    assert venue.candles_page > 0 and venue.candles_kept >= 0
    with pytest.raises(DecodeError):
        venue.decode_candles(subscription, 1, b"<html>", NS // 1000)


def test_the_list_of_instruments_is_understood(venue, captures):
    if venue.venue not in INSTRUMENTS:
        pytest.skip(f"no recorded list of {venue.venue}")

    found = venue.decode_instruments((captures / INSTRUMENTS[venue.venue]).read_bytes())

    assert found
    for spec in found:
        assert isinstance(spec, InstrumentSpec)
        assert (spec.venue, spec.status) == (venue.venue, "trading")
        assert is_native(spec.native)
        assert is_number(spec.tick_size)
        assert is_number(spec.lot_size)
        assert spec.base
        assert spec.quote
    with pytest.raises(DecodeError):
        venue.decode_instruments(b"<html>")


def test_every_recorded_frame_is_understood(venue, frames):
    assert all(venue.decode(frame, NS) for frame in frames)


@MANY
@given(frame=st.binary(max_size=300))
def test_random_bytes_do_no_harm(venue, frame):
    decoded(venue, frame)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@MANY
@given(value=_JSON)
def test_random_json_does_no_harm(venue, value):
    decoded(venue, json.dumps(value).encode())


@MANY
@given(data=st.data())
def test_a_frame_cut_short_or_with_bytes_changed_does_no_harm(venue, frames, data):
    frame = bytearray(data.draw(st.sampled_from(frames)))
    for _ in range(data.draw(st.integers(0, 3))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))

    decoded(venue, bytes(frame[: data.draw(st.integers(0, len(frame)))]))


@MANY
@given(data=st.data())
def test_a_frame_with_a_value_of_another_type_does_no_harm(venue, frames, data):
    message = json.loads(data.draw(st.sampled_from(frames)))
    holder, key = data.draw(st.sampled_from(list(places(message))))
    holder[key] = data.draw(_JSON)

    decoded(venue, json.dumps(message).encode())


def places(value: object) -> list[tuple[object, object]]:
    """Every (container, key) of a message."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(value, key) for key, _ in items]
    return found + [place for _, inner in items for place in places(inner)]


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"channel":' + b'{"a":' * 100_000,
        b'{"stream":"btcusdt@trade","data":' + b"[" * 100_000,
        b'{"channel":"ticker","data":' + b"[" * 100_000,
        b'{"channel":"ticker","timestamp":"","sequence_num":1,"events":' + b"[" * 100_000,
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"sequence_num":1e999,"channel":"x"}',
        b'"' + b"x" * 1_000_000 + b'"',
        '{"channel":"ticker\u202e"}'.encode(),
        b'{"channel":"\xff\xfe"}',
        b'{"channel":"\\ud800"}',
    ],
    ids=lambda frame: repr(frame[:24]),
)
def test_hostile_frames_do_no_harm(venue, hostile):
    decoded(venue, hostile)


def test_an_unknown_message_is_named_briefly(venue):
    events = venue.decode(b'{"channel":"' + b"x" * 5000 + b'","method":"","e":"' + b"y" * 5000 + b'"}', NS)

    assert [type(event).__name__ for event in events] == ["Unknown"]
    assert len(events[0].kind) <= 60


@pytest.mark.parametrize(
    "refusal",
    [
        b'{"method":"subscribe","success":false,"symbol":"A/B","error":"%b"}',
        b'{"error":{"code":2,"msg":"%b"},"id":1}',
        b'{"code":2,"msg":"%b"}',
        b'{"type":"error","message":"%b"}',
    ],
)
def test_a_refusal_of_a_megabyte_is_cut(venue, refusal):
    """It becomes the reason of a topic, on every page that shows it."""
    try:
        events = venue.decode(refusal % (b"x" * 1_000_000), NS)
    except DecodeError:
        return
    assert all(len(text) <= 200 for event in events for text in event if isinstance(text, str))
