from __future__ import annotations

from django.apps import AppConfig


class OptionsConfig(AppConfig):
    name = "marketdash.options"
    label = "options"
    verbose_name = "Options"
