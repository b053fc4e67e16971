"""The pages of imports: a file is brought, looked at row by row, mapped by hand, imported, undone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import actions, backup
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import committing, looking
from marketdash.portfolios.imports import sheets
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.imports.test_kraken import OLDEST
from tests.marketdash.portfolios.looking import Rows, client, text

pytestmark = pytest.mark.django_db(transaction=True)
NOPE = '"L-9","X","2024-03-24 08:00:00","deposit","","currency","NOPE",1,0,1\n'


@pytest.fixture
def browser(alice: User, kraken: Account, assets: dict[str, Asset]) -> Client:
    for code, means in {"XXBT": "BTC", "XETH": "ETH", "ZEUR": "EUR", "DOT": "NEW", "DOT28": "NEW"}.items():
        Alias.objects.create(code=code, asset=assets[means], venue=kraken.venue)
    return client(alice)


def sent(browser: Client, account: Account, data: str | bytes, name: str = "ledgers.csv") -> str:
    """The address of what was found in it."""
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    answer = browser.post(
        f"/portfolios/{account.portfolio_id}/imports/", {"file": file, "account": str(account.pk)}
    )
    assert answer.status_code == 302, text(answer, answer.status_code)
    return answer["Location"]


def posted(browser: Client, address: str, **fields: str) -> str:
    answer = browser.post(address, {name.replace("__", "."): value for name, value in fields.items()})
    assert answer.status_code == 302, text(answer, answer.status_code)
    return text(browser.get(answer["Location"]))


def count(html: str, fate: str) -> str:
    found = re.search(rf'data-fate="{fate}"[^>]*><dt>[^<]*</dt><dd>(\d+)', html)
    assert found is not None
    return found[1]


def rows(html: str) -> list[str]:
    row = r'<tr data-fate="(\w+)">.*?<th[^>]*>(\d+)</th>.*?<td class="from"[^>]*>(.*?)</td>'
    found = re.findall(row, html, re.S)
    said = [(line, fate, re.sub("<[^>]+>", " ", words).split()) for fate, line, words in found]
    return [f"{line} {fate}: {' '.join(words).replace(' :', ':')}" for line, fate, words in said]


def test_a_file_goes_all_the_way_twice_and_back(browser: Client, kraken: Account) -> None:
    address = sent(browser, kraken, OLDEST)
    html = text(browser.get(address))
    assert "Kraken ledgers" in html and "nothing is recorded yet" in html
    assert [count(html, fate) for fate in ("new", "duplicate", "refused", "left")] == ["5", "0", "0", "2"]
    assert "4 new: 2024-03-19 19:43:31, Buy +0.002 BTC −100 EUR −0.18 EUR fee" in rows(html)
    only_left = rows(text(browser.get(f"{address}?fate=left")))
    assert only_left == [
        "2 left: Not booked yet: the booked row stands for it",
        "9 left: A move inside Kraken",
    ]
    assert not Entry.objects.exists()

    html = posted(browser, f"{address}start/")
    assert count(html, "new") == "5" and "Undo this import" in html and Entry.objects.count() == 5

    second = sent(browser, kraken, OLDEST)
    assert count(text(browser.get(second)), "duplicate") == "5"
    assert count(posted(browser, f"{second}start/"), "duplicate") == "5" and Entry.objects.count() == 5

    assert "Expected the box to be ticked" in text(browser.post(f"{address}undo/"), 422)
    assert "The same file may be imported again" in posted(browser, f"{address}undo/", sure="yes")
    listed = text(browser.get(f"/portfolios/{kraken.portfolio_id}/imports/"))
    assert listed.count("ledgers.csv") == 2 and "Undone" in listed


def test_a_browser_is_told_how_large_a_file_may_be(browser: Client, kraken: Account) -> None:
    imports = text(browser.get(f"/portfolios/{kraken.portfolio_id}/imports/"))

    assert f'data-most="{sheets.MOST_BYTES}" data-else=": export fewer years at once"' in imports
    assert f'data-most="{backup.MOST_BYTES}"' in text(browser.get("/portfolios/"))


def test_refused_rows_are_said_and_left_out_by_choice(browser: Client, kraken: Account) -> None:
    address = sent(browser, kraken, OLDEST + NOPE)
    html = text(browser.get(address))
    assert "11 refused: asset: expected a known asset, found 'NOPE'" in rows(html)
    assert "NOPE, in 1 row, is" in html

    assert "Expected the box to be ticked: 1 rows are refused" in text(browser.post(f"{address}start/"), 422)
    html = posted(browser, f"{address}look/", code__NOPE="btc")
    assert count(html, "new") == "6" and count(html, "refused") == "0"


def test_what_nobody_knows_is_kept_under_its_own_code_by_choice(
    browser: Client, kraken: Account, rows: Rows
) -> None:
    address = sent(browser, kraken, OLDEST + NOPE.replace("NOPE", "NOPE.S") + NOPE.replace("L-9", "L-10"))

    html = posted(browser, f"{address}look/", **{"code__NOPE.S": "", "code__NOPE": "", "keep": "yes"})

    assert [count(html, fate) for fate in ("new", "refused")] == ["7", "0"]
    assert "Kept under its own code: NOPE. No market here says what it is worth." in html
    assert not Asset.objects.filter(code="NOPE").exists()  # nothing is recorded yet

    posted(browser, f"{address}start/")
    portfolio = text(browser.get(f"/portfolios/{kraken.portfolio_id}/"))
    assert Asset.objects.get(code="NOPE").title == ""
    assert re.search(r"no market leads from [\w, ]*\bNOPE to EUR", portfolio)
    again = sent(browser, kraken, OLDEST + NOPE)
    assert [count(text(browser.get(again)), fate) for fate in ("new", "refused")] == ["0", "0"]


def test_a_code_that_stands_in_a_pair_alone_is_kept_too(browser: Client, kraken: Account) -> None:
    Asset.objects.get_or_create(code="BUSD")
    data = """Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin
