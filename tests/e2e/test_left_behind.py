"""What stands on a page and is kept by nobody any more: it looks live for three seconds at most."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from tests.e2e.conftest import BITCOIN, markets
from tests.e2e.holding import made, priced, saved, typed
from tests.e2e.pictures import pictured
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
INSTRUMENT = "/instruments/kraken-btc-usd/"
SILENCE = "async () => (await import('/static/js/main.js')).page.socket.stop()"
FAILING_ROW = """async (symbol) => {
  const { page } = await import('/static/js/main.js');
  const get = page.store.get.bind(page.store);
  page.store.get = (topic) => {
    if (topic.symbol === symbol) throw new Error('cannot be read');
    return get(topic);
  };
}"""
HIDE = """() => {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = """() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event('visibilitychange'));
}"""
LATE_BEAT = """async () => {
  const { page } = await import('/static/js/main.js');
  const data = page.liveness.venues().map((symbol) => ({ symbol, age_us: 600e6 }));
  page.liveness.heartbeat({ late_us: 500e3, data }, page.clock.now());
}"""
SILENT_FEEDS = """async () => {
  const { page } = await import('/static/js/main.js');
  const data = page.liveness.venues().map((symbol) => ({ symbol, age_us: 30e6 }));
  setInterval(() => page.liveness.heartbeat({ data }, page.clock.now()), 500);
}"""
REFUSED = """async () => {
  const { page } = await import('/static/js/main.js');
  for (const row of document.querySelectorAll('tr[data-id]')) {
    page.store.refuse({ channel: 'portfolio', symbol: row.dataset.id }, 'id: no portfolio', page.clock.now());
  }
}"""
PALE = "row => getComputedStyle(row).opacity"


async def test_a_page_whose_scripts_do_not_come_says_so_and_looks_live_no_more(
    context: BrowserContext,
) -> None:
    await markets(await context.new_page())  # the server has prices to paint
    page = await context.new_page()
    await page.route("**/js/main.js", lambda route: route.abort())
    await page.goto("/")

    await expect(page.get_by_text("its scripts did not come")).to_be_visible()
    row = page.locator(BITCOIN)
    await expect(row).to_have_attribute("data-state", "live")
    assert await row.evaluate(PALE) == "0.5"
    await pictured(page, "unkept-markets")


async def test_a_part_whose_script_does_not_come_is_stale_and_the_page_says_so(
    context: BrowserContext, uncaught: list[str]
) -> None:
    page = await context.new_page()
    await page.route("**/widgets/markets*.js", lambda route: route.abort())
    await page.goto("/")

    await expect(page.locator("[data-banner]")).to_contain_text("load the page again")
    await expect(page.locator("[data-widget=markets]")).to_have_attribute("data-state", "stale")
    await expect(page.locator("tbody tr[data-state=live]")).to_have_count(0)
    await expect(page.get_by_text("its scripts did not come")).to_be_hidden()
    await page.close()
    assert uncaught
    uncaught.clear()


async def test_a_row_that_cannot_be_drawn_keeps_no_other_from_going_stale(
    page: Page, uncaught: list[str]
) -> None:
    await markets(page)
    await page.evaluate(FAILING_ROW, "KRAKEN:BTC/USD")
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "stale")
    await expect(page.locator("[data-banner]")).to_contain_text("load the page again")
    await expect(page.locator("tbody tr[data-state=live]").first).to_be_attached()

    await page.evaluate(SILENCE)

    await expect(page.locator("tbody tr[data-state=live]")).to_have_count(0)
    await page.close()
    assert uncaught
    uncaught.clear()


