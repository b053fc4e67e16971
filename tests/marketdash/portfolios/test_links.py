"""A share link: for whoever has it, until it expires or is ended; per cent only where that was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from marketdash import access, publish
from marketdash.access import Grant
from marketdash.portfolios import actions, prices, queries, sharing
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.models import Account, Portfolio, ShareLink
from marketdash.portfolios.pages import link_views
from marketdash.portfolios.valuing.percents import per_cents
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)
quick = pytest.mark.django_db
GOOD = {"link": "for Dora", "days": "7"}


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def made(held: Portfolio, amounts: bool = True) -> str:
    return actions.make_link(held, "for Dora", 7, amounts)[1]


def test_a_link_is_shown_once_and_kept_as_a_digest_alone(
    held: Portfolio, alice: User, rows: Rows, settings: Any
) -> None:
    settings.PUBLIC_MARKETS = False
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5")
    browser = client(alice)

    html = text(browser.post(f"/portfolios/{held.pk}/links/", {**GOOD, "amounts": "yes"}))

    secret = re.search(r"http://testserver/shared/([\w-]{43})/<", html)
    assert secret is not None and secret[1] not in text(browser.get(f"/portfolios/{held.pk}/"))
    link = held.links.get()
    assert secret[1] not in str(vars(link)) and link.amounts
    assert timedelta(days=6) < link.expires_at - timezone.now() < timedelta(days=8)
    answer = Client().get(f"/shared/{secret[1]}/")
    page = text(answer)
    assert "1,350.50" in page and "400.00" in page and "with_tables" not in page
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert "no-store" in answer["Cache-Control"]
    for hidden in ("Kraken", "t.csv:7", "alice", "<form", "/portfolios/"):
        assert hidden not in page


def test_per_cent_only_has_no_amount_anywhere(held: Portfolio, kraken: Account, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.5", change="50.5")
    rows["ticker:KRAKEN:ETH/BTC"] = ticker("0.05")
    actions.record(held, [draft_of(entry("deposit", leg("ETH", "3.25", account=kraken.pk)))])
    margin = contracts("KRAKEN:BTC/EUR", "EUR", "2", "400")._replace(account=kraken.pk)
    actions.record(held, [draft_of(entry("fill", margin))])

    page = text(Client().get(f"/shared/{made(held, amounts=False)}/"))

    body = page[page.index('<main id="content"') : page.index("</main>")]
    shown = re.sub(r"<time.*?</time>|\b\d+ s\b|24 hours|nonce=\"[^\"]+\"", "", body)
    numbers = set(re.findall(r"[-+−]?\d[\d,]*(?:\.\d+)?%?", re.sub(r"<[^>]+>", " ", shown)))
    assert numbers and all(each.endswith("%") for each in numbers), numbers
    assert {"+12.63%"} <= numbers
    for amount in ("450", "900", "400.00", "3.25", "1,350", "50.50", "300.00", "73.2", "101"):
        assert amount not in shown, amount
    assert "title=" not in re.sub(r'<div title="[A-Z][^"]*">', "", shown)
    for words in ("weights and per cents only", "in part of unknown cost", "BTC → EUR", "Derivatives"):
        assert words in body


@quick
@pytest.mark.parametrize("ended", ["expired", "ended", "deleted", "closed"])
def test_an_end_is_an_end(held: Portfolio, alice: User, ended: str) -> None:
    secret, link = made(held), held.links.get()
    grant = access.link_grant(secret)
    assert grant == Grant(held.pk, None, link.pk, True) and not access.ended_grants([grant])

    if ended == "expired":
        ShareLink.objects.update(expires_at=timezone.now())
    elif ended == "ended":
        actions.end_link(held, link.pk)
    elif ended == "deleted":
        actions.delete(held)
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)

    assert access.link_grant(secret) is None and access.ended_grants([grant]) == {grant}


@quick
def test_the_number_of_what_another_portfolio_shows_ends_nothing(held: Portfolio, bob: User) -> None:
    other, share = actions.create(bob, "Other", "EUR"), actions.share(held, "charlie")
    secret = made(held)

    actions.end_link(other, held.links.get().pk)
    actions.end_share(other, share.pk)

    assert access.link_grant(secret) and held.shares.get() == share


def test_what_never_was_and_what_is_over_look_the_same(
    held: Portfolio, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, said = made(held), []
    monkeypatch.setattr(publish, "notify", lambda *words: said.append(words))
    pages = [Client().get(f"/shared/{name}/") for name in ("x" * 43, "é\0", "9" * 3000)]
    link = str(held.links.get().pk)
    assert client(alice).post(f"/portfolios/{held.pk}/links/end/", {"link": link}).status_code == 302
    pages.append(Client().get(f"/shared/{secret}/"))

    assert said == [("unshare", held.pk)]
    assert [page.status_code for page in pages] == [404] * 4
    assert len({re.sub(r"next=[^\"]*|nonce=\"[^\"]+\"", "", page.content.decode()) for page in pages}) == 1


def test_who_asks_too_often_waits(
    held: Portfolio, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link_views, "LIMITS", {"share_link": "2/m/ip"})
    good, browser = made(held), Client()
    answers = [browser.get(f"/shared/{name}/") for name in ("x", good, good)]

    assert [answer.status_code for answer in answers] == [404, 200, 429]
    assert answers[2]["Referrer-Policy"] == "no-referrer"
    assert browser.get("/shared/x/", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert browser.post(f"/shared/{good}/", REMOTE_ADDR="192.0.2.8").status_code == 405
    assert good not in caplog.text  # an address that opens something is in no log


@pytest.mark.parametrize(
    ("field", "value"), [("link", ""), ("link", "x" * 65), ("days", "366"), ("days", "-1"), ("days", "x")]
)
def test_bad_input_is_said_at_its_field(
    held: Portfolio, alice: User, rows: Rows, field: str, value: str
) -> None:
    html = text(client(alice).post(f"/portfolios/{held.pk}/links/", {**GOOD, field: value}), 422)

    assert f'id="refused-{field}">Expected ' in html and not ShareLink.objects.exists()


@quick
def test_expired_ones_make_room(held: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_LINKS", 1)
    made(held)
    with pytest.raises(Refused, match="at most 1 links"):
        made(held)
    ShareLink.objects.update(expires_at=timezone.now())

    made(held)

    assert held.links.count() == 1


@quick
def test_a_grant_is_of_what_the_link_says(held: Portfolio) -> None:
    """Nobody follows with amounts by a link that has none."""
    made(held, amounts=False)
    forged = Grant(held.pk, None, held.links.get().pk, amounts=True)

    assert access.ended_grants([forged]) == {forged}
    assert access.ended_grants([Grant(held.pk), Grant(held.pk, 0, 0)]) == {
        Grant(held.pk),
        Grant(held.pk, 0, 0),
    }


def test_weights_are_too_coarse_to_work_quantities_out(held: Portfolio, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789")
    book = queries.book(held)
    found = per_cents(async_to_sync(prices.of_books)([book]).of(book))

    numbers = [number for part in found.holdings for number in part[1:4] if isinstance(number, Decimal)]
    assert numbers and all(-number.as_tuple().exponent <= 3 for number in numbers)  # type: ignore[operator]
    assert sum(part.weight or 0 for part in found.holdings) == 1
