from __future__ import annotations

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "marketdash.dashboards"
    label = "dashboards"
    verbose_name = "Watchlists"
