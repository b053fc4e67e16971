from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "marketdash.live"
    label = "live"
    verbose_name = "Live markets"
