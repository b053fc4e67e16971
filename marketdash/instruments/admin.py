"""Where an administrator chooses what is followed. The worker follows each change at once."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.models import Asset, Instrument, Venue


class NotifyingAdmin(ModelAdmin):
    """Tells the running processes after each change that was committed."""

    def save_model(self, request: HttpRequest, obj: object, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        notify_on_commit()

    def delete_model(self, request: HttpRequest, obj: object) -> None:
        super().delete_model(request, obj)
        notify_on_commit()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        notify_on_commit()


@admin.register(Venue)
class VenueAdmin(NotifyingAdmin):
    list_display = ("name", "title", "enabled")
    list_editable = ("enabled",)
    search_fields = ("name", "title")

    def get_readonly_fields(self, request: HttpRequest, obj: Venue | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()  # instruments carry it in their own names


@admin.register(Asset)
class AssetAdmin(NotifyingAdmin):
    list_display = ("code", "title")
    search_fields = ("code", "title")


@admin.register(Instrument)
class InstrumentAdmin(NotifyingAdmin):
    list_display = ("symbol", "venue", "kind", "base", "quote", "status", "enabled", "book_depth")
    list_editable = ("enabled",)
    list_filter = (
        "enabled",
        ("venue", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_select_related = ("venue",)
    list_per_page = 100
    search_fields = ("symbol", "base", "quote", "native")
    readonly_fields = ("symbol", "slug")
    actions = ("follow", "stop_following")
    fieldsets = (
        (None, {"fields": ("symbol", "venue", "native", "status")}),
        ("What the worker follows", {"fields": ("enabled", "ticker", "trades", "bars", "book_depth")}),
        ("What it is", {"fields": ("kind", "base", "quote", "settle", "expiry", "strike", "right")}),
        ("Sizes", {"fields": ("tick_size", "lot_size", "contract_size", "slug")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Instrument | None = None) -> tuple[str, ...]:
        named = ("venue", "native") if obj else ()
        return (*self.readonly_fields, *named)

    @admin.action(description="Follow the selected instruments")
    def follow(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        self._set(request, queryset, enabled=True)

    @admin.action(description="Stop following the selected instruments")
    def stop_following(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        self._set(request, queryset, enabled=False)

    def _set(self, request: HttpRequest, queryset: QuerySet[Instrument], *, enabled: bool) -> None:
        changed = queryset.update(enabled=enabled)
        notify_on_commit()
        self.message_user(request, f"{changed} {'followed' if enabled else 'no longer followed'}")
