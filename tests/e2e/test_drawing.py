"""Nothing stops a page from drawing: else what it showed would stand there and look live."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.e2e
SYMBOL = "KRAKEN:BTC/USD"
# With no word from the server any more what is in the store stays until it was drawn.
BARS = """async ([symbol, closes]) => {
  const { page } = await import('/static/js/main.js');
  page.socket.stop();
  const [first] = page.store.get({ channel: 'ohlc', symbol, interval: 1 }).value.bars;
  const bars = Object.entries(closes).map(([minute, close]) => (
    { ...first, ts: first.ts + Number(minute) * 60e6, close, closed: true }));
  const row = { symbol, epoch: 'made here', prev: 0, seq: ++window.made, age_us: 0, state: 'live', bars };
  page.store.apply({ channel: 'ohlc', type: 'snapshot', interval: 1, data: [row] }, page.clock.now());
}"""
CHANGES = {
    "one of before changed": ({1: "70000", 2: "70001", 3: "70002"}, {1: "70000", 2: "70005", 3: "70002"}),
    "one of before came late": ({1: "70000", 3: "70002"}, {1: "70000", 2: "70001", 3: "70002"}),
}
NO_BARS = """async () => {
  const { page } = await import('/static/js/main.js');
  const get = page.store.get.bind(page.store);
  page.store.get = (topic) => {
    if (topic.channel === 'ohlc') throw new Error('no bars');
    return get(topic);
  };
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


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
async def test_a_chart_takes_bars_that_change_while_another_begins(
    page: Page, before: dict[int, str], after: dict[int, str]
) -> None:
    """As they come after an outage, with the venue's own candles of what was missed."""
    await opened(page)
    legend = page.locator("[data-legend]").first

    await page.evaluate("window.made = 0")
    await page.evaluate(BARS, [SYMBOL, before])
    await expect(legend).to_contain_text("C 70,002.0")
    await page.evaluate(BARS, [SYMBOL, {**after, 4: "77777.7"}])

    await expect(legend).to_contain_text("C 77,777.7")
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", "stale")


async def test_a_part_that_cannot_be_drawn_looks_live_no_more(page: Page, uncaught: list[str]) -> None:
    """Whatever comes: a chart that cannot read its bars stands for all mistakes."""
    await opened(page)

    await page.evaluate(NO_BARS)

    await expect(page.locator("[data-part=chart]")).to_have_attribute("data-state", "stale")
    await expect(page.locator("[data-banner]")).to_be_visible()
    await expect(page.locator("[data-part=book]")).to_have_attribute("data-state", "live")
    await page.close()  # it fails again with each change of a bar
    assert uncaught
    uncaught.clear()


async def test_what_cannot_be_drawn_is_said_and_all_else_goes_on(page: Page, uncaught: list[str]) -> None:
    await opened(page)

    await page.evaluate(FAILING)

    banner = page.locator("[data-banner]")
    await expect(banner).to_be_visible()
    await expect(banner.locator("[role=status]")).to_have_text(
        "A part of this page cannot be drawn, and stays as it was: load the page again."
    )
    assert uncaught == ["cannot be drawn"]
    uncaught.clear()
    shown = page.locator("[data-part=book] [data-side=bids]").first
    before = await shown.inner_text()
    await expect(shown).not_to_have_text(before)

    await page.evaluate("mended()")
    await expect(banner).to_be_hidden()
