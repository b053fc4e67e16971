"""Where an uploaded file lies between its preview and its confirmation: the database, for an hour."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from import_export.tmp_storages import BaseStorage

from marketdash.instruments.models import Upload

KEPT = timedelta(hours=1)


class Gone(LookupError):
    """The file was looked at too long ago, or imported already."""


class DatabaseStorage(BaseStorage):
    """``name`` is a token that nobody guesses."""

    def save(self, data: bytes) -> None:
        Upload.objects.filter(at__lt=timezone.now() - KEPT).delete()
        self.name = uuid4().hex
        Upload.objects.create(token=self.name, content=zlib.compress(data, 1))

    def read(self) -> bytes:
        known = Upload.objects.filter(token=self.name) if self.name.isalnum() else Upload.objects.none()
        kept: Any = known.values_list("content", flat=True).first()
        if kept is None:
            raise Gone("the file is not kept any more: choose it again")
        return zlib.decompress(bytes(kept))

    def remove(self) -> None:
        Upload.objects.filter(token=self.name).delete()
