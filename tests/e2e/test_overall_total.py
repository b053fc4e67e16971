"""Portfolios in two currencies in a real browser: one total that moves with the rate between them."""

from __future__ import annotations

import re
from decimal import Decimal

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE, sign_in, somebody
from tests.e2e.holding import amounts_turned, made, saved, typed
from tests.e2e.look import faint_texts, small_targets
from tests.live_site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

FOOT = "tfoot:has(tr[data-overall])"
RATE = re.compile(r"1 USD = ([\d.]+) JPY, USD → JPY, (< 1|\d+) (s|min)")


async def both(page: Page) -> tuple[Decimal, Decimal]:
    """The total and the rate, of one drawing."""
    total, said = await page.evaluate(
        "['[data-sum=total]', '[data-rate=USD]'].map("
        "(each) => document.querySelector(`tfoot:has([data-overall]) ${each}`).textContent)"
    )
    found = RATE.search(said)
    assert found is not None, said
    return Decimal(total.replace(",", "")), Decimal(found[1])


async def traded(control: httpx.AsyncClient) -> None:
    """Somebody sells to what stands at the touch: dollars and yen trade seldom, and left alone their rate may
    stand for half a minute."""
    order = {"symbol": "KRAKEN:USD/JPY", "side": "sell", "qty": "200000"}
    (await control.get("/control/paper/order", params=order)).raise_for_status()


async def halted(page: Page, control: httpx.AsyncClient) -> None:
    """The only market between them, and again not: the total stands meanwhile, and says so."""
    row = page.locator(FOOT)
    try:
        (await control.get("/control/maintenance", params={"venue": "KRAKEN"})).raise_for_status()
        await expect(row.locator("[data-lacks]")).to_have_text(
            "Not the whole: USD at a price that is not live."
        )
        await expect(row.locator("[data-partial]")).to_be_visible()
        await expect(row.locator("[data-rate=USD]")).to_contain_text(re.compile("USD → JPY, halted: .+, "))
        await expect(page.locator("[data-widget=portfolios]")).to_have_attribute("data-state", "stale")
        assert await faint_texts(page) == []
    finally:
        await control.get("/control/clear", params={"venue": "KRAKEN"})
    await expect(page.locator("[data-widget=portfolios]")).to_have_attribute(
        "data-state", "live", timeout=90_000
    )


async def test_it_moves_with_the_rate_and_says_when_that_is_not_live(
    chromium: Browser, live_site: str, whole_site: Site
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await somebody(context, "overall-total")
    await sign_in(page, "overall-total")
    addresses = {base: await made(page, base) for base in ("JPY", "USD")}
    await page.goto("/portfolios/")
    await expect(page.locator('[data-widget=portfolios][data-state="still"]')).to_be_attached()
    for base, amount in (("JPY", "1000"), ("USD", "5000000")):
        await page.goto(addresses[base])
        await typed(page, "Deposit", amount=amount, asset=base)
        await saved(page)

    await page.goto("/portfolios/")
    await expect(page.locator('[data-widget=portfolios][data-state="live"]')).to_be_attached()
    row = page.locator(FOOT)
    await expect(row).to_contain_text("All 2, in JPY")
    await expect(row.locator("[data-partial]")).to_be_hidden()
    await expect(row.locator("[data-lacks]")).to_be_hidden()
    first, _ = await both(page)
    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as control:
        await traded(control)
    await expect(row.locator("[data-sum=total]")).not_to_have_text(f"{first:,}")
    total, rate = await both(page)
    assert abs(total - 1000 - 5_000_000 * rate) <= 1  # a yen has no parts

    await amounts_turned(page)
    await expect(row.locator("[data-sum=total]")).to_have_css("visibility", "hidden")
    await expect(row.locator("[data-rate=USD]")).to_have_css("visibility", "visible")
    await amounts_turned(page)
    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as control:
        await halted(page, control)
    await expect(row.locator("[data-partial]")).to_be_hidden()

    assert await faint_texts(page) == []
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await faint_texts(page) == [] and await small_targets(page) == []
    await context.close()


async def way(page: Page, script: str) -> str:
    """The one market between the two currencies, by the paths that ``script`` gives."""
    (market,) = await page.evaluate(
        f"(async () => Object.values({script}).flatMap((path) => path.steps.map((step) => step.market)))()"
    )
    assert isinstance(market, str)
    return market


async def test_an_open_page_goes_over_to_the_next_path_when_its_own_dies(
    chromium: Browser, live_site: str, whole_site: Site
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await somebody(context, "overall-paths")
    await sign_in(page, "overall-paths")
    for base, amount in (("BTC", "2"), ("USD", "50000")):
        await made(page, base)
        await typed(page, "Deposit", amount=amount, asset=base)
        await saved(page)
    await page.goto("/portfolios/")
    list_of_all = page.locator("[data-widget=portfolios]")
    await expect(list_of_all).to_have_attribute("data-state", "live")
    served = "JSON.parse(document.getElementById('overall-rates').textContent)"
    venue = (await way(page, served)).partition(":")[0]
    assert await page.locator(f"{FOOT} tr[data-overall] [data-figure]").count() == 4
    await page.evaluate("window.isTheSame = true")

    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as control:
        try:
            async with page.expect_response("**/portfolios/rates/", timeout=60_000):
                silent = {"venue": venue, "value": "all"}
                (await control.get("/control/stall", params=silent)).raise_for_status()
            await expect(list_of_all).to_have_attribute("data-state", "live", timeout=60_000)
            await expect(page.locator(f"{FOOT} [data-rate=USD]")).to_have_text(
                re.compile(r"^1 USD = 0\.0[₀-₉]*\d+ BTC, USD → BTC, (< 1|\d+) s$")
            )
            await expect(page.locator(f"{FOOT} [data-partial]")).to_be_hidden()
            now = await way(page, "(await (await fetch('/portfolios/rates/')).json()).paths")
            assert now.partition(":")[0] != venue  # which is silent still
        finally:
            await control.get("/control/clear", params={"venue": venue})
    assert await page.evaluate("window.isTheSame") is True
    await context.close()
