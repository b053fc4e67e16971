"""Venues, assets and instruments. Sizes are exact decimal text: SQLite keeps 15 digits of a number."""

from __future__ import annotations

import zlib

from django.core.exceptions import ValidationError
from django.db import models

from feeds import symbols


def checked_name(text: str) -> None:
    """Full instrument names follow :mod:`feeds.symbols`."""
    try:
        symbols.split_instrument(text)
    except symbols.InvalidName as problem:
        raise ValidationError(str(problem)) from None


def checked_increment(text: str) -> None:
    """A positive plain decimal: ``0.01``, not ``1E-2``, not ``0``."""
    try:
        positive = symbols.number(text, what="size") > 0
    except symbols.InvalidNumber as problem:
        raise ValidationError(str(problem)) from None
    if not positive:
        raise ValidationError(f"size: expected more than 0, found {text!r}")


class Venue(models.Model):
    """An exchange, or one market of it where it uses the same symbol in several."""

    name = models.CharField(max_length=32, unique=True, help_text="Upper-case name, such as KRAKEN.")
    title = models.CharField(max_length=64, help_text="How people call it, such as Kraken.")
    enabled = models.BooleanField(default=True, help_text="Off: the worker closes every link to this venue.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


class Asset(models.Model):
    """What a code stands for, across venues (BTC is Bitcoin)."""

    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Kind(models.TextChoices):
    SPOT = "spot"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    EQUITY = "equity"
    FOREX = "forex"
    INDEX = "index"


class Status(models.TextChoices):
    TRADING = "trading"
    HALTED = "halted"
    DELISTED = "delisted"


class Depth(models.IntegerChoices):
    """Levels a side that are asked of the venue; 0 keeps no book."""

    OFF = 0, "No book"
    TEN = 10, "10"
    TWENTY_FIVE = 25, "25"
    HUNDRED = 100, "100"
    FIVE_HUNDRED = 500, "500"
    THOUSAND = 1000, "1000"


class Instrument(models.Model):
    """One tradable thing at one venue; its parts are fields, never read out of the name."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="instruments")
    native = models.CharField(max_length=64, help_text="The exchange's own symbol, untouched.")
    symbol = models.CharField(max_length=97, unique=True, validators=[checked_name], editable=False)
    slug = models.SlugField(max_length=112, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SPOT)
    base = models.CharField(max_length=32)
    quote = models.CharField(max_length=32)
    settle = models.CharField(max_length=32, blank=True)
    expiry = models.DateTimeField(null=True, blank=True)
    strike = models.CharField(max_length=42, blank=True, validators=[checked_increment])
    right = models.CharField(max_length=4, blank=True, choices=[("call", "Call"), ("put", "Put")])
    tick_size = models.CharField(max_length=42, default="0.01", validators=[checked_increment])
    lot_size = models.CharField(max_length=42, default="0.00000001", validators=[checked_increment])
    contract_size = models.CharField(max_length=42, default="1", validators=[checked_increment])
    status = models.CharField(max_length=8, choices=Status, default=Status.TRADING)
    enabled = models.BooleanField(default=False, help_text="Whether the worker follows it.")
    ticker = models.BooleanField(default=True, help_text="Best bid and ask, last price, 24 hours.")
    trades = models.BooleanField(default=True, help_text="The tape of single executions.")
    bars = models.BooleanField(default=True, help_text="Candles, built from trades.")
    book_depth = models.PositiveSmallIntegerField(choices=Depth, default=Depth.HUNDRED)

    class Meta:
        ordering = ["symbol"]
        indexes = [
            # What the worker and every page ask for: a few hundred enabled rows among thousands listed.
            models.Index(fields=["symbol"], condition=models.Q(enabled=True), name="instrument_enabled"),
            # The same asset's quotes on the other venues.
            models.Index(fields=["base", "quote"], name="instrument_pair"),
        ]

    def __str__(self) -> str:
        return self.symbol

    def clean(self) -> None:
        """A native symbol that no full name can carry is refused in the form, beside its field."""
        if self.venue_id:
            try:
                symbols.instrument_name(self.venue.name, self.native)
            except symbols.InvalidName as problem:
                raise ValidationError({"native": str(problem)}) from None

    def save(self, *args: object, **kwargs: object) -> None:
        self.symbol = symbols.instrument_name(self.venue.name, self.native)
        if not self.slug:
            self.slug = free_slug(self.symbol)
        super().save(*args, **kwargs)


def free_slug(symbol: str) -> str:
    """The readable slug of a full name; its hash behind it where another name has that already."""
    plain = symbols.slug(symbol)
    return hashed_slug(symbol) if Instrument.objects.filter(slug=plain).exists() else plain


def hashed_slug(symbol: str) -> str:
    return f"{symbols.slug(symbol)}-{zlib.crc32(symbol.encode()):08x}"
