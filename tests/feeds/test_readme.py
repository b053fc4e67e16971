"""``feeds/README.md``: its example is a venue like any other, and its table says what the code does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from feeds import venues
from feeds.codec import Codec, Limits
from feeds.symbols import INTERVALS
from tests.feeds import test_codec_conformance as conformance
from tests.feeds.samples import RECORDED

README = Path(__file__).parents[2] / "feeds" / "README.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Codec:
    """The codec of the first step, registered as the second one says."""
    [code] = re.findall(r"(?ms)^```python\n(.*?)^```$", README.read_text(encoding="utf-8"))
    (tmp_path / "example_venue.py").write_text(code, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "example_venue", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(venues.VENUES, "EXAMPLE", "example_venue:ExampleCodec")
    return venues.codec("EXAMPLE")


def test_the_example_is_held_to_what_every_venue_is(example: Codec) -> None:
    conformance.test_it_has_all_that_the_vocabulary_asks(example)
    for count in (0, 1, 40, 700):
        conformance.test_links_carry_every_subscription_once(example, count)
    conformance.test_links_are_the_same_whatever_the_order(example)
    for verb in ("subscribe", "unsubscribe"):
        conformance.test_requests_are_json_numbered_and_speak_of_every_subscription_once(example, verb, 120)
    conformance.test_every_depth_can_be_asked_for(example, 100)
    conformance.test_a_second_look_is_asked_for_where_the_stream_does_not_prove_all(example, 100)
    conformance.test_candles_of_every_interval_can_be_asked_for(example)
    conformance.test_an_unknown_message_is_named_briefly(example)
    assert example.candles_request(conformance.subscriptions(example, 1)[0], INTERVALS[0]) is not None


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b'{"ch":"top","sym":"BTC-USD","t":5,"row":["1.0","2","1.1","3"]}', "Quote"),
        (b'{"ch":"deals","sym":"BTC-USD","id":7,"t":5,"row":["buy","1.0","2"]}', "Trade"),
        (b'{"ch":"levels","sym":"BTC-USD","id":7,"bids":[["1.0","2"]],"first":true}', "BookSnapshot"),
        (b'{"ch":"levels","sym":"BTC-USD","id":8,"asks":[["1.1","0"]]}', "BookDelta"),
        (b'{"id":1,"ok":true}', "Ack"),
    ],
)
def test_the_example_understands_its_frames_and_no_others(example: Codec, frame: bytes, kind: str) -> None:
    [event] = conformance.decoded(example, frame)
    assert type(event).__name__ == kind
    for cut in range(0, len(frame), 3):
        conformance.decoded(example, frame[:cut])
        conformance.decoded(example, frame[:cut] + b"[" + frame[cut + 1 :])


def rows() -> dict[str, list[str]]:
    found = re.findall(r"^\| `([A-Z_]+)` \|(.*)\|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in found}


def test_the_table_has_every_venue_and_no_other() -> None:
    assert list(rows()) == sorted(venues.VENUES)


@pytest.mark.parametrize("name", sorted(venues.VENUES))
def test_the_table_says_what_the_code_does(name: str) -> None:
    codec, (channels, proof, allowed, known) = venues.codec(name), rows()[name]

    assert channels.split(", ") == list(codec.channels)
    assert allowed == in_words(codec.limits)
    assert ("by REST" in proof) == (codec.snapshots == "rest")
    assert ("checksum" in proof) == (codec.checksum_levels > 0)
    assert ("of the link" in proof) == (codec.resync_scope == "link")
    assert known


@pytest.mark.parametrize("name", sorted(venues.VENUES))
def test_the_table_claims_those_recordings_that_are_played(name: str) -> None:
    claimed = re.findall(r"recordings? of (\d{4})", rows()[name][3])
    played = Path(RECORDED[name]).name[:4] if name in RECORDED else ""

    assert claimed == [played] * bool(played)
    assert bool(played) or "documentation" in rows()[name][3]


def in_words(limits: Limits) -> str:
    connects = f"{limits.connects} in {limits.connects_window_s:g} s"
    return f"{limits.messages_per_s:g}; {connects}; {limits.rest_weight} in {limits.rest_window_s:g} s"