2022-03-29 13:01:36,QQZBUSD,BUY,2,10,20,0.02,BUSD
"""
    address = sent(browser, kraken, data, "old.csv")
    assert "QQZ, in 1 row, is" in text(browser.get(address))

    html = posted(browser, f"{address}look/", keep="yes")

    assert [count(html, fate) for fate in ("new", "refused")] == ["1", "0"]
    assert any("Buy +10 QQZ −20 BUSD" in each for each in rows(html))


def test_what_no_market_could_be_called_is_not_kept(browser: Client, kraken: Account) -> None:
    address = sent(browser, kraken, OLDEST + NOPE.replace("NOPE", "no such\tthing"))

    html = posted(browser, f"{address}look/", keep="yes")

    assert count(html, "refused") == "1" and "Kept under" not in html


def test_long_ones_show_how_far_they_are(
    browser: Client, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "SHORT", 0)
    address = sent(browser, kraken, OLDEST)

    html = posted(browser, f"{address}start/")

    assert '<progress max="5" value="0"' in html and '<meta http-equiv="refresh" content="2">' in html
    assert browser.get(f"{address}progress/").json() == {"state": "running", "done": 0, "of": 5}
    committing.work_due()
    assert browser.get(f"{address}progress/").json() == {"state": "done", "done": 5, "of": 5}


def test_columns_are_chosen_by_hand_and_known_the_next_time(browser: Client, kraken: Account) -> None:
    data = "When;Kind;How much;Of\n01.02.2026 10:00;deposit;1,5;EUR\n02.02.2026 10:00;reward;2;BTC\n"
    address = sent(browser, kraken, data)
    html = text(browser.get(address))
    assert "Which column is what?" in html and '<td class="amount">1,5</td>' in html
    refused = browser.post(f"{address}look/", {"column.time": "when"})
    assert "Expected a column for the time, and one for an amount" in text(refused, 422)

    columns = {
        "column__time": "when",
        "column__type": "kind",
        "column__amount": "how much",
        "column__asset": "of",
    }
    html = posted(browser, f"{address}look/", **columns)

    assert rows(html) == [
        "2 new: 2026-02-01 10:00:00, Deposit +1.5 EUR",
        "3 new: 2026-02-02 10:00:00, Reward +2 BTC",
    ]
    assert "Nothing in the file says so: check it" in html
    shifted = posted(browser, f"{address}look/", zone="60")
    assert "2 new: 2026-02-01 09:00:00, Deposit +1.5 EUR" in rows(shifted)
    again = text(browser.get(sent(browser, kraken, data)))
    assert count(again, "new") == "2"


def test_what_fits_two_formats_is_asked(
    browser: Client, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = looking.BY_NAME["kraken-ledgers"]
    monkeypatch.setattr(looking, "FORMATS", (one, replace(one, name="twin", title="Twin ledgers")))
    address = sent(browser, kraken, OLDEST)
    html = text(browser.get(address))
    assert "Which is it?" in html and "Kraken ledgers" in html and "Twin ledgers" in html
    assert "What becomes of each row" not in html and 'form="start"' not in html

    assert count(posted(browser, f"{address}look/", format="kraken-ledgers"), "new") == "5"
    assert "Expected a known format" in text(browser.post(f"{address}look/", {"format": "x"}), 422)


def test_many_rows_are_paged(browser: Client, kraken: Account) -> None:
    lines = "".join(f"2026-01-01 10:00:{at % 60:02d},{at + 1},EUR\n" for at in range(230))
    address = sent(browser, kraken, f"Time,Amount,Asset\n{lines}")
    html = posted(
        browser, f"{address}look/", column__time="time", column__amount="amount", column__asset="asset"
    )
    assert len(rows(html)) == 100 and "Page 1 of 3" in html

    last = text(browser.get(f"{address}?page=99"))

    assert len(rows(last)) == 30 and "Page 3 of 3" in last and "Later rows" not in last


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("cut.csv", OLDEST[:-9], "Line 10: expected a whole row of 10 cells at the end, found"),
        ("x.png", b"\x89PNG\x00", "Line 1: expected UTF-8 text"),
        ("big.csv", b"a" * 200, "Expected at most 0 MiB, found 1"),
    ],
)
def test_a_file_that_cannot_be_read(
    browser: Client, kraken: Account, name: str, data: str | bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.startswith("big"):
        monkeypatch.setattr(sheets, "MOST_BYTES", 100)
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    address = f"/portfolios/{kraken.portfolio_id}/imports/"

    assert said in text(browser.post(address, {"file": file, "account": str(kraken.pk)}), 422)
    assert "Expected a file, found none" in text(browser.post(address, {"account": str(kraken.pk)}), 422)
    assert not Import.objects.exists()


def test_what_comes_from_a_file_is_text_on_the_page(browser: Client, kraken: Account) -> None:
    evil = OLDEST.replace("STAKE-1", "<script>alert(1)</script>") + NOPE.replace("NOPE", "<b>x</b>")

    html = browser.get(sent(browser, kraken, evil, '"><img src=x>.csv')).content.decode()

    assert "<script>alert" not in html and "<b>x</b>" not in html and "<img src=x" not in html


def test_another_account_of_the_portfolio_and_nobody_elses(
    browser: Client, kraken: Account, wallet: Account, charlie: User, portfolio: Portfolio
) -> None:
    other = actions.open_account(actions.create(charlie, "Own", "EUR"), "Own")
    address = sent(browser, kraken, OLDEST)

    assert "into Wallet" in posted(browser, f"{address}look/", account=str(wallet.pk))
    assert "Expected an account of this portfolio" in text(
        browser.post(f"{address}look/", {"account": str(other.pk)}), 422
    )
    there = f"/portfolios/{portfolio.pk}/imports/"
    file = SimpleUploadedFile("l.csv", OLDEST.encode())
    assert text(browser.post(there, {"file": file, "account": str(other.pk)}), 422)
    assert Import.objects.get().account_id == wallet.pk
