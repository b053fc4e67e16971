"""What a restore that was killed leaves half is removed, and said to be half meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from marketdash.portfolios import actions, backup, restoring
from marketdash.portfolios.models import Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """No exception of ours: nothing is cleared up after it."""


def killed(held: Portfolio, monkeypatch: pytest.MonkeyPatch) -> Portfolio:
    """What is there when the process ends after the first entries."""
    with monkeypatch.context() as patched:
        patched.setattr(restoring, "AT_ONCE", 1)
        patched.setattr(Portfolio, "delete", lambda self: None)
        patched.setattr(restoring, "_mark", ends_after(3, restoring._mark))
        with pytest.raises(Killed):
            actions.restore(held.owner, backup.written(held))
    return Portfolio.objects.latest("pk")


def ends_after(times: int, what: object) -> object:
    calls = iter(range(times))

    def called(*words: object) -> None:
        if next(calls, None) is None:
            raise Killed
        what(*words)  # type: ignore[operator]

    return called


def test_a_killed_restore_is_half_says_so_and_goes(
    held: Portfolio, alice: User, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = killed(held, monkeypatch)
    assert half.name == "Savings (being restored)" and 0 < half.entries.count() < held.entries.count()
    assert "Being restored, and not whole yet" in text(client(alice).get(f"/portfolios/{half.pk}/"))
    assert actions.remove_given_up() == 0  # somebody may still be at it

    Portfolio.objects.filter(pk=half.pk).update(restoring=timezone.now() - timedelta(minutes=6))

    assert actions.remove_given_up() == 1
    assert list(Portfolio.objects.all()) == [held]
    assert not re.search("Being restored", text(client(alice).get(f"/portfolios/{held.pk}/")))


def test_what_is_whole_stays(held: Portfolio) -> None:
    whole = actions.restore(held.owner, backup.written(held))
    assert whole.restoring is None and Portfolio.objects.get(pk=whole.pk).restoring is None

    assert actions.remove_given_up() == 0 and Portfolio.objects.count() == 2


def test_one_that_was_removed_meanwhile_says_so(held: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    def removed(*words: object) -> None:
        actions.delete(Portfolio.objects.exclude(pk=held.pk).get())

    monkeypatch.setattr(restoring, "_imported", removed)
    monkeypatch.setattr(restoring, "_runs", lambda entries: removed() or write(entries))
    write = restoring._runs
    with pytest.raises(actions.Refused, match="found it removed: restore it again"):
        actions.restore(held.owner, backup.written(held))
    assert list(Portfolio.objects.all()) == [held]
