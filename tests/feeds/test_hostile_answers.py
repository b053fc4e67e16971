"""What venues answer by REST, as their simulated exchanges do and with wrong values in it: one error, or what
the answer says, and nothing that cannot be.

As :mod:`tests.feeds.test_hostile_markets` for frames. Lists of instruments, candles, books, what is polled,
hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.codec import Codec, DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot, Phase
from feeds.simulator import Simulator
from feeds.simulator.exchange import Exchange
from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK, CHANNELS, DERIVATIVES, OHLC, STATS, is_native, is_number
from feeds.venues import VENUES, codec
from tests.fakes.keyed import keyed
from tests.feeds.hostile import BYTES
from tests.feeds.test_codec_conformance import NS
from tests.feeds.test_hostile_markets import altered

US = NS // 1000
_MOST_BYTES, _MOST_PARTS = 20_000, 12
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Answered(NamedTuple):
    """A good answer, and who reads such."""

    what: str
    body: bytes
    read: Callable[[bytes], Any]


def asked(exchange: Exchange, made: Codec, request: RestRequest) -> bytes:
    secret = made.credentials.secret if made.credentials else ""
    parts = urlsplit(request.path.replace("{secret}", secret))
    answer = exchange.answer(unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)))
    assert answer.status == 200, f"{request.path}: {answer.status} {answer.body[:80]!r}"
    return answer.body


def listed(exchange: Exchange, made: Codec) -> Iterator[Answered]:
    request: RestRequest | None = made.instruments_request()
    for _ in range(_MOST_PARTS):
        body = asked(exchange, made, request)
        yield Answered("list", body, made.decode_instruments)
        yield Answered("next part", body, partial(made.more_instruments, request))
        if (request := made.more_instruments(request, body)) is None:
            return


def of(exchange: Exchange, made: Codec, name: str) -> Iterator[Answered]:
    native = name.partition(":")[2]
    for channel in (*CHANNELS, *DERIVATIVES, STATS):
        wanted = Subscription(channel, name, native, 100 if channel == BOOK else 0)
        if request := made.poll_request(wanted):
            read = partial(read_poll, made, wanted)
            yield Answered("poll", asked(exchange, made, request), read)
    book, bars = Subscription(BOOK, name, native, 100), Subscription(OHLC, name, native)
    if made.snapshots == "rest":
        body = asked(exchange, made, made.snapshot_request(book))
        yield Answered("book", body, lambda answer: made.decode_snapshot(book, answer, NS))
    if request := made.audit_request(book):
        body = asked(exchange, made, request)
        yield Answered("book", body, lambda answer: made.decode_audit(book, answer, NS))
    if request := made.candles_request(bars, 1, US):
        body = asked(exchange, made, request)
        yield Answered("candles", body, lambda answer: made.decode_candles(bars, 1, answer, US))


def read_poll(made: Codec, wanted: Subscription, body: bytes) -> list[Any]:
    return made.decode_poll(wanted, body, NS)


def hours(exchange: Exchange, made: Codec) -> Iterator[Answered]:
    bodies = [asked(exchange, made, each) for each in made.hours_requests(US) or made.hours_requests(0)]
    for at, body in enumerate(bodies):
        yield Answered("hours", body, partial(read_hours, made, bodies, at))


def read_hours(made: Codec, bodies: list[bytes], at: int, body: bytes) -> list[Phase]:
    return made.decode_hours([*bodies[:at], body, *bodies[at + 1 :]])


@cache
def answers(venue: str) -> tuple[Answered, ...]:
    names = listed_at(venue, 6)
    simulator = Simulator(instruments=names, paused=True, start_ns=NS, levels=20)
    simulator.step(300)
    exchange, made = simulator.exchanges[venue], keyed(codec(venue))
    found = [*listed(exchange, made), *hours(exchange, made)]
    for name in names[:3]:
        found += of(exchange, made, name)
    return tuple(each for each in found if len(each.body) <= _MOST_BYTES)


def check(what: str, found: Any) -> None:
    """Nothing that cannot be, whatever it was made of."""
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, InstrumentSpec):
            sizes = each.tick_size, each.lot_size, each.contract_size, each.strike or "1"
            assert is_native(each.native), each
            assert all(map(is_number, sizes)), each
            assert each.base, each
            assert each.quote, each
            assert 0 <= each.expiry_us < 2**63, each
        elif isinstance(each, Bar):
            assert all(map(is_number, each[3:8])), each
            assert each.start_us % 60_000_000 == 0, each
        elif isinstance(each, Phase):
            assert 0 <= each.from_us < 2**63, each
    if what == "hours":
        assert [each.from_us for each in found] == sorted(each.from_us for each in found)
    if isinstance(found, BookSnapshot):
        assert all(isinstance(text, str) for level in (*found.bids, *found.asks) for text in level)


@pytest.fixture(params=VENUES)
def venue(request: pytest.FixtureRequest) -> str:
    return request.param


def test_the_simulated_answers_are_all_understood(venue: str) -> None:
    for each in answers(venue):
        check(each.what, each.read(each.body))
    assert {each.what for each in answers(venue)} >= {"list", "next part"}


@OFTEN
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_an_answer_with_wrong_values_is_an_error_or_makes_sense(venue: str, data: Any, seed: int) -> None:
    each = data.draw(st.sampled_from(answers(venue)))
    body = altered(Random(seed), each.body.decode())

    try:
        found = each.read(body)
    except DecodeError as error:
        assert len(str(error)) < 2000
    else:
        check(each.what, found)


@OFTEN
@given(data=st.data(), body=BYTES)
def test_an_answer_of_any_sort_is_an_error_or_says_nothing(venue: str, data: Any, body: bytes) -> None:
    each = data.draw(st.sampled_from(answers(venue)))

    try:
        found = each.read(body)
    except DecodeError:
        return
    check(each.what, found)
