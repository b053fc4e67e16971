"""A browser far away: what it is sent is compressed while its line is slow, and it shows the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, WebSocket, expect

from tests.e2e.conftest import BITCOIN, DESK, markets
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]

FAR_S = 0.5
"""Each way. On a busy machine that is a line which is rightly said to be slow."""
ENOUGH_BYTES = 20_000


@pytest.fixture
async def proxy(live_site: str) -> AsyncIterator[TcpProxy]:
    async with TcpProxy(urlsplit(live_site).port or 0) as proxy:
        yield proxy


class Read:
    """Bytes of text that a page's sockets took in."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._add)

    def _add(self, text: str | bytes) -> None:
        self.bytes += len(text)


async def share(proxy: TcpProxy, read: Read) -> float:
    """Of what it reads from now on, what comes by the line."""
    bytes_before, read_before = proxy.bytes_of("client"), read.bytes
    await wait_until(lambda: read.bytes - read_before > ENOUGH_BYTES, within_s=60, what="frames")
    return (proxy.bytes_of("client") - bytes_before) / (read.bytes - read_before)


async def test_a_browser_reads_what_is_compressed_for_its_slow_line(
    chromium: Browser, proxy: TcpProxy
) -> None:
    page = await chromium.new_page(base_url=f"http://127.0.0.1:{proxy.port}", viewport=DESK)
    read = Read(page)
    await markets(page)
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live")
    assert await share(proxy, read) > 0.9

    proxy.conditions.latency_s = FAR_S
    compressed = 1.0
    while compressed > 0.6:
        compressed = await share(proxy, read)
    price = page.locator(f"{BITCOIN} [data-cell=last]")
    await expect(price).not_to_have_text(await price.inner_text())

    proxy.relent()
    while compressed < 0.9:
        compressed = await share(proxy, read)
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live")
