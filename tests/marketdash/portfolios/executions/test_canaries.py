"""A key and its secret are nowhere but in what is sealed: searched for in all that is said and kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from feeds.private import Credentials
from marketdash import publish
from marketdash.accounts import tokens
from marketdash.portfolios import actions
from marketdash.portfolios.executions import keys, sealing, standing, taking
from marketdash.portfolios.models import Account, ExchangeKey, Portfolio
from tests.marketdash.portfolios.executions.telling import Trade, heard
from tests.marketdash.portfolios.looking import client
from tests.scoreboard import Score

pytestmark = pytest.mark.django_db(transaction=True)
KEY, SECRET = "Quillcanary-key-7331", "Bramblecanary-secret"
SENT = {"venue": "KRAKEN", "key": KEY, "secret": SECRET}


def gives_away(text: str) -> bool:
    return any(word in text for word in (KEY, SECRET, "Quillcanary", "Bramblecanary"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to Redis, for all processes."""
    told: list[str] = []
    monkeypatch.setattr(publish, "_notifier", lambda kind, details: told.append(f"{kind} {details!r}"))
    return told


@pytest.fixture
def put_in(
    accounts: dict[str, Account], alice: User, private_venues: dict[str, str], said: list[str]
) -> Account:
    """Through the page, and one fill by it."""
    account = accounts["KRAKEN"]
    taking.take(account, [heard(Trade("KRAKEN", 1))])
    address = f"/portfolios/{account.portfolio_id}/accounts/{account.pk}/key/"
    assert client(alice).post(address, SENT).status_code == 302
    return account


def rows() -> Iterator[str]:
    """Every cell of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield from (
                    bytes(each).decode("latin-1") if isinstance(each, bytes | memoryview) else str(each)
                    for each in row
                )


def answers(account: Account, owner: User) -> Iterator[str]:
    """What the owner, the owner's bot and an administrator can read."""
    here, root = f"/portfolios/{account.portfolio_id}/", User.objects.create_superuser("root")
    paths = (
        "",
        "fills/",
        "fills/new/?after=0",
        "keys/",
        f"accounts/{account.pk}/",
        "fills.csv",
        "fills.json",
        "entries.csv",
    )
    yield from (client(owner).get(here + path).content.decode() for path in paths)
    yield gzip.decompress(client(owner).get(f"{here}backup/").content).decode()
    _, secret = tokens.make(owner, "bot", ["read:portfolios"])
    bot = Client(headers={"authorization": f"Bearer {secret}"})
    yield from (
        bot.get(f"/api/v1/portfolios/{account.portfolio_id}{path}").content.decode()
        for path in ("", "/fills", "/entries")
    )
    for path in (
        "",
        "portfolios/portfolio/",
        f"portfolios/portfolio/{account.portfolio_id}/change/",
        f"auth/user/{owner.pk}/delete/",
    ):
        yield client(root).get(f"/admin/{path}").content.decode()


@pytest.mark.fault(
    "F50", "a key is put in; answers, rows, what goes to Redis, logs are searched for it", goal="0 hits"
)
def test_they_are_sealed_and_nowhere_else(
    put_in: Account, alice: User, said: list[str], caplog: Any, score: Score
) -> None:
    assert sealing.opened(put_in.pk, ExchangeKey.objects.get().sealed) == Credentials(KEY, SECRET)

    told = [*answers(put_in, alice), *rows(), *said, caplog.text]

    assert len(told) > 100 and said and any("Savings" in each for each in told)
    assert not [each[:200] for each in told if gives_away(each)]
    score.note("texts searched", len(told), "")
    wanted = standing.wanted(ExchangeKey.objects.get().pk)
    assert not gives_away(f"{wanted!r} {wanted!s} {vars(ExchangeKey.objects.get())!r}")


@pytest.mark.parametrize("where", ["seal", "told_on_commit"])
@pytest.mark.fault(
    "F50", "what keeps a key breaks at {where}; page and logs are searched for it", goal="0 hits"
)
def test_an_error_on_the_way_says_nothing_of_them(
    accounts: dict[str, Account],
    alice: User,
    private_venues: dict[str, str],
    monkeypatch: Any,
    caplog: Any,
    where: str,
    score: Score,
) -> None:
    def broken(*of: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(sealing if where == "seal" else keys, where, broken)
    account, browser = accounts["KRAKEN"], client(alice)
    browser.raise_request_exception = False

    answer = browser.post(f"/portfolios/{account.portfolio_id}/accounts/{account.pk}/key/", SENT)

    assert answer.status_code == 500 and not ExchangeKey.objects.exists()
    records = [*caplog.records]
    assert records and not gives_away(
        answer.content.decode() + caplog.text + repr([vars(each) for each in records])
    )


def test_what_is_taken_away_is_gone_from_the_database(put_in: Account, portfolio: Portfolio) -> None:
    sealed = ExchangeKey.objects.get().sealed
    assert any(sealed in each for each in rows())

    actions.remove_key(put_in)

    assert not any(sealed in each for each in rows())
