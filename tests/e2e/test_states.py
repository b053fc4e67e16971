"""Each state that a fault can produce has its words where people look, and can be read without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.conftest import BITCOIN, markets
from tests.live_site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
INSTRUMENT = "/instruments/kraken-btc-usd/"
Fault = Callable[..., Awaitable[None]]


@pytest.fixture
async def fault(whole_site: Site) -> AsyncIterator[Fault]:
    """Of the simulated Kraken; all are over afterwards."""
    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as client:

        async def cause(name: str, **options: str) -> None:
            answer = await client.get(f"/control/{name}", params={"venue": "KRAKEN", **options})
            answer.raise_for_status()

        yield cause
        await cause("clear")


async def live_again(page: Page) -> None:
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live")


async def test_a_halt_is_told_with_its_reason_and_ends_by_itself(
    context: BrowserContext, fault: Fault
) -> None:
    listed, one = await context.new_page(), await context.new_page()
    await markets(listed)
    await one.goto(INSTRUMENT)
    await expect(one.locator("[data-part=summary]")).to_have_attribute("data-state", "live")
    await expect(one.locator("[data-why]")).to_be_hidden()

    await fault("maintenance")
    row = listed.locator(BITCOIN)
    await expect(row).to_have_attribute("data-state", "halted")
    await expect(row.locator("[data-cell=state]")).to_have_text("Halted")
    why = one.get_by_role("status").filter(has_text="Halted: ")
    await expect(why).to_be_visible()
    said = await why.inner_text()
    assert len(said) > len("Halted: .") and await row.locator("[data-cell=state]").get_attribute("title")
    await expect(listed.locator("[data-pill-word]")).to_have_text("Kraken halted")

    await fault("maintenance", value="online")
    await live_again(listed)
    await expect(one.locator("[data-why]")).to_be_hidden()


async def test_silence_is_told_as_stale_with_its_age(context: BrowserContext, fault: Fault) -> None:
    listed, one = await context.new_page(), await context.new_page()
    await markets(listed)
    await one.goto(INSTRUMENT)

    await fault("stall", value="all")
    row = listed.locator(BITCOIN)
    await expect(row).not_to_have_attribute("data-state", "live")
    await expect(row.locator("[data-cell=substate]")).to_contain_text("s")
    await expect(one.locator("[data-part=summary]")).not_to_have_attribute("data-state", "live")
    await expect(one.locator("[data-why]")).to_be_visible()
    await expect(one.locator("[data-cell=age]").first).to_contain_text("s")

    await fault("clear")
    await live_again(listed)
