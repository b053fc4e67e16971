"""Portfolios on ``/ws/v1/``: whose, how they move, and that they say what the pages say."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from decimal import Decimal

import httpx
import pytest
import websockets

from tests.fakes.bot import Bot
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, ask

BTC, ETH = SYMBOLS[:2]

MAKE = """
import json
from uuid import uuid4
from django.contrib.auth.models import User
from marketdash.accounts import tokens
from marketdash.instruments.assets import settle_all
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg

settle_all()
Asset.objects.get_or_create(code="USD")
ann, made = User.objects.get(username="ann"), []
for n in range(5):
    held = actions.create(ann, uuid4().hex, "USD")
    account = actions.open_account(held, "Kraken")
    for asset, amount in (("C0", "2"), ("C1", "0.5"), ("USD", "10")):
        worth = {} if asset == "USD" else {"worth": "100", "currency": "USD"}
        leg = DraftLeg(account.pk, asset, amount, **worth)
        actions.record(held, [Draft("deposit", 1, account.pk, [leg])])
    made.append(held.pk)
share = actions.share(held, "bob")
link, secret = actions.make_link(held, "With amounts", 1, True)
_, without = actions.make_link(held, "Without", 1, False)
links = {"link": link.pk, "secret": secret, "without": without}
_, narrow = tokens.make(ann, "narrow", ("read:markets",))
_, wide = tokens.make(ann, "wide", ("read:portfolios",))
print("MADE", json.dumps({"all": made, "share": share.pk, **links, "narrow": narrow, "wide": wide}))
"""

IMPORTS = "from marketdash.portfolios import actions\nfrom marketdash.portfolios.models import Portfolio\n"

CHANGE = """
from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.models import Portfolio
held = Portfolio.objects.get(pk={pk})
account = held.accounts.get()
"""


@pytest.fixture(scope="module")
def made(site):
    """Five of Ann's, each with 2 C0, 0.5 C1, 10 USD, the last one shown to Bob; and two of her tokens."""
    return json.loads(site.run(MAKE).split("MADE ")[1].splitlines()[0])


def follow(pk):
    return {"channel": "portfolio", "id": [pk], "interval_ms": 0}


async def holdings(site, pk):
    """As the page's file says it: by asset."""
    cookies = {"sessionid": site.sessions["ann"]}
    async with httpx.AsyncClient(cookies=cookies, trust_env=False, timeout=20) as client:
        answer = await client.get(f"http://127.0.0.1:{site.port}/portfolios/{pk}/holdings.csv")
    assert answer.status_code == 200
    return {row["asset"]: row for row in csv.DictReader(io.StringIO(answer.text))}


async def test_it_moves_with_each_tick_and_says_what_the_page_says(site, market, made):
    pk = made["all"][0]
    market.quote(BTC, "100", "102")
    market.quote(ETH, "10", "12")
    async with site.connect(session=site.sessions["ann"]) as socket:
        bot = Bot(socket)
        await bot.subscribe("portfolio", [pk], interval_ms=0)
        await wait_until(lambda: bot.sees("portfolio", str(pk), total="217.5", state="live"))
        market.quote(BTC, "100.1", "102.1")
        await wait_until(lambda: bot.sees("portfolio", str(pk), total="217.7"))

        value = bot.stores["portfolio"].value(str(pk))
        assert value["unrealised"] == {"value": "7.7", "unknown": 0, "known": 2}
        assert [each["asset"] for each in value["holdings"]] == ["C0", "C1", "USD"]
        first, said = value["holdings"][0], await holdings(site, pk)
        assert (first["value"], first["cost"], first["gain"]) == ("202.2", "100", "102.2")
        assert (first["path"], first["by"], first["live"]) == ("C0 → USD", [BTC], True)
        assert abs(value["ts"] - first["ts_received"]) < 60_000_000
        for each in value["holdings"]:
            line = said[each["asset"]]
            assert (line["quantity"], line["value"], line["gain"], line["price"]) == (
                *(each[name] or "" for name in ("quantity", "value", "gain", "price")),
            )
        assert sum(Decimal(line["value"]) for line in said.values()) == Decimal(value["total"])
        assert bot.holes == []


