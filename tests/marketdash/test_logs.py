"""What a request that failed leaves in the log: what was wrong, and nothing that opens something."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from marketdash.logs import configuration

SECRET = "TN2tjEVaUrjw37p4ekoHX2PfUG6UIOK1X1QRtKKhKMk"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """By our formatter, beside what pytest does with logs."""
    made = configuration("INFO", "json")["formatters"]["line"]
    formatter = made.pop("()")(**made)
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(formatter)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield handler.stream
    logger.removeHandler(handler)


def refused(request: HttpRequest, status: int, words: str) -> None:
    log_response("%s: %s", words, request.path, response=HttpResponse(status=status), request=request)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_the_address_of_a_link_is_not_in_it(written: StringIO, status: int) -> None:
    refused(RequestFactory().get(f"/shared/{SECRET}/"), status, "Trouble")

    said = json.loads(written.getvalue())
    assert SECRET not in written.getvalue()
    assert (said["event"], said["status_code"], said["method"]) == ("Trouble: /shared/…/", status, "GET")


def test_nor_is_a_token_that_was_put_into_an_address(written: StringIO) -> None:
    refused(RequestFactory().post(f"/api/v1/portfolios?token=md_{SECRET}"), 401, "Unauthorized")

    said = json.loads(written.getvalue())
    assert SECRET not in written.getvalue()
    assert (said["event"], said["method"]) == ("Unauthorized: /api/v1/portfolios", "POST")


def test_other_words_stay_as_they_are(written: StringIO) -> None:
    logging.getLogger("django.request").error("of %s things", 3)
    assert json.loads(written.getvalue())["event"] == "of 3 things"
