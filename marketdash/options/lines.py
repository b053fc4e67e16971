"""A chain as people read it on the first paint; ``core/chain.js`` writes the same after it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.instruments import display
from marketdash.instruments.catalogue import Listed
from marketdash.numerals import ENGLISH, Style
from marketdash.options.chains import Expiry, Strike, nearest
from marketdash.options.estimates import FIGURES, VOLATILITIES, Estimate, estimate, number
from marketdash.publish import Row

NOTHING = Row("syncing", "no data yet", 0, {})
Rows = Mapping[str, Row]
"""By the option's name."""

HEADS = {
    "state": ("State", "Where it is not live"),
    "interest": ("OI", "Open interest: options that are held, each once"),
    "volume": ("Vol", "Traded in 24 hours"),
    "rho": ("ρ", "Rho: what it gains for each percentage point of the interest rate"),
    "theta": ("θ", "Theta: what it gains in a day by time alone, or in what is left of its last one"),
    "vega": ("ν", "Vega: what it gains for each point of volatility"),
    "gamma": ("Γ", "Gamma: how much delta grows for each 1 of the underlying"),
    "delta": ("Δ", "Delta: what it gains for each 1 of the underlying"),
    "mark": ("Mark", "At what the venue values it"),
    "mark_iv": ("IV", "Volatility that the mark implies, in per cent a year"),
    "bid_iv": ("IV bid", "Volatility that the bid implies, in per cent a year"),
    "bid_qty": ("Size", "For how many somebody bids"),
    "bid": ("Bid", "What somebody would pay"),
    "ask": ("Ask", "For what somebody would sell"),
    "ask_qty": ("Size", "How many somebody offers"),
    "ask_iv": ("IV ask", "Volatility that the ask implies, in per cent a year"),
}
"""Cell → (head, what it is). In the order of the calls, from the left."""
_QUOTED = ("bid_iv", "bid_qty", "bid", "ask", "ask_qty", "ask_iv")
CALL_CELLS = tuple(HEADS)
PUT_CELLS = (*_QUOTED, *(name for name in reversed(CALL_CELLS) if name not in _QUOTED))
"""As in a mirror, but for bid and ask: the bid is on the left of the ask everywhere."""


class Side(NamedTuple):
    """One option. ``shown`` and ``titles`` by cell; ``titles`` say why there is none, or have all digits."""

    listed: Listed
    row: Row
    shown: Mapping[str, str]
    titles: Mapping[str, str]

    @property
    def state_words(self) -> str:
        return "" if self.row.state == "live" else self.row.standing.state.capitalize()

    @property
    def name(self) -> str:
        """``Call 80000, 26 Dec 2026``."""
        return self.listed.kind_in()


class Line(NamedTuple):
    """One strike. ``inside``: which of the two is in the money, nothing while nobody knows."""

    price: str
    shown: str
    call: Side | None
    put: Side | None
    inside: str = ""
    at_money: bool = False


class Scale(NamedTuple):
    """How figures are written: ``magnitude`` as of :class:`marketdash.options.chains.Chain`."""

    magnitude: int
    show: str = "venue"
    style: Style = ENGLISH

    def decimals(self, name: str) -> int:
        """The same down a column, whatever the option."""
        if name in VOLATILITIES:
            return 2 if self.show == "difference" else 1
        if name == "delta":
            return 3
        if name == "gamma":  # venues tell it to few digits, and a difference below those is none
            return min(8, max(1, self.magnitude + (1 if self.show == "difference" else 2)))
        return min(8, max(1, 6 - self.magnitude))


def lines(expiry: Expiry, rows: Rows, scale: Scale) -> list[Line]:
    """The strikes of one expiry; ``rows`` by name, of those that are known."""
    forward = forward_of(rows[each.symbol] for each in expiry.options if each.symbol in rows)
    middle = nearest((each.price for each in expiry.strikes), forward)
    return [_line(each, rows, scale, forward, middle) for each in expiry.strikes]


def forward_of(rows: Iterable[Row]) -> Decimal | None:
    """What the options of one expiry are priced off, by the newest row that says it."""
    told = [
        (row.body.get("ts_exchange", 0), price)
        for row in rows
        if (price := display.decimal(row.body.get("underlying_price")))
    ]
    return max(told)[1] if told else None


def _line(strike: Strike, rows: Rows, scale: Scale, forward: Decimal | None, middle: str | None) -> Line:
    inside = "" if forward is None else "call" if Decimal(strike.price) < forward else "put"
    call, put = (
        side and shown_side(side, rows.get(side.symbol, NOTHING), scale) for side in (strike.call, strike.put)
    )
    price = display.price(strike.price, 0, scale.style)
    return Line(strike.price, price, call, put, inside, strike.price == middle)


def shown_side(listed: Listed, row: Row, scale: Scale) -> Side:
    if listed.status == "delisted" and not row.body:
        row = Row("delisted", listed.gone, 0, {})
    body, style = row.body, scale.style
    ours = estimate(listed, body) if scale.show != "venue" else Estimate({}, {})
    decimals = listed.price_decimals
    figures = {name: _figure(name, body, ours, scale) for name in FIGURES}
    shown = {
        **{name: display.price(body.get(name), decimals, style) for name in ("bid", "ask")},
        "mark": mark_text(body.get("mark"), decimals, style),
        **{name: display.compact(display.decimal(body.get(name)), style) for name in ("bid_qty", "ask_qty")},
        "volume": display.compact(display.decimal(body.get("volume")), style),
        "interest": display.compact(display.decimal(body.get("open_interest")), style),
        **figures,
    }
    told = {name: str(body[name]) for name in ("mark", *FIGURES) if name in body and scale.show == "venue"}
    return Side(listed, row, shown, {**told, **ours.reasons})


def mark_text(text: object, decimals: int, style: Style) -> str:
    """Venues work marks out to more digits than orders have: one more is shown, all stand in the title."""
    price = display.decimal(text)
    return display.ABSENT if price is None else display.fixed(price, decimals + 1, style)


def _figure(name: str, body: Mapping[str, Any], ours: Estimate, scale: Scale) -> str:
    theirs = told(name, body)
    if scale.show == "venue":
        return display.fixed(theirs, scale.decimals(name), scale.style)
    mine = ours.numbers.get(name)
    if mine is None:
        return display.ABSENT
    if scale.show == "ours":
        return display.fixed(Decimal(mine), scale.decimals(name), scale.style)
    if theirs is None:
        return display.ABSENT
    return display.signed(Decimal(mine - number(body[name])), scale.decimals(name), scale.style)


def told(name: str, body: Mapping[str, Any]) -> Decimal | None:
    """What the venue says; a volatility of 0 is what venues say where there is no such price."""
    found = display.decimal(body.get(name))
    return None if name in VOLATILITIES and found is not None and not found else found
