"""An oracle against a market, in a real browser: worked out with each price, never of what is not live."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from feeds.simulator.pyth_listing import identifier
from tests.e2e.arranging import arranging, chosen, done
from tests.e2e.look import faint_texts
from tests.live_site import Site

pytestmark = pytest.mark.e2e
PYTH = f"PYTH:{identifier('Crypto.BTC/USD')}"
FIGURES = """(symbol) => {
  const panel = document.querySelector('[data-part=oracle]');
  const bare = (text) => text.replaceAll(',', '').replace('−', '-').replace(/[%×]/, '');
  const number = (text) => Number(bare(text));
  const row = panel.querySelector(`[data-symbol="${symbol}"]`);
  const cell = (name) => row.querySelector(`[data-cell=${name}]`);
  const mid = number(panel.querySelector('[data-cell=mid]').textContent);
  const [price, confidence] = ['price', 'confidence'].map((name) => Number(cell(name).title));
  const shown = ['off', 'times', 'bps'].map((name) => [name, number(cell(name).textContent)]);
  return {mid, price, confidence, ...Object.fromEntries(shown)};
}"""


async def shown(page: Page, path: str = "/instruments/kraken-btc-usd/") -> Locator:
    await arranging(page, path)
    await chosen(page, "Oracle")
    await done(page)
    return page.locator("[data-part=oracle]")


async def test_a_market_is_held_against_the_oracle_of_its_pair(page: Page) -> None:
    panel = await shown(page)
    row = panel.locator(f'[data-symbol="{PYTH}"]')
    await expect(row).to_have_attribute("data-state", "live")
    await expect(row.locator("[data-cell=times]")).to_have_text(re.compile(r"^[+−]?\d+\.\d ×$"))

    found = await page.evaluate(FIGURES, PYTH)
    assert found["off"] == pytest.approx(100 * (found["mid"] / found["price"] - 1), abs=0.001)
    assert found["times"] == pytest.approx((found["mid"] - found["price"]) / found["confidence"], abs=0.06)
    assert found["bps"] == pytest.approx(1e4 * found["confidence"] / found["price"], abs=0.006)
    await expect(row.locator("[data-cell=age]")).to_have_text(re.compile(r"^(< 1|\d+) s$"))
    deribit = panel.locator('[data-symbol="DERIBIT:btc_usd"]')
    await expect(deribit.locator("[data-cell=off]")).to_have_text(re.compile(r"^[+−]?\d+\.\d{3}%$"))
    await expect(deribit.locator("[data-cell=times]")).to_have_text("–")
    before = await row.locator("[data-cell=price]").inner_text()
    await expect(row.locator("[data-cell=price]")).not_to_have_text(before)

    await page.reload()
    await expect(row.locator("[data-cell=off]")).to_have_text(re.compile(r"%$"))
    await page.goto("/instruments/binance-btcusdt/")
    await expect(panel).to_contain_text("Indexes in USD are not compared: USDT is another currency.")
    await expect(panel.locator("tbody tr")).to_have_count(0)


@pytest.mark.acceptance
async def test_a_dead_feed_leaves_nothing_to_compare(page: Page, whole_site: Site) -> None:
    panel = await shown(page)
    off = panel.locator("[data-cell=off]")
    await expect(off.first).to_have_text(re.compile(r"%$"))
    worker = whole_site.process_of("ingest")
    worker.suspend()
    try:
        for each in await off.all():
            await expect(each).to_have_text("–")
        await expect(panel.locator("[data-cell=mid]")).to_have_text("–")
        await expect(panel.locator("[data-cell=age]").first).to_have_text(re.compile(r"^Stale \d+ s$"))
        assert await faint_texts(page) == []
    finally:
        worker.resume()
    await expect(off.first).to_have_text(re.compile(r"%$"))
