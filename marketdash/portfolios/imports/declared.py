"""What a format is: names of columns and what they mean. Data alone: its reader knows none by name. Pure.

A *meaning* is our word for what a column carries (``time``, ``amount``); a format says which columns do.
A *word* is what its rows call themselves (``Market buy``); a :class:`Rule` says what such a row does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketdash.portfolios.accounting.ledger import FEE, PRINCIPAL, TRADES

TRADE = "trade"
"""Kind of a row that is one side of a trade: together with the others it is a buy, a sell or a swap."""
TRADED = TRADES | {TRADE}
CARRIED = "carried"
"""Kind of a row that is one half of a split or a rename: what it was, or what it became."""
GROUPED = frozenset({TRADE, CARRIED})
MONEY = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CHF",
        "AUD",
        "CAD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "TRY",
        "BRL",
        "KRW",
        "SGD",
        "HKD",
        "INR",
        "ZAR",
        "MXN",
        "UAH",
        "ILS",
        "THB",
        "IDR",
        "USDT",
        "USDC",
        "BUSD",
        "DAI",
        "TUSD",
        "FDUSD",
        "USDP",
        "PYUSD",
        "EURC",
        "EURT",
        "USDE",
    ]
)
"""What is paid with: giving it is a buy, getting it is a sell."""


@dataclass(frozen=True)
class Take:
    """A leg out of one row: the product of ``amount``'s cells, of what ``asset``'s cell names.

    ``sign``: 0 as the cell has it; 1 comes in, -1 goes out, and the cell may not be below 0 unless ``size``
    says that its own sign means nothing. ``less`` are legs of their own that are in this amount, where they
    are of the same asset. ``within`` are assets of which its own has to be one: a fee of another is in the
    price already, or another row tells it.
    ``split``: new for old. The amount is what a split changed; what goes out is all that there was before,
    what comes in all that there was after. ``multiplier`` is how much one contract is of, if the row says it.
    ``worth`` and ``in_`` are what it was worth, where the row says it; ``=USD`` is that very text.
    """

    amount: tuple[str, ...]
    asset: str
    sign: int = 0
    role: str = PRINCIPAL
    less: tuple[Take, ...] = ()
    within: tuple[str, ...] = ()
    size: bool = False
    optional: bool = False
    instrument: str = ""
    price: str = ""
    multiplier: str = ""
    split: tuple[str, ...] = ()
    worth: str = ""
    in_: str = ""


def came(amount: str, asset: str, sign: int = 0, **more: object) -> Take:
    """Of words that stand apart: ``came("quantity unit_price", "currency", -1)``."""
    return Take(tuple(word.replace("_", " ") for word in amount.split()), asset, sign, **more)  # type: ignore[arg-type]


def fee(amount: str = "fee", asset: str = "fee asset", sign: int = -1, **more: object) -> Take:
    """What was paid; nothing in the cell is no fee."""
    return came(amount, asset, sign, role=FEE, optional=True, **more)


@dataclass(frozen=True)
class Rule:
    """What rows of one word do. Without a ``kind`` they are left out, or refused, and ``why`` says so.

    ``debit`` is the kind where what moved went out; ``alone`` are the kinds of a trade that has only the side
    that came, or only the one that went. Rows of a trade stand together; ``apart``: or a second apart.
    """

    kind: str = ""
    takes: tuple[Take, ...] = ()
    why: str = ""
    debit: str = ""
    alone: tuple[str, str] | None = None
    apart: bool = False
    refuse: bool = False


def does(
    kind: str, *takes: Take, debit: str = "", alone: tuple[str, str] | None = None, apart: bool = False
) -> Rule:
    return Rule(kind, takes, debit=debit, alone=alone, apart=apart)


def left(why: str) -> Rule:
    return Rule(why=why)


def refused(why: str) -> Rule:
    """Rows that do what the file does not say enough of: what was expected, and what to do instead."""
    return Rule(why=why, refuse=True)


@dataclass(frozen=True)
class Skip:
    """Rows whose cell is (or, ``unless``, is not) one of these are left out, if there is such a column, and
    where ``beside`` is a pattern, if a cell of it fits that: then those rows tell the same."""

    meaning: str
    values: frozenset[str]
    why: str
    unless: bool = False
    beside: str = ""


@dataclass(frozen=True)
class Contracts:
    """Terms of derivatives whose own name fits ``pattern``. Without a ``multiplier`` the catalogue has it."""

    pattern: str
    venue: str
    multiplier: str = "1"
    inverse: bool = False


@dataclass(frozen=True)
class Format:
    """``columns``: meaning → names of columns, as :func:`~.recognising.plain` has them, the first counts.

    ``needs``: meanings that a header has to have; ``never``: columns that it may not have.
    ``word``: meanings whose cells make a row's word: together, the first alone, the first without brackets.
    ``mark``: formats of one mark tell of the same things; ``identity``: meanings by which a row is known for
    ever, without them what it does is; ``together``: rows of a trade with the same cells are one entry.
    ``pair`` is cut into ``base`` and ``quote``; ``suffixed`` cells carry their asset behind the number.
    ``cuts``: meaning → another, and the pattern whose last group finds it there, ``fills``: the same, where
    the row has none from the file's name or another row. ``code`` is what is cut off codes.
    ``in_header``: amount → the asset that its column's own name says, where no cell does.
    ``zone``: in which its times are unless something else says so; "" has to be asked.
    ``fill``: what of an exchange's own word of a trade (:mod:`..executions`) stands for each of ``identity``,
    so that one trade is one entry whoever tells of it; None where another format of the venue says it.
    ``tick_us``: to how many microseconds its times are said, which counts where it has no identity.
    ``merged``: what it tells of a trade is what all fills of one second came to.
    """

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]
    words: Mapping[str, Rule]
    word: tuple[str, ...] = ("type",)
    otherwise: Rule | None = None
    venue: str = ""
    mark: str = ""
    identity: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    pair: str = ""
    suffixed: Mapping[str, str] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()
    never: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    zone: str = "UTC"
    code: str = ""
    contracts: tuple[Contracts, ...] = ()
    cuts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    fills: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    in_header: Mapping[str, str] = field(default_factory=dict)
    note: tuple[str, ...] = ("note",)
    fill: tuple[str, ...] | None = None
    tick_us: int = 1_000_000
    merged: bool = False


def named(**columns: str) -> dict[str, tuple[str, ...]]:
    """``named(time="date|time", fee_asset="fee coin")``: meanings with a blank for each underscore."""
    return {meaning.replace("_", " "): tuple(names.split("|")) for meaning, names in columns.items()}
