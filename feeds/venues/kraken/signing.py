"""How Kraken knows who asks, and what it says of a key.

https://docs.kraken.com/api/docs/guides/spot-rest-auth
https://docs.kraken.com/api-reference/account-data/get-api-key-info
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from urllib.parse import urlencode

import msgspec

from feeds.codec import DecodeError, RestRequest
from feeds.private import BadCredentials, Credentials, Denied, Permissions, Query

# What lets a key look and nothing else. Whatever is not here, also what is yet to come, lets it do more.
_READS = frozenset({"export-data", "create-ws-token", "access-websockets"})
_READ_PREFIX = "query-"
_NEEDED = ("query-open-trades", "query-closed-trades")
# https://docs.kraken.com/api/docs/guides/global-intro#error-details
_FINAL = {
    "EAPI:Invalid key": "Kraken does not know this key",
    "EAPI:Invalid signature": "the secret does not belong to this key",
    "EGeneral:Permission denied": "the key lacks a permission: it needs to query open and closed orders and "
    "trades, and to use the WebSocket interface",
}
_LIMITED = ("EAPI:Rate limit exceeded", "EGeneral:Too many requests", "EOrder:Rate limit exceeded")
_LOCKED = "EGeneral:Temporary lockout"
_LIMITED_S, _LOCKED_S = 45.0, 900.0


class _Info(msgspec.Struct):
    permissions: list[str]


class _Token(msgspec.Struct):
    token: str


class _Answer(msgspec.Struct):
    error: list[str]
    result: msgspec.Raw = msgspec.Raw(b"null")


_answer = msgspec.json.Decoder(_Answer).decode


def signed(query: Query, credentials: Credentials, nonce: int) -> RestRequest:
    """HMAC-SHA512 of the path and SHA-256 of nonce and body, under the secret, which is base64."""
    body = urlencode([("nonce", str(nonce)), *query.params])
    digest = hashlib.sha256(f"{nonce}{body}".encode()).digest()
    signature = hmac.digest(_secret(credentials), query.path.encode() + digest, "sha512")
    headers = (
        ("API-Key", credentials.key),
        ("API-Sign", b64encode(signature).decode()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    return RestRequest(query.path, query.weight, query.method, headers, body)


def _secret(credentials: Credentials) -> bytes:
    if not credentials.key.isascii() or not credentials.key.isprintable():
        raise BadCredentials("a key of letters, digits and signs")
    try:
        secret = b64decode(credentials.secret.strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not secret:
        # Not raised inside the handler: what failed to decode must not travel with the error.
        raise BadCredentials("the private key of Kraken, in base64")
    return secret


def result(body: bytes, shape: type) -> object:
    """What an answer brings, in its shape; :class:`Denied` for what Kraken says instead, with HTTP 200."""
    try:
        answer = _answer(body)
        if not answer.error:
            return msgspec.json.decode(answer.result, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected {shape}: {error}", body) from error
    raise refusal(answer.error)


def refusal(errors: list[str]) -> Denied:
    """By Kraken's own words: ``EAPI:Invalid key`` and its kin."""
    words = ", ".join(errors)[:200]
    for error in errors:
        if error in _FINAL:
            return Denied(f"{_FINAL[error]} ({words})", final=True)
        if error.startswith(_LOCKED):
            return Denied(words, wait_s=_LOCKED_S)
        if error.startswith(_LIMITED):
            return Denied(words, wait_s=_LIMITED_S)
    return Denied(words)


def denied(status: int, body: bytes) -> Denied:
    """Kraken answers 200 to all that it understood: anything else is a gateway before it."""
    return Denied(f"Kraken answered HTTP {status}")


def permissions(body: bytes) -> Permissions:
    """``{"error":[],"result":{"permissions":["query-funds","query-open-trades",…],…}}``"""
    granted = result(body, _Info).permissions
    more = [name for name in granted if name not in _READS and not name.startswith(_READ_PREFIX)]
    withdraws = [name for name in more if "withdraw" in name or "transfer" in name]
    return Permissions(
        may_read=all(name in granted for name in _NEEDED),
        may_trade=len(more) > len(withdraws),
        may_withdraw=bool(withdraws),
        words=", ".join(granted)[:300] or "nothing",
    )


def token(body: bytes) -> str:
    """``{"error":[],"result":{"token":"…","expires":900}}``"""
    try:
        return result(body, _Token).token
    except DecodeError:
        # Not with the head of the answer: what is in it opens the stream.
        raise DecodeError("expected a token for the socket", b"") from None
