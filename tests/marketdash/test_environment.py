"""Settings from the environment: what is accepted, and the one line that names what is not."""

from __future__ import annotations

import os
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from marketdash.environment import BadValue, Environment, gathered
from marketdash.kept_secrets import fernet_key, kept_secret, signing_key

ROOT = Path(__file__).parents[2]
ENOUGH = {"PATH": os.environ["PATH"]}
"""What a process of ours needs of the environment."""


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` in a process of its own, with nothing of our environment but PATH."""
    environment = {**ENOUGH, **variables}
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=False)


WRONG = [
    ("DEBUG", "perhaps", "DEBUG: expected true or false, found 'perhaps'"),
    ("BUS_SHARDS", "0", "BUS_SHARDS: expected a whole number from 1 to 64, found '0'"),
    ("BUS_SHARDS", "four", "BUS_SHARDS: expected a whole number, found 'four'"),
    ("MODE", "test", "MODE: expected live or demo, found 'test'"),
    ("BIND", "8000", "BIND: expected host:port such as 127.0.0.1:8000, found '8000'"),
    (
        "BIND",
        "localhost:99999",
        "BIND: expected host:port such as 127.0.0.1:8000, found 'localhost:99999'",
    ),
    (
        "LOG_LEVEL",
        "LOUD",
        "LOG_LEVEL: expected DEBUG or INFO or WARNING or ERROR or CRITICAL, found 'LOUD'",
    ),
    ("REDIS_URL", "localhost:6379", "REDIS_URL: expected redis://, rediss:// or unix:// URLs parted by"),
    ("REDIS_URL", "redis://u:secret@h:x/0", "REDIS_URL: expected redis://, rediss:// or unix:// URLs"),
    ("REDIS_URL", "redis+sentinel://h:26379", "redis+sentinel://host,…/name, found"),
    ("DATABASE_URL", "mysql://u:secret@h/n", "DATABASE_URL: expected sqlite:///path or postgres://"),
    ("CSRF_TRUSTED_ORIGINS", "example.org", "CSRF_TRUSTED_ORIGINS: expected origins such as"),
    ("VENUE_KRAKEN_WS_URL", "http://x", "VENUE_KRAKEN_WS_URL: expected a URL starting ws:// or wss://"),
    ("VENUE_KRAKEN_WS_URL", "wss://x/?key=secret@x", "expected scheme, host, port and an optional path"),
    ("BUS_SHARDS", "0_4", "BUS_SHARDS: expected a whole number, found '0_4'"),
    ("ALLOWED_HOSTS", "https://x", "ALLOWED_HOSTS: expected names such as markets.example.org"),
    ("REDIS_URL", "redis://h:6379/two", "REDIS_URL: expected redis://"),
    ("REDIS_URL", "redis://h:6379/two?password=secret@1", "found 'redis://h:6379/two?password=…'"),
    ("DATABASE_URL", "sqlite:///", "DATABASE_URL: expected sqlite:///path"),
    ("SECRET_KEY_FILE", "/does/not/exist", "SECRET_KEY_FILE: expected a readable text file"),
]

NO_VENUE = ("VENUE_NOWHERE_WS_URL", "ws://x", "VENUE_NOWHERE_WS_URL names no venue")
"""Which only the checks find."""


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_bad_value_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)

    with pytest.raises(BadValue) as bad:
        runpy.run_path(str(ROOT / "marketdash" / "settings.py"))

    assert said in str(bad.value)
    assert "secret@" not in str(bad.value)


@pytest.mark.parametrize(("name", "value", "said"), [WRONG[0], WRONG[8], WRONG[-1], NO_VENUE])
def test_a_bad_value_ends_the_command(tmp_path: Path, name: str, value: str, said: str) -> None:
    ended = manage("check", **{"DATA_DIR": str(tmp_path), name: value})

    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret@" not in ended.stderr


@pytest.mark.parametrize("given", [{}, {"SECRET_KEY": "x" * 50}])
def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, given: dict[str, str]) -> None:
    (tmp_path / "file").touch()

    ended = manage("check", DATA_DIR=str(tmp_path / "file" / "var"), **given)

    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("marketdash: ")


HOSTILE = (
    "\u200b",
    "a b",
    "<script>",
    "x\ny",
    "http://",
    "::",
    "[",
    "%00",
    "-1",
    "1e9",
    "9" * 400,
    "٣",
    "NaN",
    "x" * 70_000,
)


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_stands_in_a_variable_is_refused_by_name(value: str) -> None:
    """Each reader answers with the name, what was expected and a piece of what was found."""
    reads = {
        "flag": lambda at: at.flag("NAME", default=False),
        "number": lambda at: at.number("NAME", 4, low=1, high=64),
        "choice": lambda at: at.choice("NAME", ("live", "demo"), "live"),
        "address": lambda at: at.address("NAME", "127.0.0.1:8000"),
        "origins": lambda at: at.origins("NAME"),
        "database": lambda at: at.database("NAME", ""),
        "redis_hosts": lambda at: at.redis_hosts("NAME", at.text("NAME"), {}),
        "venue_urls": lambda at: Environment({"VENUE_KRAKEN_WS_URL": at.text("NAME")}).venue_urls(),
        "secret": lambda at: Environment({"NAME_FILE": at.text("NAME")}).secret("NAME"),
    }
    for reader, read in reads.items():
        with pytest.raises(
            BadValue, match="^(?:NAME|NAME_FILE|VENUE_KRAKEN_WS_URL): expected .*, found "
        ) as bad:
            read(Environment({"NAME": value}))
        assert len(str(bad.value)) < 400, reader


def test_all_bad_values_are_gathered(tmp_path: Path) -> None:
    wrong = Environment({"DEBUG": "perhaps", "BUS_SHARDS": "four", "BIND": "8000"})

    with gathered() as problems:
        assert wrong.flag("DEBUG", default=False) is False
        assert wrong.number("BUS_SHARDS", 4, low=1, high=64) == 4
        assert wrong.address("BIND", "127.0.0.1:8000") == ("127.0.0.1", 8000)

    assert [problem.split(":")[0] for problem in problems] == ["DEBUG", "BUS_SHARDS", "BIND"]
    with pytest.raises(BadValue):
        wrong.flag("DEBUG", default=False)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")

    assert Environment({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret("SECRET_KEY") == "from the file"
    assert Environment({"SECRET_KEY": "from the value"}).secret("SECRET_KEY") == "from the value"
    with pytest.raises(BadValue, match="not both"):
        Environment({"SECRET_KEY": "x", "SECRET_KEY_FILE": str(tmp_path / "key")}).secret("SECRET_KEY")


def test_keys_of_venues_come_each_from_its_value_or_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the file\n")
    given = {"VENUE_ONE_KEY": "k", "VENUE_ONE_SECRET_FILE": str(tmp_path / "secret"), "VENUE_TWO_KEY": ""}

    assert Environment(given).venue_keys() == {"ONE": ("k", "of the file")}
    assert Environment({"VENUE_ONE_KEY": "k"}).venue_keys() == {"ONE": ("k", "")}
    with pytest.raises(BadValue, match="^VENUE_ONE_KEY: expected .* and .*, found 'a secret without") as bad:
        Environment({"VENUE_ONE_SECRET": "hush-hush"}).venue_keys()
    assert "hush-hush" not in str(bad.value)


def test_a_feed_of_a_venue_is_named_by_its_venue() -> None:
    given = {"VENUE_ONE_FEED": " iex ", "VENUE_TWO_FEED": "", "VENUE_ONE_WS_URL": "ws://x"}

    assert Environment(given).venue_feeds() == {"ONE": "iex"}


def test_a_kept_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"

    first, second = (kept_secret(path, "SECRET_KEY", signing_key) for _ in range(2))

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["secret_key"]


def test_keys_that_seal_are_made_once_or_taken_from_the_environment(tmp_path: Path) -> None:
    kept, (one, other) = tmp_path / "field_keys", (fernet_key(), fernet_key())

    made = Environment({}).field_keys("FIELD_ENCRYPTION_KEYS", kept)

    assert made == Environment({}).field_keys("FIELD_ENCRYPTION_KEYS", kept) and len(made) == 1
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    given = Environment({"FIELD_ENCRYPTION_KEYS": f"{one}, {other}"})
    assert given.field_keys("FIELD_ENCRYPTION_KEYS", kept) == (one, other)


@pytest.mark.parametrize("wrong", ["short", "A" * 44, f"{'B' * 43}!"])
def test_a_key_that_cannot_seal_is_named_and_not_repeated(tmp_path: Path, wrong: str) -> None:
    good = fernet_key()

    with pytest.raises(BadValue, match=f"number 2 of 2 with {len(wrong)} characters") as bad:
        Environment({"FIELD_ENCRYPTION_KEYS": f"{good},{wrong}"}).field_keys("FIELD_ENCRYPTION_KEYS")

    assert good not in str(bad.value) and wrong not in str(bad.value)


@pytest.mark.parametrize(
    ("text", "engine", "host", "name"),
    [
        ("postgres://u:p@db:5432/market", "django.db.backends.postgresql", "db", "market"),
        ("postgres://u@%2Frun%2Fpg/market", "django.db.backends.postgresql", "/run/pg", "market"),
        ("sqlite:////data/market.sqlite3", "django.db.backends.sqlite3", "", "/data/market.sqlite3"),
    ],
)
def test_databases_are_read(text: str, engine: str, host: str, name: str) -> None:
    found = Environment({"DATABASE_URL": text}).database("DATABASE_URL", "")

    assert (found["ENGINE"], found["HOST"], found["NAME"]) == (engine, host, name)


def test_an_empty_value_counts_as_not_set() -> None:
    environment = Environment({"DEBUG": "", "BIND": " "})

    assert environment.flag("DEBUG", default=False) is False
    assert environment.address("BIND", "[::1]:8000") == ("::1", 8000)
