"""A venue's own list in place of what was known of it: new, renamed, halted, gone and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from marketdash.instruments import actions, history, sync
from marketdash.instruments.catalogue import listed
from marketdash.instruments.models import Alias, Asset, FormerSymbol, Instrument
from marketdash.instruments.starter import STARTERS
from tests.marketdash.instruments.specs import spec


def test_a_venues_list_replaces_what_we_knew_and_keeps_what_was_chosen(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    synced = sync.upsert(
        "KRAKEN", "Kraken", [spec("BTC/USD", tick_size="0.01", status="halted"), spec("NEW/USD", base="NEW")]
    )

    assert synced == sync.Synced(listed=2, new=1, delisted=len(STARTERS["KRAKEN"]) - 1, refused=0, halted=1)
    bitcoin = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    assert (bitcoin.tick_size, bitcoin.status, bitcoin.enabled) == ("0.01", "halted", True)
    assert not Instrument.objects.get(symbol="KRAKEN:NEW/USD").enabled
    ether = Instrument.objects.get(symbol="KRAKEN:ETH/USD")
    assert ether.status == "delisted" and bitcoin.delisted_at is None
    assert listed(ether).gone == f"Kraken has not listed it since {timezone.now():%-d %b %Y}"


def test_what_comes_back_to_the_list_trades_again(database: str) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")])
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])
    gone_at = Instrument.objects.get(symbol="KRAKEN:ETH/USD").delisted_at
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])
    assert Instrument.objects.get(symbol="KRAKEN:ETH/USD").delisted_at == gone_at is not None

    synced = sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")])

    assert (synced.new, synced.delisted, synced.relisted) == (0, 0, 1)
    ether = Instrument.objects.get(symbol="KRAKEN:ETH/USD")
    assert (ether.status, ether.delisted_at, listed(ether).gone) == ("trading", None, "")


def test_an_empty_list_delists_nothing(database: str) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])

    assert sync.upsert("KRAKEN", "Kraken", []) == sync.Synced(0, 0, 0, 0)
    assert Instrument.objects.get().status == "trading"


@pytest.mark.parametrize(
    "changed",
    [
        {"native": "<img src=x onerror=alert(1)>"},
        {"native": ""},
        {"native": "X" * 65},
        {"native": "A\u202eB"},
        {"tick_size": "NaN"},
        {"tick_size": "0"},
        {"tick_size": "1E999"},
        {"lot_size": "-1"},
        {"kind": "lottery"},
        {"status": "unheard of"},
        {"kind": "perpetual", "base": "ETH", "settle": "XBT"},  # a quanto: gains so many XBT for each dollar
        {"kind": "perpetual", "settle": "USD", "pays": "quanto"},
        {"kind": "future", "settle": "USDC"},  # whether its gains are dollars' nobody said
        {"kind": "option", "settle": "EUR", "strike": "60000", "right": "call"},
    ],
)
def test_what_cannot_be_carried_is_counted_and_left_out(db: None, changed: dict[str, str]) -> None:
    synced = sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD")._replace(**changed)])

    assert synced == sync.Synced(listed=1, new=1, delisted=0, refused=1)


@pytest.mark.parametrize(
    ("quote", "settle", "pays"),
    [
        ("USD", "BTC", ""),
        ("USD", "XBT", ""),  # bitcoin, as Kraken writes it
        ("USDT", "USDT", ""),
        ("USD", "", ""),
        ("BTC", "BTC", ""),
        (
            "USD",
            "USDⓈ",
            "linear",
        ),  # as OKX margins its index contracts: https://www.okx.com/docs-v5/en/, "settleCcy"
        ("USD", "USDC", "linear"),
    ],
)
def test_a_contract_that_pays_what_it_is_of_or_priced_in_is_carried(
    db: None, quote: str, settle: str, pays: str
) -> None:
    Alias.objects.create(code="XBT", asset=Asset.objects.get_or_create(code="BTC")[0])
    row = spec("A", kind="perpetual", quote=quote, settle=settle, pays=pays)

    assert sync.upsert("KRAKEN", "Kraken", [row]).refused == 0


def test_names_that_read_alike_have_slugs_of_their_own(database: str) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("BTC-USD"), spec("BTC.USD"), spec("币安人生USDT")])

    slugs = list(Instrument.objects.values_list("slug", flat=True))

    assert len(set(slugs)) == 4
    assert "kraken-btc-usd" in slugs


def test_thousands_of_instruments_go_in_at_once(database: str, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(120):  # type: ignore[operator]
        synced = sync.upsert("KRAKEN", "Kraken", [spec(f"C{number}/USD") for number in range(3000)])

    assert synced.new == Instrument.objects.count() == 3000
    with django_assert_max_num_queries(120):  # type: ignore[operator]
        assert sync.upsert("KRAKEN", "Kraken", [spec("C0/USD")]).delisted == 2999


def test_a_renamed_one_keeps_its_row_its_address_and_what_was_chosen(database: str) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("XBT/USD", base="XBT"), spec("ETH/USD", base="ETH")])
    asset = Asset.objects.create(code="BTC", title="Bitcoin")
    Alias.objects.create(code="XBT", asset=asset)
    actions.choose_named(["KRAKEN:XBT/USD"], {"enabled": True, "book_depth": 25}, history.command_line())
    before = Instrument.objects.get(symbol="KRAKEN:XBT/USD")

    synced = sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD"), spec("ETH/USD", base="ETH")])

    assert synced == sync.Synced(listed=2, new=0, delisted=0, refused=0, renamed=1)
    after = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    assert (after.pk, after.slug, after.enabled, after.book_depth) == (before.pk, before.slug, True, 25)
    assert FormerSymbol.objects.get(symbol="KRAKEN:XBT/USD").instrument == after
    said = LogEntry.objects.filter(object_id=str(after.pk)).latest("pk")
    assert "Symbol: KRAKEN:XBT/USD → KRAKEN:BTC/USD" in said.change_message.replace("symbol", "Symbol")
    assert said.user.username == "venue lists" and not said.user.is_active


def test_a_former_name_that_is_given_anew_means_the_new_one(database: str) -> None:
    Alias.objects.create(code="MATIC", asset=Asset.objects.create(code="POL"))
    sync.upsert("KRAKEN", "Kraken", [spec("MATIC/USD", base="MATIC")])
    sync.upsert("KRAKEN", "Kraken", [spec("POL/USD", base="POL")])

    sync.upsert("KRAKEN", "Kraken", [spec("POL/USD", base="POL"), spec("MATIC/USD", base="MEME")])

    assert not FormerSymbol.objects.exists()
    assert Instrument.objects.get(symbol="KRAKEN:MATIC/USD").slug != Instrument.objects.get(base="POL").slug


def test_two_that_could_be_the_new_name_are_no_rename(database: str) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("BTC/USD")])

    synced = sync.upsert("KRAKEN", "Kraken", [spec("BTC-USD"), spec("BTC.USD")])

    assert (synced.renamed, synced.new, synced.delisted) == (0, 2, 1)


def test_what_an_option_is_comes_from_the_venue(database: str) -> None:
    option = {"kind": "option", "expiry_us": 1_798_358_400_000_000, "strike": "100000", "right": "call"}

    sync.upsert("DERIBIT", "Deribit", [spec("BTC-27DEC26-100000-C", contract_size="1", **option)])

    row = Instrument.objects.get()
    assert (row.kind, row.strike, row.right) == ("option", "100000", "call")
    assert row.expiry == datetime(2026, 12, 27, 8, tzinfo=UTC)


def test_a_list_that_says_what_is_known_writes_nothing(
    database: str, django_assert_max_num_queries: object
) -> None:
    rows = [spec(f"C{number}/USD", base=f"C{number}") for number in range(500)]
    sync.upsert("KRAKEN", "Kraken", rows)

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        sync.upsert("KRAKEN", "Kraken", rows)

    assert not LogEntry.objects.exists()
