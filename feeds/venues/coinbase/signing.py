"""How Coinbase knows who asks, a token signed for each request, and what it says of a key.

https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication
https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions
"""

from __future__ import annotations

import binascii
from base64 import b64decode, urlsafe_b64encode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from feeds.codec import DecodeError, RestRequest
from feeds.pem import is_pem, private_key
from feeds.private import BadCredentials, Credentials, Denied, Permissions, Query

# What a token for REST is good for begins with it, wherever the request is really sent.
HOST = "api.coinbase.com"
_LIFE_S = 120
# A clock that goes a little wrong is forgiven.
_EARLY_S = 5
_FORMS = "the private key of Coinbase, an EC key in PEM or an Ed25519 key in base64"
# Addresses to be paid at are no danger to what is there.
_READS = frozenset({"can_view", "can_receive"})
_MISSING = "PERMISSION_DENIED"

Key = EllipticCurvePrivateKey | Ed25519PrivateKey


class _Error(msgspec.Struct):
    error: str = ""
    message: str = ""
    error_details: str = ""


def _key(secret: str) -> Key:
    """PEM for keys of both kinds; what Coinbase shows of an Ed25519 key is seed and public half in base64."""
    if is_pem(secret):
        key = private_key(secret, (EllipticCurvePrivateKey, Ed25519PrivateKey), _FORMS)
        if isinstance(key, EllipticCurvePrivateKey) and not isinstance(key.curve, SECP256R1):
            raise BadCredentials(_FORMS)
        return key
    try:
        raw = b64decode("".join(secret.split()), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) not in (32, 64):
        raise BadCredentials(_FORMS)
    return Ed25519PrivateKey.from_private_bytes(raw[:32])


def _b64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def jws(head: dict[str, str], payload: bytes, secret: str) -> str:
    """RFC 7515, compact: head, payload, signature; ES256 is the two numbers one after the other."""
    key = _key(secret)
    head = head | {"alg": "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256"}
    text = _b64(msgspec.json.encode(head)) + b"." + _b64(payload)
    if isinstance(key, Ed25519PrivateKey):
        made = key.sign(text)
    else:
        made = b"".join(n.to_bytes(32) for n in decode_dss_signature(key.sign(text, ECDSA(SHA256()))))
    return (text + b"." + _b64(made)).decode()


def token(credentials: Credentials, now_ns: int, nonce: int, uri: str = "") -> str:
    """Good for two minutes; of REST for one method and path alone."""
    if not credentials.key.isascii() or not credentials.key.isprintable():
        raise BadCredentials("the name of a key: organizations/…/apiKeys/…")
    since_s = now_ns // 1_000_000_000 - _EARLY_S
    claims = {"sub": credentials.key, "iss": "cdp", "nbf": since_s, "exp": since_s + _LIFE_S}
    head = {"typ": "JWT", "kid": credentials.key, "nonce": f"{nonce:032x}"}
    return jws(head, msgspec.json.encode(claims | ({"uri": uri} if uri else {})), credentials.secret)


def signed(query: Query, credentials: Credentials, now_ns: int, nonce: int, encoded: str) -> RestRequest:
    """The query by the name of its path, which its parameters are no part of."""
    made = token(credentials, now_ns, nonce, f"{query.method} {HOST}{query.path}")
    path = f"{query.path}?{encoded}" if encoded else query.path
    return RestRequest(path, query.weight, query.method, (("Authorization", f"Bearer {made}"),))


def denied(status: int, body: bytes) -> Denied:
    """HTTP 401 may be the key, a clock that is off, or only this machine's address: that can be mended."""
    try:
        error = msgspec.json.decode(body, type=_Error)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        error = _Error()
    words = (error.message or error.error_details or error.error)[:200]
    said = f": {words}" if words else ""
    if status == 401:
        why = "it is wrong, it was ended, this machine's address is not allowed, or its clock is off"
        return Denied(f"Coinbase does not accept the key: {why} (HTTP 401{said})")
    if status == 403 and error.error == _MISSING:
        return Denied(f"the key lacks a permission: it needs to view{said}", final=True)
    return Denied(f"Coinbase answered HTTP {status}{said}")


def permissions(body: bytes) -> Permissions:
    """``{"can_view":true,"can_trade":false,"can_transfer":false,"portfolio_uuid":"…",…}``"""
    try:
        flags = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected what a key may do: {error}", body) from error
    granted = [name for name, value in flags.items() if bytes(value) == b"true"]
    more = [name for name in granted if name not in _READS]
    return Permissions(
        may_read="can_view" in granted,
        may_trade=any(name != "can_transfer" for name in more),
        may_withdraw="can_transfer" in more,
        words=", ".join(granted)[:300] or "nothing",
    )
