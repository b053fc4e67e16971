"""Faults by name, and the control door: plain GETs below ``/control/`` that do what the Python API does.

``/control/book|tops|trades|bars|instruments|stats``  what is true
``/control/pause|resume|step?n=``                the engine's time
``/control/paper/…``                             accounts: see :mod:`feeds.simulator.paper_control`
``/control/<fault>?venue=&symbol=&n=&…``         one of :data:`FAULTS`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feeds.simulator import paper_control
from feeds.simulator.exchange import Answer, Exchange, Trouble, as_json
from feeds.simulator.faults import BOOK, LINK_FAULTS, LinkFault
from feeds.simulator.link import Link
from feeds.simulator.market import Market

if TYPE_CHECKING:
    from feeds.simulator.server import Simulator

_DEEP = 100_000


@dataclass(slots=True)
class Order:
    """A fault that somebody asked for. ``symbol`` is native; ``market`` is there when one was named."""

    simulator: Simulator
    exchange: Exchange
    market: Market | None
    n: int
    seconds: float
    value: str
    options: Mapping[str, str]

    @property
    def links(self) -> list[Link]:
        return [link for link in self.exchange.links if link.open]

    @property
    def markets(self) -> list[Market]:
        return [self.market] if self.market else list(self.exchange.markets.values())

    @property
    def symbol(self) -> str:
        return self.market.listing.native if self.market else ""


def _on_links(kind: str) -> Callable[[Order], int]:
    def apply(order: Order) -> int:
        channel = order.options.get("channel", BOOK)
        part = order.options.get("part", "qty")
        for link in order.links:
            fault = LinkFault(kind, order.n, order.symbol, channel, order.value or "-1", part)
            link.faults.append(fault)
            if order.seconds:
                order.simulator.later(order.seconds, _end_fault, link, fault)
        return len(order.links)

    return apply


def _end_fault(link: Link, fault: LinkFault) -> None:
    if fault in link.faults:
        link.faults.remove(fault)


def _stall(order: Order) -> int:
    """Say nothing on the links there are; with ``value=all`` not on new ones either, until ``clear``."""
    order.exchange.trouble.stalled = order.value == "all"
    return _on_links("stall")(order)


def _each_link(act: Callable[[Link, Order], object]) -> Callable[[Order], int]:
    def apply(order: Order) -> int:
        links = order.links
        for link in links:
            act(link, order)
        return len(links)

    return apply


def _close(link: Link, order: Order) -> None:
    link.end(int(order.value or "1001"), "closed on request")


def _oversize(link: Link, order: Order) -> None:
    """Valid JSON that means nothing, ``n`` bytes of it (17 MiB unless said)."""
    size = order.n if order.n > 1 else 17 * 1024 * 1024
    link.send(b'{"padding":"' + b"x" * size + b'"}', channel="fault")


def _garbage(link: Link, order: Order) -> None:
    """A text frame that is no JSON; ``value=utf8`` no text either, ``value=deep`` too deep to parse."""
    frames = {"utf8": b"\xff\xfe{", "deep": b"[" * 100_000, "": b'{"channel": <html>502'}
    for _ in range(order.n):
        link.send(frames.get(order.value, order.value.encode()), channel="fault")


def _trouble(**changes: Callable[[Order], Any]) -> Callable[[Order], int]:
    def apply(order: Order) -> int:
        for name, make in changes.items():
            setattr(order.exchange.trouble, name, make(order))
        return len(order.links)

    return apply


def _bad_symbol(order: Order) -> int:
    """The venue no longer knows a symbol; with ``value=batch`` one unknown symbol fails its whole request."""
    order.exchange.trouble.fail_batch = order.value == "batch"
    if order.market:
        order.exchange.trouble.bad_symbols.add(order.symbol)
    return 1


def _set_status(order: Order, status: str) -> int:
    for market in order.markets:
        if market.status != "delisted":
            market.status = status
    order.simulator.engine.reweigh()
    if order.market:
        order.exchange.announce_market(order.market)
    return len(order.markets)


def _maintenance(order: Order) -> int:
    """The venue's own state (``value``: maintenance, cancel_only, post_only, online)."""
    status = order.value or "maintenance"
    done = _set_status(order, "trading" if status == "online" else "halted")
    order.exchange.announce(status)
    return done


def _shutdown(order: Order) -> int:
    """Announce the end of all links where the venue does that, and close them ``seconds`` later."""
    order.exchange.shut_down()
    for link in order.links:
        order.simulator.later(order.seconds, link.end, 1001, "server shutdown")
    return len(order.links)


