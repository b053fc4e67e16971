"""What nobody should send, for codecs: any JSON, any bytes, a good message with fields changed to any."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import msgspec
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.private import Denied, UnknownSymbol

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
BYTES = st.binary(max_size=200) | JSON.map(msgspec.json.encode)


def changes(fields: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, object]]]:
    """Some of ``fields``, each with anything for a value."""
    return st.lists(st.tuples(fields, JSON), max_size=4)


def only_decode_errors(call: Callable[..., object], *arguments: object) -> None:
    """Whatever it was given, a codec makes something of it or says that it cannot."""
    with contextlib.suppress(DecodeError, Denied, UnknownSymbol):
        call(*arguments)
