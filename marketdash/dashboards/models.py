"""Watchlists, of a person or shared with everybody who may read markets; and screens, of a person alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketdash.instruments.models import Instrument

NAME_LENGTH = 64


class Watchlist(models.Model):
    """``owner`` None: shared; an administrator arranges it and visitors start with the first of them."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="watchlists"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    place = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="watchlist_name"),
            models.UniqueConstraint(fields=["name"], condition=Q(owner=None), name="watchlist_shared_name"),
        ]

    def __str__(self) -> str:
        return self.name


class WatchlistItem(models.Model):
    """Protected: an instrument in somebody's list is delisted or switched off, and never gone."""

    watchlist = models.ForeignKey(Watchlist, models.CASCADE, related_name="items")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    place = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["watchlist", "instrument"], name="watchlist_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} in {self.watchlist_id}"


class KeptScreen(models.Model):
    """An arrangement of the instrument page, as :mod:`marketdash.dashboards.screens` writes it.

    Without a name: the one that its owner sees now. ``version`` counts its writes.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="screens")
    name = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    version = models.PositiveIntegerField(default=0)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="screen_name")]

    def __str__(self) -> str:
        return self.name or "current"
