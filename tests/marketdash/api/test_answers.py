"""What each operation answers, held to its own OpenAPI document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from django.test import AsyncClient

from feeds.symbols import INTERVALS, in_words
from marketdash import publish
from marketdash.api.urls import api
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument

pytestmark = pytest.mark.django_db(transaction=True)
BTC, ETH = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"
TICKER = {"bid": "64012.10", "ask": "64012.2", "last": "0.00000000000000000001", "ts_received": 1}
BAR = {"open": "1.10", "high": "2", "low": "1", "close": "2", "volume": "3.000", "trades": 1}


async def asked(client: AsyncClient, path: str, status: int = 200, **headers: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.content
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "no-store")
    body = json.loads(answer.content)
    held_to_the_schema(path.split("?")[0], status, body)
    return body


def held_to_the_schema(operation: str, status: int, body: object) -> None:
    document = api.get_openapi_schema()
    described = document["paths"].get(f"/api/v1/{operation}")
    if described is not None:
        schema = described["get"]["responses"][status]["content"]["application/json"]["schema"]
        jsonschema.validate(body, {**schema, "components": document["components"]})


async def test_a_value_comes_with_its_state_its_age_and_all_its_digits(
    async_client: AsyncClient, rows: Any
) -> None:
    rows[f"ticker:{BTC}"] = publish.Row("stale", "no word from the feed", 2_600_000, TICKER)

    body = await asked(async_client, f"tickers?symbol={BTC}&symbol={ETH}")

    assert body["data"] == [
        {
            "symbol": BTC,
            "state": "stale",
            "reason": "no word from the feed",
            "phase": "",
            "age_us": 2_600_000,
            **TICKER,
        },
        {"symbol": ETH, "state": "syncing", "reason": "no data yet", "phase": "", "age_us": None},
    ]
    assert body["ts"] > 1_700_000_000_000_000


async def test_what_has_no_value_has_no_age(async_client: AsyncClient, rows: Any) -> None:
    rows[f"ticker:{BTC}"] = publish.Row("down", "no word from the feed", 0, {})

    [row] = (await asked(async_client, f"tickers?symbol={BTC}"))["data"]

    assert (row["state"], row["age_us"]) == ("down", None)


async def test_a_market_that_is_closed_is_told_from_one_that_is_halted(
    async_client: AsyncClient, rows: Any
) -> None:
    words = "closed, opens Mon 09:30 New York"
    rows[f"ticker:{BTC}"] = publish.Row("halted", words, 1, {**TICKER, "phase": "closed"})
    rows[f"ticker:{ETH}"] = publish.Row("halted", "Halt News Pending", 1, TICKER)

    for channel in ("tickers", "trades", "books"):
        for name in (BTC, ETH):
            rows[f"{channel[:-1]}:{name}"] = rows[f"ticker:{name}"]
        found = (await asked(async_client, f"{channel}?symbol={BTC}&symbol={ETH}"))["data"]
        assert [(each["state"], each["phase"]) for each in found] == [("halted", "closed"), ("halted", "")]


async def test_tickers_of_all_and_each_once(async_client: AsyncClient, rows: Any) -> None:
    for query in ("", f"?symbol={ETH}&symbol={BTC}&symbol={ETH}"):
        found = [row["symbol"] for row in (await asked(async_client, f"tickers{query}"))["data"]]
        assert sorted(found) == [BTC, ETH]


async def test_a_book_is_cut_to_the_depth_and_an_unproven_one_has_no_levels(
    async_client: AsyncClient, rows: Any
) -> None:
    levels = [(f"{n}.50", "1.0") for n in range(100, 50, -1)]
    rows[f"book:{BTC}"] = publish.Row("live", "", 5, {"bids": levels, "asks": levels})
    rows[f"book:{ETH}"] = publish.Row("syncing", "a gap", 5, {})

    first, second = (await asked(async_client, f"books?symbol={BTC}&symbol={ETH}&depth=25"))["data"]

    assert (len(first["bids"]), first["bids"][0], first["depth"]) == (25, ["100.50", "1.0"], 25)
    assert (second["state"], second["bids"], second["asks"]) == ("syncing", [], [])


async def test_the_newest_trades_newest_last(async_client: AsyncClient, rows: Any) -> None:
    trades = [
        {"trade_id": str(n), "side": "buy", "price": "1", "qty": "1", "ts_exchange": n} for n in range(9)
    ]
    rows[f"trade:{BTC}"] = publish.Row("live", "", 5, {"trades": trades})

    row = (await asked(async_client, f"trades?symbol={BTC}&limit=2"))["data"][0]

    assert [trade["trade_id"] for trade in row["trades"]] == ["7", "8"]


async def test_what_contracts_have_is_asked_of_those_that_have_it(
    async_client: AsyncClient, rows: Any
) -> None:
    expiry = datetime(2030, 12, 27, 8, tzinfo=UTC)
    await Instrument.objects.filter(symbol=ETH).aupdate(
        kind="future", settle="ETH", contract_size="10", expiry=expiry
    )
    await catalogue.refresh()
    told = {"side": "sell", "price": "1", "average": "", "qty": "3", "filled": "0", "ts_exchange": 5}
    rows[f"mark:{ETH}"] = publish.Row("live", "", 5, {"mark": "64012.35820000", "open_interest": "12"})
    rows[f"liquidation:{ETH}"] = publish.Row("live", "", 5, {"liquidations": [told, {**told, "qty": "4"}]})

    (mark,) = (await asked(async_client, "marks"))["data"]
    (liquidated,) = (await asked(async_client, f"liquidations?symbol={ETH}&limit=1"))["data"]

    assert (mark["symbol"], mark["mark"], mark["open_interest"]) == (ETH, "64012.35820000", "12")
    assert [each["qty"] for each in liquidated["liquidations"]] == ["4"]
    assert (await asked(async_client, "funding"))["data"] == []
    refused = await asked(async_client, f"funding?symbol={ETH}", 422)
    assert refused["errors"][0]["expected"] == "an instrument that has a funding"
    listed = (await asked(async_client, "instruments?kind=future"))["data"][0]
    found = [listed[name] for name in ("settle", "contract_size", "inverse", "expiry")]
    assert found == ["ETH", "10", True, int(expiry.timestamp()) * 1_000_000]


async def test_candles_before_a_time(async_client: AsyncClient, rows: Any) -> None:
    bars = [{"ts": n * 300_000_000, **BAR, "closed": True, "incomplete": False} for n in range(10)]
    rows[f"ohlc.5:{BTC}"] = publish.Row("live", "", 5, {"bars": bars})

    row = (await asked(async_client, f"candles?symbol={BTC}&interval=5&before=1500000000&limit=2"))["data"][0]

    assert [bar["ts"] for bar in row["bars"]] == [900_000_000, 1_200_000_000]
    assert (row["interval"], row["bars"][0]["volume"]) == (5, "3.000")


async def test_instruments_are_paged_and_filtered(async_client: AsyncClient, rows: Any) -> None:
    first = await asked(async_client, "instruments?limit=1")
    second = await asked(async_client, f"instruments?limit=1&after={first['next']}")

    assert [first["data"][0]["symbol"], second["data"][0]["symbol"]] == [BTC, ETH]
    assert (first["data"][0]["tick_size"], second["next"]) == ("0.1", None)
    assert (await asked(async_client, "instruments?base=ETH"))["data"][0]["symbol"] == ETH
    assert (await asked(async_client, "instruments?venue=NOWHERE"))["data"] == []


async def test_the_state_of_venues(async_client: AsyncClient, rows: Any) -> None:
    rows["status:KRAKEN"] = publish.Row(
        "live", "", 5, {"title": "Kraken", "links": [], "counters": {"gaps": 1}}
    )

    assert (await asked(async_client, "status"))["data"][0]["counters"] == {"gaps": 1}
    assert (await asked(async_client, "status?symbol=X", 404))["errors"][0]["found"] == "X"


async def test_all_that_is_unknown_is_named(async_client: AsyncClient, rows: Any) -> None:
    body = await asked(async_client, f"tickers?symbol={BTC}&symbol=KRAKEN:NONE&symbol=<b>", 404)

    assert [(error["field"], error["found"]) for error in body["errors"]] == [
        ("symbol", "KRAKEN:NONE"),
        ("symbol", "<b>"),
    ]


@pytest.mark.parametrize(
    ("path", "field", "expected", "found"),
    [
        (f"books?symbol={BTC}&depth=11", "depth", "10, 25, 100, 500 or 1000", "11"),
        (f"books?symbol={BTC}&depth=1e3", "depth", "a whole number", "1e3"),
        ("books", "symbol", "a value", "nothing"),
        (f"candles?symbol={BTC}&interval=2", "interval", in_words(INTERVALS), "2"),
        (f"candles?symbol={BTC}&before=-1", "before", "at least 0", "-1"),
        (f"candles?symbol={BTC}&limit=501", "limit", "at most 500", "501"),
        (f"trades?symbol={BTC}&limit=0", "limit", "at least 1", "0"),
        (f"tickers?symbols={BTC}", "symbols", "one of symbol", BTC),
        ("trades?" + "&".join(f"symbol=X:{n}" for n in range(21)), "symbol", "at most 20 of them", None),
        ("instruments?limit=" + "9" * 5000, "limit", "a whole number of fewer digits", None),
    ],
)
async def test_bad_input_names_the_field_what_was_expected_and_what_was_found(
    async_client: AsyncClient, rows: Any, path: str, field: str, expected: str, found: str | None
) -> None:
    (error,) = (await asked(async_client, path, 422))["errors"]

    assert (error["field"], error["expected"]) == (field, expected)
    assert found is None or error["found"] == found


async def test_what_is_not_there_is_said_in_json(async_client: AsyncClient, rows: Any) -> None:
    body = await asked(async_client, "portfolioz", 404)

    assert body["errors"][0]["found"] == "/api/v1/portfolioz"
