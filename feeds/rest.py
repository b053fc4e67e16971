"""A venue's REST interface: within its weight, never inside a ban, bounded; its errors have names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

import httpx

from feeds.backoff import retry_after_s
from feeds.certificates import of_requests
from feeds.clock import Clock
from feeds.codec import Codec, InstrumentSpec, RestRequest
from feeds.ratelimit import RateWindow
from feeds.recorder import Tee

logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024 * 1024
"""The largest list of instruments is below a third of it."""
MOST_PAGES = 200
"""Of a list of instruments: more than the longest has."""
TIMEOUT_S = 10.0
LOW_SHARE = 0.5
"""What candles may use of the weight: books must never wait for them."""
# Of an answer that is no success: enough for what a venue says is wrong.
_HEAD = 1024
# A share of the venue's weight is left to other programs at the same address.
_OURS = 0.8


class RestError(Exception):
    """A request that brought nothing; the message says what was asked and what came."""


class Unreachable(RestError):
    """No answer: no route, a broken connection, or too slow."""


class Refused(RestError):
    """An answer that is not 200; ``status`` is the HTTP status, ``body`` the beginning of what came."""

    def __init__(self, problem: str, status: int, body: bytes = b"") -> None:
        super().__init__(problem)
        self.status, self.body = status, body


class Banned(Refused):
    """The venue limits us; nothing is sent before ``wait_s`` have passed."""

    def __init__(self, problem: str, status: int, wait_s: float, body: bytes = b"") -> None:
        super().__init__(problem, status, body)
        self.wait_s = wait_s


class TooLarge(RestError):
    """The body was longer than we accept."""


class Rest:
    """One venue's. Use it as an asynchronous context, or call :meth:`close`."""

    def __init__(
        self, codec: Codec, clock: Clock, *, url: str = "", tee: Tee | None = None, max_body: int = MAX_BODY
    ) -> None:
        self.venue, self.url = codec.venue, (url or codec.rest_url).rstrip("/")
        self._own = codec.rest_url.rstrip("/")
        self._limits, self._clock = codec.limits, clock
        self._codec = codec
        self._keyed = partial(_key_headers, codec)
        self._weight = self.part(1)
        self._tee, self._max_body = tee, max_body
        self._banned_ns = 0
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Rest:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    @property
    def banned_s(self) -> float:
        """How long the venue's ban still lasts; 0 without one."""
        return max(0.0, (self._banned_ns - self._clock.mono_ns()) / 1e9)

    def hold(self, wait_s: float, problem: str) -> None:
        """Send nothing for so long: the venue said that it limits us, be it with an answer 200."""
        self._banned_ns = max(self._banned_ns, self._clock.mono_ns() + round(wait_s * 1e9))
        logger.warning("%s limits us for %.0f s: %s", self.venue, wait_s, problem)

    def part(self, share: float) -> RateWindow:
        """A window for something that shall use no more than ``share`` of what we may use; at least 1."""
        weight = max(1, self._limits.rest_weight * _OURS * share)
        return RateWindow(weight, self._limits.rest_window_s, self._clock)

    async def get(self, request: RestRequest, *, low: bool = False) -> bytes:
        """The body of an answer 200; waits for the weight, raises :class:`RestError` for all else.

        ``low`` leaves half of the weight to what is not low.
        """
        return await self.ask(request.weight, lambda: request, low=low)

    async def ask(self, weight: float, made: Callable[[], RestRequest], *, low: bool = False) -> bytes:
        """As :meth:`get`, of a request that is made when its turn has come: a signature must be young."""
        if self._client is None:
            # Proxy and certificates as the environment says, the same as for the sockets.
            accepted = {"Accept": "application/json"}
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, headers=accepted, verify=of_requests())
        await self._weight.wait(weight, LOW_SHARE if low else 1.0)
        if wait_s := self.banned_s:
            raise Banned(f"{self.venue} limits us for another {wait_s:.0f} s", 429, wait_s)
        request = made()
        try:
            return await self._fetch(request)
        except httpx.HTTPError as error:
            raise Unreachable(f"{self._named(request)}: {type(error).__name__}: {error}") from error

    async def _fetch(self, request: RestRequest) -> bytes:
        headers, content = {**dict(request.headers), **self._keyed()}, request.body.encode() or None
        url = self._filled(request.root_at(self.url, self._own) + request.path)
        async with self._client.stream(request.method, url, headers=headers, content=content) as response:
            if response.status_code != 200:
                await self._refuse(request, response)
            body = await self._bounded(request, response)
        # It and its stream hold each other and 40 things more: parted, all go at once and await no collector.
        response.stream = httpx.ByteStream(b"")
        if self._tee is not None:
            self._tee.fetched(f"{self.venue}.http", self._clock.wall_ns(), self.url + request.shown, body)
        return body

    async def _bounded(self, request: RestRequest, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._max_body:
                raise TooLarge(f"{self._named(request)}: more than {self._max_body} bytes")
            parts.append(part)
        return b"".join(parts)

    async def _refuse(self, request: RestRequest, response: httpx.Response) -> None:
        status, head = response.status_code, b""
        async for part in response.aiter_bytes(_HEAD):
            head = part
            break
        words = head[:160].decode("utf-8", "replace")
        problem = f"{self._named(request)}: HTTP {status} {words}".rstrip()
        wait_s = retry_after_s(response.headers.get("Retry-After", ""), self._clock.wall_ns())
        if status not in self._limits.banned and not wait_s:
            raise Refused(problem, status, head)
        wait_s = wait_s or self._limits.banned_s
        self.hold(wait_s, problem)
        raise Banned(problem, status, wait_s, head)

    def _filled(self, url: str) -> str:
        """With what of a key belongs into it: never shown, and in no recording."""
        credentials = getattr(self._codec, "credentials", None)
        return url if credentials is None else credentials.filled(url)

    def _named(self, request: RestRequest) -> str:
        return f"{request.method} {urlsplit(self.url).netloc}{request.shown}"[:200]


def _key_headers(codec: Codec) -> Mapping[str, str]:
    """Of a public codec whose venue wants a key; a private one signs each request by itself."""
    credentials = getattr(codec, "credentials", None)
    return codec.key_headers(credentials) if credentials is not None else {}


async def fetch_instruments(codec: Codec, rest: Rest) -> list[InstrumentSpec]:
    """The venue's own list, of all its pages; raises :class:`RestError`, or ``DecodeError`` when it makes no
    sense. Half a list is none: what is not on it would be taken for delisted."""
    request: RestRequest | None = codec.instruments_request()
    specs: list[InstrumentSpec] = []
    asked: set[str] = set()
    while request is not None:
        if request.path in asked or len(asked) == MOST_PAGES:
            raise RestError(
                f"{codec.venue}: expected the list's next page, found {request.shown!r:.120} again"
            )
        asked.add(request.path)
        body = await rest.get(request)
        specs += codec.decode_instruments(body)
        request = codec.more_instruments(request, body)
    return specs
