"""How many subscriptions stand where: counted as they move, and as a walk through all of them finds."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from feeds.codec import Limits
from feeds.entries import CONFIRMED, IDLE, PENDING, QUEUED, REFUSED
from feeds.events import Ack
from feeds.roster import Roster
from tests.fakes.venue_codec import FakeCodec, subscription

NS = 1_000_000_000
EVERY = [subscription(channel, f"{name}/USD") for channel in ("book", "trade") for name in "ABCDEFGH"]
STATES = (IDLE, QUEUED, PENDING, CONFIRMED, REFUSED)


@pytest.mark.parametrize("seed", range(20))
def test_the_counts_are_those_of_a_walk(seed: int) -> None:
    dice = random.Random(seed)
    codec = FakeCodec(Limits(topics_per_request=3), snapshots=dice.choice(("stream", "rest")))
    roster, now_ns = Roster(codec, EVERY, ack_s=5, retry_s=60, counters=Counter()), 0
    for _ in range(200):
        now_ns += dice.randint(0, 3 * NS)
        _something(roster, now_ns, dice)
        entries = roster.entries

        assert {state: roster.count(state) for state in STATES} == {
            state: sum(entry.state == state for entry in entries.values()) for state in STATES
        }
        assert entries.unseen.keys() <= entries.keys()
        assert all(entries[key] is entry for key, entry in entries.unseen.items())


def _something(roster: Roster, now_ns: int, dice: random.Random) -> None:
    one = dice.choice(EVERY)
    match dice.randrange(5):
        case 0:
            roster.want(dice.sample(EVERY, dice.randint(0, len(EVERY))))
        case 1:
            roster.renew(one.channel, one.instrument, now_ns)
        case 2:
            roster.expire(now_ns, lambda subscription: dice.random() < 0.5)
        case 3:
            ok = dice.random() < 0.7
            roster.acknowledge(Ack(ok, "" if ok else "no such market", "", "", dice.randint(1, 30)), now_ns)
        case _:
            if (outgoing := roster.next(now_ns)) is not None:
                roster.sent(outgoing, now_ns)


def test_a_book_is_looked_for_until_it_was_seen_and_again_when_it_is_asked_for_anew() -> None:
    book = subscription("book", "A/USD")
    codec = FakeCodec(Limits(topics_per_request=3))
    roster = Roster(codec, [book], ack_s=5, retry_s=60, counters=Counter())
    looked: list[str] = []

    def seen(subscription: object) -> bool:
        looked.append("looked")
        return True

    _agreed(roster, 0)
    for now_s in (4, 6, 8):
        roster.expire(now_s * NS, seen)
    assert looked == ["looked"], "not before its time, and once"

    roster.renew("book", book.instrument, 10 * NS)
    _agreed(roster, 10 * NS)
    roster.expire(20 * NS, seen)
    assert looked == ["looked", "looked"]


def _agreed(roster: Roster, now_ns: int) -> None:
    while (outgoing := roster.next(now_ns)) is not None:
        roster.sent(outgoing, now_ns)
        roster.acknowledge(Ack(True, "", "", "", outgoing.request.req_id), now_ns)
