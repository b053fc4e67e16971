"""What becomes an incident: how it begins, when it is over, what is none."""

from __future__ import annotations

from feeds.events import InstrumentStatus, VenueStatus
from feeds.sinks import LinkReport, VenueReport
from feeds.state import StateChange
from marketdash.ops.incidents import MAX_PENDING, Journal
from marketdash.ops.watch import Watch
from tests.feeds.making import NAME, PlainCodec, delta, quote, snapshot
from tests.feeds.replaying import Recorded

LINK_0 = "public.0"
BIDS, ASKS = [("100.0", "1")], [("101.0", "1")]


class Watched:
    """A state whose changes go to a watch."""

    def __init__(self) -> None:
        self.journal = Journal("e1")
        self.watch = Watch(self.journal)
        self.made = Recorded(PlainCodec())
        self.made.watch(["BTC/USD"], depth=10, channels=("ticker", "trade", "book"), link=LINK_0)
        self.at_us = 1_000_000

    def feed(self, *events) -> None:
        for event in events:
            self.made.clock.advance(1)
            self.made.state.apply(event, LINK_0)
        self.tell()

    def tell(self) -> None:
        for event in self.made.events:
            if type(event) is StateChange:
                self.watch.topic("FAKE", event, bool(self.made.state.halted))
        self.made.events.clear()

    def report(
        self,
        state="live",
        reconnects=0,
        reason="",
        venue_state="live",
        last_error="",
        limited_s=0,
        barred=False,
    ) -> None:
        """Until when we are limited is said in seconds of the same clock. ``barred``: the link is."""
        self.at_us += 1_000_000
        link = LinkReport(LINK_0, state, reason, 0, 0, 1, 0, 0.0, reconnects, 0, 0, 0, last_error, barred)
        told = VenueReport(
            "FAKE", "Fake", venue_state, reason, (link,), {}, limited_s * 1_000_000, self.at_us
        )
        self.watch.venue(told)

    def said(self) -> list[tuple[str, str, str, bool]]:
        entries = self.journal.pending.values()
        return [(each.kind, each.subject, each.text, each.ended_us > 0) for each in entries]


def test_a_gap_lasts_until_the_book_is_back():
    watched = Watched()
    watched.feed(quote(), snapshot(BIDS, ASKS, last=5), delta(BIDS, previous=8, last=9))
    assert watched.said() == [("gap", NAME, "sequence 8 after 5", False)]

    watched.feed(snapshot(BIDS, ASKS, last=9))

    assert watched.said() == [("gap", NAME, "sequence 8 after 5", True)]
    [entry] = watched.journal.pending.values()
    assert entry.ended_us - entry.began_us == 1_000_000


def test_a_lost_link_is_one_incident_and_not_one_of_each_book():
    watched = Watched()
    watched.feed(quote(), snapshot(BIDS, ASKS))
    watched.report()

    watched.made.state.link_down(LINK_0, "silent for 5 s")
    watched.tell()
    watched.report("down", 1, "silent for 5 s; next try in 1.0 s", last_error="OSError: no route")

    assert watched.said() == [("link", "FAKE public.0", "OSError: no route", False)]
    watched.report("connecting", 1)
    watched.report("live", 1)
    assert watched.said() == [("link", "FAKE public.0", "OSError: no route", True)]


def test_coming_up_for_the_first_time_is_no_incident():
    watched = Watched()
    for state in ("connecting", "subscribing", "live", "live"):
        watched.report(state)
    assert watched.said() == []


def test_a_link_that_was_back_within_a_second_is_told_all_the_same():
    watched = Watched()
    watched.report("live", 0)
    watched.report("live", 1, last_error="the connection broke")
    assert watched.said() == [("link", "FAKE public.0", "reconnected: the connection broke", True)]


def test_a_venue_that_limits_us_is_one_incident_with_an_end_though_its_links_are_up():
    watched = Watched()
    watched.report(limited_s=90)
    watched.report(limited_s=90)
    assert watched.said() == [("limit", "FAKE", "the exchange limits us until 00:02 UTC", False)]

    watched.report(limited_s=200)
    watched.report()
    assert watched.said() == [("limit", "FAKE", "the exchange limits us until 00:04 UTC", True)]
    [entry] = watched.journal.pending.values()
    assert (entry.began_us, entry.ended_us) == (2_000_000, 5_000_000)

    watched.report(limited_s=70)  # sooner than the one before, and another one all the same
    assert [(text, over) for *_, text, over in watched.said()][1:] == [
        ("the exchange limits us until 00:02 UTC", False)
    ]


