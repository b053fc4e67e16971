"""Origins, rates, lateness, presence, sessions: the parts that need no bus."""

from __future__ import annotations

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser, User

from marketdash import access, publish
from marketdash.accounts.sessions import SessionStore
from marketdash.live import origins, sessions
from marketdash.live.lateness import WINDOW_US, Lateness
from marketdash.live.limits import BURST, PATIENCE, Rate
from marketdash.live.presence import Presence, told_body


@pytest.mark.parametrize(
    ("origin", "host", "secure", "allowed"),
    [
        ("http://a.example", "a.example", False, True),
        ("http://a.example:80", "a.example", False, True),
        ("HTTP://A.example", "a.example", False, True),
        ("https://a.example", "a.example:443", True, True),
        ("http://a.example", "a.example", True, False),
        ("https://a.example", "a.example", False, False),
        ("http://a.example:8000", "a.example:8000", False, True),
        ("http://a.example:8001", "a.example:8000", False, False),
        ("http://evil.example", "evil.example", False, False),  # a name that was rebound to us
        ("https://pages.example", "a.example", False, True),
        ("http://pages.example", "a.example", False, False),
        ("https://pages.example.evil.example", "a.example", False, False),
        ("https://x.wild.example", "a.example", False, False),
        ("null", "a.example", False, False),
        ("", "a.example", False, False),
        ("http://", "a.example", False, False),
        ("file://", "a.example", False, False),
        ("http://a.example:99999", "a.example", False, False),
        ("http://a.example:", "a.example", False, False),
        ("http://a.example/", "a.example", False, False),
        ("http://[::1]:8000", "[::1]:8000", False, True),
    ],
)
def test_an_origin_is_compared_by_scheme_host_and_port(origin, host, secure, allowed):
    found = origins.is_allowed(
        origin,
        host=host,
        secure=secure,
        has_cookie=True,
        hosts=["a.example", "[::1]"],
        trusted=["https://pages.example", "https://*.wild.example"],
    )

    assert found is allowed


@pytest.mark.parametrize("has_cookie", [True, False])
def test_a_missing_origin_is_a_program_and_programs_have_no_cookie(has_cookie):
    found = origins.is_allowed(
        None, host="a.example", secure=False, has_cookie=has_cookie, hosts=["a.example"], trusted=[]
    )

    assert found is not has_cookie


def test_a_rate_allows_a_burst_and_then_so_many_a_second():
    rate = Rate(100.0)

    at_once = sum(rate.allows(100.0) for _ in range(100))
    later = sum(rate.allows(101.0) for _ in range(100))

    assert (at_once, later) == (BURST, 20)
    assert rate.to_be_said(101.0) and not rate.to_be_said(101.5) and rate.to_be_said(102.1)
    for _ in range(PATIENCE):
        rate.allows(101.0)
    assert rate.exhausted


def test_lateness_is_measured_against_the_quickest():
    lateness = Lateness()

    seen = [lateness.of(sent, sent + 5_000_000 + late) for sent, late in ((0, 300), (10, 0), (20, 1500))]

    assert seen == [0, 0, 1499]  # less what the clocks may have parted in a millisecond and a half


def test_lateness_forgets_an_offset_that_is_no_longer_true():
    lateness = Lateness()
    lateness.of(0, 0)
    for at in (WINDOW_US + 1, 2 * WINDOW_US + 2, 3 * WINDOW_US + 3):
        late = lateness.of(at - 1_000_000, at)

    assert late == 0


def test_silence_counts_from_when_we_listen():
    presence = Presence()
    assert not presence.silent("KRAKEN", 10_000_000)

    presence.listen(["t.00"], 10_000_000)

    assert not presence.silent("KRAKEN", 12_000_000)
    assert presence.silent("KRAKEN", 13_000_001)
    presence.heard("t.00", {"KRAKEN": [0]}, 13_000_000)
    assert not presence.silent("KRAKEN", 15_000_000)
    assert presence.ages(15_000_000) == {"KRAKEN": 2_000_000}