async def test_an_entry_begins_it_anew_and_its_end_ends_the_socket(site, market, made):
    pk = made["all"][1]
    market.quote(BTC, "100", "102")
    async with site.connect(session=site.sessions["ann"]) as socket:
        bot = Bot(socket)
        await bot.subscribe("portfolio", [pk], interval_ms=0)
        await wait_until(lambda: bot.sees("portfolio", str(pk), state="live"))

        record = 'actions.record(held, [Draft("deposit", 2, account.pk, [DraftLeg(account.pk, "C0", "1")])])'
        site.run(CHANGE.format(pk=pk) + record)
        await wait_until(lambda: bot.stores["portfolio"].value(str(pk))["holdings"][0]["quantity"] == "3")
        assert bot.stores["portfolio"].value(str(pk))["holdings"][0]["unknown"] == "1"
        market.quote(BTC, "100.5", "102.5")
        await wait_until(lambda: bot.stores["portfolio"].value(str(pk))["holdings"][0]["value"] == "304.5")

        site.run(CHANGE.format(pk=pk) + "actions.delete(held)")
        await bot.task
        assert (socket.close_code, bot.holes) == (4002, [])


async def test_nobody_else_learns_of_it(site, market, made):
    pk = made["all"][2]
    answers = []
    for who in ({"session": site.sessions["eve"]}, {}):
        async with site.connect(**who) as socket:
            for number in (pk, pk + 1_000_000):
                answers.append(await ask(socket, method="subscribe", params=follow(number)))
    assert [answer["success"] for answer in answers] == [False] * 4
    assert {answer["error"].replace(str(answer["id"]), "N") for answer in answers} == {
        "id: no portfolio that you may see has the number N"
    }


def by_link(secret):
    return {"subprotocols": ["link", secret]}


async def test_a_link_opens_one_portfolio_without_its_accounts_and_nothing_else(site, market, made):
    pk = made["all"][4]
    market.quote(BTC, "100", "102")
    async with site.connect(session=site.sessions["eve"], **by_link(made["secret"])) as socket:
        assert socket.subprotocol == "link"
        bot = Bot(socket)
        await bot.subscribe("portfolio", [made["all"][0], pk])
        await bot.subscribe("ticker", [BTC])
        await wait_until(lambda: bot.sees("portfolio", str(pk), base="USD") and len(bot.replies) == 3)
        assert [reply.get("error", "") for reply in bot.replies] == [
            f"id: no portfolio that you may see has the number {made['all'][0]}",
            "",
            "channel: a link opens portfolio and status alone",
        ]
        line = bot.stores["portfolio"].value(str(pk))["holdings"][0]
        assert (line["quantity"], line["accounts"]) == ("2", [])

        code = (
            "from marketdash.portfolios import actions\nfrom marketdash.portfolios.models import Portfolio\n"
        )
        site.run(f"{code}actions.end_link(Portfolio.objects.get(pk={pk}), {made['link']})")
        await bot.task
        assert socket.close_code == 4002


OF_LINKS = {"asset", "weight", "live", "ts_received", "gain_pct", "day_pct", "partly", "path", "by"}
OF_ROWS = {"id", "epoch", "prev", "seq", "age_us", "state", "reason", "ts", "base", "gain_pct", "day_pct"}
OF_ROWS |= {"missing", "stale", "uncosted", "holdings", "positions"}


