"""Kraken's keys: how requests are signed with one, what it may do, and how the venue refuses one."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError
from feeds.private import BadCredentials, Credentials, Denied, Query
from feeds.venues.kraken.private import KrakenPrivate

CODEC = KrakenPrivate()
# The worked example of https://docs.kraken.com/api/docs/guides/spot-rest-auth
SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
SIGNATURE = "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
CREDENTIALS = Credentials("APIKEYOFKRAKEN", SECRET)


def answer(result: object = None, *errors: str) -> bytes:
    return json.dumps({"error": errors, "result": result}).encode()


def test_the_venues_own_example_is_signed_as_the_venue_says():
    params = (("ordertype", "limit"), ("pair", "XBTUSD"), ("price", "37500"), ("type", "buy"))
    query = Query("POST", "/0/private/AddOrder", (*params, ("volume", "1.25")))

    request = CODEC.sign(query, CREDENTIALS, 0, 1616492376594)

    assert dict(request.headers)["API-Sign"] == SIGNATURE
    assert dict(request.headers)["API-Key"] == "APIKEYOFKRAKEN"
    assert request.body == "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
    assert (request.method, request.path) == ("POST", "/0/private/AddOrder")


@pytest.mark.parametrize("secret", ["", "no base64!", "ümläut", SECRET[:-3]])
def test_a_secret_of_another_kind_is_refused_for_good_and_not_repeated(secret: str):
    with pytest.raises(BadCredentials, match="in base64") as caught:
        CODEC.sign(CODEC.permissions_query(), Credentials("KEY", secret), 0, 1)

    assert caught.value.final
    assert not secret or secret not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_key_that_no_header_can_carry_is_refused():
    with pytest.raises(BadCredentials):
        CODEC.sign(CODEC.permissions_query(), Credentials("a\r\nHost: x", SECRET), 0, 1)


# what a key may do

READ = ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger", "create-ws-token"]


@pytest.mark.parametrize(
    ("granted", "may"),
    [
        (READ, (True, False, False)),
        ([*READ, "export-data"], (True, False, False)),
        ([*READ, "modify-trades"], (True, True, False)),
        ([*READ, "close-trades"], (True, True, False)),
        ([*READ, "withdraw-funds"], (True, False, True)),
        ([*READ, "modify-trades", "withdraw-funds"], (True, True, True)),
        # What nobody has heard of lets it do something that nobody has heard of.
        ([*READ, "launch-rockets"], (True, True, False)),
        (["query-funds"], (False, False, False)),
        ([], (False, False, False)),
    ],
)
def test_what_a_key_may_do(granted: list[str], may: tuple[bool, bool, bool]):
    permissions = CODEC.decode_permissions(answer({"apiKeyName": "mine", "permissions": granted}))

    assert permissions[:3] == may
    assert permissions.words == (", ".join(granted) or "nothing")


@pytest.mark.parametrize(
    ("error", "final", "wait_s", "words"),
    [
        ("EAPI:Invalid key", True, 0, "Kraken does not know this key"),
        ("EAPI:Invalid signature", True, 0, "the secret does not belong to this key"),
        ("EGeneral:Permission denied", True, 0, "the key lacks a permission"),
        ("EAPI:Invalid nonce", False, 0, "EAPI:Invalid nonce"),
        ("EService:Unavailable", False, 0, "EService:Unavailable"),
        ("EAPI:Rate limit exceeded", False, 45, "EAPI:Rate limit exceeded"),
        ("EGeneral:Temporary lockout", False, 900, "EGeneral:Temporary lockout"),
    ],
)
def test_what_the_venue_refuses_and_for_how_long(error: str, final: bool, wait_s: float, words: str):
    with pytest.raises(Denied, match=words) as caught:
        CODEC.decode_permissions(answer(None, error))

    assert (caught.value.final, caught.value.wait_s) == (final, wait_s)
    assert error in caught.value.words


def test_a_token_is_read_and_is_in_no_error():
    token = "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606d1WcF3XfEMw"

    assert CODEC.decode_token(answer({"token": token, "expires": 900})) == token
    with pytest.raises(DecodeError, match="expected a token") as caught:
        CODEC.decode_token(answer({"tokens": token}))

    assert token[:5] not in str(caught.value)
