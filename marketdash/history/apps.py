from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "marketdash.history"
    label = "history"
    verbose_name = "Stored bars"

    def ready(self) -> None:
        from marketdash import publish
        from marketdash.history.memory import StoredBars

        publish.remember(StoredBars())
