"""Whether all trades came, where ids go up by one: they jump, or a venue says which is its newest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from feeds.events import Trade

# The tape forgets what is older: of more at once nothing can be said.
_MOST = 1000


class Tally:
    """Of one instrument. What the venue names has until it names the next one to come: the two may be sent
    apart."""

    __slots__ = ("_settled", "_told", "_newest")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count from what is named next: what came before is another matter."""
        self._told = self._settled = self._newest = 0

    def jumped(self, number: int) -> int:
        """How many trades a new one's number jumps over; none where it is the first, or late."""
        before, self._newest = self._newest, max(self._newest, number)
        return max(0, number - before - 1) if before else 0

    def missed(self, told: int, tape: Sequence[Trade]) -> int:
        """How many trades up to the one that was named the last time are not on ``tape``, newest last."""
        due, self._told = self._told, told
        settled, self._settled = self._settled, max(self._settled, due)
        if not settled or not settled < due <= settled + _MOST:
            return 0
        return due - settled - sum(number <= due for number in _after(settled, tape))


def _after(number: int, tape: Sequence[Trade]) -> Iterator[int]:
    for trade in reversed(tape):
        if not trade.trade_id.isdecimal() or int(trade.trade_id) <= number:
            return
        yield int(trade.trade_id)
