"""REST: within the weight, never inside a ban, bounded, and errors that say what happened."""

from __future__ import annotations

import asyncio
import gc

import httpx
import msgspec
import pytest

from feeds.clock import SystemClock
from feeds.codec import Limits, RestRequest
from feeds.rest import Banned, Refused, Rest, RestError, TooLarge, Unreachable, fetch_instruments
from tests.fakes.venue_codec import FakeCodec
from tests.fakes.venue_server import Answer, VenueServer


def rest(server: VenueServer, limits: Limits | None = None, **options: object) -> Rest:
    return Rest(FakeCodec(limits), SystemClock(), url=server.rest_url, **options)


class Tape:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bytes]] = []

    def fetched(self, conn: str, ns: int, url: str, body: bytes) -> None:
        self.told.append((conn, url, body))


async def test_a_body_is_fetched_below_the_venues_root():
    async with VenueServer() as server:
        server.answers = {"/depth": Answer(200, b'{"a":1}')}
        tape = Tape()
        async with rest(server, tee=tape) as client:
            body = await client.get(RestRequest("/depth?symbol=BTC/USD"))

    assert body == b'{"a":1}'
    assert tape.told == [("FAKE.http", f"{server.rest_url}/depth?symbol=BTC/USD", b'{"a":1}')]


async def test_no_answer_waits_for_the_collector_once_it_was_read():
    async with VenueServer() as server, rest(server) as client:
        server.answers = {"/depth": Answer(200, b"{}")}
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                await client.get(RestRequest("/depth"))
            left = [each for each in gc.get_objects() if type(each) is httpx.Response]
        finally:
            gc.enable()

    assert left == []


async def test_instruments_are_fetched_and_decoded():
    async with VenueServer() as server:
        server.answers = {"/instruments": Answer(200, b'["BTC/USD","ETH/USD"]')}
        async with rest(server) as client:
            specs = await fetch_instruments(client_codec(), client)

    assert [(spec.native, spec.base, spec.quote) for spec in specs] == [
        ("BTC/USD", "BTC", "USD"),
        ("ETH/USD", "ETH", "USD"),
    ]


def client_codec() -> FakeCodec:
    return FakeCodec()


class Paged(FakeCodec):
    """Each answer names the next one."""

    def more_instruments(self, request: RestRequest, body: bytes) -> RestRequest | None:
        *_, last = msgspec.json.decode(body)
        return RestRequest(f"/instruments-{last}") if last.startswith("NEXT/") else None


async def test_a_list_in_pages_is_fetched_to_its_end():
    pages = {
        "/instruments": Answer(200, b'["BTC/USD","NEXT/2"]'),
        "/instruments-NEXT/2": Answer(200, b'["ETH/USD"]'),
    }
    async with VenueServer() as server:
        server.answers = pages
        async with rest(server) as client:
            specs = await fetch_instruments(Paged(), client)

    assert [spec.native for spec in specs] == ["BTC/USD", "NEXT/2", "ETH/USD"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Answer(503, b"busy"), "HTTP 503"),
        (Answer(200, b'["NEXT/2"]'), "next page, found '/instruments-NEXT/2'"),
    ],
)
async def test_half_a_list_is_none(page: Answer, words: str):
    async with VenueServer() as server:
        server.answers = {"/instruments": Answer(200, b'["NEXT/2"]'), "/instruments-NEXT/2": page}
        async with rest(server) as client:
            with pytest.raises(RestError, match=words):
                await fetch_instruments(Paged(), client)


async def test_a_refusal_names_request_and_status():
    async with VenueServer() as server, rest(server) as client:
        with pytest.raises(Refused, match=r"/nothing: HTTP 404 no such path") as caught:
            await client.get(RestRequest("/nothing"))

    assert caught.value.status == 404


@pytest.mark.parametrize("status", [418, 429])
async def test_nothing_is_sent_inside_a_ban(status: int):
    async with VenueServer() as server:
        server.answers = {"/depth": Answer(status, b"slow down", {"Retry-After": "40"})}
        async with rest(server) as client:
            with pytest.raises(Banned, match="slow down"):
                await client.get(RestRequest("/depth"))
            for _ in range(5):
                with pytest.raises(Banned, match="limits us for another"):
                    await client.get(RestRequest("/depth"))
            assert 38 < client.banned_s <= 40

    assert len(server.fetched) == 1


