"""The admin in a real browser: it works under its content policy, and nothing is reported."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
PAGES = (
    "",
    "instruments/instrument/",
    "instruments/instrument/?enabled__exact=1",
    "instruments/instrument/add/",
    "instruments/instrument/import/",
    "instruments/instrument/1/history/",
    "instruments/venue/",
    "instruments/asset/",
    "auth/user/",
    "auth/user/add/",
    "auth/group/add/",
    "accounts/token/",
    "history/backfill/",
    "admin/logentry/",
)


@pytest.fixture
async def admin(page: Page, person: BrowserContext) -> Page:
    """Signed in. Any error and any report of the content policy fails the test."""
    return page


async def opened(admin: Page, path: str) -> None:
    answer = await admin.goto(f"/admin/{path}")
    assert answer is not None and answer.status == 200, path
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "require-trusted-types-for 'script'" in policy
    await admin.wait_for_function("() => window.Alpine !== undefined")


async def test_no_page_of_the_admin_breaks_its_policy(admin: Page) -> None:
    for path in PAGES:
        await opened(admin, path)
        assert await admin.locator("style, [style*='--color']").count() == 0, path


async def test_the_bar_of_actions_is_as_wide_as_the_list(admin: Page) -> None:
    await opened(admin, "instruments/instrument/")
    await admin.locator("#result_list input.action-select").first.check(force=True)
    bar = admin.locator("#changelist-actions")
    await expect(bar).to_be_visible()
    list_width = (await admin.locator("#result_list").bounding_box() or {})["width"]
    assert abs((await bar.bounding_box() or {})["width"] - list_width) < 40
    await admin.select_option("select[name=action]", "stop_following")
    await expect(bar.get_by_role("button", name="Run")).to_be_visible()


async def test_lines_come_and_go_in_a_form(admin: Page) -> None:
    """Its templates are copied as HTML, which Trusted Types look at."""
    await opened(admin, "instruments/asset/add/")
    rows = admin.locator(".formset .form-group:not(.empty-form) input[name$=-code]")
    before = await rows.count()
    await admin.locator(".add-row").first.click()
    await expect(rows).to_have_count(before + 1)
    await rows.last.fill("XBT")
    await admin.locator(".formset .form-group:not(.empty-form) .delete-template").last.click()
    await expect(rows).to_have_count(before)


async def test_dates_and_names_are_chosen_from_what_opens(admin: Page) -> None:
    await opened(admin, "history/backfill/add/")
    await admin.locator(".select2-selection").first.click()
    await admin.locator("input.select2-search__field").fill("KRAKEN:BTC")
    await admin.locator(".select2-results__option", has_text="KRAKEN:BTC/USD").first.click()
    await expect(admin.locator(".select2-selection").first).to_contain_text("KRAKEN:BTC/USD")
    await admin.locator("[id^=calendarlink]").first.click()
    await expect(admin.locator(".calendarbox").first).to_be_visible()
    await admin.locator(".calendarbox td:not(.nonday) a").first.click()
    await expect(admin.locator("input[name=since]")).not_to_have_value("")


async def test_html_that_would_run_is_refused(page: Page, admin: Page) -> None:
    """What a library is made to write into the page stays text, and no script comes from elsewhere."""
    await opened(admin, "")
    tried = """(text) => { try { document.body.insertAdjacentHTML('beforeend', text); return 'written'; }
                           catch (error) { return error.message; } }"""
    for text in ("<img src=x onerror=alert(1)>", "<script src=/x.js></script>", "<iframe srcdoc=x></iframe>"):
        assert "content policy" in await admin.evaluate(tried, text), text
    assert await admin.evaluate(tried, "<b>bold</b>") == "written"
    source = """(url) => { try { document.createElement('script').src = url; return 'set'; }
                           catch (error) { return error.message; } }"""
    assert "from elsewhere" in await admin.evaluate(source, "https://evil.example/x.js")
    assert await admin.evaluate(source, "/static/js/main.js") == "set"


async def test_an_administrator_finds_an_instrument_and_stops_following_it(admin: Page) -> None:
    await admin.goto("/admin/instruments/instrument/")
    await admin.fill("input[name=q]", "KRAKEN:DOT")
    await admin.press("input[name=q]", "Enter")
    await admin.wait_for_url("**q=KRAKEN*")
    rows = admin.locator("#result_list tbody tr")
    assert await rows.count() == 1

    switch = rows.locator("input[type=checkbox][name$=enabled]")
    assert await switch.is_checked()
    await switch.uncheck(force=True)
    await admin.click("button[name=_save], input[name=_save]")

    await admin.wait_for_load_state()
    assert not await rows.locator("input[type=checkbox][name$=enabled]").is_checked()
    await rows.locator("input[type=checkbox][name$=enabled]").check(force=True)
    await admin.click("button[name=_save], input[name=_save]")
    await admin.wait_for_load_state()
