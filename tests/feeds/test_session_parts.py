"""Rate windows and rosters: the pure parts of a session, on a clock that stands still."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from feeds.codec import Limits
from feeds.events import Ack
from feeds.ratelimit import RateWindow, Seldom, message_window
from feeds.roster import CONFIRMED, IDLE, PENDING, REFUSED, Roster
from tests.fakes.venue_codec import FakeCodec, subscription

NS = 1_000_000_000


@dataclass
class Hands:
    """A clock that is moved by hand."""

    s: float = 1000.0

    def wall_ns(self) -> int:
        return round(self.s * NS)

    mono_ns = wall_ns


def roster(*natives: str, limit: int = 50) -> Roster:
    codec = FakeCodec(Limits(topics_per_request=limit))
    wanted = [subscription("trade", native) for native in natives]
    return Roster(codec, wanted, ack_s=5, retry_s=600, counters=Counter())


def send_all(roster: Roster, now_ns: int = 0) -> list[tuple[str, ...]]:
    asked = []
    while (outgoing := roster.next(now_ns)) is not None:
        roster.sent(outgoing, now_ns)
        asked.append(tuple(item.native for item in outgoing.request.subscriptions))
    return asked


def states(roster: Roster) -> dict[str, str]:
    return {instrument.partition(":")[2]: entry.state for (_, instrument), entry in roster.entries.items()}


def test_no_window_holds_more_than_the_limit():
    clock = Hands()
    window = message_window(5, clock)
    times = []
    for _ in range(23):
        clock.s += window.delay_s()
        window.take()
        times.append(clock.s)

    assert all(later - earlier > 1 for earlier, later in zip(times, times[5:], strict=False))
    assert times[-1] - times[0] < 5


def test_weights_leave_the_window_as_they_grow_old():
    clock = Hands()
    window = RateWindow(10, 60, clock)
    window.take(6)
    clock.s += 20
    window.take(4)

    assert window.delay_s(5) == 40
    assert window.delay_s(7) == 60
    assert window.delay_s(100) == 60
    assert RateWindow(0, 60, clock).delay_s(1e9) == 0


def test_a_share_leaves_the_rest_to_others():
    window = RateWindow(10, 60, Hands())
    window.take(4)

    assert window.delay_s(2, share=0.5) > 0
    assert window.delay_s(2) == 0


def test_a_log_line_is_due_once_and_counts_what_it_kept_back():
    clock = Hands()
    seldom = Seldom(60, clock)

    first = [seldom.due("a") for _ in range(4)]
    clock.s += 61

    assert first == [1, 0, 0, 0]
    assert seldom.due("a") == 4
    assert seldom.due("b") == 1


def test_requests_are_chunked_and_preferred_instruments_first():
    asked = roster("A/B", "C/D", "E/F", limit=2)

    first = asked.next(0, {"FAKE:E/F"})

    assert [item.native for item in first.request.subscriptions] == ["E/F", "A/B"]
    assert send_all(asked) == [("C/D",)]


def test_an_answer_by_symbol_settles_that_symbol():
    asked = roster("A/B", "C/D")
    send_all(asked)

    verdict = asked.acknowledge(Ack(True, "", "trade", "FAKE:A/B", 1), 0)

    assert [item.native for item in verdict.confirmed] == ["A/B"]
    assert states(asked) == {"A/B": CONFIRMED, "C/D": PENDING}
    assert not asked.settled


def test_an_answer_by_request_settles_all_of_it():
    asked = roster("A/B", "C/D")
    send_all(asked)

    asked.acknowledge(Ack(True, "", "", "", 1), 0)

    assert asked.settled


def test_answers_that_name_nothing_go_by_the_order_of_requests():
    asked = roster("A/B", "C/D", "E/F", limit=1)
    send_all(asked)
    agreed, refused = Ack(True, "", "", "", 0, in_order=True), Ack(False, "no", "", "", 0, in_order=True)

    verdicts = [asked.acknowledge(ack, 0) for ack in (agreed, refused, agreed)]

    assert [item.native for verdict in verdicts for item in verdict.confirmed] == ["A/B", "E/F"]
    assert states(asked) == {"A/B": CONFIRMED, "C/D": REFUSED, "E/F": CONFIRMED}
    asked.want([subscription("trade", "A/B"), subscription("trade", "G/H")])
    send_all(asked)
    assert asked.acknowledge(agreed, 0).confirmed == [], "that one is to the request to leave"
    assert states(asked) == {"A/B": CONFIRMED, "G/H": PENDING}
    assert [item.native for item in asked.acknowledge(agreed, 0).confirmed] == ["G/H"]


def test_an_answer_that_never_came_does_not_shift_those_after_it():
    asked = roster("A/B", limit=1)
    send_all(asked)
    asked.expire(6 * NS, lambda item: False)
    send_all(asked, 6 * NS)

    verdict = asked.acknowledge(Ack(True, "", "", "", 0, in_order=True), 6 * NS)

    assert [item.native for item in verdict.confirmed] == ["A/B"]


def test_a_refused_symbol_is_asked_again_rarely_and_survives_a_reconnect():
    asked = roster("A/B", "X/X")
    send_all(asked)

    verdict = asked.acknowledge(Ack(False, "unknown pair X/X", "", "FAKE:X/X", 1), 0)
    asked.acknowledge(Ack(True, "", "trade", "FAKE:A/B", 1), 0)
    again = asked.restarted()

    assert [item.native for item in verdict.refused] == ["X/X"]
    assert asked.settled
    assert send_all(again, 599 * NS) == [("A/B",)]
    assert send_all(again, 601 * NS) == [("X/X",)]


def test_a_refusal_for_haste_is_asked_again_soon():
    asked = roster("A/B")
    send_all(asked)

    asked.acknowledge(Ack(False, "Exceeded msg rate", "trade", "FAKE:A/B", 1), 0)

    assert states(asked) == {"A/B": REFUSED}
    assert send_all(asked, 11 * NS) == [("A/B",)]


def test_one_bad_symbol_of_a_refused_request_is_found():
    natives = [f"S{at}/USD" for at in range(20)]
    asked = roster(*natives)
    while (outgoing := asked.next(0)) is not None:
        asked.sent(outgoing, 0)
        names = [item.native for item in outgoing.request.subscriptions]
        bad = "S7/USD" in names
        asked.acknowledge(Ack(not bad, "bad symbol" if bad else "", "", "", outgoing.request.req_id), 0)

    assert {name for name, state in states(asked).items() if state == REFUSED} == {"S7/USD"}
    assert asked.settled
    assert asked.counters["asks"] <= 12


def test_words_without_an_address_are_about_the_oldest_open_request():
    asked = roster("A/B")
    send_all(asked)

    verdict = asked.acknowledge(Ack(False, "product not found", "", "", 0), 0)

    assert [item.native for item in verdict.refused] == ["A/B"]


def test_words_that_name_symbols_refuse_those_and_ask_again_for_the_others():
    asked = roster("A/B", "C/D", "C/DX", "E/F")
    send_all(asked)

    verdict = asked.acknowledge(Ack(False, "C/D is not a valid product", "", "", 0), 0)

    assert [item.native for item in verdict.refused] == ["C/D"]
    assert send_all(asked) == [("A/B", "C/DX", "E/F")]


def test_words_without_an_address_never_reach_a_request_that_was_answered():
    """Answers that lag behind several requests each find the request that they are about."""
    natives = [f"S{at}" for at in range(10)]
    codec = FakeCodec(Limits(topics_per_request=50))
    wanted = [subscription(channel, native) for channel in ("trade", "ticker", "book") for native in natives]
    asked = Roster(codec, wanted, ack_s=5, retry_s=600, counters=Counter())
    flying: list[tuple[str, ...]] = []
    for _ in range(200):
        outgoing = asked.next(0)
        if outgoing is not None:
            asked.sent(outgoing, 0)
            flying.append((outgoing.request.req_id, [s.native for s in outgoing.request.subscriptions]))
        if len(flying) > 3 or (outgoing is None and flying):
            req_id, names = flying.pop(0)
            bad = [name for name in names if name in ("S3", "S7")]
            words = f"failed: {', '.join(bad)} is not a valid product" if bad else ""
            asked.acknowledge(Ack(not bad, words, "", "", 0 if bad else req_id), 0)

    refused = {e.subscription for e in asked.entries.values() if e.state == REFUSED}
    assert refused == {item for item in wanted if item.native in ("S3", "S7")}
    assert asked.settled


def test_an_error_about_what_is_confirmed_changes_nothing():
    asked = roster("A/B")
    send_all(asked)
    asked.acknowledge(Ack(True, "", "trade", "FAKE:A/B", 1), 0)

    asked.acknowledge(Ack(False, "already there", "trade", "FAKE:A/B", 1), 0)

    assert states(asked) == {"A/B": CONFIRMED}


def test_silence_is_asked_again_and_counted_unless_data_flows():
    asked = roster("A/B", "C/D")
    send_all(asked)

    proven = asked.expire(6 * NS, lambda item: item.native == "A/B")

    assert [item.native for item in proven] == ["A/B"]
    assert states(asked) == {"A/B": CONFIRMED, "C/D": IDLE}
    assert asked.counters["reasks"] == 1
    assert send_all(asked, 6 * NS) == [("C/D",)]


def test_what_is_no_longer_wanted_is_unsubscribed_and_nothing_else_asked():
    asked = roster("A/B", "C/D")
    send_all(asked)
    asked.acknowledge(Ack(True, "", "", "", 1), 0)

    asked.want([subscription("trade", "C/D")])
    outgoing = asked.next(0)

    assert not outgoing.subscribing
    assert [item.native for item in outgoing.request.subscriptions] == ["A/B"]
    assert asked.next(0) is None


def test_renewing_unsubscribes_first_and_waits_until_it_is_due():
    asked = roster("A/B", "C/D")
    send_all(asked)
    asked.acknowledge(Ack(True, "", "", "", 1), 0)

    assert asked.renew("trade", "FAKE:A/B", 3 * NS)
    assert asked.next(2 * NS) is None
    kinds = [asked.next(3 * NS).subscribing, asked.next(3 * NS).subscribing]

    assert kinds == [False, True]
    assert not asked.renew("trade", "FAKE:A/B", 0)
