"""Portfolios of all kinds of entries for a walk over the API, and what an answer is held to."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from marketdash import access, publish
from marketdash.accounts import tokens
from marketdash.dashboards.models import Watchlist
from marketdash.instruments.assets import settle_all
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Asset, Instrument, Venue
from marketdash.portfolios import actions
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.models import EquityPoint, Fill, Portfolio

FEE = "fee"
SPOT, STALE = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"
PERPETUAL, OPTION = "BINANCE_USDM:BTCUSDT", "DERIBIT:BTC-27DEC30-100000-C"
AT_US = 1_735_689_600_000_000
FIRST_US, LAST_US = AT_US, 4_000_000_000_000_000
FILE = (
    b'"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
    b'"L1","R1","2026-01-02 10:00:00","deposit","","currency","USD","500","0","500"\n'
    b'"L2","R2","2026-01-03 10:00:00","deposit","","currency","BTC","0.00000001","0","0.00000001"\n'
    b'"L3","R3","2026-01-04 10:00:00","deposit","","currency","QQQ","5","0","5"\n'
    b'"L4","R4","2026-01-05 10:00:00","deposit","","currency","ETH","1e-3","0","5"\n'
)
CONTRACT = Path(__file__).parents[2] / "contract"
_OF_STREAM = ("symbol", "epoch", "prev", "seq", "age_us", "state", "reason")
_LIKE_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)|[+-]?(nan|inf(inity)?)|-0(\.0*)?|\+.*", re.I)
_MADE: dict[str, Any] = {}


class Held(NamedTuple):
    """``looked``, ``other`` and ``spare`` are files that were looked at; ``without`` is a bot without scopes,
    ``nobody`` one of somebody who has no portfolio."""

    key: int
    empty: int
    account: int
    looked: int
    other: int
    spare: int
    bearer: dict[str, str]
    token: int
    without: dict[str, str]
    nobody: dict[str, str]


async def held(rows: dict[str, publish.Row], bearer: Callable[..., dict[str, str]]) -> Held:
    found = await sync_to_async(_made)(bearer)
    await catalogue.refresh()
    for channel, symbol in (("ticker", SPOT), ("book", SPOT), ("trade", SPOT), ("status", "KRAKEN")):
        rows[f"{channel}:{symbol}"] = golden(channel)
    for channel in ("mark", "funding", "liquidation"):
        rows[f"{channel}:{PERPETUAL}"] = golden(channel)
    rows[f"option:{OPTION}"] = golden("option")
    rows[f"mark:{OPTION}"] = golden("mark")
    rows[f"ohlc.1:{SPOT}"] = golden("ohlc")
    rows[f"ticker:{STALE}"] = golden("ticker")._replace(state="stale", reason="no word from the feed")
    return found


def golden(channel: str) -> publish.Row:
    """As it is sent on sockets."""
    scenario = json.loads((CONTRACT / f"{channel}.json").read_text(encoding="utf-8"))["scenarios"][0]
    row = scenario["frames"][0]["data"][0]
    body = {name: value for name, value in row.items() if name not in _OF_STREAM}
    return publish.Row(row["state"], row.get("reason", ""), 1000, body)


def _made(bearer: Callable[..., dict[str, str]]) -> Held:
    _list()
    full = bearer(*access.SCOPES)
    alice = User.objects.get(username="alice")
    whole = actions.create(alice, "Whole", "USD")
    account = actions.open_account(whole, "Kraken", Venue.objects.get(name="KRAKEN")).pk
    actions.record(whole, list(_entries(account)))
    actions.reverse(whole, whole.entries.latest("pk").pk)
    _heard(whole, account)
    files = [actions.bring(whole, account, "ledgers.csv", FILE, alice).pk for _ in range(3)]
    Watchlist.objects.create(owner=alice, name="Mine")
    nobody = User.objects.create_user("nobody")
    return Held(
        *(whole.pk, actions.create(alice, "Empty", "EUR").pk, account, *files),
        *(full, access.bearer(full["Authorization"]).token_id, bearer(), _bearer(nobody)),
    )


def _bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.make(user, 'bot', list(access.SCOPES))[1]}"}


def _list() -> None:
    expiry = datetime(2030, 12, 27, 8, tzinfo=UTC)
    for symbol, more in (
        (PERPETUAL, {"kind": "perpetual", "base": "BTC", "quote": "USDT"}),
        (OPTION, {"kind": "option", "base": "BTC", "quote": "USD", "settle": "BTC", "expiry": expiry}),
    ):
        name, native = symbol.split(":")
        venue = Venue.objects.create(name=name, title=name)
        Instrument(venue=venue, native=native, contract_size="1", enabled=True, **more).save()
    settle_all()
    for code in ("EUR", "NEW"):
        Asset.objects.get_or_create(code=code)


def _entries(account: int) -> Iterator[Draft]:
    def leg(asset: str, amount: str, role: str = "principal", **more: Any) -> DraftLeg:
        return DraftLeg(account, asset, amount, role, **more)

    kinds = (
        ("deposit", leg("USD", "100000", worth="100000", currency="USD")),
        ("buy", leg("BTC", "1"), leg("USD", "-100.5"), leg("USD", "-0.00000025", FEE)),
        ("sell", leg("BTC", "-3"), leg("USD", "600")),
        ("deposit", leg("ETH", "2.000000000000000001")),
        ("airdrop", leg("NEW", "12345678901234567890.5")),
        ("fill", leg("USDT", "-2", "position", instrument=PERPETUAL, price="50000"), leg("USDT", "-1", FEE)),
        ("funding", leg("USDT", "-0.1")),
        ("fill", leg("BTC", "1", "position", instrument=OPTION, price="0.05")),
        ("reward", leg("NEW", "0.000000000000000001")),
    )
    for at, (kind, *legs) in enumerate(kinds):
        yield Draft(kind, AT_US + at * 1_000_000, account, legs)


def _heard(whole: Portfolio, account: int) -> None:
    minute = AT_US // 60_000_000
    last = whole.entries.latest("pk").pk
    for at in range(3):
        of = {"total": f"{at}.000000000000000001", "partial": at == 1, "entries": last}
        EquityPoint.objects.create(portfolio=whole, base=whole.base, minute=minute + at, **of)
        fill(account, at)


def fill(account: int, at: int) -> None:
    said = {"instrument": SPOT, "side": "buy", "price": "0.00000001", "qty": "1.50", "bid": "0.00000001"}
    times = dict.fromkeys(("exchange_us", "received_us", "changed_us", "acknowledged_us"), AT_US)
    more = {"ask": "0.00000003", "fees": [["USD", "0.10"]], "waits": "asset", "quote_age_us": 5}
    Fill.objects.create(
        account_id=account, trade_id=f"T{at}", alike=f"{at}", base="BTC", quote="USD", **said, **times, **more
    )


def adding(held: Held) -> dict[str, Callable[[], Awaitable[None]]]:
    """One more of what is paged, for each that grows."""

    def entry() -> None:
        whole = Portfolio.objects.get(pk=held.key)
        said = str(whole.entries.count())
        legs = [DraftLeg(held.account, "USD", "1")]
        actions.record(whole, [Draft("deposit", AT_US, held.account, legs, reference=said)])

    def heard() -> None:
        fill(held.account, 100 + Fill.objects.count())

    def brought() -> None:
        whole = Portfolio.objects.get(pk=held.key)
        actions.bring(whole, held.account, "more.csv", FILE, whole.owner)

    below = "portfolios/{key}/"
    grows = {f"{below}entries": entry, f"{below}fills": heard, f"{below}imports": brought}
    return {name: sync_to_async(each) for name, each in grows.items()}


def resolved(document: dict[str, Any], response: Any) -> dict[str, Any]:
    """The shape of what is answered, by its name in the document."""
    schema = ((response or {}).get("content") or {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return document["components"]["schemas"].get(name, schema)


def check_shape(document: dict[str, Any], shape: dict[str, Any], body: Any, said: str) -> None:
    """Each name that is answered is one of the document, where it names any."""
    components = _MADE.setdefault("closed", _closed(document["components"]))
    try:
        jsonschema.validate(body, {**shape, "components": components})
    except jsonschema.ValidationError as problem:
        raise AssertionError(f"{said}: {problem.json_path}: {problem.message[:300]}") from None


def _closed(components: Any) -> Any:
    found = copy.deepcopy(components)
    for each in found["schemas"].values():
        if "properties" in each:
            each.setdefault("additionalProperties", False)
    return found


def leaves(body: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, key)
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value, name)
    else:
        yield name, body


def is_plain(value: Any) -> bool:
    """No number with an exponent, no NaN, no minus nought."""
    return not (isinstance(value, str) and _LIKE_NUMBER.fullmatch(value))


def no_float(text: str) -> Any:
    raise AssertionError(f"expected text or a whole number, found {text}")
