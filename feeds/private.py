"""What a venue tells one account of its own: orders and fills; and what a private codec is.

Every price, quantity and fee is decimal text exactly as the venue wrote it, never a float.
``exchange_us`` is the venue's clock in integer microseconds since 1970 (0 where it says none);
``received_ns`` is our wall clock in integer nanoseconds when the frame or the answer was read.

Secrets are in :class:`Credentials` alone. Neither it nor what was signed with it shows them in a repr, so
that no log line, error or traceback can carry one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from msgspec import Struct

from feeds.codec import KeyAdvice, Limits, RestRequest
from feeds.credentials import Credentials as Credentials
from feeds.events import Ack, Heartbeat, LinkSequence, Reconnect, Reply, Unknown

STREAM, REST = "stream", "rest"
MAKER, TAKER = "maker", "taker"
NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, REJECTED = (
    "new", "partially_filled", "filled", "canceled", "expired", "rejected"
)  # fmt: skip
STATUSES = (NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, REJECTED)
OVER = frozenset({FILLED, CANCELED, EXPIRED, REJECTED})
"""Statuses after which an order changes no more."""


class Permissions(NamedTuple):
    """What the venue lets a key do. ``words`` is how the venue put it, fit to be shown."""

    may_read: bool
    may_trade: bool
    may_withdraw: bool
    words: str


class Fill(Struct, frozen=True, gc=False):
    """One execution of an order of the account's.

    ``trade_id`` is what the venue's own files call the trade. ``side`` is the account's, buy or sell.
    ``fees`` is ``(asset, amount)``, positive where it was paid. ``base``, ``quote`` and the assets of fees
    are codes as the venue writes them. ``liquidity`` is maker, taker, or ``""`` where it is not said.
    ``source`` is stream or rest: the same trade may come from both, with one ``trade_id``. ``cost`` is what
    of ``quote`` moved, in the venue's own digits; ``""`` where it does not say: then it is price × quantity.
    """

    instrument: str
    trade_id: str
    order_id: str
    side: str
    price: str
    qty: str
    fees: tuple[tuple[str, str], ...]
    base: str
    quote: str
    liquidity: str
    exchange_us: int
    received_ns: int
    source: str
    cost: str = ""


class OrderUpdate(Struct, frozen=True, gc=False):
    """An order as it is now. ``kind`` is market, limit, stop-loss …; ``status`` one of :data:`STATUSES`.

    ``price`` is ``""`` for an order without a limit. A codec leaves ``""`` in a field that its frame does
    not carry; :class:`feeds.account.AccountFeed` fills that in with what it knows of the order.
    """

    instrument: str
    order_id: str
    client_order_id: str
    side: str
    kind: str
    status: str
    price: str
    qty: str
    filled_qty: str
    exchange_us: int
    received_ns: int


CHECKING, CONNECTING, CATCHING_UP, LIVE, DOWN, REFUSED = (
    "checking", "connecting", "catching_up", "live", "down", "refused"
)  # fmt: skip


class AccountState(NamedTuple):
    """How it stands with the feed of one account, since when, and in words why.

    ``complete_us``: everything that the venue recorded until then was handed on before this state; 0 where
    that cannot be said yet. Kept, it is where the next feed of the account goes on.
    """

    name: str
    words: str
    since_ns: int
    complete_us: int = 0


class Since(NamedTuple):
    """From when fills are wanted: 0 means from when the feed was started, 1 all there ever were.

    ``symbols`` are native ones, of all markets that the account may have traded, for venues that cannot be
    asked for all at once.
    """

    fills_us: int = 0
    symbols: tuple[str, ...] = ()


class AccountSink(Protocol):
    """Who is told. Called on the loop and never awaited; the same fill may come twice."""

    def order(self, update: OrderUpdate) -> None: ...

    def fill(self, fill: Fill) -> None: ...

    def state(self, state: AccountState) -> None: ...


class Query(NamedTuple):
    """A request to a venue's private REST interface before it is signed: nothing in it is secret.

    ``about`` is for the codec that made it, to be read again with the answer.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    weight: int = 1
    about: str = ""


