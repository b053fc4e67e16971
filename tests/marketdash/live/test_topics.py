"""When a topic wants a keyframe, and what makes it want none any more."""

from __future__ import annotations

import msgspec
import pytest

from marketdash.live.topics import Topic, Topics

OLD, NEW = "0001", "0002"


def body(bid: str) -> bytes:
    return msgspec.json.encode({"state": "live", "bid": bid})


@pytest.fixture
def topic() -> Topic:
    """Brought up to number 5 by the newer of two writers, and to be proven."""
    made = Topic("ticker:KRAKEN:BTC/USD", 0.0)
    made.apply(NEW, 0, 5, 0, body("1"))
    made.wanting = True
    return made


def test_the_number_of_what_is_shown_confirms_it(topic: Topic) -> None:
    topic.heard_top(NEW, 5)

    assert not topic.wanting


def test_a_keyframe_of_that_number_confirms_it_and_is_no_news(topic: Topic) -> None:
    assert not topic.apply(NEW, 0, 5, 0, body("1"))
    assert not topic.wanting


@pytest.mark.parametrize(
    "epoch, prev, seq",
    [(NEW, 4, 5), (NEW, 0, 4), (OLD, 0, 5), (OLD, 0, 9)],
    ids=["a row", "an older keyframe", "of the writer before", "of the writer before, with a greater number"],
)
def test_what_is_old_confirms_nothing(topic: Topic, epoch: str, prev: int, seq: int) -> None:
    topic.heard_top(NEW, 6)
    topic.apply(epoch, prev, seq, 0, body("1"))

    assert topic.wanting


def test_what_several_write_is_confirmed_by_all_of_them():
    made = Topic("status:KRAKEN", 0.0)
    for epoch, seq, parts in ((OLD, 5, range(6)), (NEW, 3, range(6, 12))):
        made.apply(epoch, 0, seq, 0, msgspec.json.encode({"state": "live", "parts": list(parts)}))
    made.doubt()

    made.heard_top(NEW, 3)
    assert made.wanting
    topics = Topics()
    topics[made.name] = made
    topics.want_all([made.name])
    made.heard_top(OLD, 5)
    assert made.wanting  # of the newer one's word from before the doubt
    made.heard_top(NEW, 3)
    assert not made.wanting


def written(made: Topic, epoch: str, seq: int, *, prev: int = 0) -> None:
    parts = list(range(6) if epoch == OLD else range(6, 12))
    made.apply(epoch, prev, seq, 0, msgspec.json.encode({"state": "live", "parts": parts}))


def test_a_row_of_one_of_several_confirms_nothing_of_the_others():
    made = Topic("status:KRAKEN", 0.0)
    written(made, OLD, 5)
    written(made, NEW, 3)
    made.doubt()

    written(made, NEW, 4, prev=3)
    assert made.wanting
    written(made, OLD, 6, prev=5)
    assert not made.wanting


def test_who_has_a_hole_is_waited_for_alone():
    """What another said was never in doubt."""
    made = Topic("status:KRAKEN", 0.0)
    written(made, OLD, 5)
    written(made, NEW, 3)
    written(made, NEW, 5, prev=4)
    assert made.wanting

    written(made, NEW, 5)
    assert not made.wanting


def test_who_is_gone_is_waited_for_no_longer():
    made = Topic("status:KRAKEN", 0.0)
    written(made, OLD, 5)
    written(made, NEW, 3)
    made.doubt()
    made.apply("0003", 0, 1, 0, msgspec.json.encode({"state": "live", "parts": list(range(6))}))
    assert made.wanting

    made.heard_top(NEW, 3)
    assert not made.wanting


def test_the_writer_before_confirms_nothing(topic: Topic) -> None:
    topic.heard_top(OLD, 5)

    assert topic.wanting


def test_a_number_that_was_overtaken_by_a_later_row_confirms_nothing(topic: Topic) -> None:
    topic.apply(NEW, 6, 7, 0, body("2"))
    topic.heard_top(NEW, 5)
    topic.apply(NEW, 0, 5, 0, body("1"))
    assert topic.wanting

    topic.apply(NEW, 0, 7, 0, body("2"))
    assert not topic.wanting
    topic.wanting = True
    topic.heard_top(NEW, 7)
    assert not topic.wanting


def test_a_writer_that_is_ahead_is_asked(topic: Topic) -> None:
    topic.heard_top(NEW, 5)
    topic.heard_top(NEW, 6)

    assert topic.wanting
