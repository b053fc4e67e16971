"""A lookup that cannot be made is answered by the list; what fails without one is not sent to itself."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import DataError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from marketdash.ops.middleware import UnusableLookupMiddleware

LIST = "/admin/instruments/instrument/"


def test_other_failures_of_the_admin_stay_what_they_are() -> None:
    middleware = UnusableLookupMiddleware(lambda request: HttpResponse())

    for request in (RequestFactory().post(LIST), RequestFactory().get(LIST)):
        assert middleware.process_exception(request, ValueError("not enough values to unpack")) is None
    elsewhere = RequestFactory().post("/portfolios/")
    assert middleware.process_exception(elsewhere, ValueError("expected a number but got 'x'")) is None


@pytest.mark.parametrize(("asked", "sent_to"), [("?kind=%00", f"{LIST}?e=1"), ("?e=1", None)])
def test_a_lookup_is_dropped_once(asked: str, sent_to: str | None) -> None:
    middleware = UnusableLookupMiddleware(lambda request: HttpResponse())

    answer = middleware.process_exception(RequestFactory().get(LIST + asked), DataError("out of range"))

    assert (answer["Location"] if answer else None) == sent_to


@pytest.mark.django_db
def test_what_was_sent_for_no_row_changes_nothing_and_says_so(admin_client: Client) -> None:
    sent = {"action": "delete_selected", "_selected_action": "abc", "post": "yes"}

    answer = admin_client.post("/admin/auth/user/", sent)

    page = answer.content.decode()
    assert answer.status_code == 400 and "Nothing was changed" in page
    assert 'href="/admin/auth/user/">Open the page anew' in page and get_user_model().objects.count() == 1
