"""Makes the database ready: migrations, the first administrator, the starter set. Safe to repeat."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import Error, transaction

from marketdash.environment import Environment


class Command(BaseCommand):
    help = "Migrate, make the first administrator, list the starter instruments. Safe to repeat."

    def check(self, **options: Any) -> None:
        """What starts calls it first. A wrong setting is one line here too."""
        try:
            super().check(**options)
        except SystemCheckError:
            found = [each for each in checks.run_checks() if each.is_serious()]
            raise CommandError("; ".join(f"{each.msg} {each.hint or ''}".strip() for each in found)) from None

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("instruments", "starter")
            with transaction.atomic():
                self._first_admin()
        except Error as problem:
            raise CommandError(f"DATABASE_URL: the database cannot be used: {_one_line(problem)}") from None
        except OSError as problem:
            raise CommandError(f"the database cannot be prepared: {problem}") from None

    def _first_admin(self) -> None:
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        environment = Environment()
        name = environment.text("DJANGO_SUPERUSER_USERNAME", "admin")
        given = environment.secret("DJANGO_SUPERUSER_PASSWORD")
        try:
            users.model(username=name).clean_fields(exclude=["password"])
        except ValidationError as wrong:
            said = " ".join(wrong.messages)
            raise CommandError(f"DJANGO_SUPERUSER_USERNAME: {said} Found {name[:40]!r}") from None
        password = given or secrets.token_urlsafe(12)
        users.create_superuser(username=name, password=password, email="")
        said = "with the password from the environment" if given else f"password {password} (shown this once)"
        self.stdout.write(f"Administrator: {name}, {said}")


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
