"""Somebody who reads page after page, whatever befalls the site, and notes what each was answered."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx

PAGES = ("/", "/status/", "/portfolios/", "/api/v1/tickers?symbol=KRAKEN:BTC/USD", "/healthz")
EVERY_S = 0.25
AWAY = ("The database does not answer", '"database"')
"""What a 503 says for it, to people and to bots."""


class Visitor:
    """``answered`` counts answers by status, ``unanswered`` those that never came. ``unclear``: each answer
    that is our error, and does not say that it is the database's."""

    def __init__(self, url: str, session: str = "") -> None:
        cookies = {"sessionid": session} if session else {}
        self._http = httpx.AsyncClient(base_url=url, cookies=cookies, trust_env=False, timeout=15)
        self.answered: Counter[int] = Counter()
        self.unanswered = 0
        self.unclear: list[str] = []

    async def run(self) -> None:
        """Until cancelled."""
        async with self._http:
            while True:
                for path in PAGES:
                    await self._read(path)
                    await asyncio.sleep(EVERY_S)

    async def _read(self, path: str) -> None:
        try:
            answer = await self._http.get(path)
        except httpx.HTTPError:
            self.unanswered += 1
            return
        self.answered[answer.status_code] += 1
        if answer.status_code >= 500 and not is_clear(answer):
            self.unclear.append(f"{answer.status_code} to {path}: {answer.text:.80}")


def is_clear(answer: httpx.Response) -> bool:
    """Whether it says why, and when to ask again."""
    said = any(words in answer.text for words in AWAY)
    return answer.status_code == 503 and said and "Retry-After" in answer.headers
