"""Each state that a fault can produce has its words and look on all pages with prices, for keys and ears."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.conftest import DESK, Cookies, markets, unarranged
from tests.e2e.holding import made, numbers, saved, typed
from tests.e2e.look import faint_texts, tabbed
from tests.e2e.pictures import SHORT, pictured
from tests.fakes.waiting import wait_until_answered
from tests.live_site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(240)]
EURO, POUND = "KRAKEN:EUR/USD", "KRAKEN:GBP/USD"
OTHERS = """
from django.core.management import call_command
call_command("instruments", "{}", "OANDA:EUR_USD", "OANDA:GBP_USD")
"""
Fault = Callable[..., Awaitable[None]]
AGE = re.compile(r"^\d+ (s|min)$")
"""A quiet currency may have said nothing for two minutes before a fault."""
TIP = """([symbol, why]) => {
  const cell = document.querySelector(`tr[data-symbol="${symbol}"] [data-cell=state]`);
  return new RegExp(why).test(getComputedStyle(cell, '::after').content);
}"""

IN_VIEW = """row => {
  row.scrollIntoView({ block: 'nearest' });
  const { top, bottom } = row.getBoundingClientRect();
  return row.isConnected && top >= 0 && bottom <= innerHeight;
}"""


@dataclass
class Pages:
    """All open beside each other: what they show is of the same moment."""

    markets: Page
    watchlist: Page
    instrument: Page
    portfolio: Page
    status: Page

    @property
    def all(self) -> tuple[Page, ...]:
        return self.markets, self.watchlist, self.instrument, self.portfolio, self.status


@pytest.fixture(scope="module")
async def pages(
    browser: Browser, live_site: str, signed_in: Cookies, whole_site: Site
) -> AsyncIterator[Pages]:
    """Of somebody who watches euros and pounds, and holds some of both; only Kraken says what they cost."""
    whole_site.run(OTHERS.format("disable"))
    context = await browser.new_context(base_url=live_site, viewport=DESK, color_scheme="dark")
    await context.add_cookies(signed_in)
    await unarranged(context)
    found = Pages(*[await context.new_page() for _ in range(5)])
    await held(found.portfolio)
    await listed(found.watchlist)
    await found.instrument.goto("/instruments/kraken-eur-usd/")
    await found.status.goto("/status/")
    await markets(found.markets)
    await live_again(found)
    yield found
    await context.close()
    whole_site.run(OTHERS.format("enable"))


async def held(page: Page) -> None:
    await made(page)
    for asset in ("EUR", "GBP"):
        await typed(page, "Deposit", amount="1000", asset=asset, time="2026-01-05T00:00")
        await saved(page)


async def listed(page: Page) -> None:
    await page.goto("/watchlists/")
    await page.get_by_label("New list").fill(f"Currencies {next(numbers)}")
    await page.get_by_role("button", name="Make list").click()
    await page.wait_for_url("**/watchlists/*/")
    await page.fill("#text", f"{EURO} {POUND} BINANCE:ETHUSDT")
    await page.get_by_role("button", name="Check and add").click()
    await page.get_by_role("button", name="Add ").first.click()
    await page.wait_for_selector(".items")
    await page.goto(f"/?list={page.url.rstrip('/').rsplit('/', 1)[1]}")


@pytest.fixture
async def fault(whole_site: Site) -> AsyncIterator[Fault]:
    """Of the simulated Kraken; all are over afterwards."""
    async with httpx.AsyncClient(base_url=whole_site.exchanges, trust_env=False, timeout=20) as client:

        async def cause(name: str, **options: str) -> None:
            answer = await client.get(f"/control/{name}", params={"venue": "KRAKEN", **options})
            answer.raise_for_status()

        yield cause
        await cause("clear")


def row(page: Page, symbol: str = EURO) -> Locator:
    return page.locator(f'tr[data-symbol="{symbol}"]')


def line(page: Page, asset: str = "EUR") -> Locator:
    return page.locator(f'tr[data-asset="{asset}"]')


async def in_view(its: Locator) -> None:
    """Rows out of view are not drawn. A list at its top is put in order anew each two seconds, and takes the
    row that a browser scrolls to out of the page meanwhile: so until it is there."""

    async def seen() -> bool:
        return bool(await its.evaluate(IN_VIEW))

    await wait_until_answered(seen, every_s=0.1, within_s=30, what=f"{its} in view")


async def live_again(pages: Pages, symbol: str = EURO, asset: str = "EUR") -> None:
    for page in (pages.markets, pages.watchlist):
        await in_view(row(page, symbol))
        # On a new link a quiet currency says nothing until it moves.
        await expect(row(page, symbol)).to_have_attribute("data-state", "live", timeout=90_000)
    summary = pages.instrument.locator("[data-part=summary]")
    await expect(summary).to_have_attribute("data-state", "live", timeout=90_000)
    await expect(pages.instrument.locator("[data-why]")).to_be_hidden()
    await expect(line(pages.portfolio, asset)).to_have_attribute("data-state", "live")
    await expect(pages.status.locator("[data-overall]")).to_have_text(
        re.compile(r"^All \d+ topics are live"), timeout=90_000
    )
    for page in pages.all:
        await expect(page.locator("[data-pill-word]")).to_have_text("Connected")


async def said(pages: Pages, state: str, why: str, symbol: str = EURO) -> None:
    """In words where the price stands, with its age, and why where a key and a screen reader come to it."""
    word, asset = state.capitalize(), symbol[-7:-4]
    reason = re.compile(f"{word}: .*{why}", re.IGNORECASE)
    for page in (pages.markets, pages.watchlist):
        its = row(page, symbol)
        await in_view(its)
        await expect(its).to_have_attribute("data-state", state)
        await expect(its.locator("[data-cell=state]")).to_have_text(word)
        await expect(its.get_by_role("link")).to_have_attribute("title", reason)  # its description
        if page is pages.watchlist:  # which is short
            await tabbed(page, its.get_by_role("link"))
        else:
            await its.get_by_role("link").focus()
        await page.wait_for_function(TIP, arg=[symbol, why])
        await expect(its.locator("[data-cell=age]")).to_have_text(AGE)
    its = line(pages.portfolio, asset)
    await expect(its).to_have_attribute("data-state", "stale")
    await expect(its.locator(".by")).to_have_text(re.compile(f"{state}: .*{why}.*, \\d+ "))
    partial = pages.portfolio.get_by_role("status").filter(has_text="at a price that is not live")
    await expect(partial).to_contain_text(asset)


async def on_its_page(page: Page, state: str, why: str) -> None:
    await expect(page.locator("[data-part=summary]")).to_have_attribute("data-state", state)
    spoken = page.get_by_role("status").filter(has_text=re.compile(f"{state}: .*{why}", re.IGNORECASE))
    await expect(spoken).to_be_visible()
    await expect(page.locator(".badge [data-cell=state]")).to_have_text(state.capitalize())
    await expect(page.locator(".badge [data-cell=age]")).to_have_text(AGE)
    for part in ("book", "depth"):
        panel = page.locator(f"[data-part={part}]")
        await expect(panel).to_have_attribute("data-state", state)
        await expect(panel.locator("[data-words]")).to_have_text(re.compile(f"^{state}: .*{why}", re.I))


async def of_its_topic(page: Page, state: str, why: str) -> None:
    its = page.locator("[data-topics] tbody tr")
    await page.fill("[data-find]", f"{EURO} ticker")
    await expect(its).to_have_count(1)
    await expect(its).to_have_attribute("data-state", state)
    await expect(its.locator(".state")).to_have_text(state.capitalize())
    await expect(its.locator(".text")).to_have_text(re.compile(why))


async def of_the_venue(pages: Pages, word: str, why: str) -> None:
    """What concerns all of a venue is on every page's mark, which a key reaches, and is read aloud once."""
    for page in pages.all:
        mark = page.locator("[data-pill]")
        await expect(mark.locator("[data-pill-word]")).to_have_text(word)
        await tabbed(page, mark)
        await expect(page.get_by_role("tooltip")).to_be_visible()
        await expect(page.get_by_role("tooltip")).to_contain_text(re.compile(why))
        await expect(mark).to_have_attribute("aria-describedby", "pill-details")
    for page in (pages.markets, pages.watchlist, pages.portfolio):
        await expect(page.locator("[data-told][role=status]")).to_have_text(re.compile(f"{word}: .*{why}"))
    overall = pages.status.get_by_role("status").filter(has_text=re.compile(f"{word}: .*{why}"))
    await expect(overall).to_be_visible()


