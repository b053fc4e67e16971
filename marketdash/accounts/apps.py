from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketdash.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from marketdash import access
        from marketdash.accounts import factors, notices, tokens  # noqa: F401 (two connect signals)

        access.register_tokens(tokens.Kept())
