"""What is compressed is read by the library, and only who is behind a slow link is sent any."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from marketdash.live import client as of_clients
from marketdash.live import deflate as of_deflate
from marketdash.live import outgoing
from marketdash.live.client import Client
from marketdash.live.credit import LATELY_S, LEAST_BYTES
from marketdash.live.deflate import (
    ALLOWED_BYTES,
    BYTES_AT_ONCE,
    BYTES_PER_S,
    MOST_TIMES,
    Sparing,
    deflated,
    inflated,
)
from marketdash.live.outgoing import Outgoing, next_frame
from marketdash.live.shared_frames import small_text
from marketdash.live.wire import Wire
from tests.fakes.attackers import folded
from tests.fakes.raw_socket import CLOSE, RawSocket, frame
from tests.marketdash.live.rfc6455_cases import ASK, PROTOCOL, TOO_BIG
from tests.socket_site import SocketSite

OFFER = "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"
COMPRESSED = 4
TEXT = json.dumps({"channel": "ticker", "data": [{"bid": f"{n}.5", "ask": f"{n}.7"} for n in range(20)]})


def theirs() -> PerMessageDeflate:
    """The library's, as whoever agreed with us has it."""
    return PerMessageDeflate(True, True, 15, 15)


def read(wire: bytes) -> bytes:
    """A short message from the server, as such a client reads it."""
    first, second, payload = wire[0], wire[1], wire[2:]
    if second == 126:
        payload = payload[2:]
    found = Frame(Opcode(first & 15), payload, bool(first & 128), bool(first & 64))
    return bytes(theirs().decode(found).data)


@given(st.one_of(st.binary(max_size=3000), st.text(max_size=1000).map(str.encode)))
def test_what_is_compressed_is_read_by_the_library(payload):
    found = Frame(Opcode.TEXT, deflated(payload), rsv1=True)

    assert bytes(theirs().decode(found).data) == payload


@given(st.text(min_size=1, max_size=200).map(str.encode))
def test_a_short_message_is_read_as_the_library_compressed_it(payload):
    packed = bytes(theirs().encode(Frame(Opcode.TEXT, payload)).data)

    assert inflated(packed) == payload
    if len(packed) <= 125:
        assert small_text(frame(packed, reserved=COMPRESSED)) == payload


@given(st.binary(max_size=200))
def test_whatever_else_comes_is_read_as_nothing_or_little(data):
    assert len(inflated(data)) <= MOST_TIMES * len(data)


def test_what_unfolds_to_too_much_is_refused():
    found = Frame(Opcode.TEXT, deflated(b" " * 1_000_000), rsv1=True)

    with pytest.raises(PayloadTooBig):
        Sparing().decode(found, max_size=2_000_000)
    assert inflated(deflated(b" " * 100_000)) == b""