async def test_the_name_of_a_tab_has_no_price_that_is_not_live(page: Page) -> None:
    await page.goto(INSTRUMENT)
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", "live")
    live, hidden = r"^[\d,]+\.\d BTC/USD · Kraken$", r"^[\d,]+\.\d at \d\d:\d\d:\d\d BTC/USD · Kraken$"
    await expect(page).to_have_title(re.compile(live))

    await page.evaluate(HIDE)
    await expect(page).to_have_title(re.compile(hidden))
    await page.evaluate(SHOW)
    await expect(page).to_have_title(re.compile(live))

    await page.evaluate(SILENCE)
    await expect(page).to_have_title("Stale BTC/USD · Kraken")


async def test_what_was_there_before_an_outage_is_syncing_until_it_is_brought_again(
    context: BrowserContext,
) -> None:
    """By a line that brings that the venue lives before it brings the prices. The server takes them to be
    brought, or it would say nothing more after a second and a half."""
    page = await context.new_page()
    sockets: list[WebSocketRoute] = []
    away, released = asyncio.Event(), asyncio.Event()

    async def prices(route: WebSocketRoute, server: WebSocketRoute, message: str) -> None:
        if '"ticker"' in message:
            if not released.is_set() and (number := json.loads(message).get("frame")):
                server.send(json.dumps({"method": "ack", "params": {"frame": number}}))
            await released.wait()
        route.send(message)

    async def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        if away.is_set() and len(sockets) < 4:
            return await route.close(code=1012, reason="restarting")
        server = route.connect_to_server()
        if away.is_set():
            server.on_message(lambda message: asyncio.ensure_future(prices(route, server, str(message))))

    await page.route_web_socket("**/ws/v1/", through)
    await markets(page)
    row = page.locator(BITCOIN)
    away.set()
    await sockets[0].close(code=1012, reason="restarting")

    await wait_until(lambda: len(sockets) > 3, what="a connection that lasts")
    await expect(row).to_have_attribute("data-state", "syncing")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    released.set()
    await expect(row).to_have_attribute("data-state", "live")


async def test_an_instrument_says_in_words_that_nothing_of_it_moves(page: Page) -> None:
    await page.goto(INSTRUMENT)
    await expect(page.locator("[data-legend]").first).to_contain_text("· running")
    other = page.locator(".others tbody tr").first
    await expect(other).to_have_attribute("data-state", "live")

    await page.evaluate(SILENCE)

    await expect(page.locator("[data-legend]").first).to_contain_text("· not ended")
    trouble = page.locator("[data-part=tape] [data-trouble]")
    await expect(trouble).to_have_text("Stale: no word from the server")
    await expect(other).to_contain_text("Stale")
    await expect(other.locator("a")).to_have_attribute("title", re.compile("^Stale: "))
    await pictured(page, "silent-instrument")


async def test_the_status_page_calls_no_link_live_of_which_it_hears_nothing(page: Page) -> None:
    """Whatever was late last: here the page's own line."""
    await page.goto("/status/")
    links, latency = page.locator("[data-links] tbody tr"), page.locator("[data-latency] tbody tr")
    await expect(links.and_(page.locator("[data-state=live]")).first).to_be_visible()
    await expect(latency.and_(page.locator("[data-state=live]")).first).to_be_visible()

    await page.evaluate(SILENCE)
    await page.evaluate(LATE_BEAT)

    for rows in (links, latency):
        await expect(rows.first).to_be_visible()
        await expect(rows.and_(page.locator("[data-state=live]"))).to_have_count(0)


@pytest.mark.usefixtures("person")
async def test_a_list_of_portfolios_is_live_no_longer_than_the_feeds_of_their_markets(page: Page) -> None:
    address = await made(page)
    await typed(page, "Buy", amount="0.1", asset="BTC", amount2="1000", asset2="USD", time="2026-02-01T10:00")
    await saved(page)
    await priced(page, address)
    await page.goto("/portfolios/")
    said = page.locator("[data-moment]")
    await expect(said).to_have_text("Live.")

    await page.evaluate(SILENCE)
    await page.evaluate(SILENT_FEEDS)
    await expect(said).to_have_text("Not all of it is live.")
    await page.evaluate(REFUSED)
    await expect(said).not_to_have_text("Live.")
