"""The side of Deribit: wire text as documented, books by change ids, heartbeats, credits, options."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from feeds.simulator import deribit_listing
from feeds.simulator.deribit_session import Credits, Session
from feeds.simulator.listing import listings
from tests.feeds.deribit import frames
from tests.feeds.simulator.clients import START_NS, applied, get, parse, shape, sides, still, truth, watching

PERPETUAL = "DERIBIT:BTC-PERPETUAL"
PATH = "/ws/api/v2"
OPTION = deribit_listing.chains(START_NS)[1]


def asked(*channels: str, method: str = "public/subscribe") -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {"channels": list(channels)}}


def of(channel: str, name: str = PERPETUAL) -> str:
    return f"{channel}.{name.partition(':')[2]}.100ms"


@pytest.mark.parametrize(
    ("name", "kind", "documented"),
    [
        (PERPETUAL, "ticker", frames.PERPETUAL),
        (OPTION, "ticker", frames.OPTION),
        (PERPETUAL, "trades", frames.TRADES),
        (PERPETUAL, "book", frames.CHANGE),
    ],
)
async def test_messages_have_the_keys_of_documented_ones(name: str, kind: str, documented: bytes) -> None:
    async with still(name) as simulator, watching(simulator, "deribit", PATH) as watcher:
        await watcher.ask(asked(of(kind, name)))
        simulator.step(900, every_ms=20)
        [*_, last] = await watcher.texts()

    def keys(text: str) -> set[str]:
        data = shape(text)["params"]["data"]
        return set((data[0] if isinstance(data, list) else data)[""]) - OPTIONAL

    assert keys(last) == keys(documented.decode())


OPTIONAL = {"settlement_price", "liquidation"}


async def test_the_index_of_the_cheapest_is_not_rounded_to_nothing() -> None:
    name = "DERIBIT:PEPE_USDC-PERPETUAL"
    async with still(name) as simulator, watching(simulator, "deribit", PATH) as watcher:
        await watcher.ask(asked(of("ticker", name)))
        simulator.step(900, every_ms=20)
        [*_, last] = await watcher.texts()

    assert float(parse(last)["params"]["data"]["index_price"]) > 0


async def test_what_makes_no_sense_is_left_out_of_the_answer() -> None:
    async with still(PERPETUAL) as simulator, watching(simulator, "deribit", PATH) as watcher:
        names = [of("book"), "book.NOBODY-PERPETUAL.100ms", "book.BTC-PERPETUAL.raw", "novelty"]
        [answer, snapshot] = await watcher.ask(asked(*names))

    assert (answer["id"], answer["result"]) == (7, [of("book")])
    assert snapshot["params"]["data"]["type"] == "snapshot"


async def test_changes_follow_one_another_to_the_true_book() -> None:
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    async with still(PERPETUAL) as simulator, watching(simulator, "deribit", PATH) as watcher:
        simulator.step(200, every_ms=20)
        _, *messages = await watcher.ask(asked(of("book")))
        simulator.step(600, every_ms=20)
        messages += await watcher.new()
        last = None
        for data in (message["params"]["data"] for message in messages):
            assert data.get("prev_change_id") == last
            last = data["change_id"]
            applied(book, *([level[1:] for level in data[side]] for side in ("bids", "asks")))

        assert len(messages) > 50
        assert sides(book) == truth(simulator, PERPETUAL)


async def test_whoever_comes_later_and_whoever_was_there_see_one_book() -> None:
    async with still(PERPETUAL) as simulator, watching(simulator, "deribit", PATH) as first:
        await first.ask(asked(of("book")))
        simulator.engine.run(5, simulator.clock.now_ns(), simulator.clock.now_ns(), simulator.publish)
        async with watching(simulator, "deribit", PATH) as second:
            [_, snapshot] = await second.ask(asked(of("book")))
            changes = await first.new()

    assert changes[-1]["params"]["data"]["change_id"] == snapshot["params"]["data"]["change_id"]


async def test_greeks_and_indexes_move_though_nobody_trades() -> None:
    async with still(OPTION) as simulator, watching(simulator, "deribit", PATH) as watcher:
        indexes = ["deribit_price_index.btc_usd", "deribit_volatility_index.btc_usd"]
        await watcher.ask(asked(of("ticker", OPTION), *indexes))
        simulator.market(OPTION).status = "halted"
        simulator.engine.reweigh()
        simulator.step(100, every_ms=1000)
        found: dict[str, set[str]] = {}
        for message in await watcher.new():
            data = message["params"]["data"]
            value = data["greeks"]["delta"] if "greeks" in data else data.get("price", data.get("volatility"))
            found.setdefault(message["params"]["channel"], set()).add(str(value))

    assert {name: len(values) > 50 for name, values in found.items()} == {
        of("ticker", OPTION): True,
        **dict.fromkeys(indexes, True),
    }


def test_a_chain_has_two_expiries_of_a_dozen_strikes_each() -> None:
    found = listings(deribit_listing.chains(START_NS))
    chain = [each for each in found if each.kind == "option" and each.base == "ETH"]

    assert len({each.expiry_ms for each in chain}) == 2
    assert len({each.strike for each in chain}) == 12
    assert len(chain) == 2 * 12 * 2
    assert all(each.expiry_ms > START_NS / 1e6 + 7 * 86_400_000 for each in chain)


async def test_who_does_not_answer_a_question_is_cut_off() -> None:
    session = Session(0.0)
    assert session.begin(0.0, 9) is None, "not below ten seconds"
    assert session.begin(0.0, 10) == "ok"
    assert session.due(9.0) == ""
    session.heard(9.5, tested=False)
    assert session.due(10.0) == "heartbeat"
    assert session.due(20.0) == "test_request"
    session.heard(21.0, tested=True)
    assert session.due(30.0) == "heartbeat"
    assert session.due(40.0) == "test_request"
    assert session.due(50.0) == "over"


def test_credits_come_back_with_time() -> None:
    credits = Credits()

    assert [credits.spend(100.0, subscribing=True) for _ in range(11)] == [True] * 10 + [False]
    assert not credits.spend(100.0, subscribing=True)
    assert credits.spend(101.0, subscribing=True)
    assert credits.spend(101.0, subscribing=False), "a pool of its own"


async def test_whoever_is_out_of_credits_is_told_and_closed() -> None:
    async with still(PERPETUAL) as simulator, watching(simulator, "deribit", PATH) as watcher:
        for _ in range(11):
            await watcher.ws.send('{"id":1,"method":"public/subscribe","params":{"channels":[]}}')
        heard = []
        with pytest.raises(ConnectionClosedError) as closed:
            while True:
                heard.append(parse(str(await watcher.ws.recv())))

        assert heard[-1]["error"]["code"] == 10028
        assert closed.value.rcvd.code == 1008
        assert simulator.exchanges["DERIBIT"].counters["credits_over_limit"] == 1


async def test_lists_are_told_by_rest() -> None:
    async with still(PERPETUAL, OPTION) as simulator:
        root = simulator.rest_url("DERIBIT") + "/api/v2/public"
        rows = (await get(f"{root}/get_instruments?currency=any&expired=false")).json()["result"]
        names = (await get(f"{root}/get_index_price_names")).json()["result"]
        wrong = await get(f"{root}/get_tradingview_chart_data?instrument_name=NOBODY")

    assert [row["instrument_name"] for row in rows] == [
        name.partition(":")[2] for name in (PERPETUAL, OPTION)
    ]
    assert names == ["btc_usd", "btcdvol_usdc"]
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, -32602)