def _snapshot_old(order: Order) -> int:
    for market in order.markets:
        for _ in range(order.n):
            order.exchange.remember(market)
    return len(order.markets)


def _burst(order: Order) -> int:
    """One instrument ``value`` times as busy (20), for ``seconds`` when given."""
    for market in order.markets:
        name = market.listing.name
        order.simulator.engine.burst(name, float(order.value or 20))
        if order.seconds:
            order.simulator.later(order.seconds, order.simulator.calm, name)
    return len(order.markets)


def _clear(order: Order) -> int:
    """End all faults of a venue; instruments that were delisted come back."""
    order.exchange.trouble = Trouble()
    for link in order.links:
        link.faults.clear()
    for market in order.exchange.markets.values():
        market.status = "trading"
        order.simulator.engine.burst(market.listing.name, 1.0)
    order.exchange.announce("online")
    return len(order.links)


FAULTS: dict[str, Callable[[Order], int]] = {
    **{kind: _on_links(kind) for kind in LINK_FAULTS},
    "stall": _stall,
    "half_close": _each_link(lambda link, order: link.half_close()),
    "reset": _each_link(lambda link, order: link.reset()),
    "close": _each_link(_close),
    "oversize": _each_link(_oversize),
    "garbage": _each_link(_garbage),
    "refuse": _trouble(
        refuse=lambda order: order.n,
        refuse_status=lambda order: int(order.value or "503"),
        retry_after_s=lambda order: int(order.seconds or 5),
    ),
    "rate_limit": _trouble(
        rate_limited=lambda order: order.n, retry_after_s=lambda order: int(order.seconds or 5)
    ),
    "partial_ack": _trouble(ignored_subscribes=lambda order: order.n),
    "lost_ack": _trouble(lost_acks=lambda order: order.n),
    "snapshot_delay": _trouble(delay_s=lambda order: order.seconds),
    "snapshot_old": _snapshot_old,
    "bad_symbol": _bad_symbol,
    "maintenance": _maintenance,
    "halt": lambda order: _set_status(order, "halted"),
    "delist": lambda order: _set_status(order, "delisted"),
    "shutdown": _shutdown,
    "bust": lambda order: sum(order.exchange.undo(each, corrected=False) for each in order.markets),
    "correct": lambda order: sum(order.exchange.undo(each, corrected=True) for each in order.markets),
    "burst": _burst,
    "clear": _clear,
}


def answer(simulator: Simulator, action: str, query: Mapping[str, str]) -> Answer:
    """The control door: JSON, 400 with the problem in words."""
    try:
        return Answer(200, as_json(_done(simulator, action, query)))
    except (ValueError, KeyError) as problem:
        return Answer(400, as_json({"error": str(problem)}))


def _done(simulator: Simulator, action: str, query: Mapping[str, str]) -> object:
    name = f"{query.get('venue', '').upper()}:{query.get('symbol', '')}"
    views: dict[str, Callable[[], object]] = {
        "book": lambda: simulator.book(name, int(query.get("depth", _DEEP)))._asdict(),
        "tops": lambda: simulator.tops(query["symbols"].split(","), int(query.get("since_ns", 0))),
        "trades": lambda: [trade._asdict() for trade in simulator.trades(name)],
        "bars": lambda: [bar._asdict() for bar in simulator.bars(name, int(query.get("interval", 1)))],
        "instruments": lambda: list(simulator.instruments),
        "stats": simulator.stats,
        "pause": simulator.pause,
        "resume": simulator.resume,
        "step": lambda: simulator.step(int(query.get("n", 1))),
        "rate": lambda: simulator.set_rate(float(query["value"])),
    }
    if action in views:
        return views[action]()
    if action.startswith("paper/"):
        return paper_control.done(simulator, action.removeprefix("paper/"), query)
    rest = {
        key: value for key, value in query.items() if key not in ("venue", "symbol", "n", "seconds", "value")
    }
    touched = simulator.fault(
        action, venue=query.get("venue", ""), symbol=query.get("symbol", ""), n=int(query.get("n", 1)),
        seconds=float(query.get("seconds", 0)), value=query.get("value", ""), **rest,
    )  # fmt: skip
    return {"fault": action, "touched": touched}


def exchanges_named(exchanges: Mapping[str, Exchange], venue: str) -> Iterable[Exchange]:
    """All of them when no venue is named; raises ``ValueError`` for a venue that is not simulated."""
    if not venue:
        return list(exchanges.values())
    if venue.upper() not in exchanges:
        raise ValueError(f"venue: expected one of {', '.join(exchanges)}, found {venue!r:.40}")
    return [exchanges[venue.upper()]]
