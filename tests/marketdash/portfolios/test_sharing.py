"""Alice shows a portfolio to Bob and ends it; who has an account is not said; what was open is closed."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from marketdash import access, publish
from marketdash.access import Grant
from marketdash.instruments.catalogue import catalogue
from marketdash.live import process, protocol
from marketdash.live.closing import RIGHTS_CHANGED
from marketdash.live.requests import Requests
from marketdash.live.turns import Turns
from marketdash.portfolios import actions, queries, sharing
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.models import Portfolio, Share
from tests.marketdash.portfolios.looking import Rows, client, text

pytestmark = pytest.mark.django_db(transaction=True)
quick = pytest.mark.django_db
"""For what asks no page: nothing is committed."""


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    said: list[tuple[Any, ...]] = []
    monkeypatch.setattr(publish, "notify", lambda *words: said.append(words))
    return said


def test_it_is_shown_until_it_is_ended(held: Portfolio, alice: User, bob: User, charlie: User) -> None:
    address = f"/portfolios/{held.pk}/"
    assert client(alice).post(f"{address}share/", {"viewer": " bob "}).status_code == 302
    assert [access.may_view(user, held.pk) for user in (alice, bob, charlie)] == [True, True, False]
    assert client(bob).get(address).status_code == 200

    share = held.shares.get()
    assert client(alice).post(f"{address}share/end/", {"share": str(share.pk)}).status_code == 302

    assert [access.may_view(user, held.pk) for user in (alice, bob)] == [True, False]
    assert client(bob).get(address).status_code == 404
    assert "Shared with you" not in text(client(bob).get("/portfolios/"))
    assert not access.may_view(AnonymousUser(), held.pk) and not access.may_view(None, held.pk)


def test_who_has_an_account_is_not_said(held: Portfolio, alice: User, bob: User, rows: Rows) -> None:
    address = f"/portfolios/{held.pk}/"
    pages = {}
    for name in ("bob", "nobody"):
        answer = client(alice).post(f"{address}share/", {"viewer": name}, follow=True)
        again = text(client(alice).post(f"{address}share/", {"viewer": name.upper()}), 422)
        pages[name] = [plainly(text(answer), name), plainly(again, name)]
        Share.objects.all().delete()

    assert pages["bob"] == pages["nobody"] and "If there is such an account" in pages["bob"][0]


def plainly(html: str, name: str) -> str:
    """A page without what differs each time: keys, tokens, times, and the name that was typed."""
    changing = r'value="\w{64}"|nonce="[^"]+"|value="\d+"|data-due="\d+"|\d\d:\d\d:\d\d|T[\d:+]+'
    without = re.sub(changing, "", html)
    return without.replace(name, "…").replace(name.upper(), "…")


@quick
def test_a_later_account_of_that_name_sees_nothing(held: Portfolio) -> None:
    actions.share(held, "dora")
    dora = User.objects.create_user("dora")

    assert not access.may_view(dora, held.pk)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 151, "alice", "ALICE"])
def test_what_is_no_name_is_said_at_the_field(held: Portfolio, alice: User, rows: Rows, name: str) -> None:
    html = text(client(alice).post(f"/portfolios/{held.pk}/share/", {"viewer": name}), 422)

    assert 'id="refused-viewer">Expected ' in html and not Share.objects.exists()


@quick
def test_there_are_not_more_than_can_be_kept_an_eye_on(
    held: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MAX_SHARES", 1)
    actions.share(held, "bob")

    with pytest.raises(Refused, match="at most 1 people"):
        actions.share(held, "dora")


def test_bob_leaves_and_alice_cannot_tell(held: Portfolio, alice: User, bob: User, rows: Rows) -> None:
    actions.share(held, "bob")

    assert client(bob).post(f"/portfolios/{held.pk}/leave/").status_code == 302
    assert client(alice).post(f"/portfolios/{held.pk}/leave/").status_code == 302

    assert not access.may_view(bob, held.pk) and access.may_view(alice, held.pk)
    assert "<b>bob</b>" in text(client(alice).get(f"/portfolios/{held.pk}/"))
    assert client(bob).post(f"/portfolios/{held.pk}/leave/").status_code == 404


@quick
def test_a_closed_account_shows_and_sees_nothing(held: Portfolio, alice: User, bob: User) -> None:
    actions.share(held, "bob")
    for user in (alice, bob):
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert access.ended_grants([Grant(held.pk, bob.pk)])
        User.objects.filter(pk=user.pk).update(is_active=True)

    assert not access.ended_grants([Grant(held.pk, bob.pk), Grant(held.pk, alice.pk)])
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not queries.seen(bob).exists() and not queries.shown_to(bob)


def test_what_ends_is_said_when_it_is_committed(
    held: Portfolio, bob: User, notices: list[tuple[Any, ...]]
) -> None:
    share, key = actions.share(held, "bob"), held.pk
    with transaction.atomic():
        actions.end_share(held, share.pk)
        assert notices == []
    actions.leave(held, bob)
    actions.delete(held)

    assert notices == [("unshare", key)] * 3


class Socket:
    """What the hub knows of one that follows portfolios."""

    def __init__(self, user: User, *portfolios: int) -> None:
        self.user_id, self.identity = user.pk, None
        self.grants = {Grant(key, user.pk) for key in portfolios}
        self.closing: Any = None

    def close(self, closing: Any) -> None:
        self.closing = closing


def test_only_the_sockets_that_it_was_shown_to_are_closed(
    held: Portfolio, alice: User, bob: User, charlie: User
) -> None:
    other = actions.create(charlie, "Other", "EUR")
    actions.share(other, "bob")
    shared = actions.share(held, "bob")
    sockets = [Socket(alice, held.pk), Socket(bob, held.pk), Socket(bob, other.pk), Socket(bob)]
    hub: Any = SimpleNamespace(viewers=SimpleNamespace(clients=set(sockets)))
    look = async_to_sync(process._unshared)
    look(hub, held.pk)
    assert [each.closing for each in sockets] == [None] * 4

    actions.end_share(held, shared.pk)
    look(hub, held.pk)

    assert [each.closing for each in sockets] == [None, RIGHTS_CHANGED, None, None]
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    async_to_sync(process._revoked)(hub, charlie.pk)
    assert sockets[2].closing == RIGHTS_CHANGED


def asked(socket: Any, key: int) -> list[Any]:
    """What the socket follows after it asked for a portfolio."""
    followed: list[Any] = []
    hub: Any = SimpleNamespace(follow=lambda *words: followed.append(words), turns=Turns())
    text = json.dumps({"method": "subscribe", "params": {"channel": "portfolio", "id": [key]}})
    async_to_sync(Requests(hub, socket, catalogue).answer)(protocol.parse(text))
    return followed


def asking(**of: Any) -> Any:
    """A socket of a person or of a link."""

    async def say(payload: bytes) -> None:
        pass

    found = SimpleNamespace(
        **{"say": say, "topics": {}, "closing": None, "scopes": None, "details": False, "all_venues": False},
        **{"user_id": None, "link": None, "grants": set(), "identity": None, **of},
    )
    found.close = lambda closing: setattr(found, "closing", closing)
    return found


def test_whoever_asks_again_for_what_ended_is_not_forgotten(held: Portfolio, bob: User) -> None:
    """Between the commit and the notice of it nothing may make the notice miss a socket that follows."""
    shared, socket = actions.share(held, "bob"), asking(user_id=bob.pk)
    assert asked(socket, held.pk) and socket.closing is None
    actions.end_share(held, shared.pk)

    assert not asked(socket, held.pk)

    hub: Any = SimpleNamespace(viewers=SimpleNamespace(clients=[socket]))
    async_to_sync(process._unshared)(hub, held.pk)
    assert socket.closing == RIGHTS_CHANGED


def test_a_refusal_closes_nothing(held: Portfolio, bob: User) -> None:
    socket = asking(user_id=bob.pk)
    for _ in range(2):
        assert not asked(socket, held.pk) and socket.grants == set() and socket.closing is None


def test_a_link_that_ended_while_its_socket_opened_opens_nothing(held: Portfolio) -> None:
    link, secret = actions.make_link(held, "To print", 1, True)
    grant = access.link_grant(secret)
    opened, late = (asking(link=grant, grants={grant}) for _ in range(2))
    assert asked(opened, held.pk) and opened.closing is None
    actions.end_link(held, link.pk)

    assert not asked(late, held.pk) and late.closing == RIGHTS_CHANGED


@quick
def test_many_grants_take_few_queries(held: Portfolio, bob: User, django_assert_num_queries: Any) -> None:
    actions.share(held, "bob")
    asked = [Grant(held.pk, bob.pk), *(Grant(held.pk, 10**6 + at) for at in range(150))]

    with django_assert_num_queries(2):
        assert len(access.ended_grants(asked)) == 150
