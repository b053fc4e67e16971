"""A venue that refuses good symbols along with a bad one: only the bad one stays refused."""

from __future__ import annotations

from feeds.events import Ack
from feeds.refusals import LEFT_OUT
from feeds.roster import CONFIRMED, REFUSED
from tests.feeds.test_session_parts import roster, send_all, states


def test_who_is_refused_along_with_others_is_asked_once_alone():
    asked = roster("A/B", "X/X")
    send_all(asked)

    for name in ("FAKE:A/B", "FAKE:X/X"):
        assert asked.acknowledge(Ack(False, "unknown pair", "", name, 1), 0).refused == []
    assert send_all(asked) == [("A/B",), ("X/X",)]

    asked.acknowledge(Ack(True, "", "trade", "FAKE:A/B", 2), 0)
    asked.acknowledge(Ack(False, "unknown pair", "", "FAKE:X/X", 3), 0)
    assert states(asked) == {"A/B": CONFIRMED, "X/X": REFUSED}
    assert asked.settled


def test_a_request_that_came_too_fast_is_not_asked_again_in_halves():
    asked = roster("A/B", "C/D")
    send_all(asked)

    verdict = asked.acknowledge(Ack(False, "too many requests", "", "", 1), 0)

    assert [item.native for item in verdict.refused] == ["A/B", "C/D"]
    assert send_all(asked) == []
    assert send_all(asked, 11_000_000_000) == [("A/B", "C/D")]


def test_what_an_answer_leaves_out_of_its_list_is_refused():
    asked = roster("A/B", "X/X")
    send_all(asked)

    verdict = asked.acknowledge(Ack(True, "", "", "", 1, agreed=frozenset({("trade", "FAKE:A/B")})), 0)

    assert [item.native for item in verdict.confirmed] == ["A/B"]
    assert ([item.native for item in verdict.refused], verdict.words) == (["X/X"], LEFT_OUT)
    assert states(asked) == {"A/B": CONFIRMED, "X/X": REFUSED}
