from __future__ import annotations

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "marketdash.ops"
    label = "ops"
    verbose_name = "Operation"

    def ready(self) -> None:
        from marketdash import checks  # noqa: F401 (registers the system checks)
        from marketdash.ops import reporting

        reporting.begin()
