from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "marketdash.live"
    label = "live"
    verbose_name = "Live markets"

    def ready(self) -> None:
        from marketdash import publish
        from marketdash.live import process

        publish.connect(process.read, process.notify, process.statistics, process.watch)
