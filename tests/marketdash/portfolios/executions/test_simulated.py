"""From a simulated exchange's private stream into the ledger: it comes to what the exchange says is there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from feeds.account import AccountFeed
from feeds.private import Credentials, Since
from feeds.venues import PRIVATE, private_codec
from marketdash.instruments.models import Asset, Instrument
from marketdash.portfolios import actions
from marketdash.portfolios.executions import desk as desks
from marketdash.portfolios.executions.desk import Desk
from marketdash.portfolios.models import Account, ExchangeKey, Fill, Portfolio
from tests.fakes.waiting import wait_until_answered
from tests.feeds.following import QUICK, SYMBOLS, Paper, simulating
from tests.marketdash.portfolios.executions.telling import clock
from tests.marketdash.portfolios.executions.test_desk import Watch, ask, key
from tests.marketdash.portfolios.executions.test_taking import held, imported

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("venue", sorted(PRIVATE))]


@contextlib.asynccontextmanager
async def followed(paper: Paper) -> AsyncIterator[None]:
    """What ``engines`` runs, with the simulator for the exchange."""

    def made(venue: str, credentials: Credentials, since: Callable[[], Since], sink: Any) -> AccountFeed:
        urls = paper.simulator.private_ws_url(venue), paper.simulator.rest_url(venue)
        return AccountFeed(private_codec(venue), credentials, urls, since, sink, timing=QUICK)

    task = asyncio.create_task(Desk(made, Watch).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def database(db: None) -> str:
    """One is enough: what is written is tried on both elsewhere."""
    return "sqlite"


@pytest.fixture
def account(
    accounts: dict[str, Account], assets: dict[str, Asset], venue: str, monkeypatch: pytest.MonkeyPatch
) -> Account:
    for name in ("LOOK_EVERY_S", "AGAIN_EVERY_S"):
        monkeypatch.setattr(desks, name, 0.05)
    for native in SYMBOLS[venue]:  # by name is how an exchange may have to be asked what was missed
        base, quote = _assets(f"{venue}:{native}")
        listed = {"base": base, "quote": quote, "enabled": True}
        Instrument(venue=accounts[venue].venue, native=native, **listed).save()
    return accounts[venue]


async def put_in(account: Account, credentials: Credentials) -> ExchangeKey:
    return await ask(actions.put_in_key, account, account.venue.name, *credentials)


async def until_filled(paper: Paper) -> None:
    async def recorded() -> bool:
        return await ask(Fill.objects.exclude(entry=None).count) == len(paper("fills"))

    await wait_until_answered(recorded, every_s=0.05, within_s=30, what="all fills are entries")


async def until(*states: str) -> ExchangeKey:
    async def found() -> ExchangeKey | None:
        held = await key()
        return held if held is not None and held.state in states and held.words != BROKE else None

    told = await wait_until_answered(found, every_s=0.05, within_s=30, what=" or ".join(states))
    assert told is not None
    return told


BROKE = "the connection broke"
PLACES = Decimal("0.00001")
"""To which Kraken says what a trade cost, where its book knows more."""


def moved(paper: Paper) -> dict[str, Decimal]:
    """By the exchange's own book."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in paper("fills"):
        base, quote = _assets(each["symbol"])
        way = 1 if each["side"] == "buy" else -1
        sums[base] += way * Decimal(each["qty"])
        sums[quote] -= way * Decimal(each["qty"]) * Decimal(each["price"])
        sums[each["fee_asset"]] -= Decimal(each["fee"])
    return sums


def _assets(symbol: str) -> tuple[str, str]:
    pair = re.sub("[/-]", "", symbol.partition(":")[2])
    return pair[:3], pair[3:]


def differing(portfolio: Portfolio, expected: dict[str, Decimal], fills: int) -> dict[str, Decimal]:
    found = {asset: held(portfolio, asset) - amount for asset, amount in expected.items()}
    return {
        asset: off for asset, off in found.items() if abs(off) > (fills * PLACES if "USD" in asset else 0)
    }


async def test_the_ledger_comes_to_what_the_exchange_says(
    portfolio: Portfolio, account: Account, venue: str
) -> None:
    async with simulating(venue) as paper:
        await put_in(account, paper.key())
        async with followed(paper):
            await until("live")
            for side, qty in (("buy", "0.9"), ("sell", "0.25"), ("buy", "0.05")):
                paper.order(side, qty)
            paper("drop")
            paper.order("sell", "0.3", symbol=1)
            paper("duplicate", n=3)
            paper.order("buy", "0.4", symbol=1)
            await until_filled(paper)
        paper.order("sell", "0.1")  # while nobody listens
        async with followed(paper):
            await until_filled(paper)
            await until("live")

        now, fills = moved(paper), len(paper("fills"))
        assert len(now) > 2 and await ask(differing, portfolio, now, fills) == {}
        for name, data in written(paper, venue).items():
            found = await ask(imported, portfolio, account, name, data)
            assert (found.new, found.refused, found.duplicates) == (0, 0, fills)
        assert await ask(differing, portfolio, now, fills) == {}


async def test_a_key_that_may_trade_is_wiped_and_one_that_is_revoked_says_so(
    account: Account, venue: str
) -> None:
    async with simulating(venue) as paper, followed(paper):
        await put_in(account, paper.key(rights="read,trade"))
        assert (await until("refused")).sealed == ""
        credentials = paper.key()
        await put_in(account, credentials)
        await until("live")
        paper("revoke", key=credentials.key)
        paper("drop")  # what is open may stay open at an exchange
        found = await until("refused", "down")

        assert found.words
        assert bool(found.sealed) is (found.state == "down")  # not every exchange says that it is for good


def written(paper: Paper, venue: str) -> dict[str, bytes]:
    """The exchange's own file of them."""
    return {f"{venue.lower()}.csv": _FILES[venue](paper("fills")).encode()}


def _kraken(fills: list[dict[str, Any]]) -> str:
    rows = ['"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc"']
    for each in fills:
        cost = Decimal(each["price"]) * Decimal(each["qty"])
        when, pair = clock(each["time_us"]), each["symbol"].partition(":")[2]
        what = f'"{each["side"]}","market",{each["price"]},{cost:f},{each["fee"]},{each["qty"]},0.0,""'
        rows.append(f'"{each["trade_id"]}","O","{pair}","{when}",{what}')
    return "\n".join(rows)


def _binance(fills: list[dict[str, Any]]) -> str:
    rows = ["Date(UTC),Pair,Side,Price,Executed,Amount,Fee"]
    for each in fills:
        pair, cost = each["symbol"].partition(":")[2], Decimal(each["price"]) * Decimal(each["qty"])
        base = pair.removesuffix("USDT")
        amounts = f"{each['qty']}{base},{cost:f}USDT,{each['fee']}{each['fee_asset']}"
        rows.append(f"{clock(each['time_us'])},{pair},{each['side'].upper()},{each['price']},{amounts}")
    return "\n".join(rows)


def _coinbase(fills: list[dict[str, Any]]) -> str:
    rows = ["portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit"]
    for each in fills:
        product = each["symbol"].partition(":")[2]
        when, base = clock(each["time_us"]).replace(" ", "T") + "Z", product.partition("-")[0]
        what = f"{each['qty']},{base},{each['price']},{each['fee']},0,USD"
        rows.append(f"default,{each['trade_id']},{product},{each['side'].upper()},{when},{what}")
    return "\n".join(rows)


_FILES: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "KRAKEN": _kraken,
    "BINANCE": _binance,
    "COINBASE": _coinbase,
}