async def readable(pages: Pages) -> None:
    """In both themes, whatever its colour says now."""
    for scheme in ("light", "dark"):
        for page in (pages.markets, pages.instrument, pages.portfolio, pages.status):
            await page.emulate_media(color_scheme=scheme)
            assert await faint_texts(page) == [], page.url


async def pictures(pages: Pages, state: str) -> None:
    for name, page in vars(pages).items():
        await pictured(page, f"{state}-{name}", SHORT if page is pages.watchlist else None)


async def test_a_halt_is_told_with_its_reason_and_ends_by_itself(pages: Pages, fault: Fault) -> None:
    await fault("maintenance")
    await said(pages, "halted", "maintenance")
    await on_its_page(pages.instrument, "halted", "maintenance")
    await of_its_topic(pages.status, "halted", "maintenance")
    await pictures(pages, "halted")
    await of_the_venue(pages, "Kraken halted", "maintenance")
    await readable(pages)

    await fault("maintenance", value="online")
    await live_again(pages)
    for page in (pages.markets, pages.portfolio):
        await expect(page.locator("[data-told]")).to_have_text("All venues are live again.")


async def test_silence_is_syncing_and_then_stale(pages: Pages, fault: Fault) -> None:
    """A venue that agrees to everything on new links, and says nothing."""
    await fault("stall", value="all")
    await fault("reset")
    for page in (pages.markets, pages.watchlist):
        await expect(row(page)).to_have_attribute("data-state", "syncing")
    await pictured(pages.watchlist, "syncing-watchlist", SHORT)
    told = pages.watchlist.locator("[data-told][role=status]")
    await expect(told).to_have_text(re.compile("Kraken syncing: waiting for data"))
    await expect(pages.instrument.locator("[data-part=summary]")).not_to_have_attribute("data-state", "live")

    await said(pages, "stale", "nothing received for")
    await on_its_page(pages.instrument, "stale", "nothing received for")
    await of_its_topic(pages.status, "stale", "nothing received for")
    await pictures(pages, "stale")
    await readable(pages)
    await fault("clear")
    await live_again(pages)


