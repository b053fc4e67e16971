from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketdash.accounts"
    label = "accounts"
    verbose_name = "Accounts"
