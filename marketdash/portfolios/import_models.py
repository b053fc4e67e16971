"""Files that are brought into accounts, and what somebody said of them. Part of ``models``."""

from __future__ import annotations

from django.conf import settings
from django.db import models

FILE_NAME_LENGTH = 150


class Import(models.Model):
    """A file on its way into an account: looked at, then committed by and by, perhaps undone.

    ``done`` of the ``found`` entries were recorded or found to be duplicates; whoever goes on begins there.
    """

    LOOKED, RUNNING, DONE, UNDOING, UNDONE = "looked", "running", "done", "undoing", "undone"
    STATES = {
        LOOKED: "Looked at",
        RUNNING: "Running",
        DONE: "Done",
        UNDOING: "Being undone",
        UNDONE: "Undone",
    }

    portfolio = models.ForeignKey("portfolios.Portfolio", models.CASCADE, related_name="imports")
    account = models.ForeignKey("portfolios.Account", models.RESTRICT, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=FILE_NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    format = models.CharField(max_length=64, blank=True, help_text="Empty: not known yet.")
    chosen = models.JSONField(default=dict, help_text="What somebody said of the file: zone, codes, columns.")
    told = models.JSONField(
        default=dict, help_text="What a look found beside fates: formats, zone, unknown codes."
    )
    state = models.CharField(max_length=7, choices=STATES, default=LOOKED)
    found = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(
        default=0, help_text="Entries, as are duplicates; refused and left are rows."
    )
    duplicates = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    made = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """What an import needs until it is done: the file, what became of its rows, and the entries they make.

    All compressed. What is recorded are the ``drafts`` that were looked at, whatever codes mean by then.
    """

    of = models.OneToOneField(Import, models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()
    fates = models.BinaryField(default=bytes)
    drafts = models.BinaryField(default=bytes)


class ColumnChoice(models.Model):
    """Which columns mean what, as somebody said once for files with this header."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    header = models.CharField(max_length=64, help_text="SHA-256 of the names of its columns.")
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "header"], name="columns_once")]
