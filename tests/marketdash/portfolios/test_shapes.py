"""Which entries make sense, and that a refusal says what does not."""

from __future__ import annotations

import pytest

from marketdash.portfolios.accounting import drafts, shapes
from marketdash.portfolios.accounting.ledger import KINDS, REVERSAL, Leg
from marketdash.portfolios.accounting.shapes import Refused
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, fee, leg, paid

FUTURE = "BINANCE_USDM:BTCUSDT"
IN, OUT = leg("BTC", "1"), leg("EUR", "-1")


def test_every_kind_but_a_reversal_has_a_shape() -> None:
    assert set(shapes.SHAPES) == set(KINDS) - {REVERSAL}


@pytest.mark.parametrize(
    ("kind", "legs"),
    [
        ("swap", (OUT, IN, leg("ETH", "2"), fee("BNB", "-1"))),
        ("fee", (fee("BNB", "-1"),)),
        ("interest", (OUT,)),
        ("transfer", (OUT, leg("EUR", "1", account=2), fee("EUR", "-0.1"))),
        ("split", (leg("BTC", "2"), leg("BTC", "-4"))),
        ("fill", (contracts(FUTURE, "USDT", "-1", "5"), paid(FUTURE, "USDT", "3"), fee("USDT", "0.1"))),
        ("settlement", (paid(FUTURE, "USDT", "3"),)),
        ("exercise", (contracts(FUTURE, "USDT", "-1", "0"), IN, OUT)),
    ],
)
def test_what_makes_sense_passes(kind: str, legs: tuple[Leg, ...]) -> None:
    shapes.check(kind, legs)


@pytest.mark.parametrize(
    ("kind", "legs", "words"),
    [
        ("buy", (IN,), "legs: expected something that goes out"),
        ("buy", (IN, leg("BTC", "-1")), "legs: expected another asset to come in than goes out, found BTC"),
        ("deposit", (IN, OUT), "legs: expected nothing that goes out"),
        ("withdrawal", (IN,), "legs: expected nothing that comes in"),
        ("fee", (OUT,), r"legs\.0\.role: expected fee, found principal"),
        ("reward", (fee("BTC", "1"),), "legs: expected at least one of role principal"),
        ("transfer", (OUT, leg("EUR", "0.9", account=2)), "legs: expected as much to come in as goes out"),
        ("transfer", (OUT, leg("EUR", "1")), "legs: expected another account"),
        ("transfer", (OUT, IN, leg("ETH", "1")), "legs: expected pairs .* found 3"),
        ("split", (OUT, IN), "legs: expected one asset in one account, found EUR and BTC"),
        ("split", (IN, leg("BTC", "-1"), IN, IN), "legs: expected one leg to go out and one to come in"),
        ("rename", (OUT, leg("EUR", "2")), "legs: expected another asset in the same account"),
        ("fill", (IN,), r"legs\.0\.role: expected"),
        ("fill", (paid("", "USDT", "1"),), r"legs\.0\.instrument: expected a name"),
        (
            "exercise",
            (contracts(FUTURE, "USDT", "-1", "0"), IN),
            "legs: expected something that comes in for",
        ),
    ],
)
def test_what_does_not_is_refused(kind: str, legs: tuple[Leg, ...], words: str) -> None:
    with pytest.raises(Refused, match=f"^{words}"):
        shapes.check(kind, legs)


@pytest.mark.parametrize(
    ("leg", "words"),
    [
        (contracts(FUTURE, "USDT", "1", "-1"), r"legs\.0\.price: expected 0 or more, found -1"),
        (contracts(FUTURE, "USDT", "1", "0", "1", True), r"legs\.0\.price: expected more than 0"),
        (contracts(FUTURE, "USDT", "1", "1", "0"), r"legs\.0\.multiplier: expected more than 0"),
        (contracts("no name", "USDT", "1", "1"), r"legs\.0\.instrument: expected VENUE:SYMBOL"),
        (leg("BTC", "1", worth="-5"), r"legs\.0\.worth: expected 0 or more of a currency"),
        (leg("BTC", "1", role="tax"), r"legs\.0\.role: expected one of principal"),
    ],
)
def test_terms_and_worths_are_checked(leg: Leg, words: str) -> None:
    draft = draft_of(entry("fill" if leg.contract else "reward", leg))

    with pytest.raises(Refused, match=f"^{words}"):
        drafts.checked(draft, draft.at_us)
