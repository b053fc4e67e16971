"""One browser on one page: python -m benchmarks.programs.page URL ROWS SECONDS; prints JSON.

Main-thread time is the renderer's own account (``Performance.getMetrics``), in a window by the processor's
clock and in one by the wall's, where every wait for a core counts too. Frames are counted meanwhile by a
``requestAnimationFrame`` loop, whose sixty frames a second are part of both; the longest task is read from a
trace of a window of its own, because tracing costs time too.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from playwright.async_api import CDPSession, Page, async_playwright

from tests.provide import chromium

FLAGS = ["--disable-gpu", "--disable-background-networking", "--no-sandbox"]
FRAMES = """seconds => new Promise(done => {
  let frames = 0, last = 0, gap = 0; const end = performance.now() + seconds * 1000;
  const step = now => { frames += 1; if (last) gap = Math.max(gap, now - last); last = now;
    now < end ? requestAnimationFrame(step) : done([frames / seconds, gap]); };
  requestAnimationFrame(step);
})"""
CHANGES = """seconds => new Promise(done => {
  let changed = 0; const seen = new MutationObserver(found => { changed += found.length; });
  seen.observe(document.body, {subtree: true, childList: true, characterData: true});
  setTimeout(() => { seen.disconnect(); done(changed / seconds); }, seconds * 1000);
})"""
ROWS = "() => document.querySelectorAll('tr[data-symbol], [role=row][data-symbol], tr[data-strike]').length"
TRACED = "toplevel,disabled-by-default-devtools.timeline,__metadata"


async def metrics(session: CDPSession) -> dict[str, float]:
    found = await session.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in found["metrics"]}


async def busy(session: CDPSession, page: Page, seconds: float, clock: str) -> dict[str, float]:
    """``clock`` is ``threadTicks``, the processor time of the thread, or ``timeTicks``, the wall's."""
    await session.send("Performance.enable", {"timeDomain": clock})
    before, started = await metrics(session), time.monotonic()
    fps, gap_ms = await page.evaluate(FRAMES, seconds)
    after, passed = await metrics(session), time.monotonic() - started
    await session.send("Performance.disable")
    names = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
    spent = {name: (after[name] - before[name]) * 1000 / passed for name in names}
    return {**spent, "fps": fps, "gap_ms": gap_ms, "heap_mib": after["JSHeapUsedSize"] / 2**20}


async def longest_task(session: CDPSession, seconds: float) -> dict[str, float]:
    """The longest by the wall, and what the processor spent on the dearest; both in milliseconds."""
    events: list[dict] = []
    done = asyncio.Event()
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: done.set())
    await session.send("Tracing.start", {"categories": TRACED, "transferMode": "ReportEvents"})
    await asyncio.sleep(seconds)
    await session.send("Tracing.end")
    await asyncio.wait_for(done.wait(), 30)
    names = [one for one in events if one["name"] == "thread_name"]
    mains = {(one["pid"], one["tid"]) for one in names if one["args"]["name"] == "CrRendererMain"}
    tasks = [one for one in events if one["name"].endswith("RunTask") and (one["pid"], one["tid"]) in mains]
    longest = {name: max(one.get(name, 0) for one in tasks) / 1000 for name in ("dur", "tdur")}
    return {"longest_ms": longest["dur"], "longest_cpu_ms": longest["tdur"]}


async def main(url: str, rows: int, seconds: float) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        problems: list[str] = []
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        await page.goto(url)
        await page.wait_for_function(f"{ROWS.removeprefix('() => ')} >= {rows}", timeout=20_000)
        session = await page.context.new_cdp_session(page)
        await asyncio.sleep(2)
        found = await busy(session, page, seconds, "threadTicks")
        found["wall_ms"] = (await busy(session, page, seconds, "timeTicks"))["TaskDuration"]
        found |= await longest_task(session, seconds)
        found["changes_per_s"] = await page.evaluate(CHANGES, 2)
        print(json.dumps({**found, "rows": await page.evaluate(ROWS), "problems": problems[:3]}), flush=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
