"""What is followed by rule instead of by hand: all of a kind, near enough in time and price."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from marketdash.instruments.kinds import Depth, Kind

MOST = 5000
"""As many as one rule may follow: more than a worker holds would only be late."""


class Rule(models.Model):
    """Follows every instrument that fits it, new ones too, and lets go of what it follows when that no longer
    fits. What somebody switched by hand is theirs: a rule neither switches it on again nor off."""

    venue = models.ForeignKey("instruments.Venue", on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.OPTION)
    base = models.CharField(max_length=32, blank=True, help_text="As the venue calls it; empty: any.")
    quote = models.CharField(max_length=32, blank=True, help_text="Empty: any.")
    right = models.CharField(
        max_length=4, blank=True, choices=[("call", "Calls"), ("put", "Puts")], help_text="Empty: both."
    )
    within_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3660)],
        help_text="Only what expires within so many days. Empty: whenever.",
    )
    band = models.PositiveSmallIntegerField(
        "band, ± %",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Only strikes so near to the price of the spot. Empty: any strike.",
    )
    spot = models.ForeignKey(
        "instruments.Instrument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose price the band is around: an index, a spot market, a perpetual that is followed.",
    )
    ticker = models.BooleanField(default=True)
    trades = models.BooleanField(default=False)
    bars = models.BooleanField(default=False)
    book_depth = models.PositiveSmallIntegerField(choices=Depth, default=Depth.OFF)
    most = models.PositiveSmallIntegerField(
        default=2000,
        validators=[MinValueValidator(1), MaxValueValidator(MOST)],
        help_text="At most so many, those that expire first and are nearest to the spot.",
    )
    enabled = models.BooleanField(
        default=True, help_text="Off: what it switched on is switched off, unless a hand did since."
    )
    changed_at = models.DateTimeField(auto_now=True, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)
    fits = models.PositiveIntegerField("fit", default=0, editable=False)
    problem = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["venue", "kind", "base", "pk"]

    def __str__(self) -> str:
        what = " ".join(filter(None, [self.venue.title, f"{self.base}/{self.quote}".strip("/"), self.kind]))
        near = [f"within {self.within_days} days"] if self.within_days else []
        near += [f"±{self.band} % of {self.spot}"] if self.band and self.spot_id else []
        sides = {"call": ["calls"], "put": ["puts"]}.get(self.right, [])
        return ", ".join([what, *sides, *near])

    def clean(self) -> None:
        """A band is around a price, and only options have strikes."""
        problems = {}
        if self.band and not self.spot_id:
            problems["spot"] = "expected an instrument whose price the band is around, found none"
        if self.kind != Kind.OPTION and (self.band or self.right):
            problems["kind"] = f"expected option, as a band and a side are of strikes, found {self.kind}"
        if problems:
            raise ValidationError(problems)
