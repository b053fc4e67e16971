"""One instrument as a line of a page: who it is, its last values, and how they read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.instruments import contracts, display
from marketdash.instruments.catalogue import Listed
from marketdash.instruments.contracts import Contract
from marketdash.numerals import ENGLISH, Style
from marketdash.publish import LastClose, Row, standing
from marketdash.venues import funds_continuously, samples_liquidations, zone_of

_NOTHING = ("syncing", "no data yet", None, {})
_PRICES = ("bid", "ask", "high", "low")
_NUMERAIRE = ("USD", "USDT", "USDC")
NO_CONTRACTS: Mapping[str, Contract] = {}


class Phase(NamedTuple):
    """The part of its day in which a market is, as its venue's ``status`` says it; empty: it has none, or
    nobody says it. ``words`` beside all but ``open``: ``before the opening, opens Mon 09:30 New York``."""

    name: str = ""
    words: str = ""


NO_PHASE = Phase()
_TRADED_OUTSIDE = {"pre": "Pre", "post": "Post"}


class Line(NamedTuple):
    """``body`` holds the values as text, ``shown`` the same as people read them; ``state`` and ``reason`` are
    as they read them too (see :class:`marketdash.publish.Standing`). ``age_us`` None: unknown.

    ``followed`` False: no feed brings values for it, so the page asks for none.
    """

    listed: Listed
    state: str
    reason: str
    age_us: int | None
    body: Mapping[str, Any]
    shown: Mapping[str, str]
    followed: bool = True
    phase: Phase = NO_PHASE

    @property
    def word(self) -> str:
        """As a list says how it stands, and ``widgets/marketrow.js`` a moment later: what is traded before
        its market opens is live all the same."""
        outside = _TRADED_OUTSIDE.get(self.phase.name) if self.state == "live" else None
        return outside or self.state.capitalize()


def line(listed: Listed, row: Sequence[Any] | None, style: Style = ENGLISH) -> Line:
    """``row`` is ``(state, reason, age_us, body)`` as :func:`marketdash.publish.read` gives it, or None."""
    state, reason, age_us, body = row or _without_data(listed)
    state, reason = standing(state, reason, body.get("phase"))
    return Line(listed, state, reason, age_us, body, shown(listed, body, age_us, style))


def remembered(listed: Listed, past: LastClose, now_us: int, style: Style = ENGLISH) -> Line:
    """Where nothing is known of now: the close of the newest stored bar, with its date."""
    ended = f"{datetime.fromtimestamp(past.end_us / 1e6, UTC):%-d %b %Y, %H:%M}"
    state, reason = "stale", f"last closed bar, {ended} UTC"
    if listed.status == "delisted":
        state, words = _without_data(listed)[:2]
        reason = f"{words}; {reason}"
    row = (state, reason, max(0, now_us - past.end_us), {"last": past.close})
    return line(listed, row, style)


def phase_of(status: Row | None) -> Phase:
    """``status``: the row of the venue. A feed that is silent says nothing of now."""
    if status is None or status.state == "stale":
        return NO_PHASE
    return Phase(status.body.get("phase", ""), status.body.get("phase_words", ""))


def unfollowed(listed: Listed) -> Line:
    """One that somebody keeps although no values come in for it."""
    state, reason = "off", "not followed here: an administrator can switch it on"
    if listed.status == "delisted":
        state, reason = _without_data(listed)[:2]
    return Line(listed, state, reason, None, {}, shown(listed, {}, None, ENGLISH), followed=False)


def _without_data(listed: Listed) -> tuple[str, str, None, dict[str, Any]]:
    if listed.status == "delisted":
        return ("delisted", listed.gone, None, {})
    return _NOTHING


def shown(listed: Listed, body: Mapping[str, Any], age_us: int | None, style: Style) -> dict[str, str]:
    decimals = listed.price_decimals
    prices = {name: display.price(body.get(name), decimals, style) for name in _PRICES}
    return {
        "last": display.price(price_of(listed, body), decimals + (1 if listed.is_middle else 0), style),
        **prices,
        "kind": listed.kind_in(style),
        "short": listed.short_in(style),
        "change": display.percent(body.get("change_pct"), style),
        "way": display.direction(body.get("change_pct")),
        "spread": display.fixed(display.spread_bps(body.get("bid"), body.get("ask")), 2, style),
        "volume": display.compact(contracts.turnover(listed, body), style),
        "age": display.age(age_us if body else None),
    }


def price_of(listed: Listed, body: Mapping[str, Any]) -> Any:
    """What stands as its price: the last trade, or where its venue tells none, the middle of bid and ask.

    Without both quotes a dealer's last stored close, which is of the middle too. ``core/price.js`` chooses
    the same.
    """
    middle = display.middle(body.get("bid"), body.get("ask")) if listed.is_middle else None
    return body.get("last") if middle is None else f"{middle:f}"


def embedded(lines: Iterable[Line], held: Mapping[str, Contract] = NO_CONTRACTS) -> list[dict[str, Any]]:
    """What the page's scripts start from, as JSON. ``held``: what is known of contracts, by name."""
    return [
        {
            "symbol": each.listed.symbol,
            "slug": each.listed.slug,
            "venue": each.listed.venue,
            "venueTitle": each.listed.venue_title,
            "kind": each.listed.kind,
            "base": each.listed.base,
            "quote": each.listed.quote,
            "asset": each.listed.asset,
            "quoteAsset": each.listed.quote_asset,
            "names": list(each.listed.names),
            "priceDecimals": each.listed.price_decimals,
            "qtyDecimals": each.listed.qty_decimals,
            "bookDepth": each.listed.book_depth,
            "without": each.listed.without,
            "untold": each.listed.untold,
            "zone": zone_of(each.listed.venue),
            "ageUs": each.age_us,
            "followed": each.followed,
            "value": _value(each),
            **({"phase": each.phase._asdict()} if each.phase.name else {}),
            **(_contract(each, held.get(each.listed.symbol)) if each.listed.channels else {}),
        }
        for each in lines
    ]


