"""CSV in and out of the admin's list: django-import-export's pages around our own reading and planning.

Its own engine looks each row up and validates it by itself, which takes minutes for 100,000 of them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import Format
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from marketdash.instruments import csvfile, imports
from marketdash.instruments.history import By, said
from marketdash.instruments.models import Instrument
from marketdash.instruments.uploads import DatabaseStorage, Gone

SHOWN = 200
"""Rows of a preview, and problems of a file, that one page lists; all problems can be downloaded."""


class Csv(Format):
    """Bytes, because the reader finds out by itself how they are encoded and parted."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "CSV"

    def create_dataset(self, in_stream: bytes) -> csvfile.Table:
        return csvfile.read(in_stream)

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True


class PlannedResult(Result):
    """What the pages read of a plan: its first rows, all of its counts."""

    def __init__(self, plan: imports.Plan) -> None:
        super().__init__()
        self.plan = plan
        self.totals[RowResult.IMPORT_TYPE_NEW] = len(plan.new)
        self.totals[RowResult.IMPORT_TYPE_UPDATE] = len(plan.changes)
        self.totals[RowResult.IMPORT_TYPE_SKIP] = plan.same
        self.wrong = plan.wrong[:SHOWN]
        self.wrong_rows = len({each.line for each in plan.wrong})
        self.changes = [(row, _words(changed)) for row, changed in plan.changes[:SHOWN]]
        self.new = plan.new[:SHOWN]
        self.more = len(plan.changes) + len(plan.new) - len(self.changes) - len(self.new)

    def has_validation_errors(self) -> bool:
        return bool(self.plan.wrong)


def _words(changed: Any) -> list[tuple[str, Any, Any]]:
    return [(name.replace("_", " "), said(old), said(new)) for name, (old, new) in changed.items()]


class InstrumentResource(ModelResource):
    """Plans, and saves a plan in which nothing is wrong."""

    class Meta:
        model = Instrument
        fields = csvfile.COLUMNS

    def import_data(self, dataset: csvfile.Table, dry_run: bool = False, **options: Any) -> PlannedResult:
        user = options["user"]
        planned = imports.plan(dataset, may_add=user.has_perm("instruments.add_instrument"))
        if not dry_run and not planned.wrong:
            imports.save(planned, By(user.pk, f"CSV import of {options.get('file_name') or 'a file'}"[:200]))
        return PlannedResult(planned)


class CsvImportForm(ImportForm):
    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > csvfile.MOST_BYTES:
            most = csvfile.MOST_BYTES // 2**20
            raise ValidationError(f"expected at most {most} MiB, found {file.size / 2**20:.0f}")
        return file


class CsvTransfer(ImportExportMixin):
    """For an admin of instruments, before unfold's own class."""

    resource_classes = [InstrumentResource]
    formats = [Csv]
    import_form_class, export_form_class = CsvImportForm, ExportForm
    import_template_name = "instruments/import.html"
    tmp_storage_class = DatabaseStorage
    skip_export_form = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        problems = self.admin_site.admin_view(self.problems)
        return [path("import/problems/", problems, name="instruments_problems"), *super().get_urls()]

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, csvfile.Unreadable):
            raise e
        form.add_error("import_file", str(e))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if any(request.POST.get(name, "0") not in ("", "0") for name in ("format", "resource")):
            messages.error(
                request, "Nothing was imported: expected the form of the preview. Look it over again."
            )
            return HttpResponseRedirect(reverse("admin:instruments_instrument_import"))
        try:
            return super().process_import(request, **kwargs)
        except Gone as gone:
            messages.error(request, str(gone))
            return HttpResponseRedirect(reverse("admin:instruments_instrument_import"))

    def process_result(self, result: PlannedResult, request: HttpRequest) -> HttpResponse:
        """Between preview and confirmation somebody may have changed what the file builds on."""
        if result.plan.wrong:
            messages.error(
                request, "Nothing was imported: the catalogue changed meanwhile. Look it over again."
            )
            return HttpResponseRedirect(reverse("admin:instruments_instrument_import"))
        return super().process_result(result, request)

    def generate_log_entries(self, result: PlannedResult, request: HttpRequest) -> None:
        """They were written with what they tell of."""

    def add_success_message(self, result: PlannedResult, request: HttpRequest) -> None:
        plan = result.plan
        messages.success(
            request, f"{len(plan.changes)} changed, {len(plan.new)} new, {plan.same} as they were"
        )

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> bytes:
        """With the mark that makes spreadsheets read UTF-8."""
        return csvfile.write(queryset.iterator(2000)).encode("utf-8-sig")

    def problems(self, request: HttpRequest) -> HttpResponse:
        """Everything that is wrong with a file that was looked at, as CSV."""
        if not self.has_import_permission(request):
            return HttpResponse("You may not import instruments.\n", status=403, content_type="text/plain")
        try:
            table = csvfile.read(DatabaseStorage(name=request.GET.get("file", "")).read())
        except (Gone, csvfile.Unreadable) as problem:
            return HttpResponse(f"{problem}\n", status=404, content_type="text/plain")
        plan = imports.plan(table, may_add=request.user.has_perm("instruments.add_instrument"))
        text = csvfile.table(imports.Wrong._fields, plan.wrong)
        headers = {"Content-Disposition": 'attachment; filename="problems.csv"'}
        return HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)
