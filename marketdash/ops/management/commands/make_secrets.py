"""The secrets of a deployment with containers, made once: every process reads its own as a file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketdash.kept_secrets import fernet_key

FIELD_KEYS, MONITORING = "field_encryption_keys", "monitoring"
"""The second is a folder that may be a volume of its own: what Prometheus and Grafana see."""


class Command(BaseCommand):
    help = "Write the secrets of a docker compose deployment into a folder, unless they are there."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            if not (folder / "secret_key").exists():
                _write(folder)
            if not (folder / FIELD_KEYS).exists():  # a deployment from before there were any
                _put(folder / FIELD_KEYS, fernet_key())
        except OSError as problem:
            raise CommandError(f"cannot write secrets in {folder}: {problem.strerror}") from None


def _write(folder: Path) -> None:
    database, redis = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    (folder / MONITORING).mkdir(exist_ok=True)
    texts = {
        f"{MONITORING}/metrics_token": secrets.token_urlsafe(32),
        f"{MONITORING}/grafana_password": secrets.token_urlsafe(16),
        "postgres_password": database,
        "database_url": f"postgres://marketdash:{database}@postgres:5432/marketdash",
        "redis_url": f"redis://:{redis}@redis:6379/0",
        "redis.conf": _redis_conf(redis),
        "secret_key": secrets.token_urlsafe(50),  # last: it says that all of them are there
    }
    for name, text in texts.items():
        _put(folder / name, text)


def _put(path: Path, text: str) -> None:
    """Each container reads it as a user of its own; no other sees the volume."""
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o444)


def _redis_conf(password: str) -> str:
    limit = "client-output-buffer-limit pubsub 64mb 16mb 30"
    return "\n".join((f"requirepass {password}", 'save ""', "appendonly no", limit))
