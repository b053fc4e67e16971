"""Portfolios, their accounts, and the ledger, which only grows.

An entry and all that belongs to it is written once. :mod:`marketdash.portfolios.guards` has the database
refuse changes as well. Deleting goes with the whole portfolio or its owner, and no other way.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from marketdash.instruments.models import Asset, Venue
from marketdash.portfolios.accounting.drafts import NOTE_LENGTH, REFERENCE_LENGTH, SOURCE_LENGTH
from marketdash.portfolios.accounting.ledger import KINDS, POSITION, REVERSAL, ROLES, SOURCES
from marketdash.portfolios.accounting.pools import FIFO, METHODS
from marketdash.portfolios.equity_models import EquityDay as EquityDay
from marketdash.portfolios.equity_models import EquityPast as EquityPast
from marketdash.portfolios.equity_models import EquityPoint as EquityPoint
from marketdash.portfolios.executions.models import ExchangeKey as ExchangeKey
from marketdash.portfolios.executions.models import Fill as Fill
from marketdash.portfolios.executions.models import PlacedOrder as PlacedOrder
from marketdash.portfolios.fields import ExactField
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.past_models import Looked as Looked
from marketdash.portfolios.past_models import MissingRate as MissingRate

NAME_LENGTH = 64


class Portfolio(models.Model):
    """What belongs together, in the currency that it is measured in."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="portfolios")
    name = models.CharField(max_length=NAME_LENGTH)
    base = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    method = models.CharField(max_length=7, choices=METHODS, default=FIFO)
    restoring = models.DateTimeField(
        null=True, editable=False, help_text="When a backup was last written into it; empty once it is whole."
    )
    late_rates = models.BigIntegerField(
        default=0, editable=False, help_text="The greatest number of a rate that was stated after its entry."
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="portfolio_name")]

    def __str__(self) -> str:
        return self.name

    def count_late_rates(self) -> None:
        """After some were stated, under its lock: readers know by it that they folded without them."""
        newest = Rate.objects.order_by("-pk").values("pk")[:1]
        Portfolio.objects.filter(pk=self.pk).update(late_rates=newest)


class Account(models.Model):
    """Where things lie: at a venue, in a wallet, in a drawer."""

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="accounts")
    name = models.CharField(max_length=NAME_LENGTH)
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["portfolio", "name"], name="account_name")]

    def __str__(self) -> str:
        return self.name


