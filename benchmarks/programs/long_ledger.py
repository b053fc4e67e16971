"""One portfolio with a long ledger in the database of DATABASE_URL: python -m benchmarks.programs.long_ledger
ENTRIES. Says in JSON where it is, a session that opens it, and a form that would correct its oldest entry;
then does what each line of its input asks: ``add``: records one entry more; ``fold``: folds all of it from
nothing, and says how long that took.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 (the models need the line above)
from django.test import Client  # noqa: E402

from marketdash.instruments.assets import settle_all  # noqa: E402
from marketdash.instruments.models import Instrument  # noqa: E402
from marketdash.portfolios import actions, reading  # noqa: E402
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, DraftRate  # noqa: E402
from marketdash.portfolios.accounting.lots import Book  # noqa: E402
from marketdash.portfolios.models import Entry, Portfolio  # noqa: E402

AT_ONCE, SEED, SINCE_US = 1000, 20, 1_600_000_000_000_000


class Ledger:
    """Trades of some assets, each with a fee in a third one and what that was worth."""

    def __init__(self) -> None:
        settle_all()
        self.owner = User.objects.create_user("owner")
        self.portfolio: Portfolio = actions.create(self.owner, "All of it", "USD")
        self.account = actions.open_account(self.portfolio, "Main").pk
        self.fee, *self.assets = sorted(Instrument.objects.values_list("base", flat=True))
        self.dice, self.count = random.Random(SEED), 0

    def add(self, many: int) -> None:
        actions.record(self.portfolio, list(self._drafts(many)))

    def _drafts(self, many: int) -> Iterator[Draft]:
        for _ in range(many):
            self.count += 1
            sign, other = ("", "-") if self.dice.random() < 0.55 else ("-", "")
            legs = [
                DraftLeg(self.account, self.dice.choice(self.assets), f"{sign}{self._some(8)}"),
                DraftLeg(self.account, "USD", f"{other}{self._some(2)}"),
                DraftLeg(self.account, self.fee, f"-{self._some(8)}", "fee"),
            ]
            rates = [DraftRate(self.fee, "USD", "612.4", "bench")]
            at_us = SINCE_US + self.count * 1_000_000
            kind = "sell" if sign else "buy"
            yield Draft(kind, at_us, self.account, legs, rates, fingerprint=str(self.count))

    def correction(self) -> dict[str, str]:
        oldest = Entry.objects.filter(portfolio=self.portfolio).order_by("at_us")[0]
        form = {"kind": "buy", "account": str(self.account), "amount": "1", "asset": self.assets[0]}
        return {**form, "amount2": "1", "asset2": "USD", "nonce": "bench", "corrects": str(oldest.pk)}

    def _some(self, places: int) -> str:
        return f"{self.dice.randrange(1, 10**8)}e-{places}"

    def fold(self) -> float:
        started_s = time.perf_counter()
        found = reading.entries(self.portfolio, reading.reach(self.portfolio))
        Book(self.portfolio.base.code, self.portfolio.method).fold(found)
        return time.perf_counter() - started_s


def say(body: Any) -> None:
    print(json.dumps(body), flush=True)


def main(entries: int) -> None:
    ledger, browser = Ledger(), Client()
    browser.force_login(ledger.owner)
    for _ in range(0, entries, AT_ONCE):
        ledger.add(AT_ONCE)
    cookies = "; ".join(f"{name}={each.value}" for name, each in browser.cookies.items())
    path = f"/portfolios/{ledger.portfolio.pk}/"
    say({"path": path, "cookies": cookies, "correction": ledger.correction()})
    for line in sys.stdin:
        if line.strip() == "fold":
            say(ledger.fold())
        else:
            ledger.add(1)
            say(ledger.count)


main(int(sys.argv[1]))
