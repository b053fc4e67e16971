"""Bots and their tokens at ``/ws/v1/``, the same under uvicorn and under daphne."""

from __future__ import annotations

import asyncio
import json

import pytest
import websockets

from tests.fakes.bot import Bot
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, ask

BTC = SYMBOLS[0]

BEARERS = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from marketdash.accounts import tokens
from marketdash.accounts.models import Token
made = {}
markets, status = "read:markets", "read:status"
for name, who, scopes in (("all", "max", (markets, status)), ("narrow", "max", (status,)),
                          ("old", "max", (markets,)), ("gone", "max", (markets,)),
                          ("lous", "lou", (markets,))):
    token, made[name] = tokens.make(User.objects.get(username=who), name, scopes)
    if name == "old": Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(days=1))
    if name == "gone": tokens.revoke([token])
import json; print("TOKENS", json.dumps(made))
"""


@pytest.fixture(scope="module")
def bearers(site):
    """Secrets of tokens by name."""
    return json.loads(site.run(BEARERS).split("TOKENS ")[1].splitlines()[0])


def bearer(secret, **options):
    return {"headers": {"Authorization": f"Bearer {secret}"}, **options}


async def test_a_token_opens_what_its_scopes_name(site, market, bearers):
    ticker = {"channel": "ticker", "symbol": [BTC]}
    async with site.connect(**bearer(bearers["all"])) as socket:
        bot = Bot(socket)
        await bot.subscribe("ticker", [BTC])
        await wait_until(lambda: bot.sees("ticker", BTC, state="live"))
    async with site.connect(**bearer(bearers["narrow"])) as socket:
        refused = await ask(socket, method="subscribe", params=ticker)
        assert refused["error"] == "channel: ticker needs the scope read:markets, this token has read:status"
        assert (await ask(socket, method="subscribe", params={"channel": "status"}))["success"] is True


@pytest.mark.parametrize(
    ("name", "said"),
    [("old", b"token: expired on "), ("gone", b"token: revoked on "), ("", b"token: not known here")],
)
async def test_a_token_that_is_not_good_is_refused_and_says_why(site, bearers, name, said):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await site.connect(**bearer(bearers.get(name, "md_nobody")))

    response = refused.value.response
    assert response.status_code == (401 if site.server == "uvicorn" else 403)
    assert site.server != "uvicorn" or response.body.startswith(said)


async def test_a_token_in_the_address_is_refused_though_it_is_good(site, bearers):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{site.url}?token={bearers['all']}", proxy=None)

    response = refused.value.response
    assert response.status_code == (401 if site.server == "uvicorn" else 403)
    assert site.server != "uvicorn" or b"never in an address" in response.body


async def test_a_revoked_token_loses_its_sockets_and_no_others_do(site, bearers):
    revoke = (
        "from marketdash.accounts import tokens; from marketdash.accounts.models import Token;"
        "tokens.revoke(Token.objects.filter(name='lous'))"
    )
    async with (
        site.connect(**bearer(bearers["lous"])) as mine,
        site.connect(session=site.sessions["lou"]) as same_person,
        site.connect(**bearer(bearers["all"])) as other,
    ):
        await asyncio.to_thread(site.run, revoke)

        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(mine.recv(), 5)
        assert closed.value.rcvd.code == 4001
        assert site.server != "uvicorn" or "token" in closed.value.rcvd.reason  # daphne says no reason
        assert (await ask(same_person, method="ping"))["method"] == "pong"
        assert (await ask(other, method="ping"))["method"] == "pong"
