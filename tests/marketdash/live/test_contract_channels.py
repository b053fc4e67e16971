"""Channels that contracts alone have, over ``/ws/v1/``: the same under uvicorn and under daphne."""

from __future__ import annotations

from tests.fakes.bot import Bot
from tests.fakes.checker import truth
from tests.fakes.waiting import wait_until
from tests.socket_site import OPTION, PERPETUAL, SYMBOLS

BTC = SYMBOLS[0]


async def test_an_option_is_one_line_of_everything(site, market, pump):
    async with site.connect() as socket:
        bot = Bot(socket)
        await bot.subscribe("option", [OPTION, PERPETUAL])
        for n in range(8):
            market.option(OPTION, f"{60 + n}.5", f"-0.0{n + 1}")
            market.quote(OPTION, f"0.0{n + 1}", "0.2")
            market.mark(OPTION, f"0.0{n}0")
            await pump(market, 5)
        true = truth(market.state, f"option:{OPTION}")
        await wait_until(lambda: "option" in bot.stores and bot.stores["option"].value(OPTION) == true)

    seen = bot.stores["option"].value(OPTION)
    assert (seen["bid"], seen["mark"], seen["mark_iv"], seen["delta"]) == ("0.08", "0.070", "67.5", "-0.08")
    assert [reply["error"] for reply in bot.replies if not reply["success"]] == [
        f"channel: {PERPETUAL} is of the kind perpetual, which has no option"
    ]


async def test_what_contracts_have_follows_the_worker_and_nothing_else_has_it(site, market, pump):
    channels = ("mark", "funding", "liquidation")
    async with site.connect() as socket:
        bot = Bot(socket)
        for channel in channels:
            await bot.subscribe(channel, [PERPETUAL, BTC])
        for n in range(8):
            market.mark(PERPETUAL, f"{n}.25")
            market.funding(PERPETUAL, f"-0.000{n + 1}")
            market.interest(PERPETUAL, f"{n}000.0")
            market.liquidation(PERPETUAL, f"{n + 90}.5")
            await pump(market, 5)

        def seen(channel):
            return bot.stores[channel].value(PERPETUAL)

        await wait_until(
            lambda: (
                bot.stores.keys() >= set(channels)
                and all(
                    seen(channel) == truth(market.state, f"{channel}:{PERPETUAL}") for channel in channels
                )
            )
        )

    refused = [reply["error"] for reply in bot.replies if not reply["success"]]
    assert refused == [f"channel: {BTC} is of the kind spot, which has no {channel}" for channel in channels]
    assert len(seen("liquidation")["liquidations"]) == 9 and bot.holes == []
