"""Recordings cut, doubled, mixed and broken: what a replay then shows is right, or it shows nothing.

The last book of the whole recording is the measure: each change leaves enough of it that a book, where there
is one at the end, must be that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import astuple

from feeds import venues
from feeds.recorder import Record, encode, read
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState
from feeds.survey import Whose

RECORDINGS = {
    "BINANCE": "binance-spot/2021-10-12_4pairs.jsonl.gz",
    "BINANCE_USDM": "binance-usdm/2021-07-22_4pairs.jsonl.gz",
    "BYBIT": "bybit-v5/2026-08-09_linear-spot_first40pct.jsonl.gz",
    "BYBIT_LINEAR": "bybit-v5/2026-08-09_linear-spot_first40pct.jsonl.gz",
    "COINBASE": "coinbase-advanced/2026-08-09_btc-eth_first40pct.jsonl.gz",
    "COINBASE_EXCHANGE": "coinbase-exchange/2021-04-17_10pairs.jsonl.gz",
    "DERIBIT": "deribit-v2/2021-04-17_options.jsonl.gz",
    "KRAKEN": "derived-kraken-v2/2021-04-17_10pairs.jsonl.gz",
    "OKX": "okx-v5/2022-05-13_books.jsonl.gz",
}
UNNUMBERED = ("COINBASE_EXCHANGE",)
# Frames of the first so many records of the long one: each test plays twice.
_MOST = 1200

Change = Callable[[list[Record]], Iterable[Record]]


@cache
def recorded(path: Path, venue: str) -> list[Record]:
    """Those of one market: where the beginning is cut off, nothing says any more which one a link was of."""
    whose = Whose({venue: venues.codec(venue)})
    return [record for record in read(path) if whose(record)][:_MOST]


async def played(tmp_path: Path, venue: str, records: Iterable[Record]) -> Replay:
    path = tmp_path / "altered.jsonl"
    path.write_bytes(b"".join(map(encode, records)))
    replay = Replay(path, {venue: venues.codec(venue)}, ReplayClock())
    await replay.play(0)
    return replay


def books(state: MarketState) -> dict[str, object]:
    names = {s.instrument for s in state.live_books()}
    found = {name: state.book(name) for name in sorted(names)}
    return {name: book.best(10) for name, book in found.items() if book is not None}


def tapes(state: MarketState) -> dict[str, object]:
    names = {name for name in state._markets if state.trades(name)}
    return {
        name: ([astuple(t)[:6] for t in state.trades(name)], [bar[1:9] for bar in state.bars(name, 1)])
        for name in names
    }


@pytest.fixture(params=RECORDINGS)
def venue(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def records(captures: Path, venue: str) -> list[Record]:
    return recorded(captures / RECORDINGS[venue], venue)


def doubled(records: list[Record]) -> Iterable[Record]:
    for record in records:
        yield record
        if record["k"] == "recv":
            yield record


def with_strangers(records: list[Record]) -> Iterable[Record]:
    odd = [
        '{"channel":"novelty","data":[1]}',
        "[]",
        "null",
        "",
        '{"e":"novelty"}',
        "{",
        '{"stream":"!x@arr"}',
    ]
    for number, record in enumerate(records):
        yield record
        if number % 50 == 0:
            yield {
                "k": "recv",
                "ns": record["ns"],
                "conn": record["conn"],
                "raw": odd[number // 50 % len(odd)],
            }
            yield {"k": "note", "ns": record["ns"], "words": "of another recorder"}


def renamed(records: list[Record]) -> Iterable[Record]:
    names = sorted({record["conn"] for record in records})
    turned = dict(zip(names, names[1:] + names[:1], strict=True))
    return ({**record, "conn": turned[record["conn"]]} for record in records)


def on_two_links(records: list[Record]) -> Iterable[Record]:
    for record in records:
        yield record
        if record["k"] in ("open", "send", "recv"):
            yield {**record, "conn": f"{record['conn']}.twin"}


def lagging(records: list[Record]) -> Iterable[Record]:
    """Another link brings the same, a second later."""
    late = [
        {**record, "conn": f"{record['conn']}.late", "ns": record["ns"] + 1_000_000_000}
        for record in records
        if record["k"] in ("open", "send", "recv")
    ]
    until_ns = records[-1]["ns"]
    return sorted((r for r in [*records, *late] if r["ns"] <= until_ns), key=lambda record: record["ns"])


@pytest.mark.parametrize("change", [doubled, with_strangers, renamed, on_two_links])
async def test_what_changes_nothing_changes_nothing(tmp_path: Path, venue: str, records, change: Change):
    whole = (await played(tmp_path, venue, records)).states[venue]
    state = (await played(tmp_path, venue, change(records))).states[venue]

    assert len(books(whole)) > 1
    assert books(state) == books(whole)
    assert tapes(state) == tapes(whole)


def without_start(records: list[Record]) -> Iterable[Record]:
    return records[len(records) // 10 :]


def from_the_middle(records: list[Record]) -> Iterable[Record]:
    return records[len(records) // 2 :]


def without_a_part(records: list[Record]) -> Iterable[Record]:
    return records[: len(records) // 3] + records[len(records) // 3 + len(records) // 30 :]


def without_every_tenth(records: list[Record]) -> Iterable[Record]:
    return (record for number, record in enumerate(records) if number % 10 or record["k"] != "recv")


def swapped(records: list[Record]) -> Iterable[Record]:
    turned = list(records)
    for at in range(20, len(turned) - len(turned) // 6, 30):
        turned[at], turned[at + 1] = turned[at + 1], turned[at]
    return turned


def opened_again(records: list[Record]) -> Iterable[Record]:
    half = len(records) // 2
    again = [{**record, "ns": records[half]["ns"]} for record in records if record["k"] == "open"]
    return [*records[:half], *again, *records[half:]]


def cut_frames(records: list[Record]) -> Iterable[Record]:
    for number, record in enumerate(records):
        broken = record["k"] == "recv" and number % 25 == 0 and number < len(records) - len(records) // 6
        yield {**record, "raw": record["raw"][: len(record["raw"]) // 2]} if broken else record


@pytest.mark.parametrize(
    "change",
    [
        without_start,
        from_the_middle,
        without_a_part,
        without_every_tenth,
        swapped,
        opened_again,
        cut_frames,
        lagging,
    ],
)
async def test_a_book_with_a_hole_is_not_shown(tmp_path: Path, venue: str, records, change: Change):
    if venue in UNNUMBERED and change in (without_a_part, without_every_tenth):
        pytest.skip("nothing in its stream shows it: that is for an audit to find")
    whole = books((await played(tmp_path, venue, records)).states[venue])
    replay = await played(tmp_path, venue, change(records))

    shown = books(replay.states[venue])
    if change is lagging:
        late = [record for record in lagging(records) if record["conn"].endswith(".late")]
        alone = books((await played(tmp_path, venue, late)).states[venue])
        assert shown in (whole, alone)
    else:
        assert {name: book for name, book in shown.items() if book != whole[name]} == {}
    assert replay.summary()
