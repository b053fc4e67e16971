from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketdash.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from marketdash.accounts import notices  # noqa: F401 (connects the signals)
