"""What an exchange says itself becomes one entry, whoever else tells of the same trade, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, queries
from marketdash.portfolios.executions import standing, taking
from marketdash.portfolios.executions.quotes import Quoted
from marketdash.portfolios.models import Account, Entry, Fill, Portfolio
from tests.marketdash.portfolios.executions.telling import VENUES, Trade, clock, files, heard, order

pytestmark = pytest.mark.django_db


def imported(portfolio: Portfolio, account: Account, name: str, data: bytes) -> Any:
    looked = actions.bring(portfolio, account.pk, name, data, portfolio.owner)
    if not looked.format:
        looked = actions.look(looked, format=looked.told["fits"][0][0], zone=0)
    assert not looked.refused, looked.told
    return actions.begin(looked)


def counting(portfolio: Portfolio) -> list[Entry]:
    return list(Entry.objects.filter(pk__in=[each.id for each in queries.entries(portfolio)]))


def held(portfolio: Portfolio, asset: str) -> Decimal:
    pools = queries.book(portfolio).pools
    return sum((pool.quantity for (_, code), pool in pools.items() if code == asset), Decimal(0))


def told(trades: Iterable[Trade]) -> dict[str, Decimal]:
    """What they come to: bitcoin and money."""
    sums = {"BTC": Decimal(0), "USD": Decimal(0), "USDT": Decimal(0)}
    for each in trades:
        way = 1 if each.side == "buy" else -1
        sums["BTC"] += way * Decimal(each.qty)
        sums[each.quote] -= way * Decimal(each.cost) + Decimal(each.fee)
    return sums


@pytest.mark.parametrize("venue", VENUES)
def test_a_fill_is_an_entry_as_the_exchange_said_it(
    portfolio: Portfolio, accounts: dict[str, Account], venue: str
) -> None:
    trade = Trade(venue, 7, side="sell")

    assert taking.take(accounts[venue], [heard(trade)]) == 1

    [entry], [fill] = counting(portfolio), Fill.objects.all()
    assert (entry.kind, entry.source, entry.at_us) == ("sell", "exchange", trade.at_us)
    assert entry.reference == f"trade {trade.trade_id}, order O7"
    assert (fill.entry, fill.waits, fill.by_stream, fill.by_rest) == (entry, "", True, False)
    assert {asset: held(portfolio, asset) for asset in ("BTC", "USD", "USDT")} == told([trade])


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("first", ["file", "fill"])
def test_every_file_of_an_exchange_tells_of_the_same_entry(
    portfolio: Portfolio, accounts: dict[str, Account], venue: str, first: str
) -> None:
    trade, account = Trade(venue, 7), accounts[venue]
    if first == "fill":
        taking.take(account, [heard(trade)])
    for name, data in files([trade], venue).items():
        looked = imported(portfolio, account, name, data)
        assert looked.duplicates == int(first == "fill" or name == "ledgers.csv")
    taking.take(account, [heard(trade, "rest"), heard(trade)])

    [entry], [fill] = counting(portfolio), Fill.objects.all()
    assert fill.entry == entry and fill.by_stream and fill.by_rest
    assert entry.source == ("exchange" if first == "fill" else "import")
    assert held(portfolio, "BTC") == Decimal(trade.qty)


def test_equal_fills_of_one_second_claim_an_entry_each(
    portfolio: Portfolio, accounts: dict[str, Account]
) -> None:
    account, twins = accounts["BINANCE"], [Trade("BINANCE", number) for number in (1, 2, 3)]
    taking.take(account, [heard(twins[2])])
    imported(portfolio, account, "b.csv", files(twins[:2], "BINANCE")["binance.csv"])
    taking.take(account, [heard(each, "rest") for each in twins])

    assert len(counting(portfolio)) == 3
    assert len({fill.entry_id for fill in Fill.objects.all()}) == 3
    assert imported(portfolio, account, "b.csv", files(twins, "BINANCE")["binance.csv"]).duplicates == 3


def test_a_number_is_of_its_market_alone(portfolio: Portfolio, accounts: dict[str, Account]) -> None:
    """Binance numbers the trades of each market from 1."""
    trade = Trade("BINANCE", 7)
    other = {"instrument": "BINANCE:ETHUSDT", "base": "ETH"}
    for source in ("stream", "rest"):
        taking.take(accounts["BINANCE"], [heard(trade, source), heard(trade, source, **other)])

    assert len(counting(portfolio)) == Fill.objects.count() == 2
    assert held(portfolio, "BTC") == held(portfolio, "ETH") == Decimal(trade.qty)


def test_an_undone_import_takes_no_fill_with_it(portfolio: Portfolio, accounts: dict[str, Account]) -> None:
    account, trades = accounts["KRAKEN"], [Trade("KRAKEN", 1), Trade("KRAKEN", 2)]
    data = files(trades, "KRAKEN")["trades.csv"]
    brought = imported(portfolio, account, "t.csv", data)
    taking.take(account, [heard(trades[0])])

    actions.undo(brought)
    standing.try_again()

    [entry] = counting(portfolio)
    assert Fill.objects.get().entry == entry and entry.source == "exchange"
    again = imported(portfolio, account, "t.csv", data)
    assert (again.new, again.duplicates) == (1, 1)
    standing.try_again()
    assert held(portfolio, "BTC") == told(trades)["BTC"]


def test_what_is_not_known_yet_waits_and_says_so(portfolio: Portfolio, accounts: dict[str, Account]) -> None:
    account, trade = accounts["KRAKEN"], Trade("KRAKEN", 1)
    unknown = heard(trade, fees=(("FEE", "1"),), base="LATER")
    taking.take(account, [unknown, heard(replace(trade, number=2))])

    waiting = Fill.objects.get(entry=None)
    assert waiting.waits == "asset: expected a known asset, found LATER, FEE"
    assert len(counting(portfolio)) == 1
    standing.try_again()
    assert Fill.objects.get(entry=None).changed_us == waiting.changed_us

    for code in ("LATER", "FEE"):
        Asset.objects.create(code=code)
    standing.try_again()

    fill = Fill.objects.get(pk=waiting.pk)
    assert fill.entry in counting(portfolio) and fill.waits == ""
    assert fill.changed_us > waiting.changed_us
    assert held(portfolio, "LATER") == Decimal(trade.qty) and held(portfolio, "FEE") == -1


def test_those_that_wait_for_ever_keep_no_others_waiting(
    portfolio: Portfolio, accounts: dict[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    trades = [heard(Trade("KRAKEN", at), base="NEVER" if at < 5 else "LATER") for at in range(1, 6)]
    taking.take(accounts["KRAKEN"], trades)
    assert not counting(portfolio)

    Asset.objects.create(code="LATER")
    for turn in range(3):
        standing.try_again(turn)

    [fill] = Fill.objects.exclude(entry=None)
    assert fill.base == "LATER" and counting(portfolio) == [fill.entry]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"price": "NaN"}, "price: expected a plain decimal number, found 'NaN'"),
        ({"qty": "1" * 41}, "qty: expected at most 20 digits before the point"),
        ({"side": "short"}, "side: expected buy or sell, found 'short'"),
        ({"exchange_us": 4_000_000_000_000_000}, "time: expected one from 1970 until now"),
        ({"instrument": "nothing"}, "instrument: expected VENUE:SYMBOL"),
        ({"trade_id": "\0" * 3 + "x" * 300, "price": "\0"}, "price: expected a number such as 0.5"),
    ],
)
def test_what_cannot_be_recorded_is_kept_with_its_reason(
    accounts: dict[str, Account], wrong: dict[str, object], said: str
) -> None:
    account = accounts["COINBASE"]
    taking.take(account, [heard(Trade("COINBASE", 1), **wrong), heard(Trade("COINBASE", 2))])

    assert Fill.objects.get(entry=None).waits.startswith(said)
    assert Fill.objects.exclude(entry=None).count() == 1


def test_when_an_order_was_taken_is_known_before_and_after_its_fills(accounts: dict[str, Account]) -> None:
    account, late, early = accounts["KRAKEN"], Trade("KRAKEN", 1), Trade("KRAKEN", 2)
    taking.take(account, [order(early), heard(early), heard(late)])
    assert Fill.objects.get(trade_id="T00001").acknowledged_us is None

    taking.take(account, [order(late, "filled", 9_000), order(late), order(late, "canceled", 1)])
    taking.take(account, [order(early, "new", 2_000), order(late, "new", 99_000)])  # told again, in vain

    for trade in (late, early):
        fill = Fill.objects.get(trade_id=trade.trade_id)
        assert fill.exchange_us - fill.acknowledged_us == 3_000
    states = dict(account.orders.values_list("order_id", "status"))
    assert states == {"O1": "filled", "O2": "new"}
    assert "KRAKEN:BTC/USD" in standing.markets(account).names


def test_what_one_source_does_not_know_the_other_adds(accounts: dict[str, Account]) -> None:
    account, trade = accounts["KRAKEN"], Trade("KRAKEN", 1)
    taking.take(account, [heard(trade, "rest", Quoted(reason="too late"), liquidity="", order_id="")])
    first = Fill.objects.get()

    taking.take(account, [heard(trade, quoted=Quoted("1", "2", 3))])

    fill = Fill.objects.get()
    assert (fill.liquidity, fill.order_id) == ("taker", "O1")
    assert (fill.bid, fill.ask, fill.quote_age_us, fill.no_quote) == ("1", "2", 3, "")
    assert fill.changed_us > first.changed_us
    taking.take(account, [heard(trade, "rest", Quoted(reason="not followed"))])
    taking.take(account, [heard(trade, "rest", Quoted("8", "9", 1))])  # what was heard in time stands
    assert Fill.objects.get().changed_us == fill.changed_us


def statement(trades: list[Trade], until: int) -> bytes:
    """Of Binance: what so many of them came to, leg by leg."""
    rows = ["User_ID,UTC_Time,Account,Operation,Coin,Change,Remark"]
    for t in trades[:until]:
        head = f"1,{clock(t.at_us)},Spot"
        rows.append(f'{head},Transaction Buy,BTC,{t.qty},""')
        rows.append(f'{head},Transaction Spend,USDT,-{t.cost},""')
        rows.append(f'{head},Transaction Fee,USDT,-{t.fee},""')
    return "\n".join(rows).encode()


def test_fills_of_a_second_that_a_statement_summed_up_are_its_entry(
    portfolio: Portfolio, accounts: dict[str, Account]
) -> None:
    account, trades = accounts["BINANCE"], [Trade("BINANCE", at, qty=f"0.00{at}") for at in (1, 2, 3)]
    imported(portfolio, account, "statement.csv", statement(trades, 3))
    [entry] = counting(portfolio)

    for each in trades:
        taking.take(account, [heard(each, "rest")])
    assert "expected what is recorded of that second" in Fill.objects.get(trade_id="1").waits
    standing.try_again()

    assert {fill.entry for fill in Fill.objects.all()} == {entry} and counting(portfolio) == [entry]
    assert held(portfolio, "BTC") == told(trades)["BTC"]


def test_a_statement_that_says_something_else_lets_fills_wait(
    portfolio: Portfolio, accounts: dict[str, Account]
) -> None:
    account, trades = accounts["BINANCE"], [Trade("BINANCE", at, qty=f"0.00{at}") for at in (1, 2, 3)]
    brought = imported(portfolio, account, "statement.csv", statement(trades, 2))
    taking.take(account, [heard(each, "rest") for each in trades])
    standing.try_again()
    assert Fill.objects.get(trade_id="3").waits and len(counting(portfolio)) == 1

    actions.undo(brought)
    standing.try_again()

    assert len(counting(portfolio)) == 3 and held(portfolio, "BTC") == told(trades)["BTC"]


def test_what_is_heard_at_once_is_recorded_at_once_and_told_once(
    accounts: dict[str, Account], django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_to: list[str] = []
    monkeypatch.setattr(taking, "told_on_commit", lambda portfolio: told_to.append(portfolio.name))
    trades = [Trade("KRAKEN", number) for number in range(50)]
    wrong = heard(Trade("KRAKEN", 99), qty="1" * 41)

    with django_assert_max_num_queries(10 * 50):
        taking.take(accounts["KRAKEN"], [wrong, *map(heard, trades), *map(order, trades), wrong])

    assert Fill.objects.exclude(entry=None).filter(acknowledged_us__isnull=False).count() == 50
    assert Fill.objects.get(entry=None).waits and told_to == ["Savings"]
