"""The catalogue from the command line, and fetching the venues' lists."""

from __future__ import annotations

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from feeds.codec import Codec, InstrumentSpec
from feeds.rest import Rest, RestError
from marketdash.instruments import actions
from marketdash.instruments.management.commands import sync_instruments
from marketdash.instruments.models import Instrument
from marketdash.instruments.rule_models import Rule


@pytest.fixture
def venues_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kraken cannot be reached; every other venue lists one instrument."""

    async def fetch(codec: Codec, rest: Rest) -> list[InstrumentSpec]:
        if codec.venue == "KRAKEN":
            raise RestError("GET api.kraken.com: no route")
        return [InstrumentSpec(codec.venue, "NEW", "spot", "NEW", "USD", "", "0.1", "1", "trading")]

    monkeypatch.setattr(sync_instruments, "fetch_instruments", fetch)


def said(*words: str) -> str:
    output = io.StringIO()
    call_command(*words, stdout=output)
    return output.getvalue()


def test_the_list_shows_what_is_followed(db: None) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})
    call_command("instruments", "disable", "KRAKEN:BTC/USD")

    assert "KRAKEN:BTC/USD" not in said("instruments", "list")
    assert "not followed" in said("instruments", "list", "--all")

    call_command("instruments", "enable", "KRAKEN:BTC/USD", "KRAKEN:ETH/USD")
    assert "KRAKEN:BTC/USD" in said("instruments", "list")


def test_what_has_dates_is_followed_by_a_starter_rule(db: None) -> None:
    actions.add_starters({"DERIBIT": "Deribit"})

    [rule] = Rule.objects.all()
    assert str(rule) == "Deribit BTC option, within 22 days, ±15 % of DERIBIT:BTC-PERPETUAL"
    rule.full_clean()
    actions.add_starters({"DERIBIT": "Deribit"})
    assert Rule.objects.count() == 1


def test_a_starter_rule_may_go_by_the_spot_of_another_venue(db: None) -> None:
    venues = {"BYBIT_OPTION": "Bybit options", "BYBIT": "Bybit"}
    actions.add_starters({"BYBIT_OPTION": "Bybit options"})
    assert not Rule.objects.exists(), "what it goes by is not there"

    for _ in range(2):
        actions.add_starters(venues)

    [rule] = Rule.objects.all()
    assert str(rule) == "Bybit options BTC option, within 70 days, ±15 % of BYBIT:BTCUSDT"
    rule.full_clean()


def test_an_unknown_name_is_an_error_and_the_others_are_done(db: None) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    with pytest.raises(CommandError, match="not known: KRAKEN:NOWHERE;"):
        call_command("instruments", "disable", "KRAKEN:NOWHERE", "KRAKEN:BTC/USD")

    assert not Instrument.objects.get(symbol="KRAKEN:BTC/USD").enabled


def test_the_list_is_searched_like_the_admin(db: None) -> None:
    actions.add_starters({"KRAKEN": "Kraken", "BINANCE": "Binance"})

    assert said("instruments", "list", "xbt", "kraken").split()[0] == "KRAKEN:BTC/USD"


def test_channels_and_depth_are_chosen_by_name_and_the_rest_stays(db: None) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})
    bitcoin = Instrument.objects.get(symbol="KRAKEN:BTC/USD")
    call_command("instruments", "disable", "KRAKEN:BTC/USD")

    call_command("instruments", "enable", "KRAKEN:BTC/USD", "--depth", "25", "--no-bars")
    bitcoin.refresh_from_db()
    chosen = (bitcoin.enabled, bitcoin.ticker, bitcoin.trades, bitcoin.bars, bitcoin.book_depth)
    assert chosen == (True, True, True, False, 25)

    call_command("instruments", "enable", "KRAKEN:BTC/USD", "--no-book", "--bars")
    bitcoin.refresh_from_db()
    assert (bitcoin.bars, bitcoin.book_depth) == (True, 0)


def test_what_the_command_line_did_is_in_the_history(db: None) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    call_command("instruments", "enable", "KRAKEN:BTC/USD", "--depth", "25")

    entry = LogEntry.objects.latest("pk")
    assert entry.object_repr == "KRAKEN:BTC/USD"
    assert entry.change_message.startswith("Book depth: 100 → 25 (by ")
    assert entry.user.username == "command line"
    assert not entry.user.is_active and not entry.user.has_usable_password()


@pytest.mark.parametrize(
    ("typed", "hint"), [("KRAKEN:xbt/usd", "KRAKEN:BTC/USD"), ("BTCUSD", "KRAKEN:BTC/USD")]
)
def test_a_name_that_is_nearly_right_is_told_the_right_one(db: None, typed: str, hint: str) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    with pytest.raises(CommandError, match=f"did you mean {hint}"):
        call_command("instruments", "enable", typed)


@pytest.mark.usefixtures("venues_that_answer")
@pytest.mark.django_db(transaction=True)
def test_a_venue_that_does_not_answer_keeps_its_list_and_is_named(
    caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    actions.add_starters({"KRAKEN": "Kraken"})

    with pytest.raises(CommandError, match="not every venue answered"):
        call_command("sync_instruments", "--quiet")

    assert "KRAKEN: its instruments could not be fetched: GET api.kraken.com: no route" in caplog.text
    assert Instrument.objects.filter(symbol="BINANCE:NEW").exists()
    assert not Instrument.objects.filter(status="delisted").exists()


@pytest.mark.usefixtures("venues_that_answer")
@pytest.mark.django_db(transaction=True)
def test_one_venue_alone_is_fetched(transactional_db: None) -> None:
    output = said("sync_instruments", "--venue", "BINANCE")

    assert output == "BINANCE: 1 listed, 1 new, 0 delisted, 0 that cannot be carried\n"


def test_a_venue_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="--venue: .*BINANCE.*NOWHERE"):
        call_command("sync_instruments", "--venue", "NOWHERE")
