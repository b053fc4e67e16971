"""Every change made in the admin says what was before and what is now; and a list of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.history import words


class Historic(ModelAdmin):
    """Also tells the running processes after each change that was committed."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        if add:
            return super().construct_change_message(request, form, formsets, add)
        changed = {
            name: (form.initial.get(name), form.cleaned_data[name])
            for name in form.changed_data
            if name in form.cleaned_data
        }
        said = [words(form.instance, changed)] if changed else []
        return "; ".join([*said, *(word for formset in formsets or () for word in _of_rows(formset))])

    def save_model(self, request: HttpRequest, obj: object, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        notify_on_commit()

    def delete_model(self, request: HttpRequest, obj: object) -> None:
        super().delete_model(request, obj)
        notify_on_commit()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        notify_on_commit()


def _of_rows(formset: Any) -> Iterator[str]:
    name = formset.model._meta.verbose_name
    yield from (f"{name} added: {row}" for row in formset.new_objects)
    yield from (f"{name} changed: {row}" for row, _ in formset.changed_objects)
    yield from (f"{name} deleted: {row}" for row in formset.deleted_objects)


class HistoryAdmin(ModelAdmin):
    """All changes, newest first. Nobody adds to it, changes it or deletes from it by hand."""

    list_display = ("action_time", "user", "content_type", "object_repr", "said")
    list_filter = ("user", "content_type")
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("user", "content_type")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("object_repr", "change_message", "user__username")
    date_hierarchy = "action_time"
    fields = ("action_time", "user", "content_type", "object_repr", "said")
    ordering = ("-action_time", "-id")

    @admin.display(description="What")
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False
