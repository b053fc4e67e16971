"""How Binance knows who asks, and what it says of a key.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api (SIGNED endpoint security)
https://developers.binance.com/docs/wallet/account/api-key-permission
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import quote, urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from feeds.codec import DecodeError, RestRequest
from feeds.pem import is_pem, private_key
from feeds.private import BadCredentials, Credentials, Denied, Permissions, Query

# A request is good for ten seconds, from one before it is made: a clock that goes a little wrong is forgiven.
_WINDOW_MS, _EARLY_MS = 10_000, 1_000
_READS = frozenset({"enableReading", "enableFixReadOnly"})
_NO_RIGHTS = frozenset({"ipRestrict"})
_FORMS = "the secret key of Binance, or the private key of an Ed25519 or RSA key in PEM"
_FINAL = {
    -1022: "the secret does not belong to this key",
    -2008: "Binance does not know this key",
    -2014: "this is no API key of Binance",
}
_CLOCK = -1021


class _Error(msgspec.Struct):
    code: int
    msg: str = ""


def stamp(now_ns: int) -> str:
    return str(now_ns // 1_000_000 - _EARLY_MS)


def signature(credentials: Credentials, payload: str) -> str:
    """HMAC-SHA256 in hex; of an Ed25519 or RSA key what it makes, in base64."""
    secret = credentials.secret.strip()
    if is_pem(secret):
        key = private_key(secret, (Ed25519PrivateKey, RSAPrivateKey), _FORMS)
        if isinstance(key, Ed25519PrivateKey):
            return b64encode(key.sign(payload.encode())).decode()
        return b64encode(key.sign(payload.encode(), padding.PKCS1v15(), SHA256())).decode()
    if not secret.isalnum() or not secret.isascii():
        raise BadCredentials(_FORMS)
    return hmac.digest(secret.encode(), payload.encode(), "sha256").hex()


def logs_on(credentials: Credentials) -> bool:
    """Only Ed25519 keys may authenticate a whole socket."""
    if not is_pem(credentials.secret):
        return False
    return isinstance(private_key(credentials.secret, (Ed25519PrivateKey, RSAPrivateKey), _FORMS),
                      Ed25519PrivateKey)  # fmt: skip


def signed(query: Query, credentials: Credentials, now_ns: int) -> RestRequest:
    """The query with the time, and its signature at the end."""
    if not credentials.key.isalnum() or not credentials.key.isascii():
        raise BadCredentials("an API key of letters and digits")
    times = (("recvWindow", str(_WINDOW_MS)), ("timestamp", stamp(now_ns)))
    payload = urlencode([*query.params, *times])
    made = quote(signature(credentials, payload), safe="")
    path = f"{query.path}?{payload}&signature={made}"
    return RestRequest(path, query.weight, query.method, (("X-MBX-APIKEY", credentials.key),))


def parameters(credentials: Credentials, now_ns: int) -> dict[str, object]:
    """What a request on the socket is signed with: its parameters in the order of their names."""
    params: dict[str, object] = {
        "apiKey": credentials.key, "recvWindow": _WINDOW_MS, "timestamp": int(stamp(now_ns))
    }  # fmt: skip
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return params | {"signature": signature(credentials, payload)}


def refusal(code: int, msg: str) -> Denied:
    """By Binance's own number. -2015 may be the key, or only this machine's address: that can be mended."""
    words = f"{msg[:200]} ({code})"
    if code in _FINAL:
        return Denied(f"{_FINAL[code]}: {words}", final=True)
    if code == _CLOCK:
        return Denied(f"this machine's clock differs from Binance's: {words}")
    return Denied(words)


def denied(status: int, body: bytes) -> Denied:
    """``{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}``"""
    try:
        error = msgspec.json.decode(body, type=_Error)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Denied(f"Binance answered HTTP {status}")
    return refusal(error.code, error.msg)


def permissions(body: bytes) -> Permissions:
    """``{"ipRestrict":false,"enableReading":true,"enableSpotAndMarginTrading":false,…}``

    Whatever is on that is not known to be reading lets a key do more, also what is yet to come.
    """
    try:
        flags = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected what a key may do: {error}", body) from error
    granted = [name for name, value in flags.items() if bytes(value) == b"true" and name not in _NO_RIGHTS]
    more = [name for name in granted if name not in _READS]
    moves = [name for name in more if "Withdraw" in name or "Transfer" in name]
    return Permissions(
        may_read="enableReading" in granted,
        may_trade=len(more) > len(moves),
        may_withdraw=bool(moves),
        words=", ".join(granted)[:300] or "nothing",
    )