async def test_a_venue_that_limits_us_says_until_when(pages: Pages, fault: Fault) -> None:
    """Half a minute, because shorter waits are not worth a word."""
    await fault("refuse", n="1000", value="429", seconds="40")
    await fault("reset")
    until = r"limits us until \d\d:\d\d UTC"
    await said(pages, "stale", until)
    await on_its_page(pages.instrument, "stale", until)
    await of_its_topic(pages.status, "stale", until)
    await pictures(pages, "limited")
    await of_the_venue(pages, "Kraken down", until)
    logged = pages.status.locator("[data-events] tbody tr", has_text="Exchange limits us").first
    await expect(logged).to_contain_text(re.compile(f"since .*KRAKEN.*{until}"))
    await pictured(pages.status, "limited-log", part="[data-events]")
    await readable(pages)
    await fault("clear")
    await expect(row(pages.markets)).to_have_attribute("data-state", "live", timeout=90_000)
    await live_again(pages)
    await expect(logged).not_to_contain_text("since")


async def test_a_delisting_says_since_when_and_concerns_nobody_else(
    pages: Pages, fault: Fault, whole_site: Site
) -> None:
    listed_anew = (
        "from django.core.management import call_command as c; c('sync_instruments', venue=['KRAKEN'])"
    )
    try:
        await fault("delist", symbol="GBP/USD")
        whole_site.run(listed_anew)
        await pages.instrument.goto("/instruments/kraken-gbp-usd/")
        since = r"Kraken has not listed it since \d+ \w+ \d{4}"
        await said(pages, "delisted", since, POUND)
        await on_its_page(pages.instrument, "delisted", since)
        happened = pages.status.locator("[data-events] tbody tr", has_text=POUND).first
        await expect(happened).to_contain_text("Delisting")
        await expect(happened).to_contain_text(re.compile(since))
        await pictures(pages, "delisted")
        await readable(pages)
        await in_view(row(pages.markets))
        await expect(row(pages.markets)).to_have_attribute("data-state", "live")  # another of that venue
        await expect(pages.markets.locator("[data-pill-word]")).to_have_text("Connected")
    finally:
        await fault("clear")
        whole_site.run(listed_anew)
    await live_again(pages, POUND, "GBP")
