"""What comes in one stream with others is asked for once, and left when nobody wants any of them."""

from __future__ import annotations

from collections import Counter

import pytest

from feeds.codec import Subscription
from feeds.events import Ack
from feeds.roster import CONFIRMED, PENDING, Roster
from tests.fakes.venue_codec import FakeCodec

NS = 1_000_000_000


class Sharing(FakeCodec):
    """Trades of all that is in dollars come in one stream; books have their own."""

    def stream(self, subscription: Subscription) -> str:
        return subscription.native.partition("/")[2] if subscription.channel == "trade" else ""


def wish(native: str, channel: str = "trade") -> Subscription:
    return Subscription(channel, f"FAKE:{native}", native)


def made(*wanted: Subscription, **codec: object) -> Roster:
    found = Sharing()
    for name, value in codec.items():
        setattr(found, name, value)
    return Roster(found, wanted, ack_s=5, retry_s=600, counters=Counter())


def sent(roster: Roster, now_ns: int = 0) -> list[tuple[bool, list[str]]]:
    """What is asked (True) and left (False) now."""
    found = []
    while (outgoing := roster.next(now_ns)) is not None:
        roster.sent(outgoing, now_ns)
        found.append((outgoing.subscribing, [item.native for item in outgoing.request.subscriptions]))
    return found


def agree(roster: Roster) -> None:
    for number in {entry.req_id for entry in roster.entries.values() if entry.state == PENDING}:
        roster.acknowledge(Ack(True, "", "", "", number), 0)


def unseen(subscription: Subscription) -> bool:
    return False


def test_who_comes_later_is_confirmed_without_a_request():
    roster = made(wish("A/USD"))
    assert sent(roster) == [(True, ["A/USD"])]
    roster.want([wish("A/USD"), wish("B/USD")])
    assert sent(roster) == [], "it waits for what the venue says to the first"

    agree(roster)

    assert roster.expire(NS, unseen) == [wish("B/USD")]
    assert sent(roster) == []
    assert {entry.state for entry in roster.entries.values()} == {CONFIRMED}


def test_what_is_refused_carries_nobody():
    roster = made(wish("A/USD"))
    sent(roster)
    roster.want([wish("A/USD"), wish("B/USD")])
    [entry, _] = roster.entries.values()
    roster.acknowledge(Ack(False, "no", "", "", entry.req_id), 0)

    assert sent(roster) == [(True, ["B/USD"])]


def test_a_stream_is_left_with_the_last_who_wants_it():
    roster = made(wish("A/USD"), wish("B/USD"), wish("A/USD", "book"))
    sent(roster)
    agree(roster)

    roster.want([wish("B/USD")])
    assert sent(roster) == [(False, ["A/USD"])], "the book, which is nobody else's"
    assert "trade" not in {item.channel for item in roster._leaving}

    roster.want([])
    assert sent(roster) == [(False, ["B/USD"])]


@pytest.mark.parametrize("ok", [True, False])
def test_an_answer_may_name_the_stream(ok: bool):
    roster = made(wish("A/USD"), wish("B/USD"), wish("A/USD", "book"))
    sent(roster)

    verdict = roster.acknowledge(Ack(ok, "" if ok else "no", "", "", 0, stream="USD"), 0)

    settled = verdict.confirmed if ok else verdict.refused
    assert settled == [wish("A/USD"), wish("B/USD")]
    assert roster.entries["book", "FAKE:A/USD"].state == PENDING


@pytest.mark.parametrize(("repeats", "again"), [(True, [True]), (False, [False, True])])
def test_where_a_repetition_is_refused_it_is_left_first(repeats: bool, again: list[bool]):
    roster = made(wish("A/USD"), repeats=repeats)
    sent(roster)

    roster.expire(6 * NS, unseen)

    assert [subscribing for subscribing, _ in sent(roster, 6 * NS)] == again
