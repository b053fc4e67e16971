"""Paper accounts of the simulated exchanges: keys for them, and orders that trade in the simulated books.

The simulator's own door takes the orders; nothing of Marketdash places any, here or anywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.venues import PRIVATE

_WITHIN_S = 10.0
_FAULTS = ("drop", "close", "open", "gap", "duplicate", "shuffle", "stall", "expire", "slow", "lag", "clear")
_OF_KEYS = ("revoke", "grant")


class Command(BaseCommand):
    help = "Make keys and place orders at the simulated exchanges of a demo, to see what is confirmed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=argparse.ArgumentParser)
        keys = _action(actions, "keys", "a new key of the account, with its secret")
        keys.add_argument("--rights", default="read", help="of read (default), trade and withdraw, by commas")
        keys.add_argument("--kind", default="", help="where a venue has several: hmac, ed25519, es256")
        order = actions.add_parser("order", help="an order, at the market or with a limit")
        order.add_argument("symbol", help="such as KRAKEN:BTC/USD")
        order.add_argument("side", choices=("buy", "sell"))
        order.add_argument("qty")
        order.add_argument("--limit", default="", dest="price")
        order.add_argument("--account", default="paper")
        cancel = _action(actions, "cancel", "take an open order back")
        cancel.add_argument("order", type=int)
        for name in ("orders", "fills", "balances"):
            _action(actions, name, f"the account's {name}")
        fault = _action(actions, "fault", "misbehave towards those who follow accounts")
        fault.add_argument("kind", choices=(*_FAULTS, *_OF_KEYS))
        fault.add_argument("--n", type=int, default=1)
        fault.add_argument("--seconds", type=float, default=1)
        fault.add_argument("--key", default="")
        fault.add_argument("--rights", default="read")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        told = {name: value for name, value in options.items() if name in _TOLD and value != ""}
        if action == "fault":
            action = told.pop("kind")
        found = _tell(action, told)
        rows = found if isinstance(found, list) else [found]
        for line in [line for row in rows for line in _lines(row)] or ["none"]:
            self.stdout.write(line)


_TOLD = frozenset(
    {"venue", "symbol", "side", "qty", "price", "account", "order", "rights", "kind", "n", "seconds", "key"}
)


def _action(actions: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=words)
    parser.add_argument("venue", choices=sorted(PRIVATE))
    parser.add_argument("--account", default="paper")
    return parser


def _tell(action: str, told: dict[str, object]) -> Any:
    """What the simulator answers; raises :class:`CommandError` with its words."""
    venue = str(told.get("venue") or str(told["symbol"]).partition(":")[0])
    url = f"{_door(venue)}/control/paper/{action}"
    try:
        with httpx.Client(trust_env=False, timeout=_WITHIN_S) as client:
            answer = client.get(url, params={name: str(value) for name, value in told.items()})
            found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CommandError(f"the simulator does not answer: {type(error).__name__}") from None
    if answer.status_code != 200:
        raise CommandError(found.get("error", f"HTTP {answer.status_code}"))
    return found


def _door(venue: str) -> str:
    if settings.MODE != "demo":
        raise CommandError("paper accounts are the simulator's: start a demo with `manage.py up --mode demo`")
    url = settings.VENUE_URLS.get(f"VENUE_{venue}_PRIVATE_REST_URL", "")
    if not url:
        raise CommandError(f"venue: expected one of {', '.join(sorted(PRIVATE))}, found {venue!r:.40}")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _lines(row: dict[str, Any]) -> Iterable[str]:
    """``name value`` pairs of one thing on a line; of a key each on its own, to be copied."""
    fills = row.pop("fills", ())
    pairs = [f"{name} {value}" for name, value in row.items() if value != ""]
    yield from pairs if "secret" in row else ["  ".join(pairs)]
    for fill in fills:
        yield f"  {fill['qty']} at {fill['price']}, fee {fill['fee']} {fill['fee_asset']}"
