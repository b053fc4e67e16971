from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortfoliosConfig(AppConfig):
    name = "marketdash.portfolios"
    label = "portfolios"
    verbose_name = "Portfolios"

    def ready(self) -> None:
        from marketdash import access, publish
        from marketdash.portfolios import sharing
        from marketdash.portfolios.desk import CHANNEL, Portfolios
        from marketdash.portfolios.guards import put_up

        publish.register(CHANNEL, Portfolios())
        post_migrate.connect(put_up, sender=self, dispatch_uid="portfolios.guards")
        access.register_shares(sharing.Kept())
