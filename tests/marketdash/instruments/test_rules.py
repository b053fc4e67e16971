"""What is followed by rule: near enough in time and price, new listings too, and never against a hand."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django.utils import timezone

from marketdash import publish
from marketdash.instruments import actions, rules, sync
from marketdash.instruments.catalogue import subscriptions
from marketdash.instruments.history import By, command_line
from marketdash.instruments.models import Instrument, Venue
from marketdash.instruments.rule_models import Rule
from tests.marketdash.instruments.specs import spec

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
SPOT = Decimal(64_000)


def option(strike: int, days: float, right: str = "call", base: str = "BTC", **fields: Any) -> Instrument:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    native = f"{base}-{days:g}D-{strike}-{right[0].upper()}"
    expiry = NOW + timedelta(days=days)
    parts = {"kind": "option", "base": base, "quote": "USD", "strike": str(strike), "right": right}
    row = Instrument(venue=venue, native=native, expiry=expiry, **parts, **fields)
    row.save()
    return row


@pytest.fixture
def spot(database: str) -> Instrument:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    row = Instrument(venue=venue, native="BTC/USD", base="BTC", quote="USD", enabled=True)
    row.save()
    return row


def rule(market: Instrument, /, **fields: Any) -> Rule:
    given = {"kind": "option", "base": "BTC", "within_days": 60, "band": 40, "spot": market, **fields}
    return Rule.objects.create(venue=market.venue, **given)


def followed() -> set[str]:
    return set(Instrument.objects.filter(enabled=True, kind="option").values_list("native", flat=True))


def test_a_rule_follows_what_is_near_in_time_and_price(spot: Instrument) -> None:
    for strike in (38_000, 39_000, 64_000, 89_000, 90_000):
        option(strike, 30)
    option(64_000, 59.9, "put")
    option(64_000, 61)
    option(64_000, -1)
    option(64_000, 30, base="ETH")
    option(64_000, 31, status="delisted")
    made = rule(spot)

    assert rules.apply(made, SPOT, NOW) == (4, 0)

    assert followed() == {"BTC-30D-39000-C", "BTC-30D-64000-C", "BTC-30D-89000-C", "BTC-59.9D-64000-P"}
    kinds = {item.channel for item in subscriptions() if "64000-C" in item.instrument}
    assert kinds == {"ticker", "mark", "option"}, "its trades and its book were not asked for"
    assert rules.apply(made, SPOT, NOW) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"right": "put"}, {"BTC-5D-64000-P"}),
        ({"within_days": 6, "band": None, "spot": None}, {"BTC-5D-64000-P", "BTC-5D-10000-C"}),
        ({"base": "", "within_days": None, "most": 2}, {"BTC-5D-64000-P", "ETH-7D-64100-C"}),
        ({"quote": "EUR"}, set()),
        ({"kind": "future", "band": None, "spot": None}, set()),
    ],
)
def test_what_a_rule_says_is_what_it_takes(
    spot: Instrument, fields: dict[str, Any], expected: set[str]
) -> None:
    option(64_000, 5, "put")
    option(10_000, 5)
    option(64_100, 7, base="ETH")
    option(64_500, 70)
    rules.apply(rule(spot, **fields), SPOT, NOW)

    assert followed() == expected


def test_new_listings_come_and_what_expired_or_moved_away_goes(spot: Instrument) -> None:
    made, near, wavering = rule(spot), option(64_000, 3), option(89_600, 30)
    rules.apply(made, SPOT, NOW)
    assert followed() == {near.native, wavering.native}

    fresh = option(70_000, 60)
    later = NOW + timedelta(days=3)
    assert rules.apply(made, Decimal(63_900), later) == (1, 1)
    assert followed() == {fresh.native, wavering.native}, "just outside of the band is not outside enough"

    assert rules.apply(made, Decimal(57_000), later) == (0, 1)
    assert followed() == {fresh.native}


def test_a_hand_is_neither_overruled_nor_undone(spot: Instrument) -> None:
    made, mine, theirs, far = rule(spot), option(64_000, 3), option(65_000, 3), option(200_000, 3)
    actions.set_enabled([far.symbol, theirs.symbol], enabled=True)
    rules.apply(made, SPOT, NOW)
    actions.set_enabled([mine.symbol], enabled=False)

    assert rules.apply(made, SPOT, NOW) == (0, 0)
    assert followed() == {theirs.native, far.native}

    made.enabled = False
    made.save()
    rules.apply(made, SPOT, NOW)
    assert followed() == {theirs.native, far.native}
    assert not Instrument.objects.filter(rule=made).exists(), "whoever switches it on again begins anew"


def test_without_a_price_nothing_is_taken_and_nothing_let_go_of(spot: Instrument) -> None:
    made, known = rule(spot), option(64_000, 30)
    rules.apply(made, SPOT, NOW)
    option(65_000, 30)

    assert rules.apply(made, None, NOW) == (0, 0)

    made.refresh_from_db()
    assert "KRAKEN:BTC/USD has no live price" in made.problem
    assert made in rules.due(NOW + rules.AGAIN * 2), "it is asked again at once, not in a minute"
    assert followed() == {known.native}
    rules.apply(made, SPOT, NOW)
    made.refresh_from_db()
    assert made.problem == "" and len(followed()) == 2


def test_more_than_the_most_is_said(spot: Instrument) -> None:
    for strike in range(60_000, 68_000, 1_000):
        option(strike, 30)
    made = rule(spot, most=3)

    rules.apply(made, SPOT, NOW)

    made.refresh_from_db()
    assert (made.fits, made.problem) == (8, "5 more fit than the 3 that it may follow")
    assert followed() == {f"BTC-30D-{strike}-C" for strike in (63_000, 64_000, 65_000)}


def test_channels_of_a_rule_are_those_of_what_it_follows(spot: Instrument) -> None:
    made, row = rule(spot), option(64_000, 30, book_depth=100)
    rules.apply(made, SPOT, NOW)
    row.refresh_from_db()
    assert (row.ticker, row.trades, row.bars, row.book_depth) == (True, False, False, 0)

    made.trades, made.book_depth = True, 25
    made.save()
    rules.set_channels(made)

    row.refresh_from_db()
    assert (row.trades, row.bars, row.book_depth) == (True, False, 25)


def test_each_switch_is_in_the_history_and_told(
    spot: Instrument, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *_: sent.append(kind))
    made, row = rule(spot), option(64_000, 3)
    with django_capture_on_commit_callbacks(execute=True):
        rules.apply(made, SPOT, NOW)
        rules.apply(made, SPOT, NOW)

    assert sent == ["configure"]
    entry = LogEntry.objects.get(object_id=str(row.pk))
    words = "Kraken BTC option, within 60 days, ±40 % of KRAKEN:BTC/USD"
    assert entry.change_message.startswith("Enabled: no → yes; ")
    assert entry.change_message.endswith(f"(rule: {words})")
    assert entry.user.username == "rules" and not entry.user.is_active


def test_a_deleted_rule_takes_back_what_it_switched_on(spot: Instrument) -> None:
    made, row, mine = rule(spot), option(64_000, 3), option(65_000, 3)
    actions.set_enabled([mine.symbol], enabled=True)
    rules.apply(made, SPOT, NOW)
    assert row.native in followed()

    rules.withdraw(made)
    made.delete()

    assert followed() == {mine.native}


def test_rules_are_due_when_changed_and_each_minute(spot: Instrument) -> None:
    made = rule(spot)
    assert list(rules.due(timezone.now())) == [made]
    rules.apply(made, SPOT)
    now = timezone.now()
    assert not rules.due(now).exists()
    assert list(rules.due(now + rules.AGAIN)) == [made]
    made.enabled = False
    made.save()
    assert list(rules.due(timezone.now())) == [made], "it has to let go of what it follows"
    rules.apply(made, SPOT)
    assert not rules.due(timezone.now() + timedelta(days=1)).exists()


def test_a_rule_is_due_as_soon_as_its_venue_lists_something_new(spot: Instrument) -> None:
    made, listed = rule(spot), [spec("BTC/USD")]
    other = Venue.objects.create(name="BINANCE", title="Binance")
    elsewhere = Rule.objects.create(venue=other, kind="option", base="BTC", spot=spot)
    for each in (made, elsewhere):
        rules.apply(each, SPOT)
    sync.upsert("KRAKEN", "Kraken", listed)
    assert not rules.due(timezone.now()).exists(), "the list is as it was"

    sync.upsert("KRAKEN", "Kraken", [*listed, spec("BTC-1", kind="option", strike="64000", right="call")])

    assert list(rules.due(timezone.now())) == [made]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_moves_what_a_rule_follows_fits_it(spot: Instrument, seed: int) -> None:
    dice = random.Random(seed)
    made = rule(spot, most=dice.choice([3, 8, 2000]), within_days=dice.choice([5, 30]))
    rows = [
        option(strike * 1000, days, right)
        for strike in range(40, 90, 7)
        for days in (1, 4, 20)
        for right in ("call", "put")
    ]
    by, now, price = command_line(), NOW, SPOT
    touched: set[int] = set()
    for _ in range(12):
        price = Decimal(dice.randint(30_000, 100_000))
        now += timedelta(hours=dice.randint(0, 40))
        _by_hand(dice.sample(rows, 2), touched, by, dice)
        rules.apply(made, price, now)
        _check(made, price, now, touched)


def _by_hand(rows: list[Instrument], touched: set[int], by: By, dice: random.Random) -> None:
    for row in rows:
        actions.choose(Instrument.objects.filter(pk=row.pk), {"enabled": dice.random() < 0.5}, by)
        touched.add(row.pk)


def _check(made: Rule, price: Decimal, now: datetime, touched: set[int]) -> None:
    mine = list(Instrument.objects.filter(rule=made, enabled=True))
    assert len(mine) <= made.most
    widest = price * 40 / 100 * rules.KEPT_BEYOND
    for row in mine:
        assert now < row.expiry <= now + timedelta(days=made.within_days)
        assert abs(Decimal(row.strike) - price) <= widest
    off = Q(enabled=False) & ~Q(pk__in=touched)
    near = price * 40 / 100
    missed = [
        row
        for row in Instrument.objects.filter(off, kind="option", expiry__gt=now)
        if row.expiry <= now + timedelta(days=made.within_days) and abs(Decimal(row.strike) - price) <= near
    ]
    assert not missed or len(mine) + len(touched) >= made.most
