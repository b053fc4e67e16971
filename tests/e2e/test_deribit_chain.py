"""Deribit's options on the site that everybody starts with, by the simulated venue."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.fakes.waiting import wait_until_answered

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]  # the rule takes about a minute


async def test_a_site_begins_with_a_chain_that_is_live(page: Page, live_site: str) -> None:
    async with httpx.AsyncClient(base_url=live_site, trust_env=False, timeout=20) as http:

        async def listed() -> bool:
            """The rule of the starter set needs the venue's list and a price before it follows anything."""
            return (await http.get("/options/deribit-btc/")).status_code == 200

        await wait_until_answered(listed, every_s=0.5, within_s=120, what="a chain of Deribit's")
    await page.goto("/options/deribit-btc/")
    await expect(page.locator("[data-widget=chain][data-mounted]")).to_be_attached()

    await expect(page.locator('[data-cell="summary"]')).to_have_text(re.compile(r"^All \d+ live$"))
    money = page.locator("tr[data-at-money]")
    await expect(money).to_be_in_viewport()
    await expect(money.locator('[data-cell="call.mark_iv"]')).to_have_text(re.compile(r"^\d+\.\d$"))
    await page.get_by_role("link", name="Difference").click()
    # The venue works its figures out by itself, so that ours agree is no tautology.
    await expect(money.locator('[data-cell="call.mark_iv"]')).to_have_text(re.compile(r"^[+−]?0\.0\d$"))
    await expect(money.locator('[data-cell="put.delta"]')).to_have_text(re.compile(r"^[+−]?0\.00\d$"))
