"""How many levels of books one person follows, or one address of visitors, by all sockets together. Pure.

Whoever follows a book has its best levels kept and compared at each flush, apart for each depth and pace: a
thousand levels cost a hundred times what ten cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from feeds.symbols import BOOK
from marketdash.live.client import Client

MAX_LEVELS = 200_000
"""Two hundred books of the greatest depth, or two thousand of 100 levels: no page follows more than some
twenty."""


class Levels:
    """``who`` is whose a socket is."""

    def __init__(self, who: Callable[[Client], Hashable]) -> None:
        self._who = who
        self._of_socket: dict[Client, int] = {}
        self._of: Counter[Hashable] = Counter()

    def take(self, client: Client, symbol: str, depth: int) -> bool:
        """Whether it may follow this book so deep. Then the levels are its own, before it does: its other
        sockets ask meanwhile."""
        before = client.topics.get((BOOK, 0, symbol))
        more = depth - (before.param if before else 0)
        if more > 0 and self._of.get(self._who(client), 0) + more > MAX_LEVELS:
            return False
        self._set(client, self._of_socket.get(client, 0) + more)
        return True

    def settle(self, client: Client) -> None:
        """It follows what it follows now."""
        followed = client.topics.items()
        self._set(client, sum(sub.param for (channel, _, _), sub in followed if channel == BOOK))

    def leave(self, client: Client) -> None:
        self._set(client, 0)

    def _set(self, client: Client, count: int) -> None:
        who = self._who(client)
        self._of[who] += count - self._of_socket.pop(client, 0)
        if count:
            self._of_socket[client] = count
        if not self._of[who]:
            del self._of[who]
