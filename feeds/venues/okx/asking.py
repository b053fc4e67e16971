"""What OKX is asked for, over which links, and what it says to that.

https://www.okx.com/docs-v5/en/#overview-websocket-subscribe: one acknowledgement for each stream that is
asked for, with the number of the request; a refusal says in words which stream it is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from feeds.codec import Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Reconnect, Unknown
from feeds.spread import spread
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, OPTION, TICKER, TRADE, instrument_name
from feeds.venues.okx.naming import VENUE, family_of, index_of, type_of
from feeds.venues.okx.shapes import Head

PATH = "/ws/v5/public"
LIMITS = Limits(
    messages_per_s=3,
    topics_per_request=100,
    connects=1,  # 3 in a second are allowed
    connects_window_s=0.5,
    asks=450,  # of 480 requests an hour on a link
    asks_window_s=3600,
    idle_s=15,
    data_idle_s=14,  # of the 15 after which nothing may look live
    rest_weight=40,  # books and candles in 2 s; of what is allowed half as often one is two
    rest_window_s=2,
)
_CHANNELS = {
    TICKER: "tickers", TRADE: "trades", OHLC: "trades", BOOK: "books", MARK: "mark-price",
    FUNDING: "funding-rate", LIQUIDATION: "liquidation-orders", OPTION: "opt-summary",
}  # fmt: skip
_OURS = {
    "tickers": (TICKER,), "trades": (TRADE, OHLC), "books": (BOOK,), "mark-price": (MARK,),
    "funding-rate": (FUNDING,),
}  # fmt: skip
_SHARED = frozenset((LIQUIDATION, OPTION))
# Asked for along with what needs it: prices of the index with marks, halts and deliveries with prices.
_OF_MANY = frozenset(("index-tickers", "instruments"))
_BESIDE = _OF_MANY | {"open-interest", "price-limit", "status"}
"""What is asked for beside what was wanted: nobody waits for the answer."""
# Beyond 30 books on a link the venue itself advises another one.
_BOOKS_A_LINK, _STREAMS_A_LINK = 29, 600
# 64 KB are allowed.
_REQUEST_BYTES = 15_000
_DOES_NOT_EXIST = re.compile(r"channel:([\w-]+),instId:(\S+) doesn't exist").search
_UPGRADE = "64008"

Arg = dict[str, str]


_PULSE: list[Arg] = [{"channel": "price-limit", "instId": "BTC-USDT-SWAP"}, {"channel": "status"}]
GREETING = msgspec.json.encode({"op": "subscribe", "args": _PULSE}).decode()
"""The limits of the busiest contract move with its index: they are the pulse of a link, because whatever else
it carries may be quiet. Maintenance is told to whoever asks."""


def links(subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
    """Books by themselves, few on a link; what comes of whole types and families on one link, once."""
    wanted: dict[str, dict[str, list[Subscription]]] = {}
    for item in subscriptions:
        stem = "books" if item.channel == BOOK else "shared" if item.channel in _SHARED else "public"
        wanted.setdefault(stem, {}).setdefault(item.instrument, []).append(item)
    plans = []
    for stem, by_name in sorted(wanted.items()):
        for number, names in _spread(stem, by_name).items():
            carried = tuple(item for name in names for item in by_name[name])
            plans.append(LinkPlan(f"{stem}.{number}", PATH, carried))
    return plans


def _spread(stem: str, by_name: dict[str, list[Subscription]]) -> dict[int, list[str]]:
    if stem == "shared":
        return {0: list(by_name)}
    if stem == "books":
        return spread(dict.fromkeys(by_name, 1), _BOOKS_A_LINK)
    loads = {name: sum(len(_args(item)) for item in items) for name, items in by_name.items()}
    return spread(loads, _STREAMS_A_LINK)


def stream(subscription: Subscription) -> str:
    """Bars are made of trades; liquidations come by type, what options are worth by family."""
    if subscription.channel in (TRADE, OHLC):
        return f"trades:{subscription.native}"
    if subscription.channel == LIQUIDATION:
        return f"liquidation-orders:{type_of(subscription.native)}"
    return f"opt-summary:{family_of(subscription.native)}" if subscription.channel == OPTION else ""


def _args(item: Subscription) -> list[Arg]:
    channel, native = _CHANNELS[item.channel], item.native
    if item.channel == LIQUIDATION:
        return [{"channel": channel, "instType": type_of(native)}]
    if item.channel == OPTION:
        return [{"channel": channel, "instFamily": family_of(native)}]
    args = [{"channel": channel, "instId": native}]
    if item.channel == TICKER:
        args.append({"channel": "instruments", "instType": type_of(native)})
    if item.channel == MARK:
        args.append({"channel": "open-interest", "instId": native})
        args.append({"channel": "index-tickers", "instId": index_of(native)})
    return args


def requests(op: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
    """What is of many is never left: others need it, and there are few of it."""
    for number, group in enumerate(_groups(subscriptions), req_id):
        args = [arg for item in group for arg in _args(item)]
        if op == "unsubscribe":
            args = [arg for arg in args if arg["channel"] not in _OF_MANY]
        unique = list({tuple(arg.items()): arg for arg in args}.values())
        body = {"id": str(number), "op": op, "args": unique}
        yield Request(msgspec.json.encode(body).decode(), number, tuple(group))


def _groups(subscriptions: Sequence[Subscription]) -> Iterator[list[Subscription]]:
    """As many as a request may hold; what is shared by itself, for its answer names none of ours."""
    shared: dict[str, list[Subscription]] = {}
    group: list[Subscription] = []
    size = 0
    for item in subscriptions:
        if item.channel in _SHARED:
            shared.setdefault(stream(item), []).append(item)
            continue
        needs = sum(len(value.encode()) + 14 for arg in _args(item) for value in arg.values())
        if group and (size + needs > _REQUEST_BYTES or len(group) == LIMITS.topics_per_request):
            yield group
            group, size = [], 0
        group.append(item)
        size += needs
    if group:
        yield group
    yield from shared.values()


# what the venue says


def answers(head: Head) -> list[Event]:
    """``{"id":"7","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a4d3ae55"}``"""
    number = int(head.id) if head.id.isascii() and head.id.isdecimal() and len(head.id) < 16 else 0
    if head.event == "error":
        return _refusals(head, number)
    if head.event == "notice":
        return [Reconnect(head.msg[:200])] if head.code == _UPGRADE else [Unknown(f"notice {head.code:.20}")]
    if head.event not in ("subscribe", "unsubscribe") or head.arg is None:
        return [Unknown(f"event {head.event:.40}")]
    subscribed, arg = head.event == "subscribe", head.arg
    if arg.channel in _OURS and arg.instId:
        name = instrument_name(VENUE, arg.instId)
        return [Ack(True, "", ours, name, 0, subscribed) for ours in _OURS[arg.channel]]
    if arg.channel in ("liquidation-orders", "opt-summary"):
        shared = f"{arg.channel}:{arg.instType or arg.instFamily}"
        return [Ack(True, "", "", "", 0, subscribed, stream=shared)]
    return [] if arg.channel in _BESIDE else [Unknown(f"{head.event} {arg.channel:.30}")]


def _refusals(head: Head, number: int) -> list[Event]:
    words = f"{head.code} {head.msg}".strip()[:200] or "refused without a reason"
    if found := _DOES_NOT_EXIST(head.msg):
        if found[1] not in _OURS:
            return [Unknown(f"no {found[1]:.30}")]
        name = instrument_name(VENUE, found[2])
        return [Ack(False, words, ours, name, 0) for ours in _OURS[found[1]]]
    return [Ack(False, words, "", "", number)]
