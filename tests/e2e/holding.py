"""What tests of portfolios do in a browser: make one, type entries in, look at files; and such files."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from playwright.async_api import Page, expect

LEDGER = """"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
"L-1","D-1","2026-01-05 12:00:00","deposit","","currency","ZUSD",1000.0000,0.0000,1000.0000
"L-2","T-1","2026-01-19 19:43:31","trade","","currency","ZUSD",-100.0000,0.1800,899.8200
"L-3","T-1","2026-01-19 19:43:31","trade","","currency","XXBT",0.0020000000,0.0000000000,0.0020000000
"L-4","T-2","2026-02-20 08:00:00","trade","","currency","XXBT",-0.0010000000,0,0.0010000000
"L-5","T-2","2026-02-20 08:00:00","trade","","currency","ZUSD",90,0.10,989.72
"""
TRADES = """Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2026-03-28 13:01:36,BTCUSDT,BUY,60000,0.0010000000BTC,60USDT,0.06USDT
2026-03-28 13:01:36,ETHUSDT,BUY,3000,0.0100000000ETH,30USDT,0.03USDT
"""

numbers = itertools.count(1)


async def made(page: Page, base: str = "USD") -> str:
    """A portfolio of its own, open; its address."""
    await page.goto("/portfolios/")
    await page.get_by_label("Name").fill(f"Portfolio {next(numbers)}")
    await page.get_by_label("Currency it is measured in").fill(base)
    await page.get_by_role("button", name="Make portfolio").click()
    await page.wait_for_url(re.compile(r"/portfolios/\d+/$"))
    return page.url


async def typed(page: Page, kind: str, **fields: str) -> None:
    """Through the form to its review."""
    await page.get_by_role("link", name="Add an entry").click()
    await page.get_by_role("link", name=kind, exact=True).click()
    for name, value in fields.items():
        await page.fill(f"#f-{name}", value)
    await page.get_by_role("button", name="Review").click()


async def saved(page: Page) -> None:
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


async def priced(page: Page, address: str) -> None:
    """Open, with a live price of what is held."""
    await page.goto(address)
    await expect(page.locator('[data-widget=portfolio][data-state="live"]')).to_be_attached()
    await expect(page.locator('tr[data-asset="BTC"][data-state="live"]')).to_be_visible()


async def looked(page: Page, address: str, folder: Path, name: str, text: str) -> None:
    """From the portfolio's page to what was found in the file."""
    (folder / name).write_text(text)
    await page.goto(address)
    await page.get_by_label(re.compile("^File of an exchange")).set_input_files(folder / name)
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()


async def counts(page: Page) -> list[str]:
    await page.wait_for_load_state("domcontentloaded")  # what stands above them may be there before them
    return [text.split()[0] for text in await page.locator(".counts dd").all_inner_texts()]


async def amounts_turned(page: Page) -> None:
    """Hidden, or shown again, and kept with the account: what is not kept when a page closes is lost, and the
    next page of the same person has it as it was."""
    async with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        await page.keyboard.press("h")
