"""A recording of both paths, as `record` makes it, played: two links and REST are one market."""

from __future__ import annotations

from pathlib import Path

from feeds import venues
from feeds.recorder import encode
from feeds.replay import Replay, ReplayClock
from feeds.state import MarketState
from tests.feeds.binance.futures_frames import LIQUIDATION, MARK, QUOTE, TICKER, TRADE

NAME = "BINANCE_USDM:BTCUSDT"
NS = 1_700_000_000_000_000_000
INTEREST = "https://fapi.binance.com/fapi/v1/openInterest?symbol=BTCUSDT"


async def played(tmp_path: Path, *records: dict) -> MarketState:
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join(encode({"ns": NS + at, **record}) for at, record in enumerate(records)))
    replay = Replay(path, {"BINANCE_USDM": venues.codec("BINANCE_USDM")}, ReplayClock())
    await replay.play(0)
    return replay.states["BINANCE_USDM"]


def received(path: str, frame: bytes) -> dict:
    return {"k": "recv", "conn": f"BINANCE_USDM.{path}.0", "raw": frame.decode()}


async def test_what_comes_on_two_links_and_by_rest_is_one_market(tmp_path: Path):
    body = '{"openInterest":"10659.509","symbol":"BTCUSDT","time":1562305380001}'
    state = await played(
        tmp_path,
        received("public", QUOTE),
        *(received("market", frame) for frame in (TICKER, TRADE, MARK, LIQUIDATION)),
        {"k": "http", "conn": "BINANCE_USDM.http", "url": INTEREST, "raw": body},
        {"k": "http", "conn": "BINANCE_USDM.http", "url": INTEREST, "raw": "<html>"},
    )

    ticker, mark = state.ticker(NAME), state.mark(NAME)
    assert (ticker["bid"], ticker["volume"]) == ("25.35190000", "122474.816")
    assert (mark["mark"], mark["open_interest"]) == ("11794.15000000", "10659.509")
    assert state.funding(NAME)["rate"] == "0.00038167"
    assert [each.qty for each in state.liquidations(NAME)] == ["0.014"]
    states = {channel: state.topic_state(channel, NAME).state for channel in ("ticker", "trade", "mark")}
    assert set(states.values()) == {"live"}, states