async def test_a_link_without_amounts_moves_and_no_frame_has_an_amount(site, market, made):
    pk = made["all"][4]
    market.quote(BTC, "99", "101")
    market.quote(ETH, "10", "10")
    async with site.connect(**by_link(made["without"])) as socket:
        await socket.send(json.dumps({"method": "subscribe", "params": follow(pk), "req_id": 1}))
        await socket.send(json.dumps({"method": "subscribe", "params": {"channel": "status"}, "req_id": 2}))
        frames = []
        await read_until(socket, frames, lambda row: row["holdings"][0].get("weight") == "0.93")
        market.quote(BTC, "299", "301")
        await read_until(socket, frames, lambda row: row.get("gain_pct") == "202.5")
        async with site.connect(**by_link(made["without"])) as second:
            await second.send(json.dumps({"method": "subscribe", "params": follow(pk), "req_id": 1}))
            await read_until(second, frames, lambda row: row["prev"] == 0)
        assert frames[-1]["data"][0]["gain_pct"] == "202.5"

    rows = [row for frame in frames for row in frame["data"]]
    assert all(set(row) <= OF_ROWS for row in rows)
    assert all(set(item) <= OF_LINKS for row in rows for item in row.get("holdings", ()))
    figures = {
        value
        for row in rows
        for part in (row, *row.get("holdings", ()))
        for value in (part.get("weight"), part.get("gain_pct"), part.get("day_pct"))
    }
    assert {"0.93", "0.976", "202.5", "500"} <= figures  # 200 of 215, 600 of 615; 600 and 5 of twice 100
    told = json.dumps([{**row, "epoch": "", "id": 0, "seq": 0, "prev": 0} for row in rows])
    told = re.sub(r'"\w+": \d{10,}|"age_us": \d+|KRAKEN:', "", told)  # times, and where prices are made
    for amount in ("215", "615", "600", "605", "300", "299", "301", "Kraken", "account", "quantity", 'cost"'):
        assert amount not in told, amount


async def read_until(socket, frames, seen):
    """Into ``frames`` those of the portfolio, until one of its rows is as it is to be."""
    async with asyncio.timeout(20):
        while not any(seen(row) for frame in frames[-1:] for row in frame["data"] if row.get("holdings")):
            frame = json.loads(await socket.recv())
            if frame.get("channel") == "portfolio" and "data" in frame:
                frames.append(frame)


async def test_a_secret_that_opens_nothing_opens_no_socket(site, made):
    with pytest.raises(websockets.InvalidStatus):
        async with site.connect(**by_link("x" * 43)):
            pass


async def test_a_token_needs_the_scope(site, market, made):
    pk = made["all"][3]
    for name, error in (("wide", None), ("narrow", "channel: portfolio needs the scope read:portfolios")):
        async with site.connect(headers={"Authorization": f"Bearer {made[name]}"}) as socket:
            answer = await ask(socket, method="subscribe", params=follow(pk), req_id=4)
            if error is None:
                assert answer["result"] == {"channel": "portfolio", "id": pk}
                assert json.loads(await socket.recv())["data"][0]["id"] == pk
                left = await ask(socket, method="unsubscribe", params={"channel": "portfolio", "id": [pk]})
                assert left["success"] is True
            else:
                assert answer["error"].startswith(error)


@pytest.mark.parametrize("ids", [[], ["1"], [0], [1.5], [2**60], list(range(1, 102)), "1", None])
async def test_what_is_no_number_is_refused_by_name(site, ids):
    async with site.connect(session=site.sessions["ann"]) as socket:
        answer = await ask(socket, method="subscribe", params={"channel": "portfolio", "id": ids})
    assert answer["success"] is False and answer["error"].startswith("params.id")


async def test_bob_sees_what_is_shown_to_him_until_it_is_not(site, market, made):
    pk = made["all"][4]
    async with site.connect(session=site.sessions["bob"]) as socket:
        bot = Bot(socket)
        await bot.subscribe("portfolio", [pk, made["all"][0]])
        await wait_until(lambda: bot.sees("portfolio", str(pk), base="USD"))
        assert [reply["success"] for reply in bot.replies] == [True, False]

        site.run(f"{IMPORTS}actions.end_share(Portfolio.objects.get(pk={pk}), {made['share']})")
        await bot.task
        assert socket.close_code == 4002
    async with site.connect(session=site.sessions["bob"]) as socket:
        assert (await ask(socket, method="subscribe", params=follow(pk)))["success"] is False
