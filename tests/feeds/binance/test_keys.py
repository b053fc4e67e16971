"""Binance's keys: how requests are signed with each kind, what a key may do, how the venue refuses one."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from feeds.private import BadCredentials, Credentials, Query
from feeds.venues.binance import signing
from feeds.venues.binance.private import BinancePrivate

CODEC = BinancePrivate()
# Key and secret of the worked examples in Binance's documentation (rest-api.md and web-socket-api.md of
# https://github.com/binance/binance-spot-api-docs).
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
CREDENTIALS = Credentials(KEY, SECRET)
NOW_NS = 1_499_827_320_559_000_000


def pem(key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        ("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
         "&timestamp=1499827319559", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        ("symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"
         "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
         "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),
        (f"apiKey={KEY}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
         "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
         "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"),
        (f"apiKey={KEY}&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６"
         "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
         "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"),
    ],
)  # fmt: skip
def test_the_venues_own_examples_are_signed_as_the_venue_says(payload: str, signature: str):
    assert signing.signature(CREDENTIALS, payload) == signature


def test_an_ed25519_key_signs_as_its_standard_says():
    """RFC 8032, section 7.1, test 2: the message is one byte, 0x72."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    expected = ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")  # fmt: skip
    credentials = Credentials(KEY, pem(Ed25519PrivateKey.from_private_bytes(secret)))

    assert base64.b64decode(signing.signature(credentials, "r")).hex() == expected


def test_an_rsa_key_signs_too():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    made = signing.signature(Credentials(KEY, pem(key)), "symbol=BTCUSDT")

    key.public_key().verify(base64.b64decode(made), b"symbol=BTCUSDT", padding.PKCS1v15(), SHA256())


def test_a_request_carries_the_time_and_its_signature_at_the_end():
    request = CODEC.sign(
        Query("GET", "/api/v3/myTrades", (("symbol", "１２３"),), 20), CREDENTIALS, NOW_NS, 0
    )

    query = urlsplit(request.path).query
    assert dict(parse_qsl(query)) | {"signature": ""} == {
        "symbol": "１２３", "recvWindow": "10000", "timestamp": "1499827319559", "signature": ""
    }  # fmt: skip
    payload, _, signature = query.rpartition("&signature=")
    assert signature == signing.signature(CREDENTIALS, payload)
    assert (request.method, request.weight, request.headers) == ("GET", 20, (("X-MBX-APIKEY", KEY),))


def test_a_base64_signature_is_escaped():
    credentials = Credentials(KEY, pem(Ed25519PrivateKey.generate()))
    for number in range(20):
        path = CODEC.sign(Query("GET", "/x", (("n", str(number)),)), credentials, NOW_NS, 0).path
        assert not set(path.rpartition("signature=")[2]) & set("+/=")


@pytest.mark.parametrize("secret", ["", "two words", "ümläut", "-----BEGIN PRIVATE KEY-----\nno\n", "a\nb"])
def test_a_secret_of_another_kind_is_refused_for_good_and_not_repeated(secret: str):
    with pytest.raises(BadCredentials, match="Ed25519 or RSA key in PEM") as caught:
        CODEC.sign(CODEC.permissions_query(), Credentials(KEY, secret), 0, 0)

    assert caught.value.final
    assert not secret or secret not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_pem_key_may_have_its_line_ends_written_out():
    text = pem(Ed25519PrivateKey.generate())
    written_out = Credentials(KEY, text.replace("\n", "\\n"))

    assert signing.signature(written_out, "x") == signing.signature(Credentials(KEY, text), "x")


def test_a_hmac_key_signs_the_subscription():
    (text,) = CODEC.greetings(CREDENTIALS, "", NOW_NS, 0)

    message = json.loads(text)
    params = message["params"]
    payload = f"apiKey={KEY}&recvWindow=10000&timestamp=1499827319559"
    assert (message["id"], message["method"]) == (1, "userDataStream.subscribe.signature")
    assert params == {"apiKey": KEY, "recvWindow": 10_000, "timestamp": 1_499_827_319_559,
                      "signature": signing.signature(CREDENTIALS, payload)}  # fmt: skip


def test_an_ed25519_key_logs_on_and_then_subscribes():
    credentials = Credentials(KEY, pem(Ed25519PrivateKey.generate()))

    first, second = map(json.loads, CODEC.greetings(credentials, "", NOW_NS, 0))

    assert (first["id"], first["method"]) == (1, "session.logon")
    assert second == {"id": 2, "method": "userDataStream.subscribe", "params": {}}


# what a key may do

# https://developers.binance.com/docs/wallet/account/api-key-permission
NOTHING = {
    "ipRestrict": True, "createTime": 1623840271000, "enableReading": True, "enableWithdrawals": False,
    "enableInternalTransfer": False, "enableMargin": False, "enableFutures": False,
    "permitsUniversalTransfer": False, "enableVanillaOptions": False, "enableFixApiTrade": False,
    "enableFixReadOnly": True, "enableSpotAndMarginTrading": False, "enablePortfolioMarginTrading": False,
}  # fmt: skip
TRADES = [name for name in NOTHING if name.endswith(("Trading", "Margin", "Futures", "Options", "Trade"))]


@pytest.mark.parametrize(
    ("flags", "may"),
    [
        ({}, (True, False, False)),
        ({"enableReading": False}, (False, False, False)),
        *[({name: True}, (True, True, False)) for name in TRADES],
        *[({name: True}, (True, False, True)) for name in
          ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")],
        ({"enableWithdrawals": True, "enableFutures": True}, (True, True, True)),
        ({"enableRockets": True}, (True, True, False)),
    ],
)  # fmt: skip
def test_what_a_key_may_do(flags: dict[str, bool], may: tuple[bool, bool, bool]):
    permissions = CODEC.decode_permissions(json.dumps(NOTHING | flags).encode())

    assert permissions[:3] == may
    assert all(name in permissions.words for name, on in flags.items() if on)
    assert "ipRestrict" not in permissions.words


@pytest.mark.parametrize(
    ("code", "msg", "final", "words"),
    [
        (-1022, "Signature for this request is not valid.", True, "the secret does not belong to this key"),
        (-2008, "Invalid Api-Key ID.", True, "Binance does not know this key"),
        (-2014, "API-key format invalid.", True, "this is no API key of Binance"),
        (-2015, "Invalid API-key, IP, or permissions for action.", False, "Invalid API-key, IP"),
        (-1021, "Timestamp for this request is outside of the recvWindow.", False, "machine's clock differs"),
        (-1000, "An unknown error occurred.", False, "An unknown error"),
    ],
)
def test_what_the_venue_refuses(code: int, msg: str, final: bool, words: str):
    problem = CODEC.denied(400, json.dumps({"code": code, "msg": msg}).encode())

    assert problem.final is final
    assert words in problem.words
    assert f"({code})" in problem.words


def test_an_answer_that_is_none_is_its_status():
    assert CODEC.denied(502, b"<html>").words == "Binance answered HTTP 502"
