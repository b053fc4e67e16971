"""Bars, how far they are known to be whole, and what is being fetched. Prices are exact decimal text."""

from __future__ import annotations

from django.db import models

from feeds.symbols import INTERVALS, interval_name
from marketdash.instruments.models import Instrument

# Twenty digits on either side of the point, and room for the sum of many.
_NUMBER = 64


def interval_choices() -> list[tuple[int, str]]:
    """A callable, so that another length needs no migration."""
    return [(minutes, interval_name(minutes)) for minutes in INTERVALS]


class Bar(models.Model):
    """One closed bar. It hangs on the instrument's row, not on its name, so a renamed one keeps its past.

    The key is the only wide index, and in the order that charts read in: 30 days of minutes of one instrument
    are 43,200 rows.
    """

    pk = models.CompositePrimaryKey("instrument_id", "interval", "start_us")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+", db_index=False)
    interval = models.PositiveSmallIntegerField()
    start_us = models.BigIntegerField()
    open = models.CharField(max_length=_NUMBER)
    high = models.CharField(max_length=_NUMBER)
    low = models.CharField(max_length=_NUMBER)
    close = models.CharField(max_length=_NUMBER)
    volume = models.CharField(max_length=_NUMBER)
    trades = models.BigIntegerField()
    incomplete = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.interval} m {self.start_us}"


class Span(models.Model):
    """From when until when all bars of one interval are stored that the venue has.

    Inside it a time without a bar is a time without trades; outside it nobody knows. ``begins``: the venue
    has nothing before it.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+")
    interval = models.PositiveSmallIntegerField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    begins = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instrument", "interval"], name="span_of_interval")]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.interval} m"


class Backfill(models.Model):
    """Bars to be fetched from the venue, newest page first; ``at_us`` is how far back it got.

    Nobody else takes it before ``busy_until_us``, which whoever works on it moves on with each page: after a
    crash anybody goes on where it stopped.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+")
    interval = models.PositiveSmallIntegerField(choices=interval_choices)
    since_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    at_us = models.BigIntegerField()
    bars = models.PositiveIntegerField(default=0, help_text="Bars that the venue gave so far.")
    asked_by = models.CharField(max_length=150, blank=True, help_text="Empty: the worker noticed it itself.")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    busy_until_us = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row, without a page between.")
    remark = models.CharField(
        max_length=300, blank=True, help_text="What went wrong, or where the venue ends."
    )

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            # Several workers notice the same gap, several readers scroll to the same end.
            models.UniqueConstraint(
                fields=["instrument", "interval"],
                condition=models.Q(finished=None, asked_by=""),
                name="backfill_noticed_once",
            ),
        ]
        indexes = [
            # What the worker looks for every few seconds: the few that are not done.
            models.Index(fields=["created"], condition=models.Q(finished=None), name="backfill_open"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.get_interval_display()}"

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1. For a bar on the screen."""
        whole = self.until_us - self.since_us
        return 1.0 if whole <= 0 else min(1.0, (self.until_us - self.at_us) / whole)
