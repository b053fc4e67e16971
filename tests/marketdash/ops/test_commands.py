"""Preparing a database, the secrets of a deployment, and what a container engine asks."""

from __future__ import annotations

import asyncio
import io
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers, get_channel_layer
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from marketdash.environment import Environment
from marketdash.instruments.models import Instrument
from marketdash.kept_secrets import is_fernet_key
from marketdash.ops.management.commands import healthcheck


def said(*words: str) -> str:
    output = io.StringIO()
    call_command(*words, stdout=output)
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_prepare_makes_an_administrator_once_and_lists_the_starter_set(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD", raising=False)

    first, second = said("prepare"), said("prepare")

    name, password = "admin", first.split("password ")[1].split(" ")[0]
    assert User.objects.get(username=name).check_password(password)
    assert len(password) >= 16
    assert second == ""
    assert Instrument.objects.filter(symbol="KRAKEN:EUR/USD", enabled=True).exists()


@pytest.mark.django_db(transaction=True)
def test_the_first_administrator_may_come_from_the_environment(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "ada")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "known to ada alone")

    output = said("prepare")

    assert "known to ada alone" not in output
    assert User.objects.get(is_superuser=True).check_password("known to ada alone")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["a b", "<script>", "x" * 200])
def test_a_name_that_nobody_can_have_makes_nobody(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", name)

    with pytest.raises(CommandError, match="^DJANGO_SUPERUSER_USERNAME: "):
        said("prepare")

    assert not User.objects.filter(is_superuser=True).exists()


def secrets_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text().strip() for path in folder.rglob("*") if path.is_file()}


def test_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    call_command("make_secrets", str(tmp_path))
    texts = secrets_in(tmp_path)
    call_command("make_secrets", str(tmp_path))

    assert secrets_in(tmp_path) == texts
    assert {"metrics_token", "grafana_password"} < texts.keys()
    assert is_fernet_key(texts["field_encryption_keys"])
    database = Environment({"DATABASE_URL_FILE": str(tmp_path / "database_url")}).database("DATABASE_URL", "")
    assert (database["HOST"], database["PASSWORD"]) == ("postgres", texts["postgres_password"])
    assert texts["redis.conf"].startswith(f"requirepass {texts['redis_url'].split(':')[2].split('@')[0]}")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}


def test_a_deployment_from_before_gets_the_keys_that_it_lacks(tmp_path: Path) -> None:
    call_command("make_secrets", str(tmp_path))
    before = secrets_in(tmp_path)
    (tmp_path / "field_encryption_keys").unlink()

    call_command("make_secrets", str(tmp_path))

    after = secrets_in(tmp_path)
    assert after.pop("field_encryption_keys") != before.pop("field_encryption_keys")
    assert after == before


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/healthz" and self.headers["Host"] == "markets.example.org"
        self.send_response(200 if known else 400)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_a_web_that_answers_is_healthy_and_one_that_does_not_is_not(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".markets.example.org"]
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        settings.BIND_HOST, settings.BIND_PORT = "0.0.0.0", server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert said("healthcheck", "web") == "web: ok\n"
        server.shutdown()

    with pytest.raises(CommandError, match="web: no answer"):
        call_command("healthcheck", "web")


@pytest.fixture
def bus(settings: Any, redis_url: str) -> None:
    hosts = [{"address": redis_url, **settings.REDIS_OPTIONS}]
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": hosts}}
    settings.CHANNEL_LAYERS = {"default": layer}
    channel_layers.backends = {}


async def test_a_worker_that_is_heard_is_healthy(bus: None) -> None:
    asking = asyncio.create_task(healthcheck._ingest())
    layer = get_channel_layer()

    while not asking.done():  # a worker says something every second; the subscription takes a moment
        await layer.group_send("t.00", {"type": "md.rows"})
        await asyncio.wait([asking], timeout=0.05)

    assert asking.result() == ""


async def test_a_worker_that_says_nothing_is_not_healthy(bus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthcheck, "ANSWER_S", 0.2)

    assert "nothing heard on the bus" in await healthcheck._ingest()
