"""Whose prices these are, on pages that are not made of our own templates."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

PAGES = ("/admin/", "/admin/instruments/instrument/", "/admin/auth/user/add/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_admin_says_whether_it_is_simulated(
    admin_client: Client, settings: Any, path: str
) -> None:
    for mode, said in (("demo", True), ("live", False)):
        settings.MODE = mode
        assert ("SIMULATED" in admin_client.get(path).content.decode()) == said, (path, mode)
