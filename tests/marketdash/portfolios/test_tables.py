"""Every table of portfolios is a file too: as CSV without formulas and as JSON, in the digits of the API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from marketdash.accounts import tokens
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, answers
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.models import Account, EquityPoint, Portfolio
from marketdash.portfolios.queries import lacks
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.test_formulas import dangerous
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)
Read = Callable[[str], list[dict[str, str]]]


@pytest.fixture
def read(alice: User) -> Read:
    """An address without its end: the rows of the CSV, which are those of the JSON."""
    there = client(alice)

    def both(address: str) -> list[dict[str, str]]:
        table = text(there.get(f"{address}.csv"))
        assert dangerous(table) == []
        found = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
        told = json.loads(text(there.get(f"{address}.json")))
        assert list(map(alike, told)) == list(map(alike, found))
        return found

    return both


def alike(row: dict[str, str | None]) -> dict[str, str]:
    """Without what keeps a text from being a formula, and without the moment."""
    return {name: (cell or "").removeprefix("'") for name, cell in row.items() if name != "as_of"}


def test_lots_have_the_digits_of_the_api(held: Portfolio, kraken: Account, read: Read, rows: Rows) -> None:
    Account.objects.filter(pk=kraken.pk).update(name="=Kraken")
    bought = entry(
        "buy",
        leg("BTC", "0.000000000000000003", account=kraken.pk),
        leg("EUR", "-0.1", account=kraken.pk),
    )
    actions.record(held, [draft_of(bought), draft_of(entry("deposit", leg("ETH", "7", account=kraken.pk)))])

    found = read(f"/portfolios/{held.pk}/lots")

    assert [(each["asset"], each["quantity"], each["cost"] or None, each["entry"]) for each in found] == [
        (each["asset"], each["quantity"], each["cost"], str(each["entry"])) for each in answers.lots(held, "")
    ]
    assert {each["account"] for each in found} == {"'=Kraken"} and {each["currency"] for each in found} == {
        "EUR"
    }
    assert [each["cost_of_one"] for each in found if each["asset"] == "ETH"] == [""]


def test_contracts_are_not_live_where_nobody_says_what_they_settle_in(
    held: Portfolio, kraken: Account, alice: User, read: Read, rows: Rows
) -> None:
    """Their own market is: the file says what the API says of the whole line."""
    opened = contracts("KRAKEN:BTC/EUR", "NEW", "2", "400")._replace(account=kraken.pk)
    actions.record(held, [draft_of(entry("fill", opened))])
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450")

    found = {each["asset"]: each for each in read(f"/portfolios/{held.pk}/holdings")}

    _, secret = tokens.make(alice, "bot", ("read:portfolios",))
    there = {"authorization": f"Bearer {secret}"}
    (said,) = client(alice).get(f"/api/v1/portfolios/{held.pk}", headers=there).json()["data"]["positions"]
    line = found["KRAKEN:BTC/EUR"]
    assert (line["price"], line["value"], line["price_live"]) == ("450", "", "no")
    assert (said["mark"], said["value"], said["live"]) == ("450", None, False)


def test_lots_of_contracts_have_a_price_and_are_found_by_their_name(
    held: Portfolio, kraken: Account, read: Read
) -> None:
    opened = contracts("KRAKEN:BTC/EUR", "BTC", "7", "37700", inverse=True)._replace(account=kraken.pk)
    actions.record(held, [draft_of(entry("fill", opened))])

    (told,) = answers.lots(held, "KRAKEN:BTC/EUR")

    (row,) = [each for each in read(f"/portfolios/{held.pk}/lots") if each["asset"] == told["asset"]]
    assert (told["quantity"], told["cost"], told["price"]) == ("7", None, "37700")
    assert (row["quantity"], row["cost"], row["cost_of_one"]) == ("7", "", "37700")
    assert told in answers.lots(held, "") and "price" not in answers.lots(held, "BTC")[0]


def test_what_is_unknown(held: Portfolio, kraken: Account, read: Read) -> None:
    actions.record(held, [draft_of(entry("deposit", leg("ETH", "7", account=kraken.pk)))])

    (found,) = read(f"/portfolios/{held.pk}/unknown")

    (lack,) = lacks(held)
    assert lack == Lack(int(found["entry"]), lack.at_us, found["kind"], (), (found["lacks_cost_of"],))


def test_imports(held: Portfolio, kraken: Account, read: Read, assets: dict[str, Asset]) -> None:
    data = b"When,Amount,Asset\n2026-01-01,5,EUR\n"
    made = actions.bring(held, kraken.pk, "@SUM(A1).csv", data, held.owner)

    (found,) = read(f"/portfolios/{held.pk}/imports")

    assert (found["import"], found["file"], found["state"]) == (str(made.pk), "'@SUM(A1).csv", "looked")


def test_stored_points_of_the_curve(held: Portfolio, read: Read) -> None:
    for minute, total in ((30_000_000, "900.1"), (30_000_001, "-0.000000000000000001")):
        EquityPoint.objects.create(
            portfolio=held,
            base=held.base,
            minute=minute,
            total=total,
            partial=minute % 2,
            entries=1,
            since_us=0,
        )

    found = read(f"/portfolios/{held.pk}/equity")

    assert [(each["total"], each["partial"]) for each in found] == [
        ("900.1", "no"),
        ("-0.000000000000000001", "yes"),
    ]
    assert found[0]["time"] == "2027-01-15T08:00:00.000000Z"


def test_ones_own_portfolios(held: Portfolio, charlie: User, read: Read, rows: Rows) -> None:
    actions.create(charlie, "Hers", "EUR")
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789")

    (found,) = read("/portfolios")

    assert (found["name"], found["currency"], found["lacks_price_of"]) == ("Savings", "EUR", "")
    _, secret = tokens.make(held.owner, "bot", ("read:portfolios",))
    bot = client(held.owner).get(
        f"/api/v1/portfolios/{held.pk}", headers={"authorization": f"Bearer {secret}"}
    )
    said = bot.json()["data"]
    assert found["total"] == said["total"] and found["unrealised"] == said["unrealised"]["value"]


def test_totals_have_the_digits_of_the_api(
    held: Portfolio, kraken: Account, alice: User, charlie: User, read: Read, rows: Rows
) -> None:
    actions.create(charlie, "Hers", "EUR")
    abroad = actions.create(alice, "Abroad", "BTC")
    bank = actions.open_account(abroad, "Bank").pk
    bought = entry("buy", leg("BTC", "3", account=bank), leg("ETH", "-30.1234567", account=bank))
    actions.record(abroad, [draft_of(bought)])
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789", "live", change="3")
    rows["ticker:KRAKEN:ETH/BTC"] = ticker("0.07", "live", change="0.01")

    in_bitcoin, in_euro, whole = read("/portfolios/totals")

    assert [each["of"] for each in (in_bitcoin, in_euro, whole)] == ["BTC", "EUR", "all"]
    assert (whole["portfolios"], whole["currency"]) == ("2", "BTC")
    _, secret = tokens.make(alice, "bot", ("read:portfolios",))
    there = {"authorization": f"Bearer {secret}"}
    said = client(alice).get("/api/v1/portfolios/total", headers=there).json()["data"]
    (rate,) = said["rates"]
    assert whole["rates"] == f"{rate['currency']} {rate['rate']} by {rate['path']}"
    assert rate["path"] == "EUR → BTC" and rate["by"] == ["KRAKEN:BTC/EUR"] and rate["live"]
    assert (said["state"], said["missing"], said["stale"], said["portfolios"]) == ("live", [], [], 2)
    assert [whole[name] for name in ("total", "change_24h_percent", "unrealised", "realised")] == [
        *(said["total"], said["day_pct"]),
        *(said[name]["value"] for name in ("unrealised", "realised")),
    ]
    assert whole["change_24h"] == said["day"]["value"] != "0"


def test_totals_of_nothing_but_what_others_show(held: Portfolio, charlie: User, rows: Rows) -> None:
    actions.share(held, "charlie")
    _, secret = tokens.make(charlie, "bot", ("read:portfolios",))
    there = {"authorization": f"Bearer {secret}"}

    answer = client(charlie).get("/api/v1/portfolios/total", headers=there)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "portfolios")
    assert text(client(charlie).get("/portfolios/totals.csv")).count("\n") == 1
