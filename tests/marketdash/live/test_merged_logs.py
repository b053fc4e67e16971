"""What is logged one by one and told late: rows that become one lead where each of them would have led, and
``skipped`` says how many are missing, all of them before the first that is there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.log_slots import TradeSlot
from marketdash.live.bodies import CHANNELS, KEPT_TRADES
from tests.feeds.making import NAME, trade
from tests.feeds.test_merge import Reader

TRADE = CHANNELS["trade"]
bursts = st.lists(
    st.one_of(st.integers(0, 90), st.sampled_from([199, 200, 201, 650])), min_size=1, max_size=7
)


def told(sizes: list[int]) -> list[bytes]:
    """The rows of a real slot that was taken after each burst. Trades are numbered from 1."""
    reader, rows, number = Reader(TradeSlot(NAME), "trade"), [], 0
    for size in sizes:
        reader.feed(*(trade(at) for at in range(number + 1, number + size + 1)))
        number += size
        rows.append(reader.slot.take(reader.state))
    return [row for row in rows if row is not None]


def value_after(rows: list[bytes]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for row in rows:
        TRADE.fold(value, json.loads(row))
    return value


def says_what_is_missing(row: bytes, last: int) -> bool:
    """Whether it ends with the last one, holds each of those before it, and counts the others."""
    body = json.loads(row)
    numbers = [int(each["trade_id"]) for each in body["trades"]]
    skipped = body.get("skipped", 0)
    return numbers == list(range(skipped + 1, last + 1))


@given(bursts)
def test_rows_that_became_one_lead_where_each_would_have_led(sizes: list[int]) -> None:
    if rows := told(sizes):
        merged = TRADE.merge(rows)
        assert value_after([merged]) == value_after(rows)
        assert says_what_is_missing(merged, sum(sizes))


@given(bursts, st.data())
def test_in_whatever_groups_they_are_merged(sizes: list[int], data: st.DataObject) -> None:
    if rows := told(sizes):
        at = data.draw(st.integers(0, len(rows)))
        groups = [TRADE.merge(part) for part in (rows[:at], rows[at:]) if part]
        assert json.loads(TRADE.merge(groups)) == json.loads(TRADE.merge(rows))


@given(bursts)
def test_a_row_that_leaves_out_is_full(sizes: list[int]) -> None:
    """So one that comes after others leaves nothing out among them: of theirs nothing is kept."""
    for row in map(json.loads, told(sizes)):
        assert "skipped" not in row or len(row["trades"]) == KEPT_TRADES


@given(bursts, st.integers(1, 30_000))
def test_what_is_cut_says_so_too(sizes: list[int], most_bytes: int) -> None:
    if rows := told(sizes):
        row = TRADE.cut(TRADE.merge(rows), most_bytes)
        assert says_what_is_missing(row, sum(sizes))


@pytest.mark.parametrize("name", ["trade", "liquidation"])
def test_a_row_that_only_says_a_state_has_nothing_to_leave_out(name: str) -> None:
    row = json.dumps({"state": "stale", "reason": "nothing received " * 9, f"{name}s": []}).encode()
    assert "skipped" not in json.loads(CHANNELS[name].cut(row, 40))
