"""Coinbase's keys: the tokens that are signed with one, what it may do, how the venue refuses one."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from feeds.private import BadCredentials, Credentials, Query
from feeds.venues.coinbase import signing
from feeds.venues.coinbase.private import CoinbasePrivate

CODEC = CoinbasePrivate()
NAME = "organizations/0a1b/apiKeys/2c3d"
NOW_NS = 1_766_000_000_500_000_000
# RFC 8037, appendix A: the seed of its Ed25519 key.
SEED = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
# RFC 7515, appendix A.3: the secret number of its P-256 key.
NUMBER = int.from_bytes(base64.urlsafe_b64decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI="))


def pem(key, form=serialization.PrivateFormat.PKCS8) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


EC_KEY = ec.derive_private_key(NUMBER, ec.SECP256R1())
EDWARDS = Credentials(NAME, base64.b64encode(SEED).decode())
ELLIPTIC = Credentials(NAME, pem(EC_KEY, serialization.PrivateFormat.TraditionalOpenSSL))


def test_an_ed25519_key_signs_as_its_standard_says():
    """RFC 8037, appendix A.4, to the last letter."""
    assert signing.jws({}, b"Example of Ed25519 signing", EDWARDS.secret) == (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhi"
        "jcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


def test_an_elliptic_key_signs_what_its_public_half_verifies():
    """ES256 is random, so its standard's example is verified and not repeated (RFC 7515, appendix A.3)."""
    example = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    head, payload = "eyJhbGciOiJFUzI1NiJ9", (
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )  # fmt: skip

    made = signing.jws({}, unpacked(payload), ELLIPTIC.secret)

    assert made.startswith(f"{head}.{payload}.")
    for signature in (example, made.rpartition(".")[2]):
        raw = unpacked(signature)
        assert len(raw) == 64
        pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        EC_KEY.public_key().verify(pair, f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(("credentials", "algorithm"), [(EDWARDS, "EdDSA"), (ELLIPTIC, "ES256")])
def test_a_request_carries_a_token_for_its_method_and_path_alone(credentials: Credentials, algorithm: str):
    query = Query("GET", "/api/v3/brokerage/orders/historical/fills", (("order_ids", "a b"),))

    request = CODEC.sign(query, credentials, NOW_NS, 0xABC)

    head, claims = (json.loads(unpacked(part)) for part in request.headers[0][1][7:].split(".")[:2])
    assert request.path == "/api/v3/brokerage/orders/historical/fills?order_ids=a+b"
    assert request.headers[0][0] == "Authorization"
    assert head == {"typ": "JWT", "kid": NAME, "nonce": f"{0xABC:032x}", "alg": algorithm}
    assert claims == {
        "sub": NAME, "iss": "cdp", "nbf": 1_765_999_995, "exp": 1_766_000_115,
        "uri": "GET api.coinbase.com/api/v3/brokerage/orders/historical/fills",
    }  # fmt: skip


def test_each_subscription_has_a_token_of_its_own_for_no_address():
    first, second = map(json.loads, CODEC.greetings(EDWARDS, "", NOW_NS, 7))

    assert [(each["type"], each["channel"]) for each in (first, second)] == [
        ("subscribe", "user"), ("subscribe", "heartbeats")
    ]  # fmt: skip
    assert first["jwt"] != second["jwt"]
    assert "uri" not in json.loads(unpacked(first["jwt"].split(".")[1]))


@pytest.mark.parametrize(
    "secret",
    [
        pem(EC_KEY),
        pem(EC_KEY).replace("\n", "\\n"),
        pem(Ed25519PrivateKey.from_private_bytes(SEED)),
        base64.b64encode(SEED + b"p" * 32).decode(),
        "\n ".join([EDWARDS.secret[:20], EDWARDS.secret[20:]]),
    ],
)
def test_a_secret_in_any_of_its_forms_is_taken(secret: str):
    assert CODEC.sign(CODEC.permissions_query(), Credentials(NAME, secret), NOW_NS, 1).headers


@pytest.mark.parametrize(
    "secret",
    [
        "", "no key", "bm8ga2V5", "-----BEGIN EC PRIVATE KEY-----\nno\n-----END EC PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ],
)  # fmt: skip
def test_a_secret_of_another_kind_is_refused_for_good_and_not_repeated(secret: str):
    with pytest.raises(BadCredentials, match="an EC key in PEM or an Ed25519 key in base64") as caught:
        CODEC.sign(CODEC.permissions_query(), Credentials(NAME, secret), 0, 1)

    assert caught.value.final
    assert not secret or secret not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("flags", "may"),
    [
        ({"can_view": True}, (True, False, False)),
        ({"can_view": True, "can_receive": True}, (True, False, False)),
        ({"can_view": True, "can_trade": True}, (True, True, False)),
        ({"can_view": True, "can_transfer": True}, (True, False, True)),
        ({"can_view": True, "can_trade": True, "can_transfer": True}, (True, True, True)),
        ({"can_view": True, "can_launch": True}, (True, True, False)),
        ({"can_trade": True}, (False, True, False)),
        ({}, (False, False, False)),
    ],
)
def test_what_a_key_may_do(flags: dict[str, bool], may: tuple[bool, bool, bool]):
    answer = {"can_view": False, "can_trade": False, "can_transfer": False, "portfolio_uuid": "x"} | flags

    permissions = CODEC.decode_permissions(json.dumps(answer).encode())

    assert permissions[:3] == may
    assert permissions.words == (", ".join(name for name, on in answer.items() if on is True) or "nothing")


@pytest.mark.parametrize(
    ("status", "body", "final", "words"),
    [
        (401, b"Unauthorized", False, "Coinbase does not accept the key: it is wrong"),
        (403, b'{"error":"PERMISSION_DENIED","message":"Missing required scopes"}', True, "needs to view"),
        (403, b"<html>", False, "Coinbase answered HTTP 403"),
        (500, b'{"error":"INTERNAL","message":"try later"}', False, "HTTP 500: try later"),
    ],
)
def test_what_the_venue_refuses(status: int, body: bytes, final: bool, words: str):
    problem = CODEC.denied(status, body)

    assert problem.final is final
    assert words in problem.words
