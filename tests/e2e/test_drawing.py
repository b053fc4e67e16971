"""Nothing stops a page from drawing: else what it showed would stand there and look live."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

pytestmark = pytest.mark.e2e
SYMBOL = "KRAKEN:BTC/USD"
PRICE = "77777.7"
# With no word from the server any more what is in the store stays until it was drawn.
BARS = """async ([symbol, price, what]) => {
  const { page } = await import('/static/js/main.js');
  page.socket.stop();
  const topic = { channel: 'ohlc', symbol, interval: 1 };
  const { bars } = page.store.get(topic).value;
  const next = { ...bars.at(-1), ts: bars.at(-1).ts + 60e6, close: price, closed: false };
  const others = {
    'one of before changed': [...bars.slice(0, -2), { ...bars.at(-2), volume: '9' }, bars.at(-1), next],
    'one of before came late': [...bars.slice(0, -2), ...bars.slice(-1), next],
    'the running one was taken back': [...bars.slice(0, -1), next],
  }[what];
  const row = { symbol, epoch: 'another', prev: 0, seq: 1, age_us: 0, state: 'live', bars: others };
  page.store.apply({ channel: 'ohlc', type: 'snapshot', interval: 1, data: [row] }, page.clock.now());
}"""
FAILING = """async () => {
  const { page } = await import('/static/js/main.js');
  const drawing = page.scheduler.add(() => { throw new Error('cannot be drawn'); });
  drawing.invalidate();
  window.mended = () => drawing.remove();
}"""


async def opened(page: Page) -> None:
    await page.goto("/instruments/kraken-btc-usd/")
    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-state", "live")
    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-known", "")


@pytest.mark.parametrize(
    "what",
    ["one of before changed", "one of before came late", "the running one was taken back"],
)
async def test_a_chart_takes_bars_that_change_while_another_begins(page: Page, what: str) -> None:
    """As they come after an outage, with the venue's own candles of what was missed."""
    await opened(page)

    await page.evaluate(BARS, [SYMBOL, PRICE, what])

    legend = page.locator("[data-legend]").first
    await expect(legend).to_contain_text("C 77,777.7")
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", "stale")


async def test_what_cannot_be_drawn_is_said_and_all_else_goes_on(context: BrowserContext) -> None:
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await opened(page)

    await page.evaluate(FAILING)

    banner = page.locator("[data-banner]")
    await expect(banner).to_be_visible()
    await expect(banner.locator("[role=status]")).to_have_text(
        "A part of this page cannot be drawn, and stays as it was: load the page again."
    )
    assert errors == ["cannot be drawn"]
    shown = page.locator("[data-part=book] [data-side=bids]").first
    before = await shown.inner_text()
    await expect(shown).not_to_have_text(before)

    await page.evaluate("mended()")
    await expect(banner).to_be_hidden()
