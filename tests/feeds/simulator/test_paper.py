"""Paper orders trade in the simulator's own book, level by level, and everybody sees it."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import httpx
import pytest

from feeds.simulator import Simulator
from feeds.simulator.paper_control import done
from feeds.simulator.truth import TrueBook

BTC = "KRAKEN:BTC/USD"
NAMES = (BTC, "KRAKEN:ETH/USD")


@pytest.fixture
async def simulator():
    async with Simulator(instruments=NAMES, paused=True, start_ns=1_766_000_050_000_000_000) as running:
        yield running


def order(simulator: Simulator, side: str, qty: str, price: str = "") -> dict:
    return done(simulator, "order", {"symbol": BTC, "side": side, "qty": qty, "price": price})


def taken(levels: list[tuple[str, str]], qty: str, worst: str = "") -> list[tuple[Decimal, Decimal]]:
    """What an order of ``qty`` takes from these levels, best first, each at its own price."""
    left, expected = Decimal(qty), []
    for price, there in ((Decimal(price), Decimal(there)) for price, there in levels):
        beyond = worst and (price - Decimal(worst)) * (1 if levels[0][0] <= levels[-1][0] else -1) > 0
        if not left or beyond:
            break
        expected.append((price, min(left, there)))
        left -= expected[-1][1]
    return expected


def by_level(fills: list[dict]) -> list[tuple[Decimal, Decimal]]:
    """Fills summed by price: at one price several orders may lie."""
    levels: dict[Decimal, Decimal] = {}
    for fill in fills:
        price = Decimal(fill["price"])
        levels[price] = levels.get(price, Decimal(0)) + Decimal(fill["qty"])
    return list(levels.items())


def depth(book: TrueBook, levels: int) -> str:
    """As much as lies on the best asks, and half of what lies on the next."""
    sizes = [Decimal(qty) for _, qty in book.asks[: levels + 1]]
    return format((sum(sizes[:-1]) + sizes[-1] / 2).quantize(Decimal("1e-8")), "f")


async def test_a_market_order_takes_the_true_levels_one_by_one(simulator: Simulator):
    before = simulator.book(BTC)
    qty = depth(before, 4)

    placed = order(simulator, "buy", qty)

    assert placed["status"] == "filled"
    assert by_level(placed["fills"]) == taken(before.asks, qty)
    assert len(by_level(placed["fills"])) == 5
    after = simulator.book(BTC)
    assert after.bids == before.bids
    assert after.asks[1:] == before.asks[5:]
    left = Decimal(before.asks[4][1]) - by_level(placed["fills"])[4][1]
    assert (after.asks[0][0], Decimal(after.asks[0][1])) == (before.asks[4][0], left)


async def test_what_was_traded_is_on_the_public_tape(simulator: Simulator):
    fills = order(simulator, "sell", "0.75")["fills"]

    tape = simulator.trades(BTC)[-len(fills) :]

    assert [(each.trade_id, each.price, each.qty, each.side) for each in tape] == [
        (fill["public_id"], fill["price"], fill["qty"], "sell") for fill in fills
    ]


async def test_a_limit_order_takes_what_it_may_and_the_rest_lies_in_the_book(simulator: Simulator):
    before = simulator.book(BTC)
    worst, qty = before.asks[1][0], format(Decimal(before.asks[0][1]) + Decimal(before.asks[1][1]) + 5, "f")

    placed = order(simulator, "buy", qty, worst)

    assert placed["status"] == "partially_filled"
    assert by_level(placed["fills"]) == taken(before.asks, qty, worst)
    assert (simulator.book(BTC).bids[0][0], Decimal(simulator.book(BTC).bids[0][1])) == (worst, Decimal(5))


async def test_a_resting_order_is_filled_by_others_and_by_no_cancel_of_theirs(simulator: Simulator):
    before = simulator.book(BTC)
    resting = order(simulator, "buy", "0.50000000", before.bids[0][0])

    for _ in range(200):
        simulator.step(50)
        (now,) = [each for each in done(simulator, "orders", {"venue": "KRAKEN"})
                  if each["order"] == resting["order"]]  # fmt: skip
        assert now["status"] != "canceled"
        if now["status"] == "filled":
            break

    assert now["status"] == "filled"
    assert sum(Decimal(fill["qty"]) for fill in now["fills"]) == Decimal("0.5")
    assert {fill["price"] for fill in now["fills"]} == {before.bids[0][0]}
    assert all(fill["maker"] for fill in now["fills"])


async def test_a_canceled_order_is_out_of_the_book(simulator: Simulator):
    before = simulator.book(BTC)
    placed = order(simulator, "buy", "2.00000000", before.bids[0][0])
    assert simulator.book(BTC) != before

    canceled = done(simulator, "cancel", {"venue": "KRAKEN", "order": str(placed["order"])})

    assert (canceled["status"], canceled["fills"]) == ("canceled", [])
    assert simulator.book(BTC)[:2] == before[:2]
    with pytest.raises(ValueError, match="no open order"):
        done(simulator, "cancel", {"venue": "KRAKEN", "order": str(placed["order"])})


async def test_a_market_order_for_more_than_there_is_ends_canceled(simulator: Simulator):
    before = simulator.book(BTC)
    everything = sum(Decimal(qty) for _, qty in before.bids)
    assert everything < 1000  # what the account has

    placed = order(simulator, "sell", format(everything + 1, "f"))

    assert placed["status"] == "canceled"
    assert by_level(placed["fills"]) == [(Decimal(price), Decimal(qty)) for price, qty in before.bids]
    assert simulator.book(BTC).bids == []


async def test_money_moves_as_it_was_traded(simulator: Simulator):
    fills = order(simulator, "buy", "1.50000000")["fills"]

    balances = done(simulator, "balances", {"venue": "KRAKEN"})

    cost = sum(Decimal(fill["price"]) * Decimal(fill["qty"]) for fill in fills)
    fees = sum(Decimal(fill["fee"]) for fill in fills)
    assert Decimal(balances["BTC"]) == Decimal("1001.5")
    assert Decimal(balances["USD"]) == 1_000_000 - cost - fees
    assert all(Decimal(fill["fee"]) > 0 for fill in fills)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": "hold"}, "side: expected buy or sell"),
        ({"qty": "0"}, "must be above 0"),
        ({"qty": "-1"}, "must be above 0"),
        ({"qty": "0.123456789"}, "at most 8 decimals"),
        ({"qty": "NaN"}, "qty: expected a number"),
        ({"price": "1.23"}, "price: expected a number with at most 1 decimals"),
        ({"symbol": "KRAKEN:NO/NO"}, "not simulated"),
        ({"symbol": "NOWHERE:BTC/USD"}, "venue: expected one of"),
        ({"qty": "999"}, "USD does not suffice"),
        ({"side": "sell", "qty": "1001"}, "BTC does not suffice"),
    ],
)
async def test_what_no_exchange_would_take_is_refused(simulator: Simulator, changes: dict, words: str):
    asked = {"symbol": BTC, "side": "buy", "qty": "0.5", "price": ""} | changes
    with pytest.raises(ValueError, match=words):
        done(simulator, "order", asked)

    assert done(simulator, "orders", {"venue": "KRAKEN"}) == []


async def test_the_control_door_places_and_tells_of_them(simulator: Simulator):
    url = f"http://127.0.0.1:{simulator.port}/control/paper"
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        placed = await client.get(f"{url}/order", params={"symbol": BTC, "side": "buy", "qty": "0.1"})
        refused = await client.get(f"{url}/order", params={"symbol": BTC, "side": "buy", "qty": "none"})
        fills = await client.get(f"{url}/fills", params={"venue": "KRAKEN"})

    assert (placed.status_code, refused.status_code) == (200, 400)
    assert "qty: expected a number" in refused.json()["error"]
    assert fills.json() == placed.json()["fills"]


async def test_the_same_orders_give_the_same_market_to_the_last_digit():
    async def history() -> str:
        async with Simulator(instruments=NAMES, paused=True, start_ns=1_766_000_050_000_000_000) as one:
            for number in range(20):
                one.step(20)
                order(one, ("buy", "sell")[number % 2], "0.25")
            return json.dumps([one.book(BTC), one.trades(BTC)])

    first, second = await asyncio.gather(history(), history())

    assert first == second


async def test_nobody_trades_with_themselves(simulator: Simulator):
    before = simulator.book(BTC)
    resting = order(simulator, "buy", "0.50000000", before.bids[0][0])
    deeper = order(simulator, "buy", "0.50000000", before.bids[9][0])

    sold = order(simulator, "sell", "0.00100000", before.bids[0][0])

    states = {each["order"]: each["status"] for each in done(simulator, "orders", {"venue": "KRAKEN"})}
    assert states[resting["order"]] == "canceled"
    assert states[deeper["order"]] == "new"
    assert by_level(sold["fills"]) == taken(before.bids, "0.001")
