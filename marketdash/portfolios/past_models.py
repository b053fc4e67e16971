"""How far the past of portfolios is known: whose entries were looked at, and what they still lack. Part of
``models``. All of it follows from ledgers and stored closes, and may be made anew."""

from __future__ import annotations

from django.db import models


class Looked(models.Model):
    """All ``entries`` up to this number were looked at, for rates in ``base``; what was lacking is noted."""

    portfolio = models.OneToOneField(
        "portfolios.Portfolio", models.CASCADE, primary_key=True, related_name="looked"
    )
    base = models.ForeignKey("instruments.Asset", models.PROTECT, related_name="+", db_index=False)
    entries = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.portfolio_id} until {self.entries}"


class MissingRate(models.Model):
    """What one ``asset`` was worth at the time of an entry is not known. Looked for again at ``due_us``.

    ``coming``: bars that may say it are being fetched. ``tries``: so often it was looked for.
    """

    portfolio = models.ForeignKey(
        "portfolios.Portfolio", models.CASCADE, related_name="missing_rates", db_index=False
    )
    entry = models.ForeignKey("portfolios.Entry", models.CASCADE, related_name="missing_rates")
    asset = models.ForeignKey("instruments.Asset", models.PROTECT, related_name="+", db_index=False)
    coming = models.BooleanField()
    tries = models.PositiveSmallIntegerField()
    due_us = models.BigIntegerField()

    class Meta:
        ordering = ["entry", "pk"]
        indexes = [
            models.Index(fields=["due_us"], name="missing_due"),
            models.Index(fields=["portfolio", "due_us"], name="missing_of_portfolio"),
        ]
        constraints = [models.UniqueConstraint(fields=["entry", "asset"], name="missing_once")]

    def __str__(self) -> str:
        return f"{self.asset_id} at {self.entry_id}"
