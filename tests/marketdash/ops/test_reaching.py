"""The address that is printed is one to type, and one where passkeys work."""

from __future__ import annotations

import pytest

from marketdash.ops.reaching import spoken


@pytest.mark.parametrize(
    ("host", "allowed", "address"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], "localhost"),
        ("::1", ["*"], "localhost"),
        ("0.0.0.0", ["localhost"], "localhost"),
        ("127.0.0.1", ["127.0.0.1"], "127.0.0.1"),  # by name it would be refused
        ("::1", ["[::1]"], "[::1]"),
        ("192.0.2.7", ["localhost", "192.0.2.7"], "192.0.2.7"),
    ],
)
def test_this_machine_is_named_where_the_site_answers_to_it(
    host: str, allowed: list[str], address: str
) -> None:
    assert spoken(host, allowed) == address
