"""Keys of exchanges: put in by an account's owner, read by ``engines`` alone, never shown again.

Each function takes an account of a portfolio that came through :func:`marketdash.access.owned`. Called
through ``actions``.
"""

from __future__ import annotations

import time

from django.db import transaction

from feeds.private import Credentials
from marketdash import venues
from marketdash.instruments.models import Venue
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.executions import sealing
from marketdash.portfolios.executions.models import ExchangeKey, Fill
from marketdash.portfolios.models import Account
from marketdash.portfolios.recording import locked, told_on_commit

MOST_KEY, MOST_SECRET = 512, 8192
REMOVED = "removed"


@transaction.atomic
def put_in(account: Account, venue: str, key: str, secret: str, from_us: int = 0) -> ExchangeKey:
    """In the place of the one before, if there is one. ``from_us``: fills since then are wanted too, else
    those from now on. Nothing that it refuses repeats what was typed.

    Raises :class:`Refused`."""
    now_us = time.time_ns() // 1000
    locked(account.portfolio)
    _settle_venue(account, venue)
    credentials = _checked(key, secret)
    if not 0 <= from_us <= now_us:
        raise Refused("since", "expected a day that is past, or nothing")
    held = ExchangeKey.objects.filter(account=account).first() or ExchangeKey(account=account, version=0)
    fresh = not held.pk or bool(from_us)
    held.sealed, held.last = sealing.seal(account.pk, credentials), credentials.last
    held.version += 1
    held.state, held.words, held.since_us, held.heard_us = ExchangeKey.NEW, "", now_us, 0
    if fresh:  # another key of the same account goes on where the one before was
        held.from_us = held.through_us = from_us or now_us
    held.save()
    told_on_commit(account.portfolio)
    return held


def _settle_venue(account: Account, name: str) -> None:
    """Whose account it is; once it has fills it stays that."""
    known = venues.private_codecs()
    if name not in known:
        raise Refused("venue", f"expected one of {', '.join(sorted(known))}, found {name!r:.40}")
    if account.venue is not None and account.venue.name == name:
        return
    if Fill.objects.filter(account=account).exists():
        raise Refused("venue", "expected that of the fills which are here already; open another account")
    title = {"title": known[name].title}
    account.venue, _ = Venue.objects.get_or_create(name=name, defaults=title)
    account.save(update_fields=["venue"])


def _checked(key: str, secret: str) -> Credentials:
    """As it was copied: blanks around it are cut, and a PEM keeps its lines."""
    kept, hidden = key.strip(), "\n".join(line.strip() for line in secret.strip().splitlines())
    if not (0 < len(kept) <= MOST_KEY and kept.isprintable()):
        raise Refused("key", f"expected the key as the exchange shows it, found {len(kept)} characters")
    if not (0 < len(hidden) <= MOST_SECRET and hidden.replace("\n", "").isprintable()):
        raise Refused(
            "secret", f"expected the secret as the exchange shows it, found {len(hidden)} characters"
        )
    return Credentials(kept, hidden)


@transaction.atomic
def remove(account: Account) -> None:
    """Nothing of it stays; what came by it does. One that is gone already is no error."""
    locked(account.portfolio)
    ExchangeKey.objects.filter(account=account).delete()
    told_on_commit(account.portfolio)


def reseal_all() -> tuple[int, int]:
    """How many are sealed with the first key now, and how many cannot be opened. One that is put in
    meanwhile is sealed with it already, and stays."""
    done = unreadable = 0
    for pk, sealed in list(ExchangeKey.objects.exclude(sealed="").values_list("pk", "sealed")):
        try:
            anew = sealing.resealed(sealed)
        except sealing.Unreadable:
            unreadable += 1
            continue
        done += ExchangeKey.objects.filter(pk=pk, sealed=sealed).update(sealed=anew)
    return done, unreadable