def _contract(of: Line, held: Contract | None) -> dict[str, Any]:
    """What only contracts have: the page of anything else carries nothing of it."""
    listed = of.listed
    terms = {
        "channels": list(listed.channels),
        "words": held.words if held else contracts.words(listed),
        "size": listed.contract_size,
        "inverse": listed.inverse,
        "counted": listed.counts_contracts,
        "short": of.shown["short"],
        "expiryUs": listed.expiry_us,
        "continuous": funds_continuously(listed.venue),
        "sampled": samples_liquidations(listed.venue),
    }
    if listed.strike:
        terms |= {
            "strike": listed.strike,
            "right": listed.right,
            "inCoin": listed.in_coin,
            "chain": listed.chain_path,
        }
    rows = held.rows if held else {}
    beside = {channel: _row(row) for channel, row in rows.items()}
    return {"contract": terms, "beside": beside}


def _row(row: Row) -> dict[str, Any]:
    return {"value": {**row.body, "state": row.state, "reason": row.reason}, "ageUs": row.age_us}


def _value(each: Line) -> dict[str, Any] | None:
    """Without values there is a state to show only where no value will come."""
    stands = {"state": each.state, "reason": each.reason}
    return {**each.body, **stands} if each.body or not each.followed else None


def by_turnover(lines: Iterable[Line]) -> list[Line]:
    """Largest first, in one currency as far as the list itself has its rates; the unknown last, by name."""
    found = list(lines)
    rates = dollars(found)

    def key(each: Line) -> tuple[Decimal, str]:
        amount = contracts.turnover(each.listed, each.body)
        return (-(amount or Decimal(0)) * rates.get(each.listed.quote, Decimal(1)), each.listed.symbol)

    return sorted(found, key=key)


def dollars(lines: Iterable[Line]) -> dict[str, Decimal]:
    """How many dollars a quote currency is, read from the lines. For order only, never shown."""
    rates = dict.fromkeys(_NUMERAIRE, Decimal(1))
    for each in lines:
        last = display.decimal(price_of(each.listed, each.body))
        base, quote = each.listed.base, each.listed.quote
        if last and quote in _NUMERAIRE:
            rates.setdefault(base, last)
        elif last and base in _NUMERAIRE:
            rates.setdefault(quote, 1 / last)
    return rates
