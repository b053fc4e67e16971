"""The status page in a real browser, while the feed process is killed and comes back."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import AsyncIterator

import psutil
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.live_site import Site

pytestmark = pytest.mark.e2e
BACK_MS = 60_000


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """What the browser writes while a feed is away is no complaint; an error of a script is."""
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


def kill_worker(site: Site) -> None:
    for process in site.family():
        with contextlib.suppress(psutil.Error):
            if "ingest" in process.cmdline():
                process.send_signal(signal.SIGKILL)
                return
    raise AssertionError("no worker to kill")


async def test_a_killed_worker_is_seen_said_and_remembered(page: Page, whole_site: Site) -> None:
    await page.goto("/")
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected", timeout=BACK_MS)
    await page.locator("[data-pill]").click()
    await page.wait_for_url("**/status/")
    overall = page.locator("[data-overall]")
    await expect(overall).to_have_text(re.compile(r"^All \d+ topics are live\.$"), timeout=BACK_MS)
    await expect(page.locator("[data-latency] tbody tr")).to_have_count(3)

    kill_worker(whole_site)

    await expect(page.locator("[data-pill-word]")).to_have_text(re.compile("stale|down"))
    await expect(overall).to_contain_text("no word from the feed")
    await expect(page.locator("[data-topics] tbody tr").first).to_have_attribute("data-state", "stale")

    await expect(overall).to_have_text(re.compile(r"^All \d+ topics are live\.$"), timeout=BACK_MS)
    await expect(page.locator("[data-pill-word]")).to_have_text("Connected")
    lives = page.locator("[data-events] tbody tr", has_text="Feed process")
    await expect(lives.filter(has_text="since")).to_have_count(1)
    await expect(lives.nth(1)).not_to_contain_text("since")


async def test_topics_are_filtered(page: Page) -> None:
    await page.goto("/status/")
    count = page.locator("[data-topics] [data-count]")
    await page.fill("[data-find]", "kraken btc/usd book")

    await expect(count).to_contain_text("1 of")
    await expect(page.locator("[data-topics] tbody tr")).to_have_count(1)
    await page.fill("[data-find]", "nothing like it")
    await expect(page.get_by_text("No topic answers that filter.")).to_be_visible()
