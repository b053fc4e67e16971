"""What RFC 6455 says of frames, case by case: what is sent, and what a server has to make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.fakes.raw_socket import BINARY, CLOSE, CONTINUED, PING, PONG, TEXT, frame

ALIVE = 0
PROTOCOL, NOT_UTF8, TOO_BIG = 1002, 1007, 1009
ASK = b'{"method":"ping"}'
INVALID = (
    b"\x80", b"\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe0\x80\xaf", b"\xe2\x82", b"\xe2(\xa1",
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x9f\x92", b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff", b"ok\xffok",
)  # fmt: skip
VALID = ("é", "€", "💥", "κόσμε", "\ufffd", "\uffff", "\U0010ffff", "\ud7ff", "\ue000", "\x00", "a\u0300")
MAY_CLOSE = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
MAY_NOT_CLOSE = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)


class Case(NamedTuple):
    """``ends``: ALIVE, or the code that it is closed with; 1 is any code, or none. ``pongs``: payloads."""

    name: str
    sent: tuple[bytes, ...]
    ends: int = ALIVE
    pongs: tuple[bytes, ...] = ()


def cases() -> list[Case]:
    parts = (sizes, controls, reserved_bits, opcodes, fragments, texts, closes, masks, giants)
    return [case for part in parts for case in part()]


def code(number: int, reason: bytes = b"") -> bytes:
    return frame(number.to_bytes(2, "big") + reason, CLOSE)


def sizes() -> Iterator[Case]:
    for opcode, word in ((TEXT, "text"), (BINARY, "binary")):
        for size in (0, 1, 124, 125, 126, 127, 128, 16384, 16385, 65535, 65536, 65537):
            yield Case(f"{word} of {size} bytes", (frame(b"*" * size, opcode),))
    whole = frame(ASK)
    yield Case("a frame byte by byte", tuple(whole[at : at + 1] for at in range(len(whole))))
    yield Case("five frames at once", (whole * 5,))
    yield Case("a length of two bytes that one would hold", (frame(ASK, wide=2),), 1)
    yield Case("a length of eight bytes that one would hold", (frame(ASK, wide=8),), 1)


def controls() -> Iterator[Case]:
    for payload in (b"", b"a", b"\x00\xff\xfe", b"*" * 125):
        yield Case(f"ping of {len(payload)} bytes", (frame(payload, PING),), pongs=(payload,))
        yield Case(f"pong of {len(payload)} bytes that nobody asked for", (frame(payload, PONG),))
    for opcode in (PING, PONG):
        yield Case(f"control {opcode} of 126 bytes", (frame(b"*" * 126, opcode),), PROTOCOL)
        yield Case(f"control {opcode} in parts", (frame(b"a", opcode, final=False),), PROTOCOL)
    ten = tuple(bytes((48 + n,)) for n in range(10))
    yield Case("ten pings", tuple(frame(each, PING) for each in ten), pongs=ten)
    half = frame(b"cut", PING)
    yield Case("a ping in two pieces", (half[:3], half[3:]), pongs=(b"cut",))


def reserved_bits() -> Iterator[Case]:
    for opcode in (TEXT, BINARY, PING, CLOSE):
        for bits in range(1, 8):
            yield Case(f"reserved bits {bits} on {opcode}", (frame(b"", opcode, reserved=bits),), PROTOCOL)


def opcodes() -> Iterator[Case]:
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield Case(f"opcode {opcode}", (frame(b"", opcode),), PROTOCOL)
        yield Case(f"opcode {opcode} between parts", (frame(b"a", final=False), frame(b"", opcode)), PROTOCOL)


def fragments() -> Iterator[Case]:
    def parts(*pieces: bytes) -> tuple[bytes, ...]:
        last = len(pieces) - 1
        made = enumerate(pieces)
        return tuple(frame(each, TEXT if not n else CONTINUED, final=n == last) for n, each in made)

    yield Case("two parts", parts(ASK[:5], ASK[5:]))
    yield Case("parts of a byte", parts(*(ASK[n : n + 1] for n in range(len(ASK)))))
    yield Case("empty parts", parts(b"", b"", ASK, b"", b""))
    yield Case(
        "a ping between parts",
        (frame(ASK[:5], final=False), frame(b"p", PING), frame(ASK[5:], 0)),
        pongs=(b"p",),
    )
    yield Case("a pong between parts", (frame(ASK[:5], final=False), frame(b"", PONG), frame(ASK[5:], 0)))
    yield Case("a close between parts", (frame(b"a", final=False), code(1000)), 1)
    yield Case("the end of nothing", (frame(b"a", CONTINUED),), PROTOCOL)
    yield Case("the middle of nothing", (frame(b"a", CONTINUED, final=False),), PROTOCOL)
    yield Case("an end too many", (*parts(b"a", b"b"), frame(b"c", CONTINUED)), PROTOCOL)
    for opcode in (TEXT, BINARY):
        yield Case(f"{opcode} inside of parts", (frame(b"a", final=False), frame(b"b", opcode)), PROTOCOL)


def texts() -> Iterator[Case]:
    for text in VALID:
        yield Case(f"text {text!a}", (frame(text.encode("utf-8", "surrogatepass")),))
    for data in INVALID:
        yield Case(f"text {data!r}", (frame(data),), NOT_UTF8)
    sign = "💥".encode()
    yield Case("a sign in two parts", (frame(sign[:2], final=False), frame(sign[2:], CONTINUED)))
    yield Case(
        "half a sign in two parts", (frame(sign[:2], final=False), frame(sign[2:3], CONTINUED)), NOT_UTF8
    )


def closes() -> Iterator[Case]:
    yield Case("close without a code", (frame(b"", CLOSE),), 1)
    for number in MAY_CLOSE:
        yield Case(f"close {number}", (code(number),), 1)
    for number in MAY_NOT_CLOSE:
        yield Case(f"close {number}", (code(number),), PROTOCOL)
    yield Case("close of one byte", (frame(b"\x03", CLOSE),), PROTOCOL)
    yield Case("close with a reason of 123 bytes", (code(1000, b"*" * 123),), 1)
    yield Case("close with a reason of 124 bytes", (code(1000, b"*" * 124),), PROTOCOL)
    yield Case("close with a reason that is no text", (code(1000, b"\xff"),), NOT_UTF8)
    yield Case("a question behind a close", (code(1000) + frame(ASK),), 1)


def masks() -> Iterator[Case]:
    for opcode in (CONTINUED, TEXT, BINARY, PING, PONG, CLOSE):
        yield Case(f"{opcode} without a mask", (frame(b"", opcode, masked=False),), PROTOCOL)


def giants() -> Iterator[Case]:
    for size in (2**20 + 1, 2**31, 2**40, 2**63 - 1, 2**63, 2**64 - 1):
        yield Case(f"{size} bytes are announced", (frame(b"a", wide=8, said=size),), TOO_BIG)
    piece = b"*" * 65536
    rest = [frame(piece, CONTINUED, final=False)] * 20
    yield Case("parts of more than a megabyte", (frame(piece, final=False), *rest), TOO_BIG)
