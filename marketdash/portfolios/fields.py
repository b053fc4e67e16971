"""A number that every database gives back as it was: text, because SQLite keeps 15 digits of a number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from marketdash.portfolios.accounting import exact

_LOOKUPS = ("exact", "in", "isnull")


class ExactField(models.Field):
    """``Decimal`` in Python, the one plain text of it in the database.

    It can be compared for being equal and for nothing else: text has another order than numbers, and a sum
    made by a database may pass through a float, which is refused when it comes back.
    """

    description = "Exact decimal number"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = exact.LENGTH
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "CharField"

    def to_python(self, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        try:
            return exact.number(value, self.name or "number")
        except exact.InvalidNumber as problem:
            raise ValidationError(problem.words) from None

    def from_db_value(self, value: Any, expression: object, connection: object) -> Decimal | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"{self.name}: expected text, found {value!r:.60}; add up in Python, not in SQL")
        return Decimal(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Raises :class:`~marketdash.portfolios.accounting.exact.InvalidNumber`, whoever writes."""
        value = super().get_prep_value(value)
        return None if value is None else exact.plain(exact.number(value, self.name or "number"))

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in _LOOKUPS else None

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else exact.plain(value)
