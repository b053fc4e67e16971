"""What is being fetched and how far it is. More can be asked for here, and in the list of instruments."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDateWidget

from feeds.symbols import INTERVALS
from marketdash.history import backfills
from marketdash.history.models import Backfill
from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.instrument_select import InstrumentSelect
from marketdash.instruments.models import Instrument

ACTION_DAYS = 30
_FIRST_DAY = date(2009, 1, 3)


class BackfillForm(forms.ModelForm):
    since = forms.DateField(
        widget=UnfoldAdminDateWidget, help_text="From this day on, UTC, as far back as the venue has bars."
    )

    class Meta:
        model = Backfill
        fields = ("instrument", "interval")

    def clean_since(self) -> date:
        """Between the first block of Bitcoin and today."""
        since: date = self.cleaned_data["since"]
        if not _FIRST_DAY <= since <= datetime.now(UTC).date():
            raise ValidationError(f"expected a day from {_FIRST_DAY} to today, found {since}")
        return since


@admin.register(Backfill)
class BackfillAdmin(ModelAdmin):
    form = BackfillForm
    list_display = (
        "instrument",
        "interval",
        "state",
        "done",
        "bars",
        "from_day",
        "asked",
        "started",
        "finished",
    )
    list_filter = ("interval",)
    list_select_related = ("instrument",)
    list_per_page = 50
    search_fields = ("instrument__symbol",)
    autocomplete_fields = ("instrument",)

    def get_fields(self, request: HttpRequest, obj: Backfill | None = None) -> tuple[str, ...]:
        return (*self.list_display, "remark") if obj else ("instrument", "interval", "since")

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        widget = InstrumentSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, widget=widget, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Backfill | None = None) -> bool:
        return False  # it is what happened

    def save_model(self, request: HttpRequest, obj: Backfill, form: Any, change: bool) -> None:
        since = datetime.combine(form.cleaned_data["since"], datetime.min.time(), UTC)
        row = _ask(obj.instrument, obj.interval, since, request)
        obj.pk, obj._state.adding = row.pk, False
        obj.refresh_from_db()
        notify_on_commit()

    @admin.display(description="State")
    def state(self, row: Backfill) -> str:
        if row.finished:
            return "done" if row.at_us <= row.since_us else f"gave up: {row.remark}"
        if row.remark:
            return f"tries again: {row.remark}"
        return "under way" if row.started else "waits"

    @admin.display(description="Done")
    def done(self, row: Backfill) -> str:
        return f"{row.share:.0%}"

    @admin.display(description="From, UTC")
    def from_day(self, row: Backfill) -> str:
        return f"{datetime.fromtimestamp(row.since_us / 1e6, UTC):%Y-%m-%d %H:%M}"

    @admin.display(description="Asked by")
    def asked(self, row: Backfill) -> str:
        return row.asked_by or "noticed by the worker"


def _ask(instrument: Instrument, interval: int, since: datetime, request: HttpRequest) -> Backfill:
    since_us = round(since.timestamp() * 1e6)
    return backfills.ask(instrument, interval, since_us, time.time_ns() // 1000, request.user.get_username())


@admin.action(description=f"Backfill {ACTION_DAYS} days of bars", permissions=["change"])
def backfill(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
    """All lengths, of each that was chosen; the worker begins at once."""
    since = datetime.now(UTC) - timedelta(days=ACTION_DAYS)
    rows = [_ask(each, interval, since, request) for each in queryset for interval in INTERVALS]
    notify_on_commit()
    model_admin.message_user(request, f"{len(rows)} backfills wait for the worker; see History, Backfills")


# Instruments know nothing of history, so the action comes from here.
_instruments = admin.site.get_model_admin(Instrument)
_instruments.actions = (*(_instruments.actions or ()), backfill)
