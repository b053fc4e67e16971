"""What is told of each topic: how much came, how often it broke, why it was not live."""

from __future__ import annotations

from feeds.events import Ack, LinkSequence
from feeds.health import TopicHealth, standing
from feeds.market import TAPE
from tests.feeds.making import NAME, T0_US, PlainCodec, delta, quote, snapshot, stats, trade
from tests.feeds.replaying import Recorded

LINK = "link.0"
BIDS, ASKS = [("100.0", "1")], [("101.0", "1")]


def made_of(*channels: str, **codec) -> Recorded:
    made = Recorded(PlainCodec(**codec))
    made.watch(["BTC/USD"], depth=10, channels=channels or ("ticker", "trade", "book"), link=LINK)
    return made


def feed(made: Recorded, *events) -> None:
    for event in events:
        made.state.apply(event, LINK)


def health(made: Recorded) -> dict[str, TopicHealth]:
    return {found.topic.partition(":")[0]: found for found in made.state.health()}


def test_every_event_of_a_topic_counts_once():
    made = made_of()
    feed(made, quote(), quote(), stats(last="100.0"), trade(1), trade(2), trade(2))
    feed(made, snapshot(BIDS, ASKS), delta([("99.0", "1")]))

    assert {name: found.messages for name, found in health(made).items()} == {
        "ticker": 3,
        "trade": 2,
        "book": 2,
    }
    assert health(made)["book"].topic == f"book:{NAME}"
    assert health(made)["book"].received_us == T0_US


def test_trades_count_on_when_they_fall_off_the_tape():
    made = made_of("trade")

    feed(made, *(trade(number) for number in range(1, 3 * TAPE)))

    assert health(made)["trade"].messages == 3 * TAPE - 1
    assert len(made.state.trades(NAME)) == TAPE


def test_a_book_that_broke_counts_a_gap_and_then_that_it_came_again():
    made = made_of("book")
    feed(made, snapshot(BIDS, ASKS, last=5), delta(BIDS, previous=5, last=6))
    assert health(made)["book"][6:9] == (0, 0, "")

    feed(made, delta(BIDS, previous=8, last=9))
    assert health(made)["book"][1:3] == ("syncing", "sequence 8 after 6")
    assert health(made)["book"][6:9] == (1, 0, "sequence 8 after 6")

    feed(made, snapshot(BIDS, ASKS, last=9))
    assert health(made)["book"][1] == "live"
    assert health(made)["book"][6:9] == (1, 1, "sequence 8 after 6")


def test_a_hole_in_the_links_numbers_is_one_in_each_of_its_books_and_tapes():
    made = made_of(resync_scope="link")
    feed(made, quote(), trade(1), snapshot(BIDS, ASKS))

    feed(made, LinkSequence(1), LinkSequence(3))

    gaps = {name: (found.gaps, found.last_error) for name, found in health(made).items()}
    broken = (1, "link sequence 3 after 1")
    assert gaps == {"ticker": (0, ""), "trade": broken, "book": broken}


def test_a_link_that_was_lost_is_an_error_and_no_gap():
    made = made_of()
    feed(made, quote())

    made.state.link_down(LINK, "silent for 5 s")
    assert health(made)["ticker"][6:9] == (0, 0, "silent for 5 s")

    feed(made, quote())
    assert health(made)["ticker"][6:9] == (0, 1, "silent for 5 s")


def test_a_refusal_stays_said_in_the_venues_words():
    made = made_of()

    feed(made, Ack(False, "refused: not supported", "book", NAME, 1))

    found = health(made)["book"]
    assert (found.state, found.messages, found.received_us) == ("down", 0, 0)
    assert found.last_error == "refused: not supported"


def test_what_was_never_troubled_has_no_error_to_show():
    made = made_of()
    assert {found.last_error for found in health(made).values()} == {""}
    assert {found.state for found in health(made).values()} == {"syncing"}


def test_an_open_link_says_what_it_waits_for():
    assert standing("", data=False, pending=3) == ("subscribing", "3 waiting for an answer")
    assert standing("", data=False, pending=0) == ("subscribing", "waiting for data")
    assert standing("maintenance", data=True, pending=3) == ("halted", "maintenance")
