"""Instruments, tickers, books, trades and candles: last values from the hub, each with its state and age."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from feeds import symbols
from marketdash import access, publish
from marketdash.api import contract_shapes, shapes
from marketdash.api.door import Door
from marketdash.api.problems import Problem, encoded, refuse_unknown
from marketdash.history import queries as history
from marketdash.instruments.queries import catalogue

READ_S = 0.3
"""What is not at hand by then is said to be missing: who asks again in a moment gets it."""

stored_bars = database_sync_to_async(history.before)

router = Router(auth=Door(access.READ_MARKETS), tags=["markets"])


@router.get("/instruments", response={200: shapes.Instruments, **shapes.REFUSALS})
async def instruments(request: HttpRequest, asked: Query[shapes.InstrumentsAsked]) -> HttpResponse:
    """Those that are followed here, by name, a page at a time."""
    refuse_unknown(request, asked)
    await catalogue.ensure()
    wanted = {
        name: getattr(asked, name) for name in ("venue", "kind", "base", "quote") if getattr(asked, name)
    }
    found = [
        each
        for each in catalogue.all()
        if each.symbol > asked.after and all(getattr(each, name) == value for name, value in wanted.items())
    ]
    page = sorted(found)[: asked.limit]
    data = [
        {name: getattr(each, name) for name in shapes.Instrument.model_fields}
        | {"expiry": each.expiry_us or None}
        for each in page
    ]
    return encoded({"data": data, "next": page[-1].symbol if len(found) > len(page) else None})


@router.get("/tickers", response={200: shapes.Tickers, **shapes.FINDS})
async def tickers(request: HttpRequest, asked: Query[shapes.TickersAsked]) -> HttpResponse:
    """Best bid and ask, last price, 24 hours."""
    refuse_unknown(request, asked)
    names = await known(asked.symbol) if asked.symbol else [each.symbol for each in await _all()]
    return await rows(names, lambda name: symbols.topic(symbols.TICKER, name), lambda body: body)


@router.get("/books", response={200: shapes.Books, **shapes.FINDS})
async def books(request: HttpRequest, asked: Query[shapes.BooksAsked]) -> HttpResponse:
    """The best ``depth`` levels a side."""
    refuse_unknown(request, asked)

    def cut(body: dict[str, Any]) -> dict[str, Any]:
        sides = {side: body.get(side, [])[: asked.depth] for side in ("bids", "asks")}
        return {**body, "depth": asked.depth, **sides}

    names = await known(asked.symbol)
    return await rows(names, lambda name: symbols.topic(symbols.BOOK, name), cut)


@router.get("/trades", response={200: shapes.TradesAnswer, **shapes.FINDS})
async def trades(request: HttpRequest, asked: Query[shapes.TradesAsked]) -> HttpResponse:
    """The newest executions, newest last."""
    refuse_unknown(request, asked)
    names = await known(asked.symbol)

    return await rows(names, lambda name: symbols.topic(symbols.TRADE, name), _newest("trades", asked.limit))


def _newest(log: str, most: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: {**body, log: body.get(log, [])[-most:]}


@router.get("/marks", response={200: contract_shapes.Marks, **shapes.FINDS})
async def marks(request: HttpRequest, asked: Query[contract_shapes.MarksAsked]) -> HttpResponse:
    """Mark and index price and open interest of contracts."""
    return await _of_contracts(request, asked, symbols.MARK)


@router.get("/funding", response={200: contract_shapes.Fundings, **shapes.FINDS})
async def funding(request: HttpRequest, asked: Query[contract_shapes.MarksAsked]) -> HttpResponse:
    """The rate of perpetuals that is paid next, and when."""
    return await _of_contracts(request, asked, symbols.FUNDING)


@router.get("/liquidations", response={200: contract_shapes.LiquidationsAnswer, **shapes.FINDS})
async def liquidations(request: HttpRequest, asked: Query[shapes.TradesAsked]) -> HttpResponse:
    """Positions that venues closed, newest last, as far as they tell."""
    return await _of_contracts(request, asked, symbols.LIQUIDATION, _newest("liquidations", asked.limit))


async def _of_contracts(
    request: HttpRequest, asked: Any, channel: str, shaped: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> HttpResponse:
    """None asked for: all that have the channel. One that has none is said to have none."""
    refuse_unknown(request, asked)
    await catalogue.ensure()
    names = await known(asked.symbol) or [each.symbol for each in catalogue.all() if channel in each.channels]
    if without := [name for name in names if channel not in catalogue.get(name).channels]:
        raise Problem(422, *(("symbol", f"an instrument that has a {channel}", name) for name in without))
    return await rows(names, lambda name: symbols.topic(channel, name), shaped)


@router.get("/options", response={200: contract_shapes.Options, **shapes.FINDS})
async def options(request: HttpRequest, asked: Query[contract_shapes.MarksAsked]) -> HttpResponse:
    """Lines of option chains: prices, volatilities in per cent, greeks, open interest."""
    return await _of_contracts(request, asked, symbols.OPTION)


@router.get("/candles", response={200: shapes.CandlesAnswer, **shapes.FINDS})
async def candles(request: HttpRequest, asked: Query[shapes.CandlesAsked]) -> HttpResponse:
    """Bars of ``interval`` minutes, oldest first: stored ones, and those of the feed. The last may run."""
    refuse_unknown(request, asked)
    names = await known(asked.symbol)

    def cut(body: dict[str, Any]) -> dict[str, Any]:
        bars = [bar for bar in body.get("bars", []) if bar["ts"] < asked.before]
        return {**body, "interval": asked.interval, "bars": bars[-asked.limit :]}

    found = await values(names, lambda name: symbols.topic(symbols.OHLC, name, asked.interval), cut)
    for row in found:
        row["bars"] = await _with_stored(row.get("bars", []), row["symbol"], asked)
    return answer(found)


async def _with_stored(
    live: list[dict[str, Any]], symbol: str, asked: shapes.CandlesAsked
) -> list[dict[str, Any]]:
    """As many as were asked for, where the feed holds less."""
    missing = asked.limit - len(live)
    if not missing:
        return live
    until_us = live[0]["ts"] if live else min(asked.before, time.time_ns() // 1000)
    return [*await stored_bars(symbol, asked.interval, until_us, missing), *live]


async def rows(
    names: Iterable[str],
    topic_of: Callable[[str], str],
    shaped: Callable[[dict[str, Any]], dict[str, Any]],
) -> HttpResponse:
    """A row for each name, in the order asked, whether there is a value or not."""
    return answer(await values(names, topic_of, shaped))


def answer(data: list[dict[str, Any]]) -> HttpResponse:
    return encoded({"data": data, "ts": time.time_ns() // 1000})


async def values(
    names: Iterable[str],
    topic_of: Callable[[str], str],
    shaped: Callable[[dict[str, Any]], dict[str, Any]],
) -> list[dict[str, Any]]:
    topics = {name: topic_of(name) for name in names}
    found = await publish.read(topics.values(), READ_S)
    missing = publish.Row("syncing", "no data yet", 0, {})
    data = []
    for name, topic in topics.items():
        row = found.get(topic, missing)
        age_us = row.age_us if row.body else None
        standing = {"symbol": name, "state": row.state, "reason": row.reason, "phase": "", "age_us": age_us}
        data.append({**standing, **shaped(row.body)})
    return data


async def known(asked: Iterable[str]) -> list[str]:
    """Each once, in the order asked. Raises :class:`Problem` 404 naming all that are not followed here."""
    await catalogue.ensure()
    names = list(dict.fromkeys(asked))
    unknown = [name for name in names if catalogue.get(name) is None]
    if unknown:
        expected = "an instrument that is followed here; /api/v1/instruments lists them"
        raise Problem(404, *(("symbol", expected, name) for name in unknown))
    return names


async def _all() -> list[Any]:
    await catalogue.ensure()
    return catalogue.all()
