"""Venues, assets and instruments. Sizes are exact decimal text: SQLite keeps 15 digits of a number."""

from __future__ import annotations

import zlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from feeds import symbols
from marketdash import venues
from marketdash.instruments import parts, search
from marketdash.instruments.kinds import CONTRACTS as CONTRACTS
from marketdash.instruments.kinds import OWNERSHIP as OWNERSHIP
from marketdash.instruments.kinds import Depth, Kind
from marketdash.instruments.rule_models import Rule


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


def checked_code(text: str) -> None:
    if text and (said := parts.code_problem(text)):
        raise ValidationError({"code": said})


class Venue(models.Model):
    """An exchange, or one market of it where it uses the same symbol in several."""

    name = models.CharField(max_length=32, unique=True, help_text="Upper-case name, such as KRAKEN.")
    title = models.CharField(max_length=64, help_text="How people call it, such as Kraken.")
    enabled = models.BooleanField(default=True, help_text="Off: the worker closes every link to this venue.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """One that no code speaks to would be listed for ever and never be live."""
        if self._state.adding and self.name not in venues.titles():
            known = ", ".join(sorted(venues.titles()))
            raise ValidationError({"name": f"expected one of {known}, found {self.name[:60]!r}"})


class Asset(models.Model):
    """What a code stands for, across venues (BTC is Bitcoin)."""

    code = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=64, blank=True, help_text="Its name in words; a search finds it.")
    of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Who brought it in, where no venue and no operator did.",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        checked_code(self.code)


class Alias(models.Model):
    """Another code of an asset: at one venue, or wherever no venue says otherwise (XBT is BTC)."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="aliases")
    venue = models.ForeignKey(
        Venue, on_delete=models.CASCADE, null=True, blank=True, help_text="Empty: at every venue."
    )
    code = models.CharField(max_length=32, help_text="As the venue writes it, such as XBT.")

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["code", "venue"], name="alias_at_a_venue"),
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(venue=None),
                name="alias_everywhere",
                violation_error_message="This code stands for an asset at every venue already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.venue})" if self.venue_id else self.code

    def clean(self) -> None:
        checked_code(self.code)


class Status(models.TextChoices):
    TRADING = "trading"
    HALTED = "halted"
    DELISTED = "delisted"


class Instrument(models.Model):
    """One tradable thing at one venue; its parts are fields, never read out of the name."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="instruments")
    native = models.CharField(max_length=64, help_text="The exchange's own symbol, untouched.")
    symbol = models.CharField(max_length=97, unique=True, validators=[checked_name], editable=False)
    slug = models.SlugField(max_length=112, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SPOT)
    base = models.CharField(max_length=32, help_text="As the venue calls it.")
    quote = models.CharField(max_length=32)
    base_asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, editable=False, related_name="as_base"
    )
    quote_asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, editable=False, related_name="as_quote"
    )
    settle = models.CharField(max_length=32, blank=True)
    expiry = models.DateTimeField(null=True, blank=True)
    strike = models.CharField(max_length=42, blank=True, validators=[checked_increment])
    right = models.CharField(max_length=4, blank=True, choices=[("call", "Call"), ("put", "Put")])
    tick_size = models.CharField(max_length=42, default="0.01", validators=[checked_increment])
    lot_size = models.CharField(max_length=42, default="0.00000001", validators=[checked_increment])
    contract_size = models.CharField(max_length=42, default="1", validators=[checked_increment])
    status = models.CharField(max_length=8, choices=Status, default=Status.TRADING)
    delisted_at = models.DateTimeField(
        null=True, editable=False, help_text="When its venue's list lacked it first."
    )
    enabled = models.BooleanField(default=False, help_text="Whether the worker follows it.")
    ticker = models.BooleanField(default=True, help_text="Best bid and ask, last price, 24 hours.")
    trades = models.BooleanField(default=True, help_text="The tape of single executions.")
    bars = models.BooleanField(default=True, help_text="Candles, built from trades.")
    book_depth = models.PositiveSmallIntegerField(choices=Depth, default=Depth.HUNDRED)
    searched = models.TextField(blank=True, editable=False)
    # Set and enabled: the rule switched it on. Set and not enabled: somebody switched that off again.
    rule = models.ForeignKey(
        Rule,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="instruments",
        verbose_name="followed by",
    )

    class Meta:
        ordering = ["symbol"]
        indexes = [
            # What the worker and every page ask for: a few hundred enabled rows among thousands listed.
            models.Index(fields=["symbol"], condition=models.Q(enabled=True), name="instrument_enabled"),
        ]

    def __str__(self) -> str:
        return self.symbol

    def clean(self) -> None:
        """A name that cannot be carried, or that is taken, is refused in the form, beside its field."""
        if not self.venue_id:
            return
        try:
            symbol = symbols.instrument_name(self.venue.name, self.native)
        except symbols.InvalidName as problem:
            raise ValidationError({"native": str(problem)}) from None
        if Instrument.objects.filter(symbol=symbol).exclude(pk=self.pk).exists():
            raise ValidationError({"native": f"{symbol} is listed already"})

    def save(self, *args: object, **kwargs: object) -> None:
        """Named by its parts. Which assets they are is settled by :mod:`marketdash.instruments.assets`."""
        self.symbol = symbols.instrument_name(self.venue.name, self.native)
        self.slug = self.slug or free_slug(self.symbol)
        self.searched = self.searched or search.text(self, [self.base], [self.quote])
        super().save(*args, **kwargs)


class FormerSymbol(models.Model):
    """A name that an instrument had before its venue renamed it: what was kept under it is still found."""

    symbol = models.CharField(max_length=97, unique=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="former_symbols")
    until = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.symbol


class Upload(models.Model):
    """A file that somebody looks over before it is imported: kept where every web process finds it."""

    token = models.CharField(max_length=32, unique=True)
    content = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.token


def free_slug(symbol: str) -> str:
    """The readable slug of a full name; its hash behind it where another name has that already."""
    plain = symbols.slug(symbol)
    return hashed_slug(symbol) if Instrument.objects.filter(slug=plain).exists() else plain


def hashed_slug(symbol: str) -> str:
    return f"{symbols.slug(symbol)}-{zlib.crc32(symbol.encode()):08x}"
