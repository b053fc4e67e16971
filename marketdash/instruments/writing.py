"""Many rows, each with values of its own, in one statement that is prepared once.

Django's ``bulk_update`` builds a CASE of each batch, and ``bulk_create`` compiles each value: up to a
millisecond of processor time a row, so minutes for 100,000 of them. This is some tens of microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

_BATCH = 5000


def update_each(rows: Iterable[Model], names: Sequence[str]) -> None:
    """Store the fields ``names`` of ``rows``, all of one model, as they are now."""
    rows = list(rows)
    if not rows or not names:
        return
    meta, quoted = rows[0]._meta, _connection(rows[0]).ops.quote_name
    fields = [meta.get_field(name) for name in names]
    columns = ", ".join(f"{quoted(field.column)} = %s" for field in fields)
    table, key = quoted(meta.db_table), quoted(meta.pk.column)
    statement = f"UPDATE {table} SET {columns} WHERE {key} = %s"  # nosec B608 # names of our own models
    _each(statement, rows, [*fields, meta.pk], add=False)


def insert_each(rows: Iterable[Model], *, known_by: str = "") -> None:
    """Add ``rows``, all of one model. They learn their keys only by a field that is unique."""
    rows = list(rows)
    if not rows:
        return
    meta, quoted = rows[0]._meta, _connection(rows[0]).ops.quote_name
    fields = [field for field in meta.concrete_fields if field is not meta.auto_field]
    columns = ", ".join(quoted(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = quoted(meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # nosec B608 # names of our own models
    _each(statement, rows, fields, add=True)
    if known_by:
        keys = dict(type(rows[0])._default_manager.values_list(known_by, "pk"))
        for row in rows:
            row.pk, row._state.adding = keys[getattr(row, known_by)], False


def _each(statement: str, rows: Sequence[Model], fields: Sequence[Field], *, add: bool) -> None:
    connection = _connection(rows[0])
    for start in range(0, len(rows), _BATCH):
        values = [
            [field.get_db_prep_save(field.pre_save(row, add), connection) for field in fields]
            for row in rows[start : start + _BATCH]
        ]
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _connection(row: Model) -> BaseDatabaseWrapper:
    return connections[router.db_for_write(type(row))]
