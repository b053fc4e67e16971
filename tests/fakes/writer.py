"""Somebody who records trades one after the other by the API, and sends each again until it is kept."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import httpx

from tests.fakes.visitor import is_clear

PREPARED = """
from django.contrib.auth.models import User
from marketdash.accounts import tokens
from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios import actions

user = User.objects.create_user("writer", password="none of theirs")
for code in ("EUR", "BTC"):
    Asset.objects.get_or_create(code=code)
held = actions.create(user, "Written", "EUR")
account = actions.open_account(held, "Kraken", Venue.objects.get(name="KRAKEN"))
_, secret = tokens.make(user, "writer", ["read:portfolios", "write:portfolios"])
print("WRITER", held.pk, account.pk, secret)
"""
COUNTED = """
from marketdash.portfolios.models import Entry
found = list(Entry.objects.values_list("fingerprint", flat=True))
print("FOUND", len(found), len(set(found)))
"""
_HEAD = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"'


class Writer:
    """``kept`` trades were confirmed, ``first`` of them earlier; ``refused`` counts all other answers.
    ``unclear``: those that are our error, and do not say that it is the database's. ``pause_s``: between two
    of them, as somebody who trades makes."""

    def __init__(self, url: str, said: str, first: int = 0, pause_s: float = 0.0) -> None:
        portfolio, account, secret = said.split("WRITER ")[1].split()[:3]
        self._path, self._account = f"/api/v1/portfolios/{portfolio}/imports", account
        self._http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {secret}"}, trust_env=False, timeout=15
        )
        self.kept, self.refused, self.unclear = first, 0, list[str]()
        self._pause_s = pause_s

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            while not await self._recorded(self.kept):  # noqa: ASYNC110 (the server says when)
                self.refused += 1
                await asyncio.sleep(0.5)
            self.kept += 1
            await asyncio.sleep(self._pause_s)

    async def _recorded(self, at: int) -> bool:
        """Whether the server confirmed it. A file that it knows already is confirmed too."""
        with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
            sent = await self._http.post(
                self._path, data={"account": self._account}, files={"file": _file(at)}
            )
            if sent.status_code == 429:
                await asyncio.sleep(float(sent.headers.get("Retry-After", "1")))
            if sent.status_code != 201:
                return self._refused(sent)
            done = await self._http.post(f"{self._path}/{sent.json()['data']['id']}/commit", json={})
            self._refused(done)
            return done.status_code == 200 and done.json()["data"]["state"] == "done"
        return False

    def _refused(self, answer: httpx.Response) -> bool:
        if answer.status_code >= 500 and not is_clear(answer):
            self.unclear.append(f"{answer.status_code}: {answer.text:.80}")
        return False

    async def close(self) -> None:
        await self._http.aclose()


def _file(at: int) -> tuple[str, bytes, str]:
    """One bought, the next sold again: the ledger grows, and what is held does not."""
    when = f"{datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=at):%Y-%m-%d %H:%M:%S}"
    of, paid, got = at // 2, *(("-", "") if at % 2 == 0 else ("", "-"))
    rows = [
        _HEAD,
        f'"L{at}A","T{at}","{when}","trade","","currency","ZEUR",{paid}{of % 97 + 1}.5,0.01,0',
        f'"L{at}B","T{at}","{when}","trade","","currency","XXBT",{got}0.000{of % 89 + 1},0,0',
    ]
    return f"trade{at}.csv", ("\n".join(rows) + "\n").encode(), "text/csv"
