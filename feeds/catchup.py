"""What an account's stream does not say, asked by REST: what the key may do, and fills that were missed.

Each request is signed when its turn has come, one after the other, because some venues refuse a nonce that is
not above the last one's.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from feeds.clock import Clock
from feeds.codec import RestRequest
from feeds.intake import Intake
from feeds.private import Ask, Credentials, Denied, FillsPage, Permissions, PrivateCodec, Query
from feeds.rest import Banned, Refused, Rest

_NS = 1_000_000_000
# Of one catching up. Kraken gives 50 fills a page: more than anybody has made.
_MOST_PAGES = 20_000
# So often a fill is looked for that the stream told of, later and later: some minutes, all in all.
_MOST_TRIES = 12

Answer = TypeVar("Answer")


class Inquiry:
    """One account's questions; ``intake`` is told what the answers say."""

    def __init__(
        self,
        codec: PrivateCodec,
        credentials: Credentials,
        rest: Rest,
        clock: Clock,
        intake: Intake,
        names_s: float,
    ) -> None:
        self._codec, self._credentials, self._rest = codec, credentials, rest
        self._clock, self._intake, self._names_s = clock, intake, names_s
        self._nonce = self._names_ns = 0
        self._turn = asyncio.Lock()
        self._tries: Counter[Query] = Counter()

    def nonce(self) -> int:
        """Microseconds since 1970, or one more than the last: it grows over restarts as well."""
        self._nonce = max(self._nonce + 1, self._clock.wall_ns() // 1000)
        return self._nonce

    async def _ask(self, query: Query, read: Callable[..., Answer], *arguments: object) -> Answer:
        """What the answer says. Raises :class:`Denied` for a refusal, ``RestError`` where none came."""
        async with self._turn:
            body = await self._answered(self._rest.ask(query.weight, lambda: self._signed(query)))
        return self._read(body, read, *arguments)

    async def _answered(self, asked: Awaitable[bytes]) -> bytes:
        try:
            return await asked
        except Banned as error:
            raise Denied(f"the venue limits us for {error.wait_s:.0f} s", wait_s=error.wait_s) from None
        except Refused as error:
            raise self._codec.denied(error.status, error.body) from None

    def _signed(self, query: Query) -> RestRequest:
        return self._codec.sign(query, self._credentials, self._clock.wall_ns(), self.nonce())

    def _read(self, body: bytes, read: Callable[..., Answer], *arguments: object) -> Answer:
        """An answer that says "wait" is heard by all who ask this venue."""
        try:
            return read(*arguments, body)
        except Denied as problem:
            if problem.wait_s:
                self._rest.hold(problem.wait_s, problem.words)
            raise

    async def permissions(self) -> Permissions:
        return await self._ask(self._codec.permissions_query(), self._codec.decode_permissions)

    async def token(self) -> str:
        if not self._codec.asks_token:
            return ""
        return await self._ask(self._codec.token_query(), self._codec.decode_token)

    async def read_names(self) -> bool:
        """Read the venue's list of markets, unless that was done a minute ago; whether it was read now."""
        request, now_ns = self._codec.names_query(), self._clock.mono_ns()
        if request is None or (self._names_ns and now_ns - self._names_ns < self._names_s * _NS):
            return False
        self._intake.names = self._codec.decode_names(await self._answered(self._rest.get(request)))
        self._names_ns = now_ns
        return True

    async def orders(self, symbols: Iterable[str]) -> None:
        """Tell of all open orders."""

        def read(body: bytes) -> None:
            received_ns, names = self._clock.wall_ns(), self._intake.names
            for update in self._codec.decode_orders(query, body, received_ns, names):
                self._intake.order(update)

        for query in self._codec.orders_queries(sorted(symbols)):
            await self._ask(query, read)

    async def fills(self, queries: Iterable[Query], from_us: int) -> list[str]:
        """Tell of what the queries and their next pages bring; symbols that are no market of the venue.

        What was filled before ``from_us`` is left out: a venue that counts in seconds brings a few of them.
        """
        left, unknown, pages = deque(queries), [], 0
        while left:
            pages += 1
            if pages > _MOST_PAGES:
                raise Denied(f"more than {_MOST_PAGES} pages of fills")
            page = await self._page(left.popleft(), from_us)
            unknown += page.unknown
            if page.more is not None:
                left.appendleft(page.more)
        return unknown

    async def answer(self, ask: Ask) -> bool:
        """Tell of the fills of an order; whether they add up, or were looked for long enough."""
        left, found = [ask.query], Decimal(0)
        while left:
            page = await self._page(left.pop())
            found += sum(Decimal(fill.qty) for fill in page.fills)
            left += [page.more] if page.more is not None else []
        self._tries[ask.query] += 1
        late = found < Decimal(ask.filled_qty or 0)
        if late and self._tries[ask.query] < _MOST_TRIES:
            return False
        del self._tries[ask.query]
        if late:
            self._intake.counters["fills not found"] += 1
        return True

    async def _page(self, query: Query, from_us: int = 0) -> FillsPage:
        def read(body: bytes) -> FillsPage:
            return self._codec.decode_fills(query, body, self._clock.wall_ns(), self._intake.names)

        page = await self._ask(query, read)
        if page.unknown and await self.read_names():
            page = await self._ask(query, read)
        self._intake.counters["fills by REST"] += len(page.fills)
        for fill in page.fills:
            if fill.exchange_us >= from_us:
                self._intake.fill(fill)
        return page
