"""What an account's own feed speaks of: nothing in it shows a secret, and the registry names its venues."""

from __future__ import annotations

import pytest

from feeds.private import BadCredentials, Credentials, Denied
from feeds.venues import PRIVATE, VENUES, private_codec

SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, lambda value: repr([value])])
def test_credentials_show_the_end_of_the_key_and_nothing_else(show):
    shown = show(Credentials("ABCDEFGHIJKLMNOP", SECRET))

    assert "…MNOP" in shown
    assert SECRET[:8] not in shown
    assert "ABCD" not in shown


def test_a_short_key_is_not_shown_at_all():
    assert Credentials("ABCDEFGH", SECRET).last == ""


def test_credentials_that_cannot_be_used_are_refused_for_good():
    problem = BadCredentials("base64")

    assert isinstance(problem, Denied)
    assert problem.final
    assert problem.words == "the secret does not fit: expected base64"


def test_a_venue_without_a_private_codec_is_a_lookup_error_that_names_those_with_one():
    with pytest.raises(LookupError, match="venue of a key: expected one of .*, found .NOWHERE."):
        private_codec("NOWHERE")


def test_each_private_codec_belongs_to_a_venue_and_is_whole():
    for name in PRIVATE:
        codec = private_codec(name)
        assert name in VENUES
        assert codec.venue == name
        assert codec.ws_url.startswith("wss://")
        assert codec.rest_url.startswith("https://")