class Unchangeable(TypeError):
    """Somebody tried to change or delete what is recorded."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind}: what is recorded stays; expected a new entry that corrects it")


class Recorded(models.QuerySet):
    """Rows that are added and never changed."""

    def update(self, **kwargs: Any) -> int:
        raise Unchangeable(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Unchangeable(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise Unchangeable(self.model.__name__)

    def bulk_create(self, objs: Any, *args: Any, update_conflicts: bool = False, **kwargs: Any) -> Any:
        """Without ``update_conflicts``: that is a change by another name."""
        if update_conflicts:
            raise Unchangeable(self.model.__name__)
        return super().bulk_create(objs, *args, **kwargs)


class RecordedModel(models.Model):
    objects = Recorded.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable(type(self).__name__)
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Unchangeable(type(self).__name__)


class Entry(RecordedModel):
    """What happened at one time. ``account`` is where it was recorded, its legs may touch others.

    ``corrects``: a reversal makes the entry that it points at count no more; any other entry with it stands
    in that one's place.
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="entries", db_index=False)
    account = models.ForeignKey(Account, models.RESTRICT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    at_us = models.BigIntegerField(help_text="When it happened, in microseconds since 1970.")
    recorded = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=10, choices=SOURCES)
    reference = models.CharField(
        max_length=REFERENCE_LENGTH, blank=True, help_text="File and line, or the exchange's own number."
    )
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    fingerprint = models.CharField(max_length=64)
    corrects = models.ForeignKey("self", models.RESTRICT, null=True, related_name="corrections")
    imported = models.ForeignKey(Import, models.RESTRICT, null=True, related_name="entries", db_index=False)

    class Meta:
        ordering = ["at_us", "pk"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["portfolio", "at_us", "id"], name="entry_in_order"),
            models.Index(fields=["portfolio", "id"], name="entry_newest"),
            models.Index(fields=["imported"], condition=Q(imported__isnull=False), name="entry_imported"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="entry_once"),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(kind=REVERSAL), name="entry_reversed_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind=REVERSAL) | Q(corrects__isnull=False), name="entry_reversal_of_one"
            ),
            models.CheckConstraint(condition=~Q(corrects=F("id")), name="entry_corrects_another"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Leg(RecordedModel):
    """Signed as its account sees it; see :class:`marketdash.portfolios.accounting.ledger.Leg`."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="legs")
    account = models.ForeignKey(Account, models.RESTRICT, related_name="legs")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    amount = ExactField()
    role = models.CharField(max_length=9, choices=ROLES)
    worth = ExactField(null=True, blank=True)
    currency = models.ForeignKey(
        Asset, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    worth_source = models.CharField(max_length=SOURCE_LENGTH, blank=True)
    instrument = models.CharField(
        max_length=97, blank=True, help_text="Full name of a derivative, as it was then."
    )
    price = ExactField(null=True, blank=True)
    multiplier = ExactField(null=True, blank=True)
    inverse = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(worth__isnull=True, currency__isnull=True)
                | Q(worth__isnull=False, currency__isnull=False),
                name="leg_worth_in_a_currency",
            ),
            models.CheckConstraint(
                condition=~Q(role=POSITION)
                | (Q(price__isnull=False, multiplier__isnull=False) & ~Q(instrument="")),
                name="leg_position_has_terms",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.asset_id}"


class Rate(RecordedModel):
    """What one ``asset`` was worth at the time of an entry. One may be added later."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="rates")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_index=False)
    currency = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_index=False)
    rate = ExactField()
    source = models.CharField(max_length=SOURCE_LENGTH, help_text="Its path and its age, or who says so.")
    late = models.BooleanField(default=False, help_text="Stated after the entry was recorded.")
    recorded = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["id"], condition=Q(late=True), name="rate_late")]
        constraints = [
            models.UniqueConstraint(fields=["entry", "asset", "currency"], name="rate_of_an_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} = {self.rate} {self.currency_id}"


class SavedBook(models.Model):
    """How far a ledger was folded, by one method in one currency: a page goes on from there.

    It holds all entries up to the number ``entries`` and late rates up to ``late``; the last one folded was
    at ``at_us``. ``assets`` are the codes that it knows assets by. ``lacks`` are entries of which something
    is unknown. ``wanted``: somebody waits for it to be folded further. ``early`` ones end before the newest
    entries: what a change among those would do is folded from there. Nothing is lost with it.
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="+")
    base = models.ForeignKey(Asset, models.CASCADE, related_name="+", db_index=False)
    method = models.CharField(max_length=7, choices=METHODS)
    entries = models.BigIntegerField()
    late = models.BigIntegerField()
    at_us = models.BigIntegerField()
    rules = models.CharField(max_length=64)
    assets = models.JSONField()
    body = models.BinaryField()
    lacks = models.BinaryField(default=b"")
    wanted = models.BooleanField(default=False)
    early = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "base", "method", "early"], name="saved_once")
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.method} until {self.entries}"


class Share(models.Model):
    """Somebody may look at a portfolio. ``name`` is what the owner typed.

    ``viewer`` is who was called so then; nobody where there was no such account, and later ones are not
    meant. The owner is not told which, so that sharing does not find out who has an account.
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="shares", db_index=False)
    name = models.CharField(max_length=150)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint("portfolio", Lower("name"), name="shared_once")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} with {self.name}"


class ShareLink(models.Model):
    """Whoever has its secret may look at a portfolio until it expires. ``digest`` is all that is kept of it.

    ``amounts``: quantities and money too; else weights and per cents alone.
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="links")
    name = models.CharField(max_length=NAME_LENGTH, help_text="Who has it, or what it is for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    amounts = models.BooleanField()
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()
