"""The contract of ``/ws/v1/``, the same under uvicorn and under daphne."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
import websockets

from feeds.sinks import LinkReport, VenueReport
from tests.fakes.bot import Bot
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, ask, reply

BTC = SYMBOLS[0]


async def test_subscribe_replies_per_symbol_then_sends_snapshots_then_rows(site, market):
    async with site.connect() as socket:
        bot = Bot(socket)
        await bot.subscribe("ticker", [BTC, "KRAKEN:NONE", SYMBOLS[1]], interval_ms=0)
        await wait_until(lambda: bot.sees("ticker", BTC, state="live", bid="100.0"))
        market.quote(BTC, "100.7")
        await wait_until(lambda: bot.sees("ticker", BTC, bid="100.7"))

    assert [(r["success"], r.get("error", "")) for r in bot.replies] == [
        (True, ""),
        (False, "symbol: KRAKEN:NONE is not listed here"),
        (True, ""),
    ]
    assert bot.replies[0]["result"] == {"channel": "ticker", "symbol": BTC}
    assert bot.holes == []


async def test_every_channel_follows_the_worker(site, market, pump):
    async with site.connect() as socket:
        bot = Bot(socket)
        await bot.subscribe("ticker", SYMBOLS)
        await bot.subscribe("trade", [BTC])
        await bot.subscribe("book", [BTC], depth=10)
        await bot.subscribe("ohlc", [BTC], interval=1)
        await socket.send(json.dumps({"method": "subscribe", "params": {"channel": "status"}}))
        await wait_until(lambda: len(bot.stores) == 5)

        await pump(market, 200)

        def agrees():
            book, seen = market.state.book(BTC).best(10), bot.stores["book"].value(BTC)
            return (
                all(bot.sees("ticker", s, bid=market.state.ticker(s)["bid"]) for s in SYMBOLS)
                and [tuple(level) for level in seen["bids"]] == book[0]
                and [tuple(level) for level in seen["asks"]] == book[1]
                and len(bot.stores["trade"].value(BTC)["trades"]) == len(market.state.trades(BTC))
                and bot.stores["ohlc"].value(BTC)["bars"][-1]["close"] == market.state.trades(BTC)[-1].price
            )

        await wait_until(agrees)
        await wait_until(lambda: bot.beats)
        assert bot.sees("status", "KRAKEN", state="live", title="Kraken")
        assert bot.beats[-1]["data"][0]["symbol"] == "KRAKEN" and bot.holes == []


async def test_a_status_is_told_with_links_or_without(site, market):
    link = LinkReport("public.0", "live", "", 1, 0, 3, 9, 0.5, 2, 1, 1, 0, "")
    market.report(VenueReport("KRAKEN", "Kraken", "live", "", (link,), {}, 0, 1))
    async with site.connect() as socket:
        bot = Bot(socket)

        def told_with_links():
            return "links" in bot.stores["status"].value("KRAKEN") if bot.sees("status", "KRAKEN") else None

        for links in (False, True, False):
            await bot.subscribe("status", ["KRAKEN"], links=links)
            await wait_until(lambda: told_with_links() is links)  # noqa: B023

        await socket.send(json.dumps({"method": "unsubscribe", "params": {"channel": "status"}, "req_id": 5}))
        await wait_until(lambda: any(each.get("req_id") == 5 for each in bot.replies))
        assert [each["success"] for each in bot.replies if each.get("req_id") == 5] == [True]


async def test_errors_name_the_field_and_the_connection_lives_on(site, market):
    async with site.connect() as socket:
        for text, error in [
            ("{", "frame: expected one JSON object"),
            ("[" * 16000, "frame: expected"),
            ('{"method":"ping","x":1}', "x: is not known"),
            ("x" * 20000, "frame: at most 16384 bytes"),
            (b"\x00\xff", "frame: expected text, found binary"),
        ]:
            await socket.send(text)
            found = await reply(socket)
            assert found["success"] is False and found["error"].startswith(error)
        bad = {"channel": "book", "symbol": [BTC], "depth": 11}
        found = await ask(socket, method="subscribe", params=bad, req_id=9)
        assert (found["error"], found["req_id"]) == ("params.depth: expected 10, 25, 100, 500 or 1000", 9)
        none = await ask(socket, method="subscribe", params={"channel": "book", "symbol": [SYMBOLS[19]]})
        assert none["error"] == f"channel: no book of {SYMBOLS[19]} is followed here"
        gone = await ask(socket, method="unsubscribe", params={"channel": "ticker", "symbol": [BTC]})
        assert gone["error"] == f"symbol: {BTC} is not subscribed"
        assert (await ask(socket, method="ping", req_id=3))["req_id"] == 3


async def test_a_malformed_acknowledgement_is_answered_and_a_good_one_is_not(site, market):
    async with site.connect() as socket:
        for text, error in [
            ('{"method":"ack"}', "params: is missing"),
            ('{"method":"ack","params":{"frame":-1}}', "params.frame: expected the number of a frame"),
            ('{"method":"ack","params":{"frame":"1"}}', "params.frame: expected the number of a frame"),
            ('{"method":"ack","params":{"frame":1,"x":1}}', "params.x: is not known"),
            ('{"method":"ack","params":{"frame":1}', "frame: expected one JSON object"),
            ('{"method":"ack","params":{"frame":1}}}', "frame: expected one JSON object"),
        ]:
            await socket.send(text)
            found = await reply(socket)
            assert found["success"] is False and found["error"].startswith(error), (text, found)
        await socket.send('{"method":"ack","params":{"frame":0}}')
        await socket.send('{"method":"ack","params":{"frame":0,"away_ms":5000}}')
        assert (await ask(socket, method="ping", req_id=3))["method"] == "pong"


@pytest.mark.parametrize(("message", "code"), [(b"\xff\xfe", 1007), (b"*" * (2**20 + 1), 1009)])
async def test_a_frame_that_cannot_be_taken_ends_the_connection_and_says_why(site, message, code):
    async with site.connect() as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.send(message, text=True)
            await socket.recv()

        assert closed.value.rcvd is not None and closed.value.rcvd.code == code


async def test_what_is_unsubscribed_is_not_sent(site, market):
    async with site.connect() as socket:
        bot = Bot(socket)
        await bot.subscribe("ticker", [BTC, SYMBOLS[1]], interval_ms=0)
        await wait_until(lambda: bot.sees("ticker", BTC) and bot.sees("ticker", SYMBOLS[1]))
        params = {"channel": "ticker", "symbol": [BTC]}
        await socket.send(json.dumps({"method": "unsubscribe", "params": params}))
        await wait_until(lambda: len(bot.replies) == 3)
        before = bot.stores["ticker"].value(BTC)["bid"]

        market.quote(BTC, "42.0")
        market.quote(SYMBOLS[1], "43.0")
        await wait_until(lambda: bot.sees("ticker", SYMBOLS[1], bid="43.0"))
        assert bot.sees("ticker", BTC, bid=before)


async def test_another_depth_replaces_the_one_before(site, market):
    async with site.connect() as socket:
        bot = Bot(socket)
        await bot.subscribe("book", [BTC], depth=10)
        await wait_until(lambda: bot.sees("book", BTC, state="live"))
        await bot.subscribe("book", [BTC], depth=25, interval_ms=0)
        bids = [(f"{90 - n}.0", "1") for n in range(20)]
        await wait_until(lambda: len(bot.replies) == 2)
        market.delta(BTC, bids, [])

        await wait_until(lambda: len(bot.stores["book"].value(BTC)["bids"]) == 21)
        assert bot.holes == []


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        ("http://127.0.0.1:{port}", True),
        (None, False),
        ("null", False),
        ("http://127.0.0.1:1", False),
        ("https://127.0.0.1:{port}", False),
        ("http://127.0.0.1:{port}.evil.example", False),
        ("http://evil.example", False),
        ("http://localhost:{port}", False),
        ("http://127.0.0.1:{port}/path", False),
        ("http://user@127.0.0.1:{port}", False),
    ],
)
async def test_only_our_own_origin_may_use_a_cookie(site, origin, opens):
    headers = {"Cookie": f"sessionid={site.sessions['ann']}"}
    shown = origin.format(port=site.port) if origin else None
    if opens:
        async with site.connect(headers=headers, origin=shown) as socket:
            assert (await ask(socket, method="ping"))["method"] == "pong"
        return
    with pytest.raises(websockets.InvalidStatus) as refused:
        await site.connect(headers=headers, origin=shown)
    assert refused.value.response.status_code in (400, 403)  # daphne: 400 for what is no origin at all


async def test_deactivation_closes_the_users_sockets_and_no_others(site, market):
    async with (
        site.connect(session=site.sessions["bob"]) as mine,
        site.connect(session=site.sessions["ann"]) as other,
        site.connect() as visitor,
    ):
        code = (
            "from django.contrib.auth.models import User as U; u=U.objects.get(username='bob'); {}; u.save()"
        )
        await asyncio.to_thread(site.run, code.format("u.is_active=False"))

        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(mine.recv(), 5)
        assert closed.value.rcvd.code == 4001
        assert (await ask(other, method="ping"))["method"] == "pong"
        assert (await ask(visitor, method="ping"))["method"] == "pong"


@pytest.mark.parametrize("staff", [True, False])
async def test_who_becomes_or_is_no_longer_staff_comes_back_with_the_rights_of_now(site, staff):
    code = "from django.contrib.auth.models import User as U; u=U.objects.get(username='ida'); {}; u.save()"
    await asyncio.to_thread(site.run, code.format(f"u.is_staff={not staff}"))
    async with site.connect(session=site.sessions["ida"]) as mine:
        await asyncio.to_thread(site.run, code.format(f"u.is_staff={staff}"))

        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(mine.recv(), 5)
        assert closed.value.rcvd.code == 4002
    async with site.connect(session=site.sessions["ida"]) as again:
        assert (await ask(again, method="ping"))["method"] == "pong"


async def test_signing_out_closes_the_sockets_of_that_session(site):
    async with site.connect(session=site.sessions["eve"]) as mine:
        code = (
            "from django.contrib.auth import logout; from django.http import HttpRequest;"
            "from django.contrib.auth.models import User; from marketdash.accounts.sessions import "
            f"SessionStore; r=HttpRequest(); r.session=SessionStore('{site.sessions['eve']}');"
            "r.user=User.objects.get(username='eve'); logout(r)"
        )
        await asyncio.to_thread(site.run, code)

        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(mine.recv(), 5)
        assert closed.value.rcvd.code == 4001


async def test_the_21st_socket_of_a_user_is_closed_with_4009(site):
    async with contextlib.AsyncExitStack() as stack:
        key = site.sessions["kim"]
        for _ in range(20):
            await stack.enter_async_context(site.connect(session=key))
        one_more = await stack.enter_async_context(site.connect(session=key))

        with pytest.raises(websockets.ConnectionClosed) as closed:
            await one_more.recv()
        assert closed.value.rcvd.code == 4009


async def test_a_flood_is_answered_seldom_and_then_closed_with_4029(site):
    async with site.connect() as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            for _ in range(400):
                await socket.send('{"method":"ping"}')
            while True:
                await socket.recv()
        assert closed.value.rcvd.code == 4029


async def test_who_never_acknowledges_under_daphne_is_closed_with_4008(site, market):
    if site.server != "daphne":
        pytest.skip("uvicorn holds a slow reader back instead")
    async with site.connect() as socket:
        bot = Bot(socket, acknowledges=False)
        await bot.subscribe("ticker", SYMBOLS, interval_ms=0)
        await wait_until(lambda: bot.stores)
        for turn in range(1000):
            for symbol in SYMBOLS:
                market.quote(symbol, f"{turn}.1")
            await asyncio.sleep(0.006)
            if bot.task.done():
                break

        await wait_until(bot.task.done)
        assert socket.close_code == 4008
