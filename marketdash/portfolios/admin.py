"""The ledger to look at. What is recorded is corrected by who owns it, with new entries; never here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Account, Entry, Leg, Portfolio, Rate


class _ToLookAt:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not here. Where an account is deleted its portfolios may go with it."""
        page = request.resolver_match.url_name if request.resolver_match else None
        is_elsewhere = page is not None and not page.startswith("portfolios_")
        return is_elsewhere and super().has_delete_permission(request, obj)  # type: ignore[misc]


class LegInline(_ToLookAt, TabularInline):
    model = Leg
    fields = ("account", "asset", "exactly", "role", "worth_then", "worth_source", "instrument", "terms")
    readonly_fields = ("exactly", "worth_then", "terms")

    @admin.display(description="Amount")
    def exactly(self, leg: Leg) -> str:
        return exact.plain(leg.amount)

    @admin.display(description="Worth")
    def worth_then(self, leg: Leg) -> str:
        return "" if leg.worth is None else f"{exact.plain(leg.worth)} {leg.currency}"

    @admin.display(description="Price × multiplier")
    def terms(self, leg: Leg) -> str:
        if leg.price is None or leg.multiplier is None:
            return ""
        words = f"{exact.plain(leg.price)} × {exact.plain(leg.multiplier)}"
        return f"{words}, inverse" if leg.inverse else words


class RateInline(_ToLookAt, TabularInline):
    model = Rate
    fields = ("asset", "exactly", "currency", "source", "recorded")
    readonly_fields = ("exactly", "recorded")

    @admin.display(description="Rate")
    def exactly(self, rate: Rate) -> str:
        return exact.plain(rate.rate)


@admin.register(Entry)
class EntryAdmin(_ToLookAt, ModelAdmin):
    list_display = ("pk", "happened", "kind", "portfolio", "account", "source", "reference", "corrects")
    list_filter = ("kind", "source")
    list_select_related = ("portfolio", "account", "corrects")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)
    search_fields = ("reference", "note", "portfolio__name", "account__name")
    fields = (
        *("happened", "kind", "portfolio", "account", "recorded", "source", "reference"),
        *("note", "fingerprint", "corrects", "imported"),
    )
    inlines = (LegInline, RateInline)

    @admin.display(description="Time, UTC", ordering="at_us")
    def happened(self, entry: Entry) -> str:
        return f"{datetime.fromtimestamp(entry.at_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}"


@admin.register(Import)
class ImportAdmin(_ToLookAt, ModelAdmin):
    """Which files are on their way, for whoever wonders why one takes so long."""

    list_display = (
        "file_name",
        "portfolio",
        "account",
        "state",
        "found",
        "done",
        "new",
        "duplicates",
        "changed",
    )
    list_filter = ("state", "format")
    list_select_related = ("portfolio", "account")
    list_per_page = 50
    search_fields = ("file_name", "portfolio__name", "by__username")
    fields = (
        *("file_name", "portfolio", "account", "by", "size", "sha256", "format", "state"),
        *("found", "done", "new", "duplicates", "refused", "left", "problem", "made", "changed"),
    )


class AccountInline(_ToLookAt, TabularInline):
    model = Account
    fields = ("name", "venue")


@admin.register(Portfolio)
class PortfolioAdmin(_ToLookAt, ModelAdmin):
    list_display = ("name", "owner", "base", "method")
    list_filter = ("method",)
    list_select_related = ("owner", "base")
    search_fields = ("name", "owner__username")
    fields = list_display
    inlines = (AccountInline,)
