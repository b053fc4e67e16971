"""Where an administrator says by rule what is followed. ``engines`` applies what is saved within seconds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, ForeignKey, Q, QuerySet
from django.http import HttpRequest

from marketdash.instruments import rules
from marketdash.instruments.admin_history import Historic
from marketdash.instruments.instrument_select import InstrumentSelect
from marketdash.instruments.rule_models import Rule

_CHANNELS = ("ticker", "trades", "bars", "book_depth")


class RuleAdmin(Historic):
    list_display = ("said", "enabled", "fits", "following", "switched_off", "applied_at", "problem")
    list_display_links = ("said",)
    list_select_related = ("venue", "spot")
    list_fullwidth = True
    autocomplete_fields = ("spot",)
    readonly_fields = ("fits", "following", "switched_off", "applied_at", "problem")
    fieldsets = (
        ("What is followed", {"fields": ("enabled", "venue", "kind", "base", "quote", "right")}),
        ("How near", {"fields": ("within_days", "band", "spot", "most")}),
        (
            "With what",
            {
                "fields": _CHANNELS,
                "description": "The ticker of an option brings mark, volatilities and greeks. Trades, bars "
                "and books of thousands cost a worker much, and are rarely looked at.",
            },
        ),
        (
            "How it does",
            {
                "fields": ("fits", "following", "switched_off", "applied_at", "problem"),
                "description": "It is applied some seconds after it was saved, and looks again each minute. "
                "The venue's list is fetched each quarter of an hour. What fits and a hand had switched on "
                "before is not counted as followed by the rule.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        on = Q(instruments__enabled=True)
        counted = {"on": Count("instruments", filter=on), "by_hand": Count("instruments", filter=~on)}
        return super().get_queryset(request).annotate(**counted)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "spot":
            kwargs["widget"] = InstrumentSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="Rule")
    def said(self, rule: Rule) -> str:
        return str(rule)

    @admin.display(description="Followed by it")
    def following(self, rule: Rule) -> str:
        return f"{getattr(rule, 'on', 0):,}"

    @admin.display(description="Switched off by hand")
    def switched_off(self, rule: Rule) -> str:
        return f"{getattr(rule, 'by_hand', 0):,}"

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and set(form.changed_data) & set(_CHANNELS):
            rules.set_channels(obj)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        rules.withdraw(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        for rule in queryset:
            rules.withdraw(rule)
        super().delete_queryset(request, queryset)