class Ask(NamedTuple):
    """The stream says that ``filled_qty`` of an order was filled by now, and only REST says how.

    To be asked at once, and again until the fills that come add up to it.
    """

    query: Query
    filled_qty: str


class Pair(NamedTuple):
    """A market by the venue's symbol, with the codes of what is traded and of what it is paid in."""

    native: str
    base: str
    quote: str


Names: TypeAlias = Mapping[str, Pair]
"""Every way in which the venue writes the symbol of a market → that market."""


class UnknownSymbol(LookupError):
    """A market that is not among the names that were handed in: they are to be read anew."""


class FillsPage(NamedTuple):
    """An answer with fills, and what to ask for the rest of them, None when that was all.

    ``unknown`` are symbols of fills that were left out because no market of that name was handed in.
    """

    fills: list[Fill]
    more: Query | None
    unknown: tuple[str, ...] = ()


class Denied(Exception):
    """The venue refuses, in ``words`` fit to be shown.

    ``final``: asking again with the same key will not change it. ``wait_s``: not before so many seconds.
    """

    def __init__(self, words: str, *, final: bool = False, wait_s: float = 0) -> None:
        super().__init__(words)
        self.words, self.final, self.wait_s = words, final, wait_s


class BadCredentials(Denied):
    """A key or secret that cannot be used at all. The words name what was expected, never what was found."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"the secret does not fit: expected {expected}", final=True)


PrivateEvent: TypeAlias = (
    Fill | OrderUpdate | Ask | Ack | Heartbeat | LinkSequence | Reconnect | Reply | Unknown
)


class PrivateCodec(Protocol):
    """One venue's private language. Pure: the time, a nonce and the credentials are arguments.

    ``asks_token``: the socket needs a token that REST gives (:meth:`token_query`). ``asks_symbols``: fills
    are asked for symbol by symbol. ``shared_limits``: requests are counted by address and not by key, so that
    all accounts of a process belong on one :class:`feeds.rest.Rest`. ``stream_orders``: open orders come with
    the subscription and need no query.

    Whatever a venue refuses is raised as :class:`Denied`, what makes no sense as ``DecodeError``, a symbol
    that is not among ``names`` as :class:`UnknownSymbol`.
    """

    venue: str
    title: str
    advice: KeyAdvice
    ws_url: str
    rest_url: str
    path: str
    limits: Limits
    asks_token: bool
    asks_symbols: bool
    shared_limits: bool
    stream_orders: bool

    def sign(self, query: Query, credentials: Credentials, now_ns: int, nonce: int) -> RestRequest:
        """``nonce`` grows from request to request of one key; ``now_ns`` is wall time."""

    def denied(self, status: int, body: bytes) -> Denied:
        """What an answer other than HTTP 200 says."""

    def names_query(self) -> RestRequest | None:
        """What lists the venue's markets, in public; None where a symbol itself says its two codes."""

    def decode_names(self, body: bytes) -> dict[str, Pair]: ...

    def permissions_query(self) -> Query: ...

    def decode_permissions(self, body: bytes) -> Permissions: ...

    def token_query(self) -> Query: ...

    def decode_token(self, body: bytes) -> str: ...

    def greetings(self, credentials: Credentials, token: str, now_ns: int, nonce: int) -> list[str]:
        """What to send on a new link, each when the one before was acknowledged by its ``req_id``, from 1."""

    def decode(self, frame: bytes, received_ns: int, names: Names) -> list[PrivateEvent]: ...

    def fills_queries(self, since_us: int, until_us: int, symbols: Sequence[str]) -> list[Query]:
        """All fills of the account from ``since_us`` on, of the named symbols where the venue needs them."""

    def decode_fills(self, query: Query, body: bytes, received_ns: int, names: Names) -> FillsPage: ...

    def orders_queries(self, symbols: Sequence[str]) -> list[Query]:
        """The account's open orders; empty with ``stream_orders``."""

    def decode_orders(
        self, query: Query, body: bytes, received_ns: int, names: Names
    ) -> list[OrderUpdate]: ...
