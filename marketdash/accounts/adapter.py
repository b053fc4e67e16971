"""How allauth signs people in here: local accounts by name, sign-up where the operator opened it, no mail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import filter_users_by_username
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from marketdash.addresses import counted_as


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP == "open"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """By what it is counted; nothing else asks, since no mail is sent. allauth would count all of IPv4 as
        one where it comes to a socket of IPv6. On a unix socket nobody has an address: then all share one
        limit, which is better than none."""
        return counted_as(get_client_ip(request) or "unknown")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are counted for the account that is meant, however its name was written. allauth counts
        them by the Host header as well, so each port that a client put there had tries of its own."""
        name = credentials.get("username", "")
        user = filter_users_by_username(name).first()
        return f"account {user.pk}" if user else f"name {name.lower()}"
