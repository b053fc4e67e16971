"""One long ledger with everything in it once, its markets, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from asgiref.sync import async_to_sync

from marketdash.instruments.assets import settle_all
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Asset, Instrument, Venue
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, DraftRate
from tests.marketdash.portfolios.doors.worth import Price

SPOT = ("BTC/USDT", "ETH/USDT", "ETH/BTC", "USDT/USD", "SOL/USDT", "POL/USDT", "BNB/USDT")
LINEAR, INVERSE, FUTURE, OPTION, CALL = "PF_BTC", "PI_BTC", "FF_ETH-30DEC30", "BTC-30DEC30-C", "ETH-30-C"
CONTRACTS = {
    LINEAR: ("perpetual", "BTC", "USDT", "USDT", "0.001"),
    INVERSE: ("perpetual", "BTC", "USD", "BTC", "1"),
    FUTURE: ("future", "ETH", "USDT", "USDT", "0.1"),
    OPTION: ("option", "BTC", "USD", "BTC", "1"),
    CALL: ("option", "ETH", "USDT", "USDT", "1"),
}
PRICES = {
    "BTC/USDT": Price("59999", "60001", "60002", "2002.5"),
    "ETH/USDT": Price("2999.5", "3000.5", "3001", "-99"),
    "ETH/BTC": Price("0.0499", "0.0503"),
    "USDT/USD": Price("0.9799", "0.9801", "0.98", "-0.02"),
    "EUR/USD": Price("1.2499", "1.2501", "1.25", "0.01"),
    "SOL/USDT": Price("99", "101", "100", "25"),
    "POL/USDT": Price("0.499", "0.501", "0.5", "0.1"),
    "BNB/USDT": Price("400", "402", "401", "1", live=False),
    LINEAR: Price("60099", "60101", "60100", "1600"),
    INVERSE: Price("62499.5", "62500.5", "62500", "12500"),
    FUTURE: Price("3099", "3101", "3100", "100"),
    OPTION: Price("0.0599", "0.0601", "0.06", "0.01"),
}


def listed() -> None:
    venue, _ = Venue.objects.get_or_create(name="KRAKEN", defaults={"title": "Kraken"})
    for code in ("EUR", "USD", "USDT", "BTC", "ETH", "BNB", "NEW", "SOL", "POL", "OLD"):
        Asset.objects.get_or_create(code=code)
    for native in (*SPOT, "EUR/USD"):
        base, quote = native.split("/")
        kind = "forex" if native == "EUR/USD" else "spot"
        Instrument(venue=venue, native=native, kind=kind, base=base, quote=quote, enabled=True).save()
    for native, (kind, base, quote, settle, size) in CONTRACTS.items():
        more = {"settle": settle, "contract_size": size, "enabled": True}
        Instrument(venue=venue, native=native, kind=kind, base=base, quote=quote, **more).save()
    settle_all()
    async_to_sync(catalogue.refresh)()


def unlisted() -> None:
    Instrument.objects.all().delete()
    async_to_sync(catalogue.refresh)()


class Writer:
    """An entry each eleven hours, over the night of 30 March too, with rates of then."""

    def __init__(self, account: int) -> None:
        self._times = count(int(datetime(2025, 3, 25, tzinfo=UTC).timestamp()) * 1_000_000, 39_600_000_000)
        self.account = account

    def entry(self, kind: str, *legs: DraftLeg, **rates: str) -> Draft:
        found = [DraftRate("EUR", "USD", "1.25", "stated"), DraftRate("USD", "EUR", "0.8", "stated")]
        for asset, dollars in rates.items():
            found.append(DraftRate(asset, "USD", dollars, "stated"))
        return Draft(kind, next(self._times), self.account, legs, found)

    def leg(self, text: str, role: str = "principal", account: int = 0, worth: str = "") -> DraftLeg:
        amount, asset = text.split(" ")
        stated = {"worth": worth, "currency": "EUR"} if worth else {}
        return DraftLeg(account or self.account, asset, amount, role, **stated)

    def contracts(self, name: str, amount: str, price: str) -> DraftLeg:
        _, _, _, settle, size = CONTRACTS[name]
        terms = {"instrument": f"KRAKEN:{name}", "price": price, "multiplier": size}
        return DraftLeg(self.account, settle, amount, "position", **terms, inverse=name == INVERSE)

    def paid(self, name: str, text: str) -> DraftLeg:
        amount, asset = text.split(" ")
        return DraftLeg(self.account, asset, amount, "paid", instrument=f"KRAKEN:{name}")


def story(kraken: int, wallet: int) -> Iterator[Draft]:
    w = Writer(kraken)
    leg, entry = w.leg, w.entry
    yield entry("deposit", leg("100000 EUR"))
    yield entry("deposit", leg("0.000000000000000003 BTC", worth="0.3"))
    yield entry("deposit", leg("1 BNB", worth="300"))
    yield entry("buy", leg("-80000 EUR"), leg("100000 USDT"))
    yield entry("buy", leg("-20000 USDT"), leg("0.5 BTC"), leg("-0.01 BNB", "fee"), USDT="0.99", BNB="400")
    yield entry("buy", leg("-30000 USDT"), leg("0.5 BTC"), leg("-30 USDT", "fee"), USDT="0.995")
    yield entry("buy", leg("-25000 USDT"), leg("0.5 BTC"), USDT="1.001")
    out, back = leg("-0.6 BTC"), leg("0.6 BTC", account=wallet)
    yield entry("transfer", out, back, leg("-0.0005 BTC", "fee"), BTC="52000")
    yield entry("sell", leg("-0.25 BTC", account=wallet), leg("15000 USDT", account=wallet), USDT="1")
    yield entry("sell", leg("-0.7 BTC"), leg("33600 USDT"), leg("-0.02 BNB", "fee"), USDT="1.0004", BNB="410")
    yield entry("sell", leg("-5 SOL"), leg("500 USDT"), USDT="1")
    yield entry("buy", leg("8 SOL"), leg("-720 USDT"), USDT="1")
    yield entry("split", leg("-3 SOL"), leg("30 SOL"))
    yield entry("deposit", leg("100 OLD", worth="80"))
    yield entry("rename", leg("-100 OLD"), leg("400 POL"))
    yield entry("deposit", leg("2 ETH"))
    yield entry("buy", leg("2 ETH"), leg("-5000 USDT"), USDT="1")
    yield entry("sell", leg("-1 ETH"), leg("2800 USDT"), USDT="1")
    yield entry("airdrop", leg("100 NEW"))
    yield entry("reward", leg("0.01 ETH"), ETH="2500")
    yield entry("interest", leg("10 USDT"), USDT="0.98")
    yield entry("funding", leg("-5.5 USDT"), USDT="0.999")
    yield entry("fill", w.contracts(LINEAR, "2000", "50000"), leg("-1 USDT", "fee"), USDT="1")
    yield entry("fill", w.contracts(LINEAR, "-500", "52000"), w.paid(LINEAR, "900 USDT"), USDT="1")
    yield entry("fill", w.contracts(INVERSE, "-10000", "50000"), BTC="50000")
    yield entry("fill", w.contracts(INVERSE, "5000", "40000"), BTC="40000")
    yield entry("fill", w.contracts(INVERSE, "10000", "62500"), w.paid(INVERSE, "0.01 BTC"), BTC="62500")
    yield entry("fill", w.contracts(FUTURE, "-30", "2900"), USDT="1")
    yield entry("fill", w.contracts(FUTURE, "-10", "3000"), USDT="1")
    yield entry("fill", w.contracts(FUTURE, "15", "2950"), USDT="1")
    yield entry("fill", w.contracts(OPTION, "2", "0.05"), w.paid(OPTION, "-0.1 BTC"), BTC="60000")
    yield entry("fill", w.contracts(CALL, "3", "100"), w.paid(CALL, "-300 USDT"), USDT="1")
    yield entry("exercise", w.contracts(CALL, "-2", "0"), leg("2 ETH"), leg("-5000 USDT"), USDT="1")
    yield entry("expiry", w.contracts(CALL, "-1", "40"), w.paid(CALL, "40 USDT"), USDT="0.98")
    yield entry("withdrawal", leg("-0.1 BTC", account=wallet))
    yield entry("fee", leg("-3 USDT", "fee"), USDT="0.98")
