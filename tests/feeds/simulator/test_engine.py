"""Flow, walks and the drawn past: repeatable, plausible, and of one piece."""

from __future__ import annotations

import pytest

from feeds.simulator import Simulator
from feeds.simulator.bars import joined
from feeds.simulator.engine import Engine
from feeds.simulator.history import INTERVALS
from feeds.simulator.listing import listings, price_decimals
from feeds.simulator.market import Tick
from tests.feeds.simulator.clients import START_NS, still

_SECOND_NS = 1_000_000_000


def _run(seed: int, actions: int = 3000) -> tuple[Engine, list[Tick]]:
    engine, ticks = Engine(listings(12), seed, START_NS), []
    engine.run(actions, START_NS, START_NS + 60 * _SECOND_NS, ticks.append)
    return engine, ticks


def test_same_seed_and_times_give_the_same_market() -> None:
    (first, _), (second, _), (other, _) = _run(3), _run(3), _run(4)

    for name, market in first.markets.items():
        again = second.markets[name]
        assert [side.top(0) for side in market.book.sides] == [side.top(0) for side in again.book.sides]
        assert list(market.trades) == list(again.trades)
    assert any(market.trades != other.markets[name].trades for name, market in first.markets.items())


def test_markets_stay_two_sided_and_close_to_what_they_are_worth() -> None:
    engine, _ = _run(3, actions=12_000)

    for market in engine.markets.values():
        bids, asks = market.book.sides
        fair = market.fair(START_NS + 60 * _SECOND_NS)
        assert bids.best() < asks.best()
        assert min(len(bids.keys), len(asks.keys)) >= 20
        assert abs((bids.best() + asks.best()) / 2 / fair - 1) < 0.005


def test_quotes_of_an_asset_agree_across_venues() -> None:
    engine, _ = _run(3, actions=12_000)

    middles = [
        sum(side.best() for side in market.book.sides) / 2 / 10**market.listing.price_decimals
        for market in engine.markets.values() if market.listing.base == "BTC"
    ]  # fmt: skip

    assert len(middles) == 3
    assert max(middles) / min(middles) < 1.002


def test_majors_move_most() -> None:
    _, ticks = _run(3)

    by_rank: dict[int, int] = {}
    for tick in ticks:
        by_rank[tick.market.listing.rank] = by_rank.get(tick.market.listing.rank, 0) + 1

    assert by_rank[1] > by_rank[2] > by_rank[3]


def test_update_ids_count_every_changed_level() -> None:
    engine, ticks = _run(3)

    last: dict[str, int] = {}
    for tick in ticks:
        name = tick.market.listing.name
        assert tick.first_id == last.get(name, tick.first_id - 1) + 1
        last[name] = tick.first_id + len(tick.changes) - 1
    assert all(engine.markets[name].update_id == number for name, number in last.items())


def test_stopped_market_does_not_move() -> None:
    engine = Engine(listings(["KRAKEN:BTC/USD"]), 1, START_NS)
    engine.markets["KRAKEN:BTC/USD"].status = "halted"
    engine.reweigh()

    engine.run(100, START_NS, START_NS + _SECOND_NS, lambda tick: pytest.fail("it traded"))


