"""Names settle across venues: one asset whatever a venue calls it, and a search that finds each name."""

from __future__ import annotations

import pytest

from marketdash.instruments import actions, assets, kin, search, sync
from marketdash.instruments.catalogue import listed
from marketdash.instruments.models import Alias, Asset, Instrument, Venue
from tests.feeds.test_hostile_answers import answers
from tests.marketdash.instruments.specs import spec


def found(typed: str) -> set[str]:
    rows = Instrument.objects.all()
    for word in search.words(typed):
        rows = rows.filter(searched__contains=word)
    return set(rows.values_list("symbol", flat=True))


@pytest.fixture
def two_venues(database: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken", "BINANCE": "Binance"})
    sync.upsert(
        "BINANCE",
        "Binance",
        [spec("XBTUSDT", base="XBT", quote="USDT"), spec("SOLEUR", base="SOL", quote="EUR")],
    )


def test_a_code_means_the_same_asset_at_every_venue(two_venues: None) -> None:
    kraken = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    binance = Instrument.objects.get(symbol="BINANCE:XBTUSDT")

    assert kraken.base_asset == binance.base_asset == Asset.objects.get(code="BTC")


def test_an_alias_of_one_venue_holds_there_alone(two_venues: None) -> None:
    new = Asset.objects.create(code="LUNA2")
    Alias.objects.create(code="LUNA", asset=new, venue=Venue.objects.get(name="KRAKEN"))

    sync.upsert("KRAKEN", "Kraken", [spec("LUNA/USD", base="LUNA")])
    sync.upsert("BINANCE", "Binance", [spec("LUNAUSDT", base="LUNA", quote="USDT")])

    assert Instrument.objects.get(symbol="KRAKEN:LUNA/USD").base_asset == new
    assert Instrument.objects.get(symbol="BINANCE:LUNAUSDT").base_asset.code == "LUNA"


def test_an_alias_that_is_made_later_settles_what_is_there(two_venues: None) -> None:
    sync.upsert("KRAKEN", "Kraken", [spec("WEI/USD", base="WEI")])
    Alias.objects.create(code="WEI", asset=Asset.objects.get(code="ETH"))

    assert assets.settle_all() >= 1

    assert Instrument.objects.get(symbol="KRAKEN:WEI/USD").base_asset.code == "ETH"
    assert "KRAKEN:ETH/USD" in found("wei")
    assert assets.settle_all() == 0


FOUR = {"KRAKEN:BTC/USD", "KRAKEN_FUTURES:PF_XBTUSD", "DERIBIT:BTC-PERPETUAL", "BINANCE_USDM:BTCUSDT"}


def test_one_coin_is_one_asset_by_the_lists_of_four_venues(database: str) -> None:
    """XBT is BTC, in ``PF_XBTUSD`` as in ``BTC-PERPETUAL`` and ``BTCUSDT``: each venue's answer, decoded."""
    actions.add_starters({"KRAKEN": "Kraken"})
    for venue in sorted({name.partition(":")[0] for name in FOUR}):
        specs = [one for each in answers(venue) if each.what == "list" for one in each.read(each.body)]
        sync.upsert(venue, venue.capitalize(), specs)

    held = {name: Instrument.objects.get(symbol=name) for name in FOUR}
    assert {row.base_asset.code for row in held.values()} == {"BTC"}
    for typed in ("btc", "xbt", "bitcoin"):
        assert found(typed) >= FOUR, typed
    beside = kin.elsewhere(listed(held["KRAKEN:BTC/USD"]), [listed(row) for row in held.values()])
    assert {each.symbol for each in beside} == FOUR - {"KRAKEN:BTC/USD"}


@pytest.mark.parametrize(
    "typed",
    ["sol eur", "EUR SOL", "sol/eur", "soleur", "binance sol-eur", "solana euro", "BINANCE:SOLEUR", "oleu"],
)
def test_any_part_of_the_name_finds_it_in_any_order(two_venues: None, typed: str) -> None:
    assert found(typed) == {"BINANCE:SOLEUR"}


@pytest.mark.parametrize("typed", ["xbt kraken", "XXBTZUSD", "xbt/usd", "bitcoin usd kraken"])
def test_an_alias_finds_it(two_venues: None, typed: str) -> None:
    assert "KRAKEN:BTC/USD" in found(typed)


@pytest.mark.parametrize("typed", ["sol eur nothing", "%", "solana_%"])
def test_what_is_no_part_of_it_finds_nothing(two_venues: None, typed: str) -> None:
    assert found(typed) == set()


def test_one_is_found_among_thousands(database: str) -> None:
    rows = [spec(f"C{n % 500}-Q{n % 7}-{n}", base=f"C{n % 500}", quote=f"Q{n % 7}") for n in range(2000)]
    sync.upsert("KRAKEN", "Kraken", rows)

    assert found("kraken 1999") == {"KRAKEN:C499-Q4-1999"}
