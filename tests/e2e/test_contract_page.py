"""The page of a perpetual in a real browser, on the simulated venue."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.look import faint_texts
from tests.live_site import Site

pytestmark = pytest.mark.e2e
PERPETUAL = "/instruments/binance-usdm-btcusdt/"
FIGURES = """() => {
  const cell = (name) => document.querySelector(`[data-part=contract] [data-cell=${name}]`);
  const number = (text) => Number(text.replaceAll(',', '').replace('−', '-').replace('%', ''));
  const [mark, index] = ['mark', 'index'].map((name) => Number(cell(name).title));
  const [basis, share] = ['basis', 'basis_pct'].map((name) => number(cell(name).textContent));
  return {mark, index, basis, share};
}"""


async def test_a_perpetual_says_what_it_stands_at(page: Page) -> None:
    await page.goto(PERPETUAL)
    contract = page.locator("[data-part=contract]")
    for channel in ("mark", "funding", "interest"):
        await expect(contract.locator(f"[data-age={channel}]").first).to_have_attribute("data-state", "live")

    found = await page.evaluate(FIGURES)
    assert found["basis"] == pytest.approx(found["mark"] - found["index"], abs=0.001)
    assert found["share"] == pytest.approx(100 * (found["mark"] / found["index"] - 1), abs=0.001)
    await expect(contract.locator("[data-cell=rate]")).to_have_text(re.compile(r"^[+−]?\d+\.\d{4}%$"))
    await expect(contract.locator("[data-cell=interest]")).to_have_text(re.compile(r"^[\d,.]+$"))
    await expect(contract).to_contain_text("Sizes are in BTC; paid in USDT.")
    liquidations = page.locator("[data-part=liquidations]")
    await expect(liquidations).to_contain_text("A sample")
    await expect(liquidations).to_contain_text(re.compile(r"Long|Short|No liquidation since \d{4}-\d\d-\d\d"))
    await expect(page.locator('[data-part=quotes] tr[data-symbol="BINANCE:BTCUSDT"]')).to_be_visible()


async def test_the_countdown_moves_for_eyes_and_is_still_for_ears(page: Page) -> None:
    await page.goto(PERPETUAL)
    timer = page.get_by_role("timer")
    shown, heard = timer.locator("[data-cell=next_in]"), timer.locator("[data-cell=next_said]")
    await expect(shown).to_have_text(re.compile(r"^\d:\d\d:\d\d$"))
    before = await shown.inner_text()

    await expect(shown).not_to_have_text(before)

    await expect(shown).to_have_attribute("aria-hidden", "true")
    await expect(heard).to_have_text(re.compile(r"^in (\d h )?\d+ min$"))
    await expect(timer).to_have_attribute("aria-live", "off")


async def test_funding_that_is_paid_all_the_time_counts_nothing_down(page: Page) -> None:
    await page.goto("/instruments/deribit-btc-perpetual/")
    contract = page.locator("[data-part=contract]")
    await expect(contract.locator("[data-age=funding]").first).to_have_attribute("data-state", "live")

    for cell in ("next_in", "next_said"):
        await expect(contract.locator(f"[data-cell={cell}]")).to_have_text("continuous")


@pytest.mark.acceptance
async def test_a_dead_feed_leaves_nothing_live_and_says_why(page: Page, whole_site: Site) -> None:
    await page.goto(PERPETUAL)
    ages = page.locator("[data-part=contract] [data-age]:visible")
    await expect(ages.first).to_have_attribute("data-state", "live")
    worker = whole_site.process_of("ingest")
    worker.suspend()
    try:
        await expect(page.locator("[data-part=contract] [data-age][data-state=live]:visible")).to_have_count(
            0
        )
        for age in await ages.all():
            await expect(age).to_have_text(re.compile(r"^Stale \d+ s$"))
            await expect(age).to_have_attribute("title", "no word from the feed")
        assert await faint_texts(page) == []
    finally:
        worker.resume()
    await expect(ages.first).to_have_attribute("data-state", "live")
