"""A real browser. None to be had is a failure that says so, never a skip."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests import provide


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """One browser for one test. The asynchronous interface only: the other breaks Django's tests."""
    path = provide.chromium()
    if path is None:
        pytest.fail(f"no Chromium: {provide.WANTED['chromium']}, or let `make test` install it")
    # Chromium's own sandbox refuses root, which containers often are.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()