@pytest.mark.parametrize(("interval", "parts"), [(5, 1), (15, 5), (60, 15), (240, 60), (1440, 240)])
def test_drawn_bars_are_made_of_their_parts(interval: int, parts: int) -> None:
    market = still("KRAKEN:ETH/USD").market("KRAKEN:ETH/USD")
    start = (START_NS // 60_000_000_000 // 1440 - 2) * 1440

    whole = market.bars.drawn(interval, start)
    pieces = [market.bars.drawn(parts, start + at) for at in range(0, interval, parts)]

    summed = joined(pieces, start)
    assert (whole.open, whole.high, whole.low, whole.close) == (
        summed.open,
        summed.high,
        summed.low,
        summed.close,
    )
    assert (whole.volume, whole.trades) == (summed.volume, summed.trades)


@pytest.mark.parametrize("interval", INTERVALS)
def test_bars_follow_one_another_into_the_present(interval: int) -> None:
    simulator = still("KRAKEN:BTC/USD")
    simulator.step(400, every_ms=1000)

    bars = simulator.bars("KRAKEN:BTC/USD", interval, 300)

    assert len(bars) == 300
    assert {after.start_us - before.start_us for before, after in zip(bars, bars[1:], strict=False)} == {
        interval * 60_000_000
    }
    assert all(bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high for bar in bars[-50:])
    assert bars[-1].close == simulator.trades("KRAKEN:BTC/USD")[-1].price


def test_running_bar_counts_the_trades_of_its_minute() -> None:
    simulator = still("KRAKEN:BTC/USD")
    simulator.step(600, every_ms=200)

    bar = simulator.bars("KRAKEN:BTC/USD", 1, 2)[0]
    inside = [
        trade for trade in simulator.trades("KRAKEN:BTC/USD")
        if bar.start_us <= trade.time_us < bar.start_us + 60_000_000
    ]  # fmt: skip

    assert bar.trades == len(inside)
    assert (bar.open, bar.close) == (inside[0].price, inside[-1].price)


def test_day_figures_are_there_from_the_start_and_follow_trades() -> None:
    market = still("BINANCE:BTCUSDT").market("BINANCE:BTCUSDT")

    before = (market.stats.day.volume, market.stats.day.trades)
    market.stats.add(START_NS // 60_000_000_000, market.stats.day.high + 1, 7, bought=True, trade_id=1)

    assert before[0] > 0 and before[1] > 0
    assert (market.stats.day.volume, market.stats.day.trades) == (before[0] + 7, before[1] + 1)
    assert market.stats.day.close == market.stats.day.high


def test_day_figures_forget_what_is_older_than_a_day() -> None:
    market = still("KRAKEN:BTC/USD").market("KRAKEN:BTC/USD")

    market.roll(START_NS + 25 * 3600 * _SECOND_NS)

    assert market.stats.day.volume == 0


def test_known_instruments_are_listed_by_name_and_unknown_refused() -> None:
    assert [listing.name for listing in listings(["KRAKEN:EUR/USD", "COINBASE:BTC-USD"])] == [
        "KRAKEN:EUR/USD",
        "COINBASE:BTC-USD",
    ]
    with pytest.raises(ValueError, match="not listed: KRAKEN:NO/SUCH"):
        listings(["KRAKEN:NO/SUCH"])


def test_hundreds_of_instruments_have_names_of_their_own() -> None:
    listed = listings(600)

    assert len({listing.name for listing in listed}) == 600
    assert {"KRAKEN:EUR/USD", "KRAKEN:GBP/USD", "KRAKEN:USD/JPY"} <= {
        listing.name for listing in listings(40)
    }


@pytest.mark.parametrize(
    ("price", "decimals"), [(64000, 1), (1920, 2), (82.5, 4), (1.38, 5), (0.0942, 7), (0.00000587, 8)]
)
def test_prices_have_six_significant_digits(price: float, decimals: int) -> None:
    assert price_decimals(price) == decimals


def test_step_of_a_running_simulator_is_refused() -> None:
    with pytest.raises(ValueError, match="pause it first"):
        Simulator(instruments=1).step()


def test_stepped_simulators_agree_to_the_last_digit() -> None:
    first, second = still("KRAKEN:BTC/USD", "BINANCE:BTCUSDT"), still("KRAKEN:BTC/USD", "BINANCE:BTCUSDT")

    for simulator in (first, second):
        simulator.step(300)

    for name in first.instruments:
        assert first.book(name) == second.book(name)
        assert first.trades(name) == second.trades(name)
        assert first.bars(name, 5) == second.bars(name, 5)
