"""When the market is open: its calendar, in New York's time, and what its clock says against it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from feeds.codec import DecodeError
from feeds.credentials import Credentials
from feeds.events import CLOSED, OPEN, POST, PRE
from feeds.phases import phase_at, words_at
from feeds.venues.alpaca.public import AlpacaCodec
from tests.feeds.alpaca import frames

ZONE = AlpacaCodec.zone


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def clock(at: str, *, is_open: bool, opens: str = "2026-11-30T09:30:00-05:00", closes: str = "") -> bytes:
    told = {"timestamp": at, "is_open": is_open, "next_open": opens, "next_close": closes or opens}
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2026-11-25T03:59:00-05:00", CLOSED), ("2026-11-25T04:00:00-05:00", PRE),
        ("2026-11-25T09:30:00-05:00", OPEN), ("2026-11-25T15:59:59-05:00", OPEN),
        ("2026-11-25T16:00:00-05:00", POST), ("2026-11-25T20:00:00-05:00", CLOSED),
        ("2026-11-26T12:00:00-05:00", CLOSED), ("2026-11-27T12:59:59-05:00", OPEN),
        ("2026-11-27T13:00:00-05:00", POST), ("2026-11-28T12:00:00-05:00", CLOSED),
    ],
)  # fmt: skip
def test_the_calendar_with_thanksgiving_and_the_short_day_after_it(at: str, phase: str) -> None:
    """https://docs.alpaca.markets/reference/getcalendar-1: times are of New York."""
    phases = AlpacaCodec().decode_hours([frames.CALENDAR, clock(at, is_open=phase == OPEN)])

    assert phase_at(phases, us(at)) == phase


def test_closed_says_when_it_opens() -> None:
    at = "2026-11-28T12:00:00.123456789-05:00"
    phases = AlpacaCodec().decode_hours([frames.CALENDAR, clock(at, is_open=False)])

    assert words_at(phases, us(at), ZONE) == "closed, opens Mon 09:30 New York"


def test_a_closing_that_is_in_no_calendar_is_believed_of_the_clock() -> None:
    at = "2026-11-27T10:00:00-05:00"
    phases = AlpacaCodec().decode_hours([frames.CALENDAR, clock(at, is_open=False)])

    assert phase_at(phases, us(at) - 1) == OPEN
    assert phase_at(phases, us(at)) == phase_at(phases, us("2026-11-30T09:29:59-05:00")) == CLOSED
    assert phase_at(phases, us("2026-11-30T09:30:00-05:00")) == OPEN


def test_hours_are_asked_for_where_the_key_is_known() -> None:
    codec = AlpacaCodec()
    at_us = us("2026-11-27T10:00:00-05:00")

    calendar, now = codec.hours_requests(at_us)
    assert calendar.path == "/v2/calendar?start=2026-11-23&end=2026-12-09"
    assert (calendar.root, now.path, now.root) == (
        *["https://paper-api.alpaca.markets", "/v2/clock"],
        calendar.root,
    )
    codec.credentials = Credentials("AKLIVE", "secret")
    assert codec.hours_requests(at_us)[0].root == "https://api.alpaca.markets"
    codec.feed = "test"
    assert codec.hours_requests(at_us) == ()


def test_a_root_that_was_set_has_everything() -> None:
    request = AlpacaCodec().instruments_request()

    assert request.root_at(AlpacaCodec.rest_url, AlpacaCodec.rest_url) == "https://paper-api.alpaca.markets"
    assert request.root_at("http://127.0.0.1:1/alpaca", AlpacaCodec.rest_url) == "http://127.0.0.1:1/alpaca"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"timestamp":"soon","is_open":true,"next_open":"","next_close":""}',
        clock("0001-01-02T00:00:00-05:00", is_open=False),
    ],
)
def test_a_clock_that_says_nothing_is_an_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        AlpacaCodec().decode_hours([frames.CALENDAR, body])


def test_a_calendar_that_runs_backwards_is_an_error() -> None:
    day = {"date": "2026-11-27", "open": "13:00", "close": "09:30"}

    with pytest.raises(DecodeError, match="follow each other"):
        AlpacaCodec().decode_hours([json.dumps([day]).encode(), clock("2026-11-27T10:00:00Z", is_open=True)])
