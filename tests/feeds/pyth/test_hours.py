"""When Pyth publishes a feed: https://docs.pyth.network/price-feeds/pythnet-reference/schedule-format"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import CLOSED, OPEN
from feeds.halts import Halts
from feeds.phases import phase_at
from feeds.venues.pyth.hours import read
from feeds.venues.pyth.messages import STILL
from feeds.venues.pyth.public import PythCodec
from tests.fakes.clock import FakeClock
from tests.feeds.hostile import BYTES, only_decode_errors
from tests.feeds.pyth import frames
from tests.feeds.replaying import Recorded

NATIVE = frames.ETH
NAME = f"PYTH:{NATIVE}"
LINK = "public.0"
SHARE = "America/New_York;0930-1600,0930-1600,0930-1600,0930-1600,0930-1600,C,C;1126/C,1127/0930-1300,1225/C"
METAL = (
    "America/New_York;0000-1700&1800-2400,0000-1700&1800-2400,0000-1700&1800-2400,0000-1700&1800-2400,"
    "0000-1700,C,1800-2400;1225/C"
)
CURRENCY = "America/New_York;O,O,O,O,0000-1700,C,1700-2400;"
TOKYO = "Asia/Tokyo;0900-1130&1230-1530,0900-1130&1230-1530,O,C,C,C,C;"
COIN = "America/New_York;O,O,O,O,O,O,O;"
NEVER = "UTC;C,C,C,C,C,C,C;"


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def listed(**schedules: object) -> bytes:
    rows = [{"id": native, "attributes": {"schedule": text}} for native, text in schedules.items()]
    return json.dumps(rows).encode()


def knowing(schedule: object) -> PythCodec:
    codec = PythCodec()
    codec.decode_hours([listed(**{NATIVE: schedule})])
    return codec


@pytest.mark.parametrize(
    ("schedule", "at", "words"),
    [
        (SHARE, "2026-11-30T09:29:59-05:00", "closed, opens Mon 09:30 New York"),
        (SHARE, "2026-11-30T09:30-05:00", ""),
        (SHARE, "2026-11-30T15:59:59-05:00", ""),
        (SHARE, "2026-11-30T16:00-05:00", "closed, opens Tue 09:30 New York"),
        (SHARE, "2026-11-28T12:00-05:00", "closed, opens Mon 09:30 New York"),
        # Thanksgiving, the half day after it, and Christmas of any year.
        (SHARE, "2026-11-26T12:00-05:00", "closed, opens Fri 09:30 New York"),
        (SHARE, "2026-11-27T12:59-05:00", ""),
        (SHARE, "2026-11-27T13:00-05:00", "closed, opens Mon 09:30 New York"),
        (SHARE, "2025-12-25T12:00-05:00", "closed, opens Fri 09:30 New York"),
        # Several spans of a day, and one that goes on over midnight.
        (METAL, "2026-12-01T16:59-05:00", ""),
        (METAL, "2026-12-01T17:00-05:00", "closed, opens Tue 18:00 New York"),
        (METAL, "2026-12-01T18:00-05:00", ""),
        (METAL, "2026-12-02T00:00-05:00", ""),
        (METAL, "2026-12-24T23:59-05:00", ""),
        (METAL, "2026-12-25T00:00-05:00", "closed, opens Sun 18:00 New York"),
        (TOKYO, "2026-12-01T11:45+09:00", "closed, opens Tue 12:30 Tokyo"),
        (TOKYO, "2026-12-02T23:59:59+09:00", ""),
        (TOKYO, "2026-12-03T00:00+09:00", "closed, opens Mon 09:00 Tokyo"),
        # A weekend in which summer time begins, and one in which it ends.
        (CURRENCY, "2026-03-08T16:59-04:00", "closed, opens Sun 17:00 New York"),
        (CURRENCY, "2026-03-08T17:00-04:00", ""),
        (CURRENCY, "2026-11-01T16:59-05:00", "closed, opens Sun 17:00 New York"),
        (CURRENCY, "2026-11-01T17:00-05:00", ""),
        ("Europe/Berlin;0200-0300,C,C,C,C,C,0200-0300;", "2026-03-29T01:30+01:00",
         "closed, opens Mon 02:00 Berlin"),
        (COIN, "2026-11-28T12:00-05:00", ""),
        (NEVER, "2026-11-28T12:00-05:00", "closed"),
        ("UTC;C,C,C,C,C,C,C", "2026-11-28T12:00-05:00", "closed"),
        # Of two exceptions for one day the first counts.
        ("UTC;O,O,O,O,O,O,O;1130/C,1130/O", "2026-11-30T12:00+00:00", "closed, opens Tue 00:00 UTC"),
    ],
)  # fmt: skip
def test_closed_by_the_clock_of_each_feed(schedule: str, at: str, words: str) -> None:
    assert Halts(knowing(schedule)).hours(NAME, us(at)) == words


times = st.integers(0, 24 * 60).map(lambda at: f"{at // 60:02d}{at % 60:02d}")
spans = st.lists(times, min_size=2, max_size=2, unique=True).map(lambda two: "-".join(sorted(two)))
days = st.sampled_from(["O", "C"]) | st.lists(spans, min_size=1, max_size=3).map("&".join)
weeks = st.lists(days, min_size=7, max_size=7)
dates = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m%d}")


def open_by_hand(day: str, minute: str) -> bool:
    """``minute`` as HHMM: times of one day are in the order of their texts."""
    if day in "OC":
        return day == "O"
    return any(first <= minute < last for first, last in (span.split("-") for span in day.split("&")))


@given(weeks, st.dictionaries(dates, days, max_size=5), st.integers(0, 366 * 24 * 60))
def test_open_is_what_the_text_says_of_the_minute(week, exceptions, minute: int) -> None:
    text = f"UTC;{','.join(week)};{','.join(f'{day}/{told}' for day, told in exceptions.items())}"
    at = datetime.fromisoformat("2027-12-31T00:00+00:00") + timedelta(minutes=minute)
    now_us = round(at.timestamp()) * 1_000_000

    told = exceptions.get(f"{at:%m%d}", week[at.weekday()])
    phases = read(text).phases(now_us)
    assert phase_at(phases, now_us) == (OPEN if open_by_hand(told, f"{at:%H%M}") else CLOSED)
    assert [each.from_us for each in phases] == sorted(each.from_us for each in phases)


BROKEN = [
    "America/New_York",
    "O,O,O,O,O,O,O;",
    "America/New_York;O,O,O,O,O,O;",
    "America/New_York;O,O,O,O,O,O,O,O;",
    "America/New_York;O,O,O,O,O,O,o;",
    "America/New_York;O,O,O,O,O,O,;",
    "America/New_York;O,O,O,O,O,O,1700-0200;",
    "America/New_York;O,O,O,O,O,O,0930-0930;",
    "America/New_York;O,O,O,O,O,O,0960-1600;",
    "America/New_York;O,O,O,O,O,O,0930-2401;",
    "America/New_York;O,O,O,O,O,O,0930-1600&;",
    "America/New_York;O,O,O,O,O,O,٠٩٣٠-١٦٠٠;",  # noqa: RUF001 (digits that are none of these)
    "America/New_York;O,O,O,O,O,O,O;1225",
    "America/New_York;O,O,O,O,O,O,O;225/C",
    "America/New_York;O,O,O,O,O,O,O;1225/Closed",
    "America/New_York;O,O,O,O,O,O,O;1225/C;",
    "America;O,O,O,O,O,O,O;",
    "Nowhere/Town;O,O,O,O,O,O,O;",
    "../../etc/passwd;O,O,O,O,O,O,O;",
    "/etc/passwd;O,O,O,O,O,O,O;",
    7,
    {"America/New_York": "O"},
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_cannot_be_read_is_no_hours_and_is_said(text: object) -> None:
    codec = PythCodec()
    codec.decode_hours([listed(**{NATIVE: text, frames.BTC: NEVER})])

    [problem] = codec.unread_hours
    assert problem.startswith(f"{NATIVE}: expected ")
    assert codec.hours_of(NAME, us("2026-11-28T12:00-05:00")) == ()
    assert Halts(codec).hours(f"PYTH:{frames.BTC}", us("2026-11-28T12:00-05:00")) == "closed"


@given(st.text(max_size=80) | st.lists(st.sampled_from([*"OC;,/&-", "0930", "2400", "UTC"])).map("".join))
def test_no_text_is_an_error(text: str) -> None:
    codec = knowing(text)

    assert phase_at(codec.hours_of(NAME, us("2026-11-28T12:00-05:00")), 0) == ""
    assert not codec.hours_of(NAME, 0) or not codec.unread_hours


WRONG = [b"{}", b"[1]", b'[{"id":1}]', b'[{"id":"a","attributes":[]}]', b"[" * 9999]


@given(BYTES | st.sampled_from(WRONG))
def test_no_list_is_another_error(body: bytes) -> None:
    only_decode_errors(lambda found: PythCodec().decode_hours([found]), body)


def test_a_list_that_cannot_be_read_leaves_what_is_known() -> None:
    codec = knowing(NEVER)
    with pytest.raises(DecodeError):
        codec.decode_hours([b'{"error":"unauthorized"}'])

    assert Halts(codec).hours(NAME, us("2026-11-28T12:00-05:00")) == "closed"


def test_a_feed_without_a_schedule_has_no_hours() -> None:
    codec = PythCodec()
    codec.decode_hours([frames.LISTED])

    assert codec.hours_of(f"PYTH:{frames.BTC}", us("2026-11-28T12:00-05:00")) == ()
    assert codec.unread_hours == []


# what is told of it


def price(published: str) -> bytes:
    at = str(us(published) // 1_000_000).encode()
    return frames.PRICE.replace(b"1692110601", at)


def receive(made: Recorded, published: str, at: str) -> None:
    """A price, at a time of both clocks."""
    made.clock.advance((us(at) * 1000 - made.clock.wall_ns()) / 1e9)
    made.feed(price(published), us(at) * 1000, LINK)


def watching(schedule: str, at: str) -> Recorded:
    made = Recorded(knowing(schedule), FakeClock(us(at) * 1000))
    made.watch([NATIVE], depth=0, channels=["ticker"], link=LINK)
    receive(made, at, at)
    return made


def told(made: Recorded) -> tuple[str, str, str]:
    topic = made.state.topic_state("ticker", NAME)
    return topic.state, topic.reason, topic.phase


MONDAY = "closed, opens Mon 09:30 New York"


def test_what_stands_still_outside_of_its_hours_is_closed_until_a_new_price() -> None:
    made = watching(SHARE, "2026-11-27T13:00-05:00")
    assert told(made) == ("live", "", "")

    receive(made, "2026-11-27T13:00-05:00", "2026-11-27T13:01:01-05:00")
    assert told(made) == ("halted", MONDAY, "closed")

    receive(made, "2026-11-27T13:00-05:00", "2026-11-30T09:30-05:00")
    assert told(made) == ("halted", STILL, "")

    receive(made, "2026-11-30T09:30:01-05:00", "2026-11-30T09:30:02-05:00")
    assert told(made) == ("live", "", "")


def test_what_stands_still_within_its_hours_is_halted_and_closed_when_they_end() -> None:
    made = watching(SHARE, "2026-11-27T12:00-05:00")
    receive(made, "2026-11-27T12:00-05:00", "2026-11-27T12:30-05:00")
    assert told(made) == ("halted", STILL, "")

    made.clock.advance(1800)
    made.state.tick()
    assert told(made) == ("halted", MONDAY, "closed")


def test_what_is_published_outside_of_its_hours_is_live() -> None:
    assert told(watching(SHARE, "2026-11-28T12:00-05:00")) == ("live", "", "")


def test_a_lost_link_is_no_closing() -> None:
    made = watching(SHARE, "2026-11-28T12:00-05:00")
    receive(made, "2026-11-28T12:00-05:00", "2026-11-28T12:02-05:00")
    made.state.link_down(LINK, "gone")

    assert told(made) == ("stale", "gone", "")


def test_the_list_is_asked_for_when_something_stands_still() -> None:
    codec, at_us = PythCodec(), us("2026-11-28T12:00-05:00")
    made = Recorded(codec, FakeClock(at_us * 1000))
    assert codec.hours_requests(0) != () == codec.hours_requests(at_us)

    receive(made, "2026-11-28T12:00-05:00", "2026-11-28T12:02-05:00")
    assert [each.path for each in codec.hours_requests(at_us)] == ["/v2/price_feeds"]
