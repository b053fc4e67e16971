"""The database's own refusal to change what is recorded, whoever asks.

Put up after every ``migrate``, because a migration on SQLite may make a table anew and leave its triggers
behind. A migration that has to change rows takes them down first. Deleting is left to the application: a
portfolio takes its ledger with it, and a trigger cannot tell that from one entry that somebody wants gone.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from marketdash.portfolios.models import Entry, Leg, Rate

WORDS = "what is recorded stays"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION portfolios_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{WORDS}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def put_up(using: str, **kwargs: Any) -> None:
    """Again and again without harm; a table that a partial migration has not made is left out."""
    connection = connections[using]
    present = connection.introspection.table_names()
    tables = [model._meta.db_table for model in (Entry, Leg, Rate)]
    with connection.cursor() as cursor:
        for table in tables:
            for statement in _statements(connection, table) if table in present else ():
                cursor.execute(statement)


def take_down(connection: BaseDatabaseWrapper, table: str) -> None:
    """For a migration."""
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_recorded{where}")


def _statements(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    if connection.vendor == "postgresql":
        trigger = f"CREATE OR REPLACE TRIGGER {table}_recorded BEFORE UPDATE ON {table}"
        return [_FUNCTION, f"{trigger} FOR EACH ROW EXECUTE FUNCTION portfolios_refuse()"]
    trigger = f"CREATE TRIGGER IF NOT EXISTS {table}_recorded BEFORE UPDATE ON {table}"
    return [f"{trigger} BEGIN SELECT RAISE(ABORT, '{WORDS}: {table}'); END"]
