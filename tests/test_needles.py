"""The search for secrets finds them in whatever form they stand, and names what it found without them."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import needles

SECRET = "Quill/canary+key & 'seal' 7331"
WRITTEN = (
    str.encode,
    lambda text: text.encode().hex().encode(),
    lambda text: b64encode(text.encode()),
    lambda text: urlsafe_b64encode(text.encode()),
    lambda text: quote_plus(text).encode(),
    lambda text: html.escape(text).encode(),
    lambda text: json.dumps(text).encode(),
    lambda text: repr(text).encode(),
)


@pytest.mark.parametrize("written", WRITTEN)
@given(before=st.text("abc/+ 7é", max_size=9), after=st.text("abc/+ 7é", max_size=9))
def test_it_is_found_in_each_form_wherever_it_stands(written, before, after):
    (found,) = needles.hits({"key": SECRET}, [("log", written(before + SECRET + after))])
    assert found.startswith("key in log") and SECRET not in found


@pytest.mark.parametrize("shown", [SECRET[:20], SECRET[12:]])
def test_half_of_it_is_found(shown):
    assert needles.hits({"key": SECRET}, [("log", shown.encode())])


@given(st.text("abcdefgh/+ ", max_size=200))
def test_what_holds_none_of_it_is_no_hit(text):
    assert needles.hits({"key": SECRET}, [("log", text.encode()), ("log", b64encode(text.encode()))]) == []
