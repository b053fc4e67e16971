"""Two files of one exchange, or a file and what the exchange pushed, in one account: no fill counts twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import committing, looking
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.looking import client, text
from tests.marketdash.portfolios.writing import draft_of, entry, leg

TRADES = b"""Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2026-03-28 13:01:36,BTCUSDT,BUY,60000,0.1BTC,6000USDT,0.01BNB
2026-03-28 13:01:36,BTCUSDT,BUY,60000,0.2BTC,12000USDT,0.02BNB
2026-03-28 13:01:36,ETHBTC,BUY,0.05,1ETH,0.05BTC,0.01BNB
2026-03-29 09:00:00,ETHBTC,SELL,0.05,1ETH,0.05BTC,0.01BNB
"""
STATEMENT = b"""User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
1,2026-03-28 13:01:36,Spot,Buy,BTC,0.1,
1,2026-03-28 13:01:36,Spot,Buy,BTC,0.2,
1,2026-03-28 13:01:36,Spot,Transaction Related,USDT,-18000,
1,2026-03-28 13:01:36,Spot,Buy,ETH,1,
1,2026-03-28 13:01:36,Spot,Transaction Related,BTC,-0.05,
1,2026-03-28 13:01:36,Spot,Fee,BNB,-0.03,
1,2026-03-28 13:01:36,Spot,Fee,BNB,-0.01,
1,2026-03-29 09:00:00,Spot,Sell,ETH,-1,
1,2026-03-29 09:00:00,Spot,Transaction Related,BTC,0.05,
1,2026-03-29 09:00:00,Spot,Fee,BNB,-0.01,
1,2026-03-30 09:00:00,Spot,Deposit,USDT,100,
"""
OF_TRADES = {"BTC": "0.3", "USDT": "-18000", "BNB": "-0.05"}
OF_ALL = {**OF_TRADES, "USDT": "-17900"}


def looked(held: Portfolio, account: Account, data: bytes) -> Import:
    return actions.bring(held, account.pk, "file(UTC).csv", data, held.owner)


def counts(of: Import) -> tuple[int, int, int, int]:
    return of.new, of.duplicates, of.refused, of.left


def sums(held: Portfolio) -> dict[str, str]:
    book = queries.book(held)
    return {asset: plain(pool.quantity) for (_, asset), pool in book.pools.items() if pool.quantity}


def test_the_statement_after_the_trades(portfolio: Portfolio, kraken: Account) -> None:
    actions.begin(looked(portfolio, kraken, TRADES))
    assert sums(portfolio) == OF_TRADES

    found = looked(portfolio, kraken, STATEMENT)
    assert counts(found) == (1, 2, 0, 0)
    assert [fate.fate for fate in looking.fates(found)] == ["duplicate"] * 10 + ["new"]
    done = actions.begin(found)

    assert counts(done) == (1, 2, 0, 0) and sums(portfolio) == OF_ALL
    assert counts(looked(portfolio, kraken, STATEMENT)) == (0, 3, 0, 0)


def test_the_trades_after_the_statement(portfolio: Portfolio, kraken: Account) -> None:
    actions.begin(looked(portfolio, kraken, STATEMENT))

    found = looked(portfolio, kraken, TRADES)
    done = actions.begin(found)

    assert counts(found) == counts(done) == (0, 4, 0, 0) and sums(portfolio) == OF_ALL


@pytest.mark.parametrize("first", [TRADES, STATEMENT])
def test_files_that_were_both_looked_at_before_either_was_imported(
    portfolio: Portfolio, kraken: Account, first: bytes
) -> None:
    one, other = (looked(portfolio, kraken, data) for data in (TRADES, STATEMENT))
    assert (one.new, other.new) == (4, 3)

    for each in (one, other) if first == TRADES else (other, one):
        actions.begin(each)

    assert sums(portfolio) == OF_ALL
    page = text(client(portfolio.owner).get(f"/portfolios/{portfolio.pk}/imports/{other.pk}/"))
    assert "were left out" not in page


def test_what_cannot_be_decided_is_refused_before_and_left_out_meanwhile(
    portfolio: Portfolio, kraken: Account, wallet: Account
) -> None:
    half = b"\n".join(line for at, line in enumerate(TRADES.splitlines()) if at != 2) + b"\n"
    before = looked(portfolio, kraken, half)
    actions.begin(looked(portfolio, kraken, STATEMENT))
    held = sums(portfolio)

    found = looked(portfolio, kraken, half)
    assert counts(found) == (0, 1, 2, 0)
    told = [(fate.line, fate.fate, fate.field) for fate in looking.fates(found)]
    assert told == [(2, "refused", "row"), (3, "refused", "row"), (4, "duplicate", "")]
    assert "take it from one of them" in looking.fates(found)[0].words

    late = actions.begin(before)  # looked at when nothing was there
    assert counts(late) == (0, 1, 0, 0) and sums(portfolio) == held
    page = text(client(portfolio.owner).get(f"/portfolios/{portfolio.pk}/imports/{late.pk}/"))
    assert "2 entries were left out: since the file was looked at" in page
    assert counts(looked(portfolio, wallet, half)) == (3, 0, 0, 0)  # another account is another matter


def test_what_the_exchange_pushed_is_in_the_statement_too(portfolio: Portfolio, kraken: Account) -> None:
    found = looked(portfolio, kraken, TRADES)
    fills = [
        replace(each, source="exchange", at_us=each.at_us + 123_456) for each in looking.drafts_of(found)
    ]
    actions.record(portfolio, fills)

    assert counts(looked(portfolio, kraken, STATEMENT)) == (1, 2, 0, 0)


def test_an_import_that_was_undone_tells_of_nothing(portfolio: Portfolio, kraken: Account) -> None:
    actions.undo(actions.begin(looked(portfolio, kraken, TRADES)))

    actions.begin(looked(portfolio, kraken, STATEMENT))
    assert sums(portfolio) == OF_ALL
    assert counts(looked(portfolio, kraken, TRADES)) == (0, 4, 0, 0)


def test_what_somebody_typed_is_no_other_source(portfolio: Portfolio, kraken: Account) -> None:
    actions.begin(looked(portfolio, kraken, TRADES))
    fill = Entry.objects.filter(at_us__lt=1_774_800_000_000_000).first()
    assert fill is not None
    better = draft_of(entry("buy", leg("BTC", "7", account=kraken.pk), leg("USDT", "-1", account=kraken.pk)))
    actions.correct(portfolio, fill.pk, replace(better, at_us=fill.at_us))

    assert counts(looked(portfolio, kraken, STATEMENT)) == (1, 2, 0, 0)  # it counts as it came


def test_many_at_once_are_told_apart_in_pieces(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "AT_ONCE", 1)
    one, other = (looked(portfolio, kraken, data) for data in (TRADES, STATEMENT))

    actions.begin(other)
    actions.begin(one)

    assert sums(portfolio) == OF_ALL
    assert Entry.objects.filter(imported=one).count() == 0


def test_the_page_says_the_fate_of_each_row(portfolio: Portfolio, kraken: Account, alice: User) -> None:
    actions.begin(looked(portfolio, kraken, STATEMENT))
    found = looked(portfolio, kraken, TRADES.replace(b"0.2BTC", b"0.3BTC"))
    there: Client = client(alice)

    html = text(there.get(f"/portfolios/{portfolio.pk}/imports/{found.pk}/"))

    assert html.count('data-fate="refused"') >= 3 and "Leave the refused rows out" in html
    assert "Expected what is recorded of that second" in html or "expected what is recorded" in html
