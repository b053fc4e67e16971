"""What somebody wrote is no formula in a file that is downloaded, and what is a number stays one."""

from __future__ import annotations

import csv
import io
import random
import re

import pytest
from django.contrib.auth.models import User

from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Fill, Portfolio
from tests.marketdash.portfolios.looking import client, text
from tests.marketdash.portfolios.writing import draft_of, entry, leg
from tests.scoreboard import Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "−",
    " =",
    "'=",
    '"=',
    ";=",
    "a;=",
    "a;\"'＝",
    "a\t@",
    ",=",
    "%0A-",
    "|",
    "\ufeff=",
    "\u200b=",
)
REST = (
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://x?"&A1)',
    "1+1",
    "SUM(A1:A9)",
    "IMPORTXML(1)",
    "1",
    "",
    "2-",
    "DDE(1)",
    "e5",
)
DANGEROUS = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
PARTS = re.compile(r"[;\t\r\n]")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def written(dice: random.Random) -> str:
    return (dice.choice(STARTS) + dice.choice(REST))[:40]


def dangerous(table: str) -> list[str]:
    """Cells that a spreadsheet would work out, or take for the beginning of something else: also where its
    country parts cells by semicolons, and whatever quotes stand in the middle of one are signs of it."""
    cells = [cell for row in csv.reader(io.StringIO(table.removeprefix("\ufeff"))) for cell in row]
    pieces = [piece.lstrip('"') for cell in cells for piece in PARTS.split(cell)[1:]]
    return [cell for cell in [*cells, *pieces] if DANGEROUS.match(cell) and not NUMBER.fullmatch(cell)]


@pytest.mark.fault(
    "F48",
    "Beginnings of formulas in every text of entries, fills and accounts are downloaded as CSV, {database}",
    goal="0 dangerous cells; numbers stay numbers",
)
def test_no_cell_is_a_formula(
    database: str, alice: User, portfolio: Portfolio, kraken: Account, score: Score
) -> None:
    dice, browser, cells = random.Random(score.seed), client(alice), 0
    fill = {
        "instrument": "KRAKEN:BTC/EUR",
        "side": "buy",
        "price": "1",
        "qty": "1",
        "base": "BTC",
        "quote": "EUR",
    }
    times = {"exchange_us": 1, "received_us": 1, "changed_us": 1}
    for number in range(score.times(full=2_000, few=20)):
        Account.objects.filter(pk=kraken.pk).update(name=written(dice) + str(number))
        told = entry("deposit", leg("EUR", "5", account=kraken.pk))
        actions.record(portfolio, [draft_of(told, note=written(dice), reference=written(dice))])
        Fill.objects.create(
            account=kraken,
            trade_id=f"{written(dice)}#{number}",  # told apart: 1 and 750, 1750
            waits=written(dice),
            alike=str(number),
            **fill,
            **times,
        )
        if number % 20 == 19:
            for name in ("entries", "fills", "holdings"):
                table = text(browser.get(f"/portfolios/{portfolio.pk}/{name}.csv"))
                assert dangerous(table) == [], name
                cells += table.count(",") + 1
            score.runs += 20
    score.note("cells looked at", cells, "")