async def test_a_ban_without_a_time_lasts_a_minute():
    async with VenueServer() as server:
        server.answers = {"/depth": Answer(429)}
        async with rest(server) as client:
            with pytest.raises(Banned):
                await client.get(RestRequest("/depth"))
            assert 58 < client.banned_s <= 60


async def test_a_venue_may_ban_with_another_status_and_for_longer():
    limits = Limits(banned=(403,), banned_s=600)
    async with VenueServer() as server:
        server.answers = {"/depth": Answer(403, b"access too frequent"), "/other": Answer(429)}
        async with rest(server, limits) as client:
            with pytest.raises(Refused, match="HTTP 429"):
                await client.get(RestRequest("/other"))
            assert not client.banned_s
            with pytest.raises(Banned, match="too frequent"):
                await client.get(RestRequest("/depth"))
            assert 598 < client.banned_s <= 600


async def test_the_weight_of_the_window_is_kept():
    limits = Limits(rest_weight=10, rest_window_s=0.5)
    async with VenueServer() as server:
        server.answers = {"/depth": Answer()}
        async with rest(server, limits) as client:
            for _ in range(6):
                await client.get(RestRequest("/depth", 4))

    times = [at for at, _ in server.fetched]
    assert all(later - earlier > 0.4 for earlier, later in zip(times, times[2:], strict=False))


async def test_a_body_that_does_not_end_is_cut():
    async with VenueServer() as server:
        server.answers = {"/depth": Answer(200, b"x" * 100_000)}
        async with rest(server, max_body=50_000) as client:
            with pytest.raises(TooLarge, match="more than 50000 bytes"):
                await client.get(RestRequest("/depth"))


async def test_no_answer_is_named():
    async with VenueServer() as server:
        client = rest(server)
    async with client:
        with pytest.raises(Unreachable, match=r"GET 127\.0\.0\.1:.*/depth: ConnectError"):
            await client.get(RestRequest("/depth"))


async def one_request(answer: bytes, request: RestRequest) -> tuple[bytes, bytes | Exception]:
    """What a server of one request was sent, and what the client made of its answer."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
        )
        heard.append(head + await reader.readexactly(size))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Rest(FakeCodec(), SystemClock(), url=url) as client:
            try:
                answered: bytes | Exception = await client.get(request)
            except RestError as error:
                answered = error
    return heard[0], answered


SIGNED = RestRequest(
    "/0/private/Orders?signature=5ca1ab1e", 2, "POST", (("API-Sign", "5ec2e7"),), "nonce=7&a=b"
)


async def test_a_signed_request_travels_with_its_method_headers_and_body():
    heard, answered = await one_request(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", SIGNED)

    assert answered == b"{}"
    assert heard.startswith(b"POST /0/private/Orders?signature=5ca1ab1e HTTP/1.1\r\n")
    assert b"API-Sign: 5ec2e7\r\n" in heard
    assert heard.endswith(b"\r\n\r\nnonce=7&a=b")


async def test_what_was_signed_is_in_no_error_and_the_venues_words_are():
    body = b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'
    _, error = await one_request(
        b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), SIGNED
    )

    assert isinstance(error, Refused)
    assert (error.status, error.body) == (401, body)
    assert "POST 127.0.0.1:" in str(error)
    assert "/0/private/Orders: HTTP 401" in str(error)
    for shown in (str(error), repr(error), repr(SIGNED)):
        assert not any(secret in shown for secret in ("5ca1ab1e", "5ec2e7", "nonce"))


async def test_nothing_is_sent_after_an_answer_that_says_wait():
    async with VenueServer() as server, rest(server) as client:
        client.hold(40, "EAPI:Rate limit exceeded")
        with pytest.raises(Banned, match="limits us for another 40 s"):
            await client.get(RestRequest("/depth"))

    assert server.fetched == []
