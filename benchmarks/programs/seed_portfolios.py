"""Portfolios in the database of DATABASE_URL: python -m benchmarks.programs.seed_portfolios COUNT HOLDINGS.

Each holds so many of the made-up assets, at costs of their own. Prints a line of JSON: a bot's token and the
numbers of the portfolios of each owner.
"""

from __future__ import annotations

import json
import os
import random
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 (the models need the line above)
from django.db import transaction  # noqa: E402

from marketdash.accounts import tokens  # noqa: E402
from marketdash.instruments.assets import settle_all  # noqa: E402
from marketdash.instruments.models import Instrument  # noqa: E402
from marketdash.portfolios import actions  # noqa: E402
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg  # noqa: E402

SEED, OF_ONE_OWNER = 20, 20
"""As many as one may have sockets."""


def main(count: int, holdings: int) -> None:
    settle_all()
    assets = sorted(Instrument.objects.values_list("base", flat=True))
    dice, found = random.Random(SEED), []
    for start in range(0, count, OF_ONE_OWNER):
        owner = User.objects.create_user(f"owner{start}")
        _, secret = tokens.make(owner, "bench", ("read:portfolios",))
        own = range(start, min(count, start + OF_ONE_OWNER))
        ids = [made(owner, n, dice.sample(assets, holdings), dice) for n in own]
        found.append({"token": secret, "ids": ids})
    print(json.dumps(found))


def worth(dice: random.Random) -> dict[str, str]:
    return {"worth": str(dice.randrange(1, 10**5)), "currency": "USD"}


@transaction.atomic
def made(owner: User, number: int, assets: list[str], dice: random.Random) -> int:
    portfolio = actions.create(owner, f"Portfolio {number}", "USD")
    account = actions.open_account(portfolio, "Main").pk
    legs = [DraftLeg(account, asset, f"{dice.randrange(1, 10**8)}e-6", **worth(dice)) for asset in assets]
    actions.record(portfolio, [Draft("deposit", 1, account, legs)])
    return portfolio.pk


main(*map(int, sys.argv[1:]))
