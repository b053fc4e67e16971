"""The shapes of OKX's frames: https://www.okx.com/docs-v5/en/. All numbers but sequences are text."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

# -1 is before the first; more than this is no number of theirs.
Sequence = Annotated[int, Meta(ge=-1, le=2**62)]


class Arg(Struct, gc=False):
    channel: str = ""
    instId: str = ""  # noqa: N815
    instType: str = ""  # noqa: N815
    instFamily: str = ""  # noqa: N815


class Head(Struct, gc=False):
    """Any message. ``id`` is ours, told again."""

    arg: Arg | None = None
    event: str = ""
    id: str = ""
    code: str = ""
    msg: str = ""
    data: Any = None


class Level(Struct, array_like=True, gc=False):
    """``["8476.98","415","0","13"]``: price, quantity, nothing, orders."""

    px: str
    sz: str


class Book(Struct, gc=False):
    """Without numbers until 2023; the sum is always 0 since June of 2026."""

    asks: list[Level]
    bids: list[Level]
    ts: str
    checksum: Annotated[int, Meta(ge=-(2**31), lt=2**32)] = 0
    seqId: Sequence | None = None  # noqa: N815
    prevSeqId: Sequence | None = None  # noqa: N815


class Books(Struct, gc=False):
    data: list[Book]
    action: str = ""


class Ticker(Struct, gc=False):
    instId: str  # noqa: N815
    last: str
    askPx: str  # noqa: N815
    askSz: str  # noqa: N815
    bidPx: str  # noqa: N815
    bidSz: str  # noqa: N815
    ts: str
    open24h: str = ""
    high24h: str = ""
    low24h: str = ""
    vol24h: str = ""


class Trade(Struct, gc=False):
    instId: str  # noqa: N815
    tradeId: str  # noqa: N815
    px: str
    sz: str
    side: str
    ts: str


class MarkPrice(Struct, gc=False):
    instId: str  # noqa: N815
    markPx: str  # noqa: N815
    ts: str


class Index(Struct, gc=False):
    instId: str  # noqa: N815
    idxPx: str  # noqa: N815
    ts: str


class Settlement(Struct, gc=False):
    instId: str  # noqa: N815
    settlePx: str  # noqa: N815
    ts: str


class FundingRate(Struct, gc=False):
    instId: str  # noqa: N815
    fundingRate: str  # noqa: N815
    fundingTime: str  # noqa: N815
    nextFundingTime: str = ""  # noqa: N815
    nextFundingRate: str = ""  # noqa: N815
    ts: str = ""


class Interest(Struct, gc=False):
    instId: str  # noqa: N815
    oi: str
    ts: str


class Limit(Struct, gc=False):
    instId: str  # noqa: N815
    ts: str


class Closed(Struct, gc=False):
    side: str
    sz: str
    bkPx: str  # noqa: N815
    ts: str


class Liquidated(Struct, gc=False):
    instId: str  # noqa: N815
    details: list[Closed]


class Summary(Struct, gc=False):
    instId: str  # noqa: N815
    markVol: str  # noqa: N815
    ts: str
    uly: str = ""
    bidVol: str = ""  # noqa: N815
    askVol: str = ""  # noqa: N815
    fwdPx: str = ""  # noqa: N815
    deltaBS: str = ""  # noqa: N815
    gammaBS: str = ""  # noqa: N815
    vegaBS: str = ""  # noqa: N815
    thetaBS: str = ""  # noqa: N815


class Listed(Struct, gc=False):
    instId: str  # noqa: N815
    instType: str  # noqa: N815
    state: str


class Maintenance(Struct, gc=False):
    state: str
    title: str = ""
    serviceType: str = ""  # noqa: N815
    env: str = "1"


Candle = list[str]
"""``[start, open, high, low, close, volume, volume in coins, turnover, "1" when it is over]``."""


def decoder(row: Any) -> Any:
    """Of a frame whose ``data`` are such rows."""
    frame = msgspec.defstruct("Frame", [("data", list[row])], gc=False)
    return msgspec.json.Decoder(frame).decode


head = msgspec.json.Decoder(Head).decode
books = msgspec.json.Decoder(Books).decode
tickers, trades = decoder(Ticker), decoder(Trade)
mark_prices, indices, settlements = decoder(MarkPrice), decoder(Index), decoder(Settlement)
funding_rates, interests, limits = decoder(FundingRate), decoder(Interest), decoder(Limit)
liquidations, summaries = decoder(Liquidated), decoder(Summary)
listings, maintenances, candles = decoder(Listed), decoder(Maintenance), decoder(Candle)