def test_many_that_unfold_to_much_are_refused_together(monkeypatch):
    """Each of them is allowed."""
    now_s = [100.0]
    monkeypatch.setattr(of_deflate, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    reads = Sparing()
    one = Frame(Opcode.TEXT, folded(1000, 15_000), rsv1=True)
    many = BYTES_AT_ONCE // 16_000
    for _ in range(many):
        reads.decode(one)

    with pytest.raises(PayloadTooBig):
        reads.decode(one)
    now_s[0] += BYTES_AT_ONCE / BYTES_PER_S + 1
    for _ in range(many):
        reads.decode(one)


def test_the_longest_list_of_symbols_is_within_the_bound():
    names = [f"KRAKEN:SIM{n:04d}/USD" for n in range(1000)]
    text = json.dumps({"method": "subscribe", "params": {"channel": "ticker", "symbol": names}}).encode()
    packed = deflated(text)

    assert len(text) < (ALLOWED_BYTES + MOST_TIMES * len(packed)) / 2
    assert bytes(Sparing().decode(Frame(Opcode.TEXT, packed, rsv1=True)).data) == text


class Link:
    """A client whose acknowledgements take ``takes_s``, in time of its own, and what is written to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, takes_s: float, *, compresses: bool = True) -> None:
        self.now_s, self._takes_s, self.written = 100.0, takes_s, list[bytes]()
        self.takes_frames, self.texts = True, list[str]()
        for module in (of_clients, outgoing):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now_s))
        wire = Wire(self._send, self._write, True, lambda: None, compresses)
        self.client = Client(wire, lambda client: None)
        monkeypatch.setattr(Client, "_watch", lambda client: None)  # without a loop
        self.client.acknowledge(0)

    async def _send(self, message: dict[str, Any]) -> None:
        assert not self.takes_frames
        self.texts.append(message["text"])

    def _write(self, wire: bytes) -> bool:
        if self.takes_frames:
            self.written.append(wire)
        return self.takes_frames

    def told(self, text: str = TEXT) -> bytes:
        """What was written for a message, once it was acknowledged."""
        out = Outgoing(text.encode(), next_frame())
        self.client.deliver(out)
        self.now_s += self._takes_s
        self.client.acknowledge(out.number)
        return self.written[-1]

    def filled(self, text: str) -> None:
        """As much was under way, and acknowledged, as its window allows."""
        self.now_s += 0.001
        while self.client.ready:
            out = Outgoing(text.encode(), next_frame())
            self.client.deliver(out)
        self.now_s += self._takes_s
        self.client.acknowledge(out.number)


def test_who_is_near_is_sent_what_all_others_are(monkeypatch):
    link = Link(monkeypatch, 0.02)

    assert {link.told() for _ in range(20)} == {Outgoing(TEXT.encode()).wire}


def test_who_is_behind_a_slow_link_is_sent_a_third(monkeypatch):
    link = Link(monkeypatch, 1.0)
    first, later = link.told(), [link.told() for _ in range(20)]

    assert first == Outgoing(TEXT.encode()).wire  # nothing was known of it
    assert {read(wire) for wire in later} == {TEXT.encode()}
    assert max(map(len, later)) < len(first) / 3
    assert link.told('{"channel":"heartbeat"}') == Outgoing(b'{"channel":"heartbeat"}').wire
    assert link.client.window_bytes > link.client._credit.bytes  # of plain text it takes more


def test_a_link_that_became_fast_is_sent_plain_text_again(monkeypatch):
    link = Link(monkeypatch, 1.0)
    for _ in range(5):
        link.told()
    assert link.told() != Outgoing(TEXT.encode()).wire
    link._takes_s = 0.02
    for _ in range(40):
        link.filled(os.urandom(20_000).hex())

    assert link.told() == Outgoing(TEXT.encode()).wire


def test_who_was_late_once_is_sent_plain_text_again_after_a_while(monkeypatch):
    link = Link(monkeypatch, 0.02)
    link.filled(os.urandom(20_000).hex())
    link._takes_s = 1.0
    link.told()
    link._takes_s = 0.02
    assert link.told() != Outgoing(TEXT.encode()).wire
    for _ in range(int(LATELY_S)):
        link.now_s += 1
        link.told()

    assert link.told() == Outgoing(TEXT.encode()).wire


def test_who_is_late_again_and_again_is_sent_no_plain_text_between(monkeypatch):
    link = Link(monkeypatch, 1.0)
    link.told()
    for number in range(200):
        link._takes_s = 0.3 if number % 20 else 1.0
        link.now_s += 1
        assert link.told() != Outgoing(TEXT.encode()).wire


def test_what_goes_as_plain_text_after_all_is_counted_so(monkeypatch):
    link = Link(monkeypatch, 1.0)
    for _ in range(3):
        link.told()
    link.takes_frames = False
    while link.client.ready:
        link.client.deliver(Outgoing(TEXT.encode(), next_frame()))

    assert set(link.texts) == {TEXT}
    assert sum(map(len, link.texts[:-1])) < LEAST_BYTES


def test_who_agreed_to_nothing_is_sent_plain_text(monkeypatch):
    link = Link(monkeypatch, 1.0, compresses=False)

    assert {link.told() for _ in range(20)} == {Outgoing(TEXT.encode()).wire}


def test_a_message_is_compressed_once_for_all():
    out = Outgoing(TEXT.encode(), 5)

    assert out.compressed is out.compressed
    assert out.compressed.sent == out.sent._replace(size=len(out.compressed.wire) - 4)
    assert out.compressed.message == out.message


async def opened(site: SocketSite, offer: str = OFFER[1]) -> RawSocket:
    raw = await RawSocket.opened(site.port, (OFFER[0], offer))
    assert raw.status == 101
    return raw


async def answer(raw: RawSocket, sent: bytes) -> dict[str, Any]:
    await raw.send(sent)
    while (found := await raw.receive()) is not None:
        assert found.opcode != CLOSE, found
        if "method" in (said := json.loads(found.payload)):
            return said
    raise AssertionError("expected an answer, found the end")


async def test_a_client_that_offers_it_may_compress_what_it_sends(site: SocketSite) -> None:
    raw = await opened(site)
    if site.server == "daphne":
        assert b"permessage-deflate" not in raw.head.lower()
    else:
        agreed = b"permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
        assert agreed in raw.head
        plain, compressed = (
            await answer(raw, frame(ASK)),
            await answer(raw, frame(deflated(ASK), reserved=COMPRESSED)),
        )
        assert plain["method"] == compressed["method"] == "pong"
        halves = deflated(ASK)[:5], deflated(ASK)[5:]
        await raw.send(frame(halves[0], final=False, reserved=COMPRESSED))
        assert (await answer(raw, frame(halves[1], 0)))["method"] == "pong"
    raw.abort()


@pytest.mark.parametrize("site", ["uvicorn"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(deflated(b" " * 5_000_000), reserved=COMPRESSED), TOO_BIG),
        (frame(deflated(b" " * 60_000), reserved=COMPRESSED), TOO_BIG),
        (frame(os.urandom(100), reserved=2), PROTOCOL),
        (frame(b"\xff\xff\xff\xff", reserved=COMPRESSED), PROTOCOL),
    ],
    ids=["a bomb", "a small one", "another bit", "no such data"],
)
async def test_what_is_no_message_ends_that_socket(site: SocketSite, sent: bytes, code: int) -> None:
    raw = await opened(site)
    await raw.send(sent)

    ended = await raw.ended()
    assert ended is not None and ended.code == code
    raw.abort()


async def test_who_reads_a_small_window_only_has_plain_text(site: SocketSite) -> None:
    raw = await opened(site, "permessage-deflate; server_max_window_bits=10")

    assert b"permessage-deflate" not in raw.head.lower()
    assert (await answer(raw, frame(ASK)))["method"] == "pong"
    raw.abort()


@pytest.mark.parametrize("site", ["uvicorn"], indirect=True)
async def test_who_offers_thousands_is_answered_without_any(site: SocketSite) -> None:
    raw = await opened(site, f"{'x,' * 4000} permessage-deflate")

    assert b"permessage-deflate" not in raw.head.lower()
    assert (await answer(raw, frame(ASK)))["method"] == "pong"
    raw.abort()
