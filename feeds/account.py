"""The feed of one account's own orders and fills: proven harmless, connected, caught up, followed.

First the venue is asked what the key may do; one that may trade or withdraw is refused, and that is the end.
Then the socket is subscribed to, and only then REST is asked for what was missed, so that nothing falls in
between. What both bring is handed on twice: who keeps it knows a trade by its number.

After a loss, of the link or of a message, REST is asked from where all was known, less an overlap, and the
same every ten minutes, because a stream that says nothing looks like one that has nothing to say.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from feeds.accountlink import AccountLink
from feeds.backoff import Backoff, Repeats, Uniform
from feeds.catchup import Inquiry
from feeds.clock import Clock, SystemClock
from feeds.codec import DecodeError
from feeds.connection import serve
from feeds.intake import Intake
from feeds.private import (
    CATCHING_UP,
    CHECKING,
    CONNECTING,
    DOWN,
    LIVE,
    REFUSED,
    AccountSink,
    AccountState,
    Credentials,
    Denied,
    PrivateCodec,
    Since,
)
from feeds.ratelimit import RateWindow, Seldom
from feeds.rest import Rest, RestError
from feeds.shared import AccountTiming

logger = logging.getLogger(__name__)

_NS = 1_000_000_000


class AccountFeed:
    """``since`` is asked whenever REST is. ``rest``: one for all accounts of a venue, which share limits."""

    def __init__(
        self,
        codec: PrivateCodec,
        credentials: Credentials,
        urls: tuple[str, str],
        since: Callable[[], Since],
        sink: AccountSink,
        clock: Clock | None = None,
        *,
        timing: AccountTiming | None = None,
        uniform: Uniform = random.uniform,
        rest: Rest | None = None,
    ) -> None:
        self.codec, self.clock, self.timing = codec, clock or SystemClock(), timing or AccountTiming()
        self.account = f"{codec.venue} …{credentials.last}"
        self.counters: Counter[str] = Counter()
        self.state = AccountState(CHECKING, "", self.clock.wall_ns())
        self._credentials, self._since, self._uniform = credentials, since, uniform
        self._ws_url, self._own_rest = urls[0] or codec.ws_url, rest is None
        self._rest = rest or Rest(codec, self.clock, url=urls[1])
        self._intake = Intake(codec, sink, self.clock, self.counters, self.account)
        self._inquiry = Inquiry(codec, credentials, self._rest, self.clock, self._intake, self.timing.names_s)
        limits = codec.limits
        self._connects = RateWindow(limits.connects, limits.connects_window_s, self.clock)
        self._seldom = Seldom(60, self.clock)
        self._backoff, self._again = Backoff(uniform=uniform), Backoff(uniform=uniform)
        self._started_us = self.clock.wall_ns() // 1000
        self._complete_us = self._checked_ns = self._live_ns = self._denials = 0
        self._repeats, self._took_s = Repeats(cap_s=self.timing.again_s, uniform=uniform), 0.0
        self._note = ""

    # life

    async def run(self) -> AccountState:
        """Follow the account until cancelled, or until the venue refuses the key for good: that state."""
        try:
            while True:
                try:
                    await self._life()
                except Denied as problem:
                    if problem.final:
                        return self._say(REFUSED, problem.words)
                    await self._pause(problem.words, self._denied_s(problem.wait_s))
                except (RestError, DecodeError) as error:
                    await self._pause(self._words(error), self._backoff.next_s())
                except Exception as error:  # a fault of ours: it begins anew, and says so
                    self.counters["crashes"] += 1
                    logger.exception("%s: failed, started again", self.account)
                    await self._pause(f"internal error: {type(error).__name__}", self._backoff.next_s())
        finally:
            if self._own_rest:
                await self._rest.close()

    async def _life(self) -> None:
        """One connection, from the question what the key may do until it is lost and waited out."""
        self._say(CHECKING, "")
        if not self._checked_ns or self.clock.mono_ns() - self._checked_ns > self.timing.check_s * _NS:
            await self._check()
        if not self._intake.names:
            await self._inquiry.read_names()
        self._say(CONNECTING, "")
        token = await self._inquiry.token()
        await self._connects.wait()
        link = self._new_link(token)
        self._intake.begin(link)
        serving = asyncio.create_task(serve(link))
        try:
            await self._follow(link)
        finally:
            link.end("the feed was stopped")
            serving.cancel()
            await asyncio.wait([serving])
        if not serving.cancelled():
            serving.result()
        await self._lost(link)

    def _new_link(self, token: str) -> AccountLink:
        codec, clock = self.codec, self.clock

        def greet() -> list[str]:
            return codec.greetings(self._credentials, token, clock.wall_ns(), self._inquiry.nonce())

        age_s = codec.limits.max_link_age_s * self._uniform(0.90, 0.97)
        return AccountLink(codec, self._ws_url, clock, self.timing.link, greet, self._intake.frame, age_s)

    async def _check(self) -> None:
        """Raises :class:`Denied`, for good, unless the key may read and nothing else."""
        may = await self._inquiry.permissions()
        more = [word for word, has in (("trade", may.may_trade), ("withdraw", may.may_withdraw)) if has]
        if more:
            only = "only keys that may do nothing but read are accepted"
            words = f"this key may {' and '.join(more)}; {only}. {self.codec.title} says: {may.words}"
            raise Denied(words, final=True)
        if not may.may_read:
            words = f"this key may not read orders and trades. {self.codec.title} says: {may.words}"
            raise Denied(words, final=True)
        self._checked_ns = self.clock.mono_ns()

    # one link

    async def _follow(self, link: AccountLink) -> None:
        """Until the link ends. What fails by REST is asked again and ends no link."""
        await asyncio.wait([link.subscribed, link.ended], return_when=asyncio.FIRST_COMPLETED)
        if link.ended.done():
            return
        self._denials = 0
        self._intake.lost("connected")
        tending = asyncio.create_task(self._tend())
        try:
            await asyncio.wait([tending, link.ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            tending.cancel()
            await asyncio.wait([tending])
        if not tending.cancelled():
            tending.result()

    async def _tend(self) -> None:
        """Ask REST for what the stream leaves open: at first, after a loss, when it says so, now and then."""
        audit = False
        while True:
            try:
                words = await self._settled(audit)
            except (Denied, RestError, DecodeError) as error:
                if isinstance(error, Denied) and error.final:
                    raise
                wait_s = max(getattr(error, "wait_s", 0.0), self._again.next_s())
                self._say(CATCHING_UP, f"{self._words(error)}; asked again in {wait_s:.0f} s")
                await asyncio.sleep(wait_s)
                continue
            self._again.reset()
            audit = False
            if not self._intake.behind:
                self._live_ns = self._live_ns or self.clock.mono_ns()
                self._say(LIVE, words)
                audit = await self._woken()

    async def _woken(self) -> bool:
        """Wait until something is to be asked; whether nothing was, for so long that it is time to look."""
        # What takes long, market by market, is not done most of the time.
        audit_s = max(self.timing.audit_s, 20 * self._took_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(audit_s):
                await self._intake.wake.wait()
        return not self._intake.wake.is_set()

    async def _settled(self, audit: bool) -> str:
        """Nothing is left open; what is to be said of it."""
        intake = self._intake
        intake.wake.clear()
        if audit:
            await self._check()
        if intake.unread:
            await self._inquiry.read_names()
            intake.read_again()
        answered = [ask for ask in list(intake.asks.values()) if await self._inquiry.answer(ask)]
        intake.settle(answered)
        if audit or intake.behind:
            await self._catch_up()
        if intake.asks:
            raise Denied(f"{self.codec.title} has not written a fill into its history yet")
        return self._note

    async def _catch_up(self) -> None:
        """All fills since all was known, less an overlap; orders first, because they name markets."""
        intake, codec = self._intake, self.codec
        began_ns = self.clock.mono_ns()
        if intake.behind:
            self._say(CATCHING_UP, intake.behind)
            # Whoever loses messages all the time does not ask all the time.
            await asyncio.sleep(self._repeats.wait_s("", began_ns))
        behind, intake.behind = intake.behind, ""
        try:
            since, began_us = self._since(), self.clock.wall_ns() // 1000
            symbols = {*since.symbols, *intake.symbols} if codec.asks_symbols else set()
            await self._inquiry.orders(symbols)
            symbols |= intake.symbols if codec.asks_symbols else set()
            from_us = self._from_us(since)
            queries = codec.fills_queries(from_us, began_us, sorted(symbols))
            unknown = await self._inquiry.fills(queries, from_us)
        except BaseException:
            intake.behind = intake.behind or behind
            raise
        self._complete_us, self._took_s = began_us, (self.clock.mono_ns() - began_ns) / _NS
        named = ", ".join(sorted(set(unknown)))[:200]
        self._note = f"not recorded, because it means nothing here: {named}" if unknown else ""

    def _from_us(self, since: Since) -> int:
        if not since.fills_us and not self._complete_us:
            return self._started_us
        known_us = min(us for us in (since.fills_us, self._complete_us) if us)
        return max(0, known_us - round(self.timing.overlap_s * 1e6))

    # loss

    async def _lost(self, link: AccountLink) -> None:
        healthy_ns = self.timing.link.healthy_s * _NS
        if self._live_ns and self.clock.mono_ns() - self._live_ns > healthy_ns:
            self._backoff.reset()
        self._live_ns = 0
        self.counters["reconnects"] += 1
        wait_s = self._backoff.next_s(status=link.refused, retry_after_s=link.retry_after_s)
        if link.denied:
            # Once it may be a token that ran out; twice it is the key, or the clock.
            self._denials += 1
            wait_s = self._denied_s(0) if self._denials > 1 else wait_s
        if link.error:
            logger.warning("%s: %s", self.account, link.error)
        await self._pause(link.ended.result(), wait_s)

    def _denied_s(self, wait_s: float) -> float:
        return max(wait_s, self.timing.denied_s * self._uniform(1, 1.25))

    async def _pause(self, words: str, wait_s: float) -> None:
        self._say(DOWN, f"{words}; next try in {wait_s:.0f} s")
        await asyncio.sleep(wait_s)

    def _words(self, error: Exception) -> str:
        """Fit to be shown: the whole of it is in the log."""
        if isinstance(error, Denied):
            return error.words
        if often := self._seldom.due(f"{type(error).__name__}"):
            logger.warning("%s: %s (%d times)", self.account, getattr(error, "problem", error), often)
        if isinstance(error, DecodeError):
            return f"an answer of {self.codec.title} made no sense"
        return f"{self.codec.title} does not answer"

    def _say(self, name: str, words: str) -> AccountState:
        before, same = self.state, self.state.name == name
        since_ns = before.since_ns if same else self.clock.wall_ns()
        self.state = AccountState(name, words, since_ns, self._complete_us)
        if self.state != before or name == CHECKING:
            self._intake.state(self.state)
        if (not same or words != before.words) and (often := self._seldom.due(f"{name} {words[:40]}")):
            level = logging.WARNING if name in (DOWN, REFUSED) else logging.INFO
            logger.log(level, "%s: %s (%d times)", self.account, f"{name} {words}".rstrip(), often)
        return self.state
