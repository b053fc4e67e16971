"""What events of contracts do to a venue's markets: between :mod:`feeds.linked` and :mod:`feeds.state`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from feeds.derived import Derived, Row
from feeds.events import Funding, Liquidation, Mark, OpenInterest, OptionQuote
from feeds.frames import LIVE
from feeds.linked import Linked
from feeds.market import Market, is_proper
from feeds.symbols import FUNDING, LIQUIDATION, MARK, OPTION

_put_option_mark = partial(Derived.put_mark, zero=True)
_QUOTED = ("bid", "bid_qty", "ask", "ask_qty", "last", "volume")


class Contracts(Linked):
    """Mark prices and funding are last values; liquidations are a short list, as trades are."""

    def _on_mark(self, event: Mark, link: str) -> None:
        market = self._markets.get(event.instrument)
        of_option = market is not None and OPTION in market.topics.by_channel
        self._value(event, MARK, _put_option_mark if of_option else Derived.put_mark)

    def _on_funding(self, event: Funding, link: str) -> None:
        self._value(event, FUNDING, Derived.put_funding)

    def _on_option(self, event: OptionQuote, link: str) -> None:
        self._value(event, OPTION, Derived.put_option)

    def _value(self, event: Any, channel: str, put: Callable[[Derived, Any, Counter[str]], bool]) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._stray(channel)
        elif put(market.derived, event, self.counters):
            self._proven(market, channel)
            self._emit(event)
        else:
            self._count("duplicates")

    def _on_interest(self, event: OpenInterest, link: str) -> None:
        """It proves no link: it may have come by REST."""
        market = self._of(event.instrument)
        if market is not None and market.derived.put_interest(event, self.counters):
            self._emit(event)

    def _on_liquidation(self, event: Liquidation, link: str) -> None:
        market = self._of(event.instrument)
        if market is None:
            return
        if not is_proper(event.price or event.average, event.qty):
            self._count("refused")
        elif market.derived.put_liquidation(event):
            self._proven(market, LIQUIDATION)
            self._emit(event)
        else:
            self._count("duplicates")

    def _of(self, instrument: str) -> Market | None:
        market = self._markets.get(instrument)
        if market is None:
            self._count("unknown:instrument")
        return market

    def _proven(self, market: Market, channel: str) -> None:
        topic = market.topics.by_channel.get(channel)
        if topic is not None and topic.base != LIVE:
            self._set(market, (channel,), LIVE, "")

    # read

    def mark(self, instrument: str) -> Row:
        """Row fields that are known: prices and open interest as text, ``ts_…`` in microseconds."""
        market = self._markets.get(instrument)
        return {} if market is None else market.derived.mark_row()

    def funding(self, instrument: str) -> Row:
        """Row fields that are known: rates as text, ``next``, ``interval`` and ``ts_…`` in microseconds."""
        market = self._markets.get(instrument)
        return {} if market is None else market.derived.funding_row()

    def option(self, instrument: str) -> Row:
        """A line of a chain: of prices, mark, open interest, volatilities in per cent and greeks what is
        known, as text; ``ts_…`` in microseconds is when the volatilities were told."""
        market = self._markets.get(instrument)
        if market is None:
            return {}
        ticker = market.ticker(self.counters)
        row: Row = {name: ticker[name] for name in _QUOTED if name in ticker}
        return row | market.derived.option_row()

    def liquidations(self, instrument: str) -> Sequence[Liquidation]:
        """Newest last; to be read and not kept."""
        market = self._markets.get(instrument)
        return () if market is None else market.derived.liquidations
