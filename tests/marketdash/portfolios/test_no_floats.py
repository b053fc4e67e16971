"""What a portfolio is worth is one text wherever it stands, and no float takes part in it."""

from __future__ import annotations

import csv
import decimal
import io
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.accounts import tokens
from marketdash.api import door
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.random_ledgers import MOST, built
from tests.marketdash.portfolios.test_stored import placed
from tests.marketdash.portfolios.writing import draft_of
from tests.scoreboard import Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
FIELDS = {
    "quantity": "quantity",
    "price": "price",
    "value": "value",
    "gain": "gain",
    "average": "average_cost",
}

_COUNTED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@pytest.fixture
def trapped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In every thread that begins from now on, and in this one: a float beside a Decimal is an error."""
    for context in (decimal.DefaultContext, decimal.getcontext()):
        monkeypatch.setitem(context.traps, decimal.FloatOperation, True)  # type: ignore[arg-type]
    yield


def shown(html: str) -> dict[str, dict[str, str]]:
    """By asset: all digits, which stand in the title where the cell has fewer; a minus is one of people's."""
    found = {}
    for name, row in re.findall(r'<tr data-asset="(\w+)"(.*?)</tr>', html):
        cells = re.findall(r'data-cell="(\w+)"(?: title="([^"]*)")?>([^<]*)<', row)
        found[name] = {of: exact or _for_machines(told) for of, exact, told in cells}
    return found


def _for_machines(told: str) -> str:
    """Zeros that were counted are written out: 0.0₂₀1 has twenty."""
    plain = told.replace(",", "").replace("−", "-")
    return re.sub("0([₀-₉]+)", lambda found: "0" * int(found[1].translate(_COUNTED)), plain)


def _whole(number: str) -> str:
    """Without zeros at its end, which a column has so that points stand below each other."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def told(line: dict[str, Any], name: str) -> str:
    return line[name] or ""


@pytest.mark.fault(
    "F41",
    "Random ledgers at random prices, FloatOperation trapped: page, CSV and API are compared, {database}",
    goal="screen == CSV == API, byte by byte; 0 traps hit",
)
@pytest.mark.usefixtures("trapped")
def test_screen_file_and_api_agree(
    database: str,
    alice: User,
    portfolio: Portfolio,
    kraken: Account,
    wallet: Account,
    rows: Rows,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door.limiter, "count", lambda who: None)  # asked as often as a machine can
    dice, there = random.Random(score.seed), client(alice)
    _, secret = tokens.make(alice, "bot", ("read:portfolios",))
    bot = Client(headers={"authorization": f"Bearer {secret}"})
    compared = 0
    for number in range(score.times(full=1_000, few=3)):
        held = portfolio if not number else actions.create(alice, f"Random {number}", "EUR")
        accounts = {1: kraken.pk, 2: wallet.pk}
        if number:
            accounts = {at: actions.open_account(held, f"A{at}").pk for at in (1, 2)}
        drawn = built([dice.randrange(MOST) for _ in range(20)])
        actions.record(held, [draft_of(placed(each, accounts)) for each in drawn])
        rows["ticker:KRAKEN:BTC/EUR"] = ticker(f"{dice.randrange(1, 10**9)}e-4")
        rows["ticker:KRAKEN:ETH/BTC"] = ticker(f"{dice.randrange(1, 10**9)}e-9")
        compared += _agree(there, bot, held)
        score.runs += 1
        if number:
            actions.delete(held)
    score.note("figures compared", compared, "")


def _agree(there: Client, bot: Client, held: Portfolio) -> int:
    page = shown(text(there.get(f"/portfolios/{held.pk}/")))
    file = text(there.get(f"/portfolios/{held.pk}/holdings.csv")).removeprefix("\ufeff")
    lines = {row["asset"]: row for row in csv.DictReader(io.StringIO(file))}
    said = {
        each["asset"]: each for each in bot.get(f"/api/v1/portfolios/{held.pk}").json()["data"]["holdings"]
    }
    assert page.keys() == said.keys() and said.keys() <= lines.keys()
    for asset, line in said.items():
        for name, column in FIELDS.items():
            assert told(line, name) == lines[asset][column], (asset, name)
            on_page = page[asset][name].lstrip("+")
            if on_page != "–" or line[name] is not None:
                assert _whole(on_page) == _whole(line[name]), (asset, name)
    return len(said) * len(FIELDS) * 3
