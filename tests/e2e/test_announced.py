"""What a screen reader is told while something is wrong: once what it is, not each second."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.conftest import SOON_MS
from tests.e2e.look import tabbed

pytestmark = pytest.mark.e2e

WATCH = """() => {
  for (const [kept, part] of [['said', 'text'], ['waited', 'wait']]) {
    const found = (window[kept] = []);
    const element = document.querySelector(`[data-banner-${part}]`);
    new MutationObserver(() => found.push(element.textContent))
      .observe(element, {childList: true, characterData: true, subtree: true});
  }
}"""
COUNTED = "() => [2, 1].every((left) => window.waited.includes(`Trying again in ${left} s.`))"
"""By the page itself: whoever looks now and then misses a second."""


@pytest.mark.acceptance
async def test_a_lost_connection_is_told_once(context: BrowserContext) -> None:
    page = await context.new_page()
    tries: list[object] = []

    async def cut(socket: object) -> None:
        tries.append(socket)
        await socket.close()  # type: ignore[attr-defined]

    await page.route_web_socket("**/ws/v1/", cut)
    await page.goto("/")
    await page.evaluate(WATCH)
    banner, wait = page.locator("[data-banner]"), page.locator("[data-banner-wait]")
    await expect(banner).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Values may be out of date")).to_be_visible()
    await page.wait_for_function(COUNTED, timeout=SOON_MS)
    await expect(page.locator("[data-pill-word]")).to_have_text("Reconnecting")
    await tabbed(page, page.get_by_role("button", name="Try now"))

    assert len(tries) >= 2
    said = [text for text in await page.evaluate("window.said") if text]
    assert len(set(said)) == 1 and "Trying" not in said[0]
    assert await wait.get_attribute("aria-hidden") == "true"