def test_clocks_that_differ_a_little_do_not_write_the_log_each_second():
    watched = Watched()
    watched.report(limited_s=90)
    watched.journal.take()
    watched.at_us += 7

    watched.watch.venue(VenueReport("FAKE", "Fake", "live", "", (), {}, 90_000_007, watched.at_us))

    assert watched.journal.pending == {}


def test_a_link_that_a_venue_bars_says_so_and_not_which_answer_it_got():
    watched = Watched()
    watched.report()
    error = "InvalidStatus: server rejected WebSocket connection: HTTP 429"
    watched.report("down", 1, "refused; next try in 0.3 s", last_error=error)
    until = "the exchange limits us until 00:02 UTC"
    watched.report("down", 1, f"{until}; next try in 43.1 s", last_error=error, barred=True)
    watched.report("connecting", 1, last_error=error)
    watched.report("live", 1, last_error=error)

    assert watched.said() == [("link", "FAKE public.0", "the exchange limits us until 00:02 UTC", True)]


def test_whether_a_link_is_barred_is_not_read_from_words():
    watched = Watched()
    for barred in (False, True):
        watched.report("down", 1, "bis 00:02 UTC; next try in 9.0 s", last_error="HTTP 429", barred=barred)
        assert watched.said() == [("link", "FAKE public.0", "bis 00:02 UTC" if barred else "HTTP 429", False)]


def test_a_link_that_is_not_wanted_any_more_is_not_down():
    watched = Watched()
    watched.report("down", reason="no route")
    watched.watch.venue(VenueReport("FAKE", "Fake", "down", "", (), {}, 0, 9_000_000))
    assert [over for *_, over in watched.said()] == [True]


def test_a_halt_of_an_instrument_has_an_end_and_a_delisting_happens_once():
    watched = Watched()
    watched.feed(quote(), InstrumentStatus(NAME, "halted", "auction", 1))
    assert watched.said() == [("halt", NAME, "auction", False)]
    watched.feed(InstrumentStatus(NAME, "trading", "", 1))
    watched.feed(InstrumentStatus(NAME, "delisted", "gone", 1))

    assert watched.said() == [("halt", NAME, "auction", True), ("delisted", NAME, "gone", True)]


def test_a_venue_that_halts_is_one_incident():
    watched = Watched()
    watched.feed(quote(), VenueStatus("FAKE", "halted", "maintenance", 1))
    watched.report("halted", venue_state="halted", reason="maintenance")
    assert watched.said() == [("halt", "FAKE", "maintenance", False)]

    watched.feed(VenueStatus("FAKE", "online", "", 1))
    watched.report()
    assert watched.said() == [("halt", "FAKE", "maintenance", True)]


def test_a_market_that_its_hours_close_is_no_incident_and_ends_a_halt():
    watched = Watched()
    watched.feed(quote(), InstrumentStatus(NAME, "halted", "the venue takes no orders in it now", 1))
    assert [over for *_, over in watched.said()] == [False]

    watched.made.state._halts.hours = lambda instrument, now_us: "closed, opens Sun 17:05 New York"
    watched.feed(InstrumentStatus(NAME, "halted", "the venue takes no orders in it now", 1))
    assert [over for *_, over in watched.said()] == [True]

    watched.feed(InstrumentStatus(NAME, "trading", "", 1))
    watched.feed(InstrumentStatus(NAME, "halted", "the venue takes no orders in it now", 1))
    assert len(watched.said()) == 1


def test_what_waits_for_the_database_is_bounded_and_what_goes_on_is_kept():
    journal = Journal("e1")
    journal.begin("link", "FAKE", "FAKE public.0", "down", 1)
    for number in range(MAX_PENDING + 9):
        journal.happened("gap", "FAKE", NAME, f"{number}", number)

    assert len(journal.pending) == MAX_PENDING and journal.dropped == 10
    assert "e1.1" in journal.pending


def test_what_was_not_written_does_not_overwrite_what_came_meanwhile():
    journal = Journal("e1")
    journal.begin("gap", "FAKE", NAME, "checksum", 1)
    journal.take()
    journal.end("gap", NAME, 5)

    journal.put_back()

    assert [entry.ended_us for entry in journal.take()] == [5]
