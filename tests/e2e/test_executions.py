"""A paper account followed: its key put in, a trade in the simulated book, and what shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.e2e.conftest import DESK, Cookies
from tests.e2e.look import faint_texts, small_targets
from tests.e2e.test_portfolios import PHONE, made, saved, typed
from tests.live_site import ROOT, Site, environment

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(240)]


def paper(site: Site, *words: str) -> str:
    """``manage.py paper`` beside the site."""
    command = [sys.executable, str(ROOT / "manage.py"), "paper", *words]
    done = subprocess.run(command, env=environment(site.folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def key(site: Site, *words: str) -> tuple[str, str]:
    told = dict(re.findall(r"(key|secret)\s+(\S+)", paper(site, "keys", "KRAKEN", *words)))
    return told["key"], told["secret"]


async def put_in(page: Page, credentials: tuple[str, str]) -> None:
    """From the portfolio's page to the account's, with the key sent."""
    await page.locator(".accounts a").first.click()
    await page.get_by_role("link", name="Kraken", exact=True).click()
    await expect(page.get_by_text("Query closed orders & trades")).to_be_visible()
    await page.get_by_label("API key").fill(credentials[0])
    await page.get_by_label("Private key").fill(credentials[1])
    await page.get_by_role("button", name=re.compile("key")).click()
    await expect(page.get_by_text("The key is kept, encrypted")).to_be_visible()


class Heard:
    """Everything that a browser was sent, to look for what it must not be."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.texts.append(str(frame)))
        socket.on("framesent", lambda frame: self.texts.append(str(frame)))


async def test_a_trade_is_confirmed_and_moves_what_is_held(
    page: Page, person: BrowserContext, whole_site: Site
) -> None:
    heard, credentials = Heard(page), key(whole_site)
    address = await made(page)
    await typed(page, "Deposit", amount="10000", asset="USD", time="2026-01-01T10:00")
    await saved(page)
    await put_in(page, credentials)
    await expect(page.locator('.standing[data-state="live"]')).to_be_visible()
    assert credentials[0][-4:] in await page.locator(".key-facts").inner_text()
    heard.texts.append(await page.content())

    await page.goto(address)
    await expect(page.locator("[data-widget=fills][data-mounted]")).to_be_attached()
    await expect(page.get_by_text("None yet.", exact=True).first).to_be_visible()
    await expect(page.locator("[data-widget=portfolio][data-state]")).to_be_attached()
    paper(whole_site, "order", "KRAKEN:BTC/USD", "buy", "0.05")

    await expect(page.locator("[data-toasts] .toast").first).to_contain_text(
        re.compile("Bought .* BTC at .* USD")
    )
    row = page.locator(".fills tbody tr").first
    await expect(row).to_contain_text("Buy KRAKEN:BTC/USD")
    await expect(row.locator('[data-cell="slippage"]')).to_contain_text(re.compile("worse|better|The same"))
    await expect(row.locator('[data-cell="quote"]')).to_contain_text("old")
    await expect(page.locator('tr[data-asset="BTC"] [data-cell="quantity"]')).to_have_text("0.05")
    other = await person.new_page()
    await other.goto(address)
    served = await other.locator(".fills tbody tr").all_inner_texts()
    await expect(page.locator(".fills tbody tr")).to_have_text(served, use_inner_text=True)
    await other.close()
    await page.reload()

    await expect(page.locator("[data-widget=fills][data-mounted]")).to_be_attached()
    paper(whole_site, "order", "KRAKEN:BTC/USD", "sell", "0.05")
    await expect(page.locator("[data-toasts] .toast").first).to_contain_text("Sold")
    await expect(page.locator('tr[data-asset="BTC"]')).to_have_count(0)
    await page.locator(".fills tbody tr").first.get_by_role("link", name=re.compile("Entry")).click()
    await expect(page.get_by_text("Said by the exchange, trade")).to_be_visible()

    heard.texts.append(await page.content())
    for canary in credentials:
        assert not any(canary in text for text in heard.texts)
        assert not holding(whole_site.folder, canary)


def holding(folder: Path, canary: str) -> list[str]:
    """Files of the site that have it: its database with all sessions, its logs, what it keeps of markets."""
    return [each.name for each in folder.rglob("*") if canary.encode() in content(each)]


def content(path: Path) -> bytes:
    """Nothing of what is gone by now, as a journal of the database is, and of a folder or a socket."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


async def test_a_key_that_may_trade_is_refused_and_wiped(
    page: Page, person: BrowserContext, whole_site: Site
) -> None:
    await made(page)
    await put_in(page, key(whole_site, "--rights", "read,trade"))

    await expect(page.locator('.standing[data-state="refused"]')).to_contain_text("put another key in")

    await put_over(page, key(whole_site))
    await expect(page.locator('.standing[data-state="live"]')).to_be_visible()
    await page.get_by_text("Delete the key").first.click()
    await page.get_by_label("Delete it here").check()
    await page.get_by_role("button", name="Delete the key").click()
    await expect(page.get_by_text("The key is deleted")).to_be_visible()
    await expect(page.locator(".standing")).to_have_count(0)


async def put_over(page: Page, credentials: tuple[str, str]) -> None:
    await page.get_by_label("API key").fill(credentials[0])
    await page.get_by_label("Private key").fill(credentials[1])
    await page.get_by_role("button", name="Replace the key").click()


async def test_they_can_be_read_and_pressed(
    chromium: Browser, live_site: str, whole_site: Site, signed_in: Cookies
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    await context.add_cookies(signed_in)
    page = await context.new_page()
    address = await made(page)
    await put_in(page, key(whole_site))
    account = page.url
    await expect(page.locator('.standing[data-state="live"]')).to_be_visible()
    await page.goto(address)
    await expect(page.locator("[data-widget=fills][data-mounted]")).to_be_attached()
    paper(whole_site, "order", "KRAKEN:ETH/USD", "buy", "0.5")
    await expect(page.locator(".toast").first).to_be_visible()
    assert await small_targets(page) == [] and await faint_texts(page) == []
    for path in (address, f"{address}fills/", account):
        await page.set_viewport_size(PHONE)
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        assert await small_targets(page) == [], path
        assert await faint_texts(page) == [], path
        await page.set_viewport_size(DESK)
        assert await page.evaluate("document.querySelector('main').scrollWidth") <= DESK["width"], path
        assert await faint_texts(page) == [], path
    await context.close()
