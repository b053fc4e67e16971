"""rotki: its generic tables of trades and of events."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import AIRDROP, DEPOSIT, INTEREST, REWARD, WITHDRAWAL
from marketdash.portfolios.imports.declared import TRADE, Format, came, does, fee, named

_FEE = fee("fee", "fee asset")
_IN, _OUT = (came("amount", "asset", sign) for sign in (1, -1))

TRADES = Format(
    name="rotki-trades",
    title="rotki trades",
    columns=named(
        time="timestamp",
        given="spend amount",
        given_asset="spend currency",
        got="receive amount",
        got_asset="receive currency",
        fee="fee",
        fee_asset="fee currency",
        note="description",
    ),
    needs=("time", "given", "given asset", "got", "got asset", "fee", "fee asset"),
    words={},
    otherwise=does(TRADE, came("got", "got asset", 1), came("given", "given asset", -1), _FEE),
    times=("ms",),
)

EVENTS = Format(
    name="rotki-events",
    title="rotki events",
    columns=named(
        type="type",
        location="location",
        asset="currency",
        amount="amount",
        fee="fee",
        fee_asset="fee currency",
        note="description",
        time="timestamp",
    ),
    needs=("type", "location", "asset", "amount", "fee", "fee asset", "time"),
    words={
        **dict.fromkeys(("deposit", "receive"), does(DEPOSIT, _IN, _FEE)),
        **dict.fromkeys(
            ("withdrawal", "spend", "loss", "gift sent", "donation"), does(WITHDRAWAL, _OUT, _FEE)
        ),
        **dict.fromkeys(("income", "staking", "reward", "mining", "cashback"), does(REWARD, _IN, _FEE)),
        **dict.fromkeys(("airdrop", "gift"), does(AIRDROP, _IN, _FEE)),
        **dict.fromkeys(("interest", "lending"), does(INTEREST, _IN, _FEE)),
    },
    times=("ms",),
)
FORMATS = (TRADES, EVENTS)
