"""Deribit in public, JSON-RPC 2.0: https://docs.deribit.com

What it allows is counted in credits of an address: a subscription takes 3,000 of 30,000, of which 10,000 a
second come back, any other request 500 of 50,000 (https://docs.deribit.com/articles/rate-limits).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics, Standstills
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Heartbeat, Reply, Unknown
from feeds.spread import spread
from feeds.symbols import BOOK, CHANNELS, DERIVATIVES, FUNDING, LIQUIDATION, MARK, OPTION, TICKER, TRADE
from feeds.venues.deribit import candles, instruments, shapes
from feeds.venues.deribit.channels import VENUE, brought, wire_name
from feeds.venues.deribit.messages import READERS

_PATH = "/ws/api/v2"
# 32 connections an address, those of REST included; a few links carry thousands of instruments.
_CHANNELS_A_LINK = 1000
# A number that the roster never gives to a request: what we say of our own accord.
_OURS = 0
_HEARTBEAT_S = 10
# Contracts that are listed or settled, and maintenance, are told to whoever asks.
_NEWS = ["platform_state", *(f"instrument.state.{kind}.any" for kind in ("future", "option", "spot"))]
_START = b'{"jsonrpc":"2.0","method":"subscription","params":{"channel":"'


class DeribitCodec(Basics):
    """Pure but for a memory of which books are closed, since a ticker says each time how its book is."""

    venue, title = VENUE, "Deribit"
    ws_url, rest_url = "wss://www.deribit.com", "https://www.deribit.com"
    channels = (*CHANNELS, *DERIVATIVES)
    limits = Limits(
        messages_per_s=3,  # of 3.3 subscriptions
        messages_shared=True,
        topics_per_request=100,  # a request of some kilobytes more is "too large"
        connects=16,
        connects_window_s=60,
        idle_s=15,
        data_idle_s=14,  # a heartbeat comes each 10 s where nothing else does
        rest_weight=10,  # of 20
        rest_window_s=1,
    )
    whole_figures = funds_continuously = True
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    candles_page, candles_kept = candles.PAGE, 0
    marks = {
        **dict.fromkeys((MARK, FUNDING, OPTION), (b'"ticker.',)),
        TICKER: (b'"ticker.', b'"quote.', b'"deribit_'),
        **dict.fromkeys((TRADE, LIQUIDATION), (b'"trades.',)),
        BOOK: (b'"book.',),
    }

    def __init__(self) -> None:
        self._standstills = Standstills()

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """An instrument's channels share a link; one more moves others only when a link splits."""
        wanted: dict[str, list[Subscription]] = {}
        for item in subscriptions:
            wanted.setdefault(item.instrument, []).append(item)
        loads = {name: len(set(map(wire_name, items))) for name, items in wanted.items()}
        groups = spread(loads, _CHANNELS_A_LINK)
        return [
            LinkPlan(f"public.{at}", _PATH, tuple(item for name in names for item in wanted[name]))
            for at, names in groups.items()
        ]

    def stream(self, subscription: Subscription) -> str:
        """A ticker brings mark, funding and greeks too, trades bring bars and liquidations."""
        return "" if subscription.channel == BOOK else wire_name(subscription)

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("public/subscribe", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("public/unsubscribe", subscriptions, req_id)

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        size = self.limits.topics_per_request
        groups = [subscriptions[at : at + size] for at in range(0, len(subscriptions), size)]
        return [self._request(method, group, number) for number, group in enumerate(groups, req_id)]

    def _request(self, method: str, group: Sequence[Subscription], number: int) -> Request:
        names = list(dict.fromkeys(map(wire_name, group)))
        return Request(_call(method, number, channels=names), number, tuple(group))

    def greeting(self) -> tuple[str, ...]:
        """From then on the venue asks for a sign of life, and says what happens to contracts."""
        return (
            _call("public/set_heartbeat", _OURS, interval=_HEARTBEAT_S),
            _call("public/subscribe", _OURS, channels=_NEWS),
        )

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            if frame.startswith(_START):
                name = frame[len(_START) : frame.index(b'"', len(_START))].decode()
                return self._data(name, frame, received_ns)
            return self._other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _data(self, channel: str, frame: bytes, received_ns: int) -> list[Event]:
        kind = channel.partition(".")[0]
        reader = READERS.get(kind)
        if reader is None:
            return [Unknown(f"channel {kind:.40}")]
        events = reader(frame, channel, received_ns)
        return self._standstills.ended(events, received_ns) if kind == "ticker" else events

    def _other(self, frame: bytes, received_ns: int) -> list[Event]:
        found = shapes.head(frame)
        if found.method == "subscription" and found.params is not None:
            return self._data(found.params.channel, frame, received_ns)
        if found.method == "heartbeat":
            alive = Heartbeat(VENUE, 0, received_ns)
            asked = found.params is not None and found.params.type == "test_request"
            return [Reply(_call("public/test", _OURS)), alive] if asked else [alive]
        if found.error is not None:
            return [_refusal(found)]
        if found.result is not msgspec.UNSET:
            return [_answer(found, received_ns)]
        return [Unknown(f"method {found.method:.40}" if found.method else "message")]

    # by REST

    instruments_request = staticmethod(instruments.instruments_request)
    more_instruments = staticmethod(instruments.more_instruments)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode_instruments(body)

    candles_request = staticmethod(candles.candles_request)
    decode_candles = staticmethod(candles.decode_candles)


def _call(method: str, number: int, **params: object) -> str:
    body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return msgspec.json.encode(body).decode()


def _answer(found: shapes.Head, received_ns: int) -> Event:
    """Of a subscription the list of the channels that the venue agreed to; of all else a sign of life."""
    if not isinstance(found.result, list):
        return Heartbeat(VENUE, found.usOut, received_ns)
    names = [name for name in found.result if isinstance(name, str)]
    agreed = frozenset(pair for name in names for pair in brought(name))
    return Ack(True, "", "", "", _number(found), agreed=agreed)


def _number(found: shapes.Head) -> int:
    return found.id if type(found.id) is int and 0 <= found.id < 2**63 else _OURS


def _refusal(found: shapes.Head) -> Event:
    """``{"error":{"code":10028,"message":"too_many_requests"},"id":7}``; more words may be in ``data``."""
    error = found.error
    reason = error.data.get("reason", "") if isinstance(error.data, dict) else ""
    words = f"{error.message:.90}".replace("_", " ") or "refused without a reason"
    words = f"{words}: {reason!s:.90} ({error.code})" if reason else f"{words} ({error.code})"
    if type(found.id) is int and found.id == _OURS:
        return Unknown(f"refused {words:.40}")
    return Ack(False, words[:200], "", "", _number(found))
