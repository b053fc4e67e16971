"""Ledgers and prices by chance, seeded: what is sold is not always there, what is known not always known."""

from __future__ import annotations

import random
from collections.abc import Iterator

from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from tests.marketdash.portfolios.doors.story import CONTRACTS, INVERSE, LINEAR, OPTION, SPOT, Writer
from tests.marketdash.portfolios.doors.worth import Price

COINS = ("BTC", "ETH", "SOL", "POL")
MONEY = ("EUR", "USDT", "USD")
WORTH = {"BTC": 50_000, "ETH": 2_500, "SOL": 100, "POL": 1, "USDT": 1, "EUR": 1, "USD": 1, "BNB": 400}
SIZES = ("0.1", "0.3", "1", "2.5", "0.000001", "7", "0.333333333333333333")


class Chance:
    """Of one portfolio."""

    def __init__(self, seed: int, kraken: int, wallet: int) -> None:
        self.dice, self.accounts = random.Random(seed), (kraken, wallet)
        self.writer = Writer(kraken)

    def drafts(self, count: int) -> Iterator[Draft]:
        acts = (self.trade, self.trade, self.trade, self.coming, self.coming, self.leaving, self.moving)
        acts += (self.splitting, self.earning, self.filling, self.filling, self.paying)
        for _ in range(count):
            yield self.dice.choice(acts)()

    def about(self, asset: str) -> str:
        """A price of then."""
        return str(WORTH[asset] * self.dice.randint(500, 1500)) + "e-3"

    def known(self, *assets: str) -> dict[str, str]:
        """In dollars; now and then of none."""
        return {
            each: self.about(each)
            for each in assets
            if each not in ("EUR", "USD") and self.dice.random() < 0.8
        }

    def part(self, amount: str, role: str = "principal", account: int = 0) -> DraftLeg:
        return self.writer.leg(amount, role, account)

    def trade(self) -> Draft:
        coin, money, account = (
            self.dice.choice(COINS),
            self.dice.choice(MONEY),
            self.dice.choice(self.accounts),
        )
        size = self.dice.choice(SIZES)
        paid = f"{WORTH[coin] * self.dice.randint(50, 150)}e-2"
        signs = ("", "-") if self.dice.random() < 0.5 else ("-", "")
        legs = [self.part(f"{signs[0]}{size} {coin}", account=account)]
        legs.append(self.part(f"{signs[1]}{paid} {money}", account=account))
        if self.dice.random() < 0.5:
            legs.append(self.part(f"-0.001 {self.dice.choice((money, 'BNB'))}", "fee", account))
        return self.writer.entry("swap", *legs, **self.known(money, "BNB"))

    def coming(self) -> Draft:
        asset = self.dice.choice((*COINS, *MONEY))
        worth = self.dice.choice(("", "100.1", "0.07"))
        return self.writer.entry(
            "deposit", self.writer.leg(f"{self.dice.choice(SIZES)} {asset}", worth=worth)
        )

    def leaving(self) -> Draft:
        asset = self.dice.choice((*COINS, *MONEY))
        return self.writer.entry("withdrawal", self.part(f"-{self.dice.choice(SIZES)} {asset}"))

    def moving(self) -> Draft:
        coin, size = self.dice.choice(COINS), self.dice.choice(SIZES)
        out, into = self.dice.sample(self.accounts, 2)
        legs = self.part(f"-{size} {coin}", account=out), self.part(f"{size} {coin}", account=into)
        return self.writer.entry("transfer", *legs)

    def splitting(self) -> Draft:
        coin = self.dice.choice(COINS)
        return self.writer.entry("split", self.part(f"-0.3 {coin}"), self.part(f"1.2 {coin}"))

    def earning(self) -> Draft:
        kind, coin = self.dice.choice(("reward", "interest", "airdrop", "funding")), self.dice.choice(COINS)
        return self.writer.entry(kind, self.part(f"{self.dice.choice(SIZES)} {coin}"), **self.known(coin))

    def filling(self) -> Draft:
        """Bought and sold, so they flip; the option is paid for at once."""
        name, sign = self.dice.choice((LINEAR, INVERSE, OPTION)), self.dice.choice(("", "-"))
        settles = CONTRACTS[name][3]
        if name == OPTION:
            paid = self.writer.paid(name, f"{'' if sign else '-'}0.15 BTC")
            legs = self.writer.contracts(name, f"{sign}3", "0.05"), paid
        else:
            legs = (
                self.writer.contracts(
                    name, f"{sign}{self.dice.choice((500, 1200, 3000))}", self.about("BTC")
                ),
            )
        return self.writer.entry("fill", *legs, **self.known(settles))

    def paying(self) -> Draft:
        return self.writer.entry("fee", self.part("-0.25 USDT", "fee"), **self.known("USDT"))

    def prices(self) -> dict[str, Price]:
        """Some are not there, some not live, of some nobody says what they were."""
        names = (*SPOT, "EUR/USD", LINEAR, INVERSE, OPTION)
        return {name: self._price(name) for name in names if self.dice.random() < 0.93}

    def _price(self, name: str) -> Price:
        of, _, by = name.partition("/")
        near = 0.05 if name == OPTION else WORTH.get(of, 50_000) / WORTH.get(by, 1)
        low = round(near * self.dice.uniform(0.7, 1.3), 4) or 0.0001
        last, change = f"{low:.4f}", f"{low * self.dice.uniform(-0.2, 0.2):.4f}"
        told = (last, change) if self.dice.random() < 0.9 else ("", "")
        return Price(f"{low:.4f}", f"{low * 1.001:.6f}", *told, live=self.dice.random() < 0.88)
