"""Files in a real browser: dropped, looked at, imported twice, undone; on a phone and without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DESK, PHONE, SOON_MS, sign_in, somebody
from tests.e2e.holding import LEDGER, TRADES, counts, looked, made
from tests.e2e.look import faint_texts, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance, pytest.mark.timeout(180)]

OLD = """Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2022-03-28 13:01:36,BTCBUSD,BUY,40000,0.0010000000BTC,40BUSD,0.04BUSD
2022-03-29 13:01:36,QQZBUSD,BUY,2,10QQZ,20BUSD,0.02BUSD
"""


async def test_two_files_imported_twice_the_second_time_all_duplicates(page: Page, tmp_path: Path) -> None:
    await sign_in(page)
    address = await made(page)
    for name, text, entries, rows in (("ledgers.csv", LEDGER, "3", 5), ("trades.csv", TRADES, "2", 2)):
        await looked(page, address, tmp_path, name, text)
        assert await counts(page) == [entries, "0", "0", "0"]
        assert await page.locator(".fates tbody tr").count() == rows
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page.get_by_text("Undo this import")).to_be_visible(timeout=SOON_MS)
        await looked(page, address, tmp_path, name, text)
        assert await counts(page) == ["0", entries, "0", "0"]
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page.get_by_role("link", name="All imports")).to_be_visible(timeout=SOON_MS)
        assert await counts(page) == ["0", entries, "0", "0"]

    await page.goto(address)
    held = page.locator(".holdings tbody tr")
    await expect(held.filter(has=page.locator("th", has_text="BTC")).locator("td").first).to_contain_text(
        "0.002"
    )
    assert await page.locator(".entries tbody tr").count() == 5

    await page.get_by_role("link", name="Imports").click()
    await page.get_by_role("link", name="trades.csv").last.click()
    await page.get_by_role("link", name="Undo this import").click()
    await page.get_by_label("None of it counts any more").check()
    await page.get_by_role("button", name="Undo the import").click()
    await expect(page.get_by_text("may be imported again")).to_be_visible(timeout=SOON_MS)
    await page.goto(address)
    await expect(page.locator('tr[data-asset="ETH"]')).to_have_count(0)


async def test_what_no_market_knows_is_kept_and_nothing_is_called_old_for_it(
    chromium: Browser, live_site: str, tmp_path: Path
) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK)
    page = await somebody(context, "of-before")
    await sign_in(page, "of-before")
    address = await made(page)
    await looked(page, address, tmp_path, "old.csv", OLD)
    assert await counts(page) == ["1", "0", "1", "0"]
    await page.get_by_label("Keep what is left empty under its own code").check()
    await page.get_by_role("button", name="Look again").click()
    await expect(page.get_by_text("Kept under its own code: QQZ. No market here")).to_be_visible()
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_text("Undo this import")).to_be_visible(timeout=SOON_MS)

    await page.goto("/portfolios/")
    await expect(page.locator("[data-moment]")).to_have_text("Live.")
    partial = page.locator("tr[data-id] [data-partial]")
    await expect(partial).to_be_visible()
    await expect(partial).to_have_attribute("title", "No market leads from BUSD, QQZ to USD")
    await context.close()


async def test_a_long_one_is_dropped_and_its_progress_is_shown(page: Page, tmp_path: Path) -> None:
    await sign_in(page)
    await made(page)
    await expect(page.locator("[data-widget=dropfile][data-mounted]")).to_be_attached()
    text = (
        TRADES.splitlines()[0]
        + "\n"
        + "".join(
            f"2026-01-01 00:{at // 60:02d}:{at % 60:02d},BTCUSDT,BUY,1,0.001BTC,1USDT,0USDT\n"
            for at in range(3000)
        )
    )
    made_file = "const all = new DataTransfer(); all.items.add(new File([text], 'many.csv')); return all;"
    dropped = await page.evaluate_handle(f"(text) => {{ {made_file} }}", text)
    await page.dispatch_event("body", "dragover", {"dataTransfer": dropped})
    await expect(page.locator(".drop.over")).to_be_visible()
    await page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_text("Page 1 of 30")).to_be_visible(timeout=SOON_MS)

    told = {"state": "running", "done": 700, "of": 3000}
    await page.route("**/progress/", lambda asked: asked.fulfill(json=told))
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("[data-widget=importing] progress")).to_have_js_property("value", 700)
    await expect(page.locator("[data-widget=importing] output")).to_have_text("700 of 3000 entries")
    await page.unroute("**/progress/")
    await expect(page.get_by_text("Undo this import")).to_be_visible(timeout=2 * SOON_MS)

    assert await counts(page) == ["3,000", "0", "0", "0"]


LARGE = """(name) => {
  const all = new DataTransfer();
  all.items.add(new File([new Uint8Array(200 * 2 ** 20)], name));
  return all;
}"""


async def test_a_file_of_200_megabytes_is_refused_before_any_of_it_is_sent(
    page: Page, tmp_path: Path
) -> None:
    await sign_in(page)
    address = await made(page)
    await expect(page.locator("[data-widget=dropfile][data-mounted]")).to_be_attached()
    dropped = await page.evaluate_handle(LARGE, "large.csv")
    await page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    words = page.get_by_text("Expected at most 32 MiB, found 200: export fewer years at once.")
    await expect(words).to_be_visible()
    field = page.get_by_label(re.compile("^File of an exchange"))
    await expect(field).to_have_attribute("aria-describedby", "refused-file")
    await page.get_by_role("button", name="Look at it").click()
    await expect(field).to_be_focused()
    await expect(words).to_have_count(1)
    assert page.url == address

    (tmp_path / "ledgers.csv").write_text(LEDGER)
    await field.set_input_files(tmp_path / "ledgers.csv")
    await expect(words).to_have_count(0)
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_role("heading", name="ledgers.csv")).to_be_visible()

    await page.goto("/portfolios/")
    await expect(page.locator("[data-widget=filesize][data-mounted]")).to_be_attached()
    choose = "(field, all) => { field.files = all.files; field.dispatchEvent(new Event('change')); }"
    backup = page.get_by_label("File (.json.gz)")
    await backup.evaluate(choose, await page.evaluate_handle(LARGE, "backup.json.gz"))
    await page.get_by_role("button", name="Restore").click()
    await expect(page.get_by_text("Expected at most 32 MiB, found 200.")).to_be_visible()
    assert page.url.endswith("/portfolios/")


async def test_it_can_be_read_and_pressed(chromium: Browser, live_site: str, tmp_path: Path) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await sign_in(page)
    address = await made(page)
    await looked(page, address, tmp_path, "ledgers.csv", LEDGER)
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_text("Undo this import")).to_be_visible(timeout=SOON_MS)
    unknown = LEDGER + '"L-6","D-2","2026-02-21 08:00:00","deposit","","currency","NOPE",5,0,5\n'
    pages = [address, f"{address}imports/"]
    for name, text in (("a.csv", unknown), ("b.csv", "When,What,Of\n2026-01-01,5,EUR\n")):
        await looked(page, address, tmp_path, name, text)
        pages.append(page.url)
    for path in pages:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        assert await small_targets(page) == [], path
        assert await faint_texts(page) == [], path
    await page.set_viewport_size(DESK)
    for path in pages:
        await page.goto(path)
        assert await faint_texts(page) == [], path
        assert await page.evaluate("document.querySelector('main').scrollWidth") <= DESK["width"], path
    await context.close()


async def test_it_works_without_scripts(chromium: Browser, live_site: str, tmp_path: Path) -> None:
    context = await chromium.new_context(base_url=live_site, viewport=DESK, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page)
    address = await made(page)
    await looked(page, address, tmp_path, "ledgers.csv", LEDGER)

    await page.get_by_role("button", name="Import", exact=True).click()

    await expect(page.get_by_text("Undo this import")).to_be_visible(timeout=SOON_MS)
    await context.close()
