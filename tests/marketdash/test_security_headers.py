"""The content policy of pages and of the admin, and the other headers of every answer."""

from __future__ import annotations

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from marketdash.ops.middleware import ContentPolicyMiddleware


def policy_of(path: str, *, with_nonce: bool = True) -> dict[str, str]:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.csp_nonce) if with_nonce else "")  # type: ignore[attr-defined]

    answer = ContentPolicyMiddleware(view)(RequestFactory().get(path))
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in parts)}


def test_pages_run_our_scripts_and_those_with_the_nonce() -> None:
    policy = policy_of("/")

    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[^']+'", policy["script-src"])
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(policy)


def test_a_page_without_a_script_of_its_own_has_no_nonce() -> None:
    assert policy_of("/", with_nonce=False)["script-src"] == "'self'"


def test_the_admin_may_evaluate_and_nothing_else_that_pages_may_not() -> None:
    page, admin = policy_of("/"), policy_of("/admin/")

    assert "'unsafe-eval'" in admin["script-src"] and str(admin).count("unsafe") == 1
    assert re.fullmatch(r"'self' 'nonce-[^']+' 'unsafe-eval'", admin.pop("script-src"))
    assert admin.pop("trusted-types") == "default"
    del page["script-src"]
    assert admin.keys() == page.keys()
    assert admin["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(policy_of("/administration/"))


def test_every_answer_carries_the_other_headers(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_admin_page_is_there_and_has_the_policy(admin_client: Client) -> None:
    answer = admin_client.get("/admin/instruments/instrument/")

    assert answer.status_code == 200
    assert "'unsafe-eval'" in answer.headers["Content-Security-Policy"]
