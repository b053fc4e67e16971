"""The one door itself: each question, asked of each person there may be, against a table written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.test import Client
from django.utils import timezone

from marketdash import access
from marketdash.accounts import tokens
from marketdash.accounts.models import Token
from marketdash.dashboards.models import Watchlist
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions
from marketdash.portfolios.models import Portfolio, ShareLink

pytestmark = pytest.mark.django_db
NOBODY = ("none", "visitor")
CLOSED = ("closed owner", "closed viewer", "closed staff")
ACTIVE = ("owner", "viewer", "stranger", "staff", "arranger", "permitted")
PEOPLE = (*NOBODY, *CLOSED, *ACTIVE)


class There:
    """One portfolio, list and list of all for each owner; ``of`` has everybody by what they are."""

    def __init__(self) -> None:
        Asset.objects.get_or_create(code="EUR")
        may = Permission.objects.get(codename="change_watchlist")
        self.of: dict[str, Any] = {"none": None, "visitor": AnonymousUser()}
        for name in (*CLOSED, *ACTIVE):
            user = User.objects.create_user(name.replace(" ", "-"), is_staff=name in STAFF)
            if name in (*STAFF[1:], "permitted"):
                user.user_permissions.add(may)
            self.of[name] = user
        self.open = self._shown("owner")
        self.closed = self._shown("closed owner")
        self.shared = Watchlist.objects.create(owner=None, name="Shared")
        for name in CLOSED:
            User.objects.filter(pk=self.of[name].pk).update(is_active=False)
            self.of[name] = User.objects.get(pk=self.of[name].pk)

    def _shown(self, owner: str) -> Portfolio:
        """To both viewers, and to somebody of whom nobody has the name."""
        made = actions.create(self.of[owner], f"Of {owner}", "EUR")
        for name in ("viewer", "closed-viewer", "whoever-comes"):
            actions.share(made, name)
        Watchlist.objects.create(owner=self.of[owner], name="Own")
        return made

    def who(self, asked: Any) -> set[str]:
        return {name for name in PEOPLE if asked(self.of[name])}


STAFF = ("staff", "arranger", "closed staff")


@pytest.fixture
def there(db: None) -> There:
    return There()


@pytest.mark.parametrize("public", [True, False])
def test_who_reads_markets_and_details(there: There, settings: Any, public: bool) -> None:
    settings.PUBLIC_MARKETS = public

    assert there.who(access.may_read_markets) == set(PEOPLE if public else ACTIVE)
    assert there.who(access.may_read_details) == {"staff", "arranger"}


def test_who_sees_which_portfolio(there: There) -> None:
    every = Portfolio.objects.all()

    for held, owners, viewers in (
        (there.open, {"owner"}, {"owner", "viewer"}),
        (there.closed, set(), set()),
    ):
        of = every.filter(pk=held.pk)
        assert there.who(lambda user, of=of: access.owned(of, user).exists()) == owners
        assert there.who(lambda user, of=of: access.viewable(of, user).exists()) == viewers
        assert there.who(lambda user, held=held: access.may_change(user, held)) == owners
        assert there.who(lambda user, held=held: access.may_view(user, held.pk)) == viewers
        assert there.who(lambda user, held=held: access.view_grant(user, held.pk) is not None) == viewers
    assert there.who(lambda user: access.may_view(user, 2**40)) == set()
    assert there.who(lambda user: access.may_view(user, 0)) == set()


@pytest.mark.parametrize("public", [True, False])
def test_who_reads_and_arranges_lists(there: There, settings: Any, public: bool) -> None:
    settings.PUBLIC_MARKETS = public
    own = Watchlist.objects.filter(name="Own")
    shared = Watchlist.objects.filter(pk=there.shared.pk)

    assert there.who(lambda user: access.readable(own, user).exists()) == {"owner"}
    assert there.who(lambda user: access.readable(shared, user).exists()) == set(PEOPLE if public else ACTIVE)
    assert there.who(lambda user: access.changeable(own, user).exists()) == {"owner"}
    assert there.who(lambda user: access.changeable(shared, user).exists()) == {"arranger"}
    assert there.who(lambda user: access.may_change(user, there.shared)) == {"arranger"}
    assert there.who(lambda user: access.may_arrange_shared(user, Watchlist)) == {"arranger"}


def test_a_grant_ends_with_whatever_it_was_given_by(there: There) -> None:
    link, secret = actions.make_link(there.open, "per cents", 1, False)
    by_link = access.link_grant(secret)
    assert by_link == access.Grant(there.open.pk, None, link.pk, False)
    viewer = access.view_grant(there.of["viewer"], there.open.pk)
    assert viewer is not None and access.ended_grants([by_link, viewer]) == set()

    forged = {
        by_link._replace(amounts=True),  # a link of per cents shows no amounts
        by_link._replace(portfolio_id=there.closed.pk),
        viewer._replace(user_id=there.of["stranger"].pk),
        viewer._replace(portfolio_id=there.closed.pk),
        viewer._replace(user_id=there.of["closed viewer"].pk),
        access.Grant(there.open.pk),
    }
    assert access.ended_grants({*forged, by_link, viewer}) == forged

    over, gone = actions.make_link(there.open, "over", 1, True)
    ShareLink.objects.filter(pk=over.pk).update(expires_at=timezone.now())
    late = access.Grant(there.open.pk, None, over.pk)
    assert access.link_grant(gone) is None and access.ended_grants([late, viewer]) == {late}

    User.objects.filter(pk=there.of["owner"].pk).update(is_active=False)
    assert access.ended_grants([by_link, viewer]) == {by_link, viewer}
    assert access.link_grant(secret) is None


@pytest.fixture
def secret(there: There) -> str:
    return tokens.make(there.of["owner"], "bot", [access.READ_STATUS])[1]


@pytest.mark.parametrize("shown", ["Bearer {}", "bearer  {} ", "BEARER {}"])
def test_a_token_is_shown_as_bearer(secret: str, shown: str) -> None:
    assert access.bearer(shown.format(secret)).scopes == {access.READ_STATUS}


@pytest.mark.parametrize("shown", ["Basic {}", "Token {}", "{}", "Bearer", "Bearer ", "", "Bearer{}"])
def test_a_good_token_that_is_shown_as_another_thing_opens_nothing(secret: str, shown: str) -> None:
    with pytest.raises(access.BadToken, match="expected Bearer and a token"):
        access.bearer(shown.format(secret))


def test_a_scope_that_there_is_no_more_opens_nothing(secret: str) -> None:
    Token.objects.update(scopes="read:everything read:status")
    assert access.bearer(f"Bearer {secret}").scopes == {access.READ_STATUS}


@pytest.mark.parametrize(
    "name", ["token", "access_token", "authorization", "bearer", "TOKEN", "Access_Token"]
)
def test_a_token_in_an_address_is_refused_by_whatever_name(secret: str, name: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}

    answer = Client().get(f"/api/v1/status?{name}={secret}", headers=headers)

    assert answer.status_code == 401 and "never in an address" in answer.content.decode()
    assert secret not in answer.content.decode()


def test_what_a_token_needs_for_each_channel() -> None:
    markets = ("ticker", "book", "trade", "ohlc", "mark", "funding", "liquidation", "option")

    assert {access.scope_of(channel) for channel in markets} == {access.READ_MARKETS}
    assert {access.scope_of(channel) for channel in ("status", "health")} == {access.READ_STATUS}
    assert access.scope_of("portfolio") == access.READ_PORTFOLIOS


def test_which_tokens_ended(there: There, secret: str) -> None:
    held, other, closed = (
        tokens.make(there.of[name], "bot", [])[0] for name in ("owner", "stranger", "closed staff")
    )
    assert access.ended_tokens([]) == set()

    tokens.revoke([other])

    assert access.ended_tokens([held.pk, other.pk, closed.pk, 2**40]) == {other.pk, closed.pk, 2**40}
