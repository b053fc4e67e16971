"""A site that insists on TLS, and the names of this machine that need none."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import Client, RequestFactory

from marketdash.ops import loopback

NAME = "markets.example.org"
BY_TLS = {"X-Forwarded-Proto": "https"}
PAGE = "/accounts/login/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def strict(settings: Any) -> None:
    """What ``BEHIND_PROXY=true`` sets."""
    settings.ALLOWED_HOSTS = [NAME, "localhost", "127.0.0.1", "[::1]"]
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("name", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
@pytest.mark.parametrize("headers", [{}, BY_TLS], ids=["plain", "tls"])
def test_a_name_of_this_machine_needs_no_tls(name: str, headers: dict[str, str]) -> None:
    answer = Client().get(PAGE, headers={"Host": name, **headers})

    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    assert not answer.cookies["csrftoken"]["secure"]
    assert answer.wsgi_request.is_secure() is bool(headers)


def test_somebody_signs_in_on_this_machine(settings: Any) -> None:
    User.objects.create_user("Alice", password="a long old password")
    client = Client(enforce_csrf_checks=True, headers={"Host": "localhost:8000"})
    token = client.get(PAGE).cookies["csrftoken"].value

    asked = {"login": "Alice", "password": "a long old password", "csrfmiddlewaretoken": token}
    answer = client.post(PAGE, asked, headers={"Origin": "http://localhost:8000"})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not answer.cookies["sessionid"]["secure"]


def test_any_other_name_is_sent_to_tls() -> None:
    answer = Client().get(PAGE, headers={"Host": NAME})

    assert (answer.status_code, answer["Location"]) == (301, f"https://{NAME}{PAGE}")


def test_behind_the_proxy_everything_is_for_tls() -> None:
    answer = Client().get(PAGE, headers={"Host": NAME, **BY_TLS})

    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert answer.cookies["csrftoken"]["secure"]


def test_without_a_declared_proxy_nobody_says_of_himself_that_he_came_by_tls(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None

    assert Client().get(PAGE, headers={"Host": NAME, **BY_TLS}).status_code == 301


def test_a_name_of_this_machine_that_the_site_does_not_answer_to_opens_nothing(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [NAME]

    assert Client().get(PAGE, headers={"Host": "localhost"}).status_code == 400


@pytest.mark.parametrize(("name", "status"), [("localhost:8000", 200), (NAME, 301)])
async def test_the_same_holds_in_the_loop(name: str, status: int) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.is_secure()))

    chain = loopback.before_security(SecurityMiddleware(loopback.behind_security(view)))
    answer = await chain(RequestFactory().get(PAGE, headers={"Host": name}))

    assert answer.status_code == status
    assert status == 301 or answer.content == b"False"
