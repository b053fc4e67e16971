"""Options, futures and corporate actions in Interactive Brokers' Flex queries."""

from __future__ import annotations

import pytest

from tests.marketdash.portfolios.imports.reading import ACCOUNT, folded, formats, left, marks, told, wrong
from tests.marketdash.portfolios.imports.test_flex import FLEX

CONTRACTS = FLEX.strip() + ",AssetClass,Multiplier,Notes/Codes,TradeID\n"


PUT, CALL = "IBKR:CZR-260821P00030000", "IBKR:AAPL-260724C00011500"


def test_flex_options_are_paid_for_and_end_worthless() -> None:
    text = (
        CONTRACTS
        + """BUY,20260717;120816,CZR   260821P00030000,2,0.7,140,USD,-1.25,USD,OPT,100,O,t1
SELL,20260821;162000,CZR   260821P00030000,-2,0,0,USD,0,USD,OPT,100,C;Ep,t2
"""
    )
    assert told(text, zone=0) == [
        f"2026-07-17 12:08:16 fill position 2 USD of {PUT} at 0.7 × 100, paid -140 USD of {PUT}, fee -1.25 USD < f.csv:2",
        f"2026-08-21 16:20:00 expiry position -2 USD of {PUT} at 0 × 100 < f.csv:3",
    ]
    position = folded(text, base="USD").positions[ACCOUNT, PUT]
    assert (position.pool.quantity, position.gained, position.paid) == (0, -140, -140)
    assert len(set(marks(text))) == 2


def test_flex_delivers_shares_for_an_option_in_a_row_of_their_own() -> None:
    text = (
        CONTRACTS
        + """SELL,20260601;100000,AAPL  260724C00011500,-4,0.5,-200,USD,-2,USD,OPT,100,O,t3
BUY,20260724;162000,AAPL  260724C00011500,4,0,0,USD,0,USD,OPT,100,A;C,t4
SELL,20260724;162000,AAPL,-400,11.5,-4600,USD,0,USD,STK,1,A,t5
"""
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        f"fill position -4 USD of {CALL} at 0.5 × 100, paid 200 USD of {CALL}, fee -2 USD",
        f"expiry position 4 USD of {CALL} at 0 × 100",
        "sell 4600 USD, -400 AAPL",
    ]


def test_flex_futures_gain_by_their_prices() -> None:
    text = (
        CONTRACTS
        + """BUY,20260601;150000,ESU6,1,5300.25,265012.5,USD,-2.25,USD,FUT,50,O,t6
SELL,20260602;150000,ESU6,-1,5310.25,-265512.5,USD,-2.25,USD,FUT,50,C,t7
"""
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        "fill position 1 USD of IBKR:ESU6 at 5300.25 × 50, fee -2.25 USD",
        "fill position -1 USD of IBKR:ESU6 at 5310.25 × 50, fee -2.25 USD",
    ]
    position = folded(text, base="USD").positions[ACCOUNT, "IBKR:ESU6"]
    assert (position.gained, position.paid) == (500, 0)


def test_flex_contracts_need_to_say_how_much_one_is_of() -> None:
    text = FLEX.strip() + ",AssetClass\nBUY,20260601,ESU6,1,5300.25,265012.5,USD,-2.25,USD,FUT\n"

    assert wrong(text) == [
        "2 multiplier: expected how much one contract is of, found nothing: add this column to the export"
    ]


ACTIONS = (
    "CurrencyPrimary,AssetClass,Symbol,Description,Date/Time,ActionDescription,Quantity,Type,TransactionID\n"
)


def _action(symbol: str, words: str, quantity: str, type_: str, number: int) -> str:
    about = f"{words} ({symbol}, INVENTED, US{number})"
    return f'USD,STK,{symbol},INVENTED,20240831;202500,"{about}",{quantity},{type_},{number}\n'


def test_flex_says_by_how_much_a_split_changed_what_there_was() -> None:
    text = ACTIONS + _action("AAPL", "AAPL(US1) SPLIT 4 FOR 1", "300", "FS", 1)
    bought = FLEX + "BUY,20240102,AAPL,100,150,15000,USD,-1,USD\n"

    assert formats(text) == ["ibkr-actions"]
    assert [each.partition(" <")[0] for each in told(text, zone=0)] == [
        "2024-08-31 20:25:00 split -100 AAPL, 400 AAPL"
    ]
    (lot,) = folded(bought, text, base="USD").pool(ACCOUNT, "AAPL").lots()
    assert (lot.quantity, lot.cost, lot.opened_us) == (400, 15000, 1_704_153_600_000_000)
    assert len(told(text + text.partition("\n")[2], zone=0)) == 1
    half = ACTIONS + _action("AAPL", "AAPL(US1) SPLIT 3 FOR 2", "2.5", "FS", 1)
    assert told(half, zone=0)[0][20:].startswith("split -5 AAPL, 7.5 AAPL")


def test_flex_writes_a_consolidation_and_another_name_in_two_rows() -> None:
    text = (
        ACTIONS
        + _action("VUSA.OLD", "VUSA(US1) SPLIT 1 FOR 10", "-50", "RS", 1)
        + _action("T", "T(US3) CUSIP/ISIN CHANGE TO (US4)", "-7", "IC", 3)
        + _action("VUSA", "VUSA(US1) SPLIT 1 FOR 10", "5", "RS", 2)
        + _action("INCH", "T(US3) CUSIP/ISIN CHANGE TO (US4)", "7", "IC", 4)
    )
    assert [each[20:].partition(" <")[0] for each in told(text, zone=0)] == [
        "split -50 VUSA, 5 VUSA",
        "rename -7 T, 7 INCH",
    ]
    same = "".join(
        _action(each, "T(US3) CUSIP/ISIN CHANGE TO (US4)", sign + "7", "IC", len(sign))
        for each, sign in (("T.OLD", "-"), ("T", ""))
    )
    assert left(ACTIONS + same) == [f"{at}: nothing is left of it: what goes out comes in" for at in (2, 3)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("AAPL", "AAPL(US1) MERGED(Acquisition) FOR USD 50 PER SHARE", "-3", "TC")],
            "2 Type: expected a split or another name, found what gives or takes more than that",
        ),
        (
            [("VUSA.OLD", "VUSA(US1) SPLIT 1 FOR 10", "-50", "RS")],
            "2 row: expected what it was and what it became",
        ),
        (
            [("VUSA", "VUSA(US1) SPLIT 4 FOR 1", at, "FS") for at in ("-1", "4")],
            "2 row: expected one row of a split, found several: type it in",
        ),
        ([("VUSA", "VUSA(US1) SPLIT", "3", "FS")], "2 ActionDescription: expected a number such as 0.5"),
    ],
)
def test_flex_refuses_what_an_action_does_not_say(rows: list[tuple[str, str, str, str]], said: str) -> None:
    text = ACTIONS + "".join(_action(*row, at) for at, row in enumerate(rows))

    assert wrong(text)[0].startswith(said)
