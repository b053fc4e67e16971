"""What portfolios were worth, minute by minute. Part of ``models``."""

from __future__ import annotations

from django.db import models

from marketdash.portfolios.fields import ExactField


class EquityPoint(models.Model):
    """A portfolio's total, as its page would have shown it in that minute; one and no more.

    It holds what is recorded up to the entry ``entries``, so what came between two points is known for ever,
    whatever its date. ``since_us``: the earliest that came since the point before, of what moved money in or
    out, or belongs before that point. ``grain``: how many minutes it stands for.
    """

    portfolio = models.ForeignKey(
        "portfolios.Portfolio", models.CASCADE, related_name="equity", db_index=False
    )
    minute = models.PositiveIntegerField(help_text="Since 1970, in UTC.")
    base = models.ForeignKey("instruments.Asset", models.PROTECT, related_name="+", db_index=False)
    total = ExactField()
    partial = models.BooleanField(help_text="Something had no price, or none that was live.")
    entries = models.BigIntegerField()
    since_us = models.BigIntegerField(null=True)
    grain = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["minute"]
        indexes = [models.Index(fields=["grain", "minute"], name="equity_to_thin")]
        constraints = [models.UniqueConstraint(fields=["portfolio", "minute"], name="equity_once")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} at {self.minute}"


class EquityDay(models.Model):
    """What a portfolio was worth when a day ended, by closes of that day and the ledger as it is known."""

    portfolio = models.ForeignKey("portfolios.Portfolio", models.CASCADE, related_name="+", db_index=False)
    day = models.PositiveIntegerField(help_text="Since 1970, in UTC.")
    total = ExactField()
    partial = models.BooleanField(help_text="Something had no close of that day, or not a whole one.")

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["portfolio", "day"], name="equity_day_once")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} on day {self.day}"


class EquityPast(models.Model):
    """How the days of a portfolio were worked out: in ``base``, of the ledger up to ``entries``, from the day
    ``since`` to the one before ``until``.

    ``due_us``: when they are looked at again, None where nothing more may come; ``coming``: closes are being
    fetched.
    """

    portfolio = models.OneToOneField(
        "portfolios.Portfolio", models.CASCADE, primary_key=True, related_name="equity_past"
    )
    base = models.ForeignKey("instruments.Asset", models.PROTECT, related_name="+", db_index=False)
    entries = models.BigIntegerField()
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField()
    coming = models.BooleanField()
    tries = models.PositiveSmallIntegerField()
    due_us = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.portfolio_id} until day {self.until}"
