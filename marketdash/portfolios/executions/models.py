"""Keys of exchanges, and what is heard with them. Part of ``models``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

ID_LENGTH, NUMBER_LENGTH, CODE_LENGTH, WORDS_LENGTH = 128, 80, 64, 500


class ExchangeKey(models.Model):
    """With what an exchange is asked about one account.

    ``sealed`` is key and secret, encrypted; empty once it is refused. ``version`` grows each time another is
    put in, so that who runs with the old one notices. ``state`` and ``words`` are what ``engines`` last said,
    since ``since_us``; it says so again every few seconds, and ``heard_us`` is when it last did.
    Fills are wanted from ``from_us`` on, and none is missing before ``through_us``.
    """

    NEW, CHECKING, CONNECTING, CATCHING_UP, LIVE, DOWN, REFUSED = (
        *("new", "checking", "connecting", "catching_up"),
        *("live", "down", "refused"),
    )
    STATES = {
        NEW: "Not checked yet",
        CHECKING: "Checking",
        CONNECTING: "Connecting",
        CATCHING_UP: "Catching up",
        LIVE: "Live",
        DOWN: "Down",
        REFUSED: "Refused",
    }

    account = models.OneToOneField("portfolios.Account", models.CASCADE, related_name="exchange_key")
    sealed = models.TextField(blank=True, editable=False)
    last = models.CharField(max_length=4, blank=True, help_text="All of the key that is ever shown.")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=11, choices=STATES, default=NEW)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    since_us = models.BigIntegerField()
    heard_us = models.BigIntegerField(default=0)
    from_us = models.BigIntegerField()
    through_us = models.BigIntegerField()
    added = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Nothing of the key."""
        return f"key of account {self.account_id}"


class PlacedOrder(models.Model):
    """An order of the account's as its exchange last said it; those that are over are kept for a day.

    ``acknowledged_us``: when the exchange took it, by its own clock.
    """

    account = models.ForeignKey("portfolios.Account", models.CASCADE, related_name="orders", db_index=False)
    instrument = models.CharField(max_length=97)
    order_id = models.CharField(max_length=ID_LENGTH)
    side = models.CharField(max_length=16)
    kind = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16)
    is_over = models.BooleanField(default=False)
    price = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    qty = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    filled_qty = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    acknowledged_us = models.BigIntegerField(null=True)
    changed_us = models.BigIntegerField(help_text="When the exchange said it, by its own clock.")
    heard = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "instrument", "order_id"], name="order_once")
        ]
        indexes = [models.Index(fields=["account"], condition=Q(is_over=False), name="order_open")]

    def __str__(self) -> str:
        return f"{self.instrument} {self.order_id}"


class Fill(models.Model):
    """One execution as the exchange says it, in its own digits and codes, and the ``entry`` that it is.

    A file may have brought the entry before it. Without one it ``waits``, for a reason in words.
    ``alike`` is what an import would know it by, of equal ones (a file may know no number) it is the ``nth``.
    ``cost`` is what of ``quote`` moved; empty: price × quantity.

    ``bid`` and ``ask`` are the best ones at that time, ``quote_age_us`` old then; ``no_quote`` says why
    there are none. ``changed_us`` grows with each change of any fill of the portfolio.
    """

    account = models.ForeignKey("portfolios.Account", models.CASCADE, related_name="fills", db_index=False)
    entry = models.ForeignKey("portfolios.Entry", models.CASCADE, null=True, related_name="fills")
    instrument = models.CharField(max_length=97)
    trade_id = models.CharField(max_length=ID_LENGTH)
    order_id = models.CharField(max_length=ID_LENGTH, blank=True)
    side = models.CharField(max_length=16)
    price = models.CharField(max_length=NUMBER_LENGTH)
    qty = models.CharField(max_length=NUMBER_LENGTH)
    cost = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    base = models.CharField(max_length=CODE_LENGTH)
    quote = models.CharField(max_length=CODE_LENGTH)
    fees = models.JSONField(default=list, help_text="Pairs of asset and amount, positive where it was paid.")
    liquidity = models.CharField(max_length=5, blank=True)
    exchange_us = models.BigIntegerField()
    received_us = models.BigIntegerField()
    acknowledged_us = models.BigIntegerField(null=True)
    by_stream = models.BooleanField(default=False)
    by_rest = models.BooleanField(default=False)
    bid = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    ask = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    quote_age_us = models.BigIntegerField(null=True)
    no_quote = models.CharField(max_length=100, blank=True)
    alike = models.CharField(max_length=64)
    nth = models.PositiveIntegerField(default=1)
    waits = models.CharField(max_length=WORDS_LENGTH, blank=True)
    changed_us = models.BigIntegerField()

    class Meta:
        ordering = ["-exchange_us", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "instrument", "trade_id"], name="fill_once"),
            models.UniqueConstraint(fields=["account", "alike", "nth"], name="fill_claims_one"),
        ]
        indexes = [
            models.Index(fields=["account", "-exchange_us"], name="fill_newest"),
            models.Index(fields=["account", "changed_us"], name="fill_changed"),
            models.Index(fields=["account"], condition=Q(entry__isnull=True), name="fill_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.trade_id}"