def test_one_silent_writer_of_two_makes_the_venue_silent_until_another_writes_for_it():
    presence = Presence()
    presence.listen(["t.00"], 0)
    presence.heard("t.00", {"KRAKEN": [0, 2], "BINANCE": [0]}, 1_000_000)
    presence.heard("t.00", {"KRAKEN": [1, 3], "BINANCE": [1]}, 1_000_000)

    presence.heard("t.00", {"KRAKEN": [0, 2]}, 9_000_000)

    assert presence.silent("KRAKEN", 9_000_000) and presence.ages(9_000_000)["KRAKEN"] == 8_000_000
    presence.heard("t.00", {"KRAKEN": [0, 1, 2, 3]}, 10_000_000)
    assert not presence.silent("KRAKEN", 10_000_000)


def test_one_silent_group_of_two_makes_every_venue_silent():
    """As when one of several Redis servers is gone."""
    presence = Presence()
    presence.listen(["t.00", "d.01"], 0)
    for group in ("t.00", "d.01"):
        presence.heard(group, {"KRAKEN": [0]}, 1_000_000)

    presence.heard("t.00", {"KRAKEN": [0]}, 9_000_000)

    assert presence.silent("KRAKEN", 9_000_000)
    presence.listen(["t.00"], 9_000_000)
    assert not presence.silent("KRAKEN", 9_000_000)


def test_silence_makes_stale_what_was_live_and_leaves_what_was_worse():
    halted = {"state": "halted", "reason": "maintenance"}

    assert told_body({"state": "live"}, silent=True)["state"] == "stale"
    assert told_body(halted, silent=True) == halted
    assert told_body({}, silent=True)["state"] == "down"
    assert told_body({"state": "live"}, silent=False) == {"state": "live"}


def session_of(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


@pytest.mark.django_db
def test_a_session_is_its_users_until_it_ends(django_assert_num_queries):
    users = [User.objects.create_user(name, password="x") for name in ("ann", "bob", "eve", "kim")]
    stores = [session_of(user) for user in users]
    held = [sessions.identify_all([store.session_key])[store.session_key][0] for store in stores]
    assert [identity.user_id for identity in held] == [user.pk for user in users]
    assert sessions.identify_all(["nobody's"]) == {}

    stores[0].flush()
    users[1].set_password("y")
    users[1].save()
    users[2].is_active = False
    users[2].save()

    with django_assert_num_queries(2):
        assert sessions.outdated(held) == (set(held[:3]), set())

    users[3].is_staff = True
    users[3].save()
    assert sessions.outdated(held[3:]) == (set(), {held[3]})
    seen = sessions.identify_all([stores[3].session_key])[stores[3].session_key][0]
    assert seen.details and sessions.outdated([seen]) == (set(), set())


@pytest.mark.django_db
@pytest.mark.parametrize("public", [True, False])
def test_markets_are_for_who_signed_in_and_for_all_where_they_are_public(settings, public):
    settings.PUBLIC_MARKETS = public

    assert access.may_read_markets(None) is public
    assert access.may_read_markets(AnonymousUser()) is public
    assert access.may_read_markets(User(username="ann")) is True
    assert access.may_read_markets(User(username="bob", is_active=False)) is public


def test_a_channel_has_one_source(monkeypatch):
    monkeypatch.setattr(publish, "_sources", {})
    publish.register("portfolio", first := object())
    publish.register("portfolio", first)

    with pytest.raises(ValueError, match="portfolio"):
        publish.register("portfolio", object())


def test_a_notice_that_cannot_be_sent_fails_nothing(monkeypatch, caplog):
    def away(kind, details):
        raise ConnectionError("no Redis")

    monkeypatch.setattr(publish, "_notifier", away)
    publish.notify("configure")

    assert "no Redis" in caplog.text
