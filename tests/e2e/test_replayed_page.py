"""A recording on real pages: its values are drawn, never as live, and what is played is what was recorded."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from feeds.recorder import Recorder
from feeds.simulator import Simulator
from tests import socket_site
from tests.e2e.conftest import DESK
from tests.feeds.simulator.clients import START_NS, still, watching
from tests.socket_site import ROOT, SocketSite

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]
BTC = "KRAKEN:BTC/USD"
ROW = f'tr[data-symbol="{BTC}"]'
STEPS, SPEED = 60, 10
_LIST_IT = """
from marketdash.instruments.models import Instrument, Venue
venue = Venue.objects.get(name="KRAKEN")
Instrument.objects.create(venue=venue, native="BTC/USD", kind="spot", base="BTC", quote="USD",
                          tick_size="0.1", lot_size="0.00000001", book_depth=10, enabled=True)
"""
# Every state that was ever drawn, from the first paint on.
_WATCH = """(selector) => {
  const node = document.querySelector(selector), seen = window.seen = new Set([node.dataset.state]);
  new MutationObserver(() => seen.add(node.dataset.state)).observe(node, {attributes: true});
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[SocketSite]:
    """A web process in live mode without any feed."""
    with socket_site.running(tmp_path_factory.mktemp("replayed"), "uvicorn", MODE="live") as running:
        running.run(_LIST_IT)
        yield running


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with still(BTC) as simulator:
        yield simulator


async def recorded(simulator: Simulator, path: Path) -> None:
    """A minute of Kraken as the recorder keeps it: a step each second."""
    with Recorder(path) as recorder:
        async with watching(simulator, "kraken", "/v2") as watcher:
            ns = START_NS
            recorder.opened("KRAKEN.public.0", ns, "wss://ws.kraken.com/v2")
            for channel, options in (
                ("ticker", {"event_trigger": "bbo"}),
                ("trade", {}),
                ("book", {"depth": 10}),
            ):
                params = {"channel": channel, "symbol": ["BTC/USD"], **options}
                await watcher.ask({"method": "subscribe", "params": params})
            for text in watcher.seen:
                recorder.received("KRAKEN.public.0", ns, text.encode())
            for _ in range(STEPS):
                simulator.step(10, every_ms=100)
                ns += 1_000_000_000
                for text in await watcher.texts():
                    recorder.received("KRAKEN.public.0", ns, text.encode())


async def replayed(site: SocketSite, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "manage.py"), "replay", *words, env=site.environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complaint.decode()[-3000:]
    return said.decode()


async def shown(page: Page, price: str) -> None:
    grouped = f"{float(price):,.1f}"
    await expect(page.locator('[data-cell="bid"]').first).to_contain_text(grouped)


async def test_a_recording_is_drawn_and_never_as_live(
    site: SocketSite, simulator: Simulator, chromium: Browser, tmp_path: Path
) -> None:
    path, again = tmp_path / "minute.jsonl.gz", tmp_path / "again.jsonl.gz"
    await recorded(simulator, path)
    (bid, _), *_ = simulator.book(BTC, 1).bids
    context = await chromium.new_context(base_url=f"http://127.0.0.1:{site.port}", viewport=DESK)
    markets, instrument = await context.new_page(), await context.new_page()
    await markets.goto("/")
    await instrument.goto("/instruments/kraken-btc-usd/")
    await markets.evaluate(_WATCH, ROW)
    await instrument.evaluate(_WATCH, "[data-part=summary]")

    playing = asyncio.create_task(replayed(site, str(path), "--speed", str(SPEED), "--record", str(again)))
    await expect(instrument.locator('[data-cell="state"]')).to_have_text("Stale")
    state = instrument.locator('[data-part=summary] [data-cell="state"]')
    await expect(state).to_have_attribute("title", "replay of minute.jsonl.gz")
    await expect(instrument.locator("[data-part=book]")).to_have_attribute("data-known", "")
    said = await playing

    assert "KRAKEN: 1 of 1 books whole at the end" in said
    await expect(markets.locator(f'{ROW} [data-cell="bid"]')).to_contain_text(f"{float(bid):,.1f}")
    await shown(instrument, bid)
    for page in (markets, instrument):
        assert "live" not in await page.evaluate("[...window.seen]")
    assert again.read_bytes() == path.read_bytes()
    await context.close()
