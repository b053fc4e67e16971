"""Fills and orders into the database, and fills into the ledger, once each whatever came before.

What is heard is stored and recorded in one transaction under the portfolio's lock: it may be killed anywhere
and told again, by the stream, by the exchange's list, by a file. Called by whoever runs the desk.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from feeds import private
from feeds.private import OrderUpdate
from marketdash.portfolios.accounting.drafts import Draft, fingerprint
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.executions import drafting
from marketdash.portfolios.executions.models import (
    CODE_LENGTH,
    ID_LENGTH,
    NUMBER_LENGTH,
    WORDS_LENGTH,
    Fill,
    PlacedOrder,
)
from marketdash.portfolios.executions.quotes import Quoted
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.importing import knowing, looking, overlapping
from marketdash.portfolios.imports import overlap
from marketdash.portfolios.imports.formats import FORMATS
from marketdash.portfolios.imports.pieces import Known
from marketdash.portfolios.models import Account, Entry, Portfolio
from marketdash.portfolios.recording import locked, record, told_on_commit

AT_ONCE = 200
"""Of what waits, in one transaction."""


class Heard(NamedTuple):
    """A fill, and how its market stood then."""

    fill: private.Fill
    quoted: Quoted


@transaction.atomic
def take(account: Account, heard: Sequence[Heard | OrderUpdate]) -> int:
    """In the order in which it was heard; how many fills were new."""
    desk, fresh = _Taking(account), []
    for each in heard:
        if isinstance(each, OrderUpdate):
            desk.order(each)
        elif (row := desk.fill(each)) is not None:
            fresh.append(row)
    desk.record(fresh)
    return len(fresh)


@transaction.atomic
def again(account: Account, turn: int = 0) -> int:
    """What waits is tried again, and what stood on an import that was undone; how many have an entry now.

    Of many a part in each ``turn``: those that wait for ever keep no others waiting."""
    undone = Q(entry__imported__state=Import.UNDONE)
    due = Fill.objects.filter(Q(entry=None) | undone, account=account).order_by("pk")
    count = due.count()
    if not count:  # asked often: nothing is locked for nothing
        return 0
    start = turn % -(-count // AT_ONCE) * AT_ONCE
    rows = list(due[start : start + AT_ONCE])
    _Taking(account).record(rows)
    return sum(row.entry_id is not None for row in rows)


class _Taking:
    """Within one transaction, that holds the portfolio's lock."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._portfolio: Portfolio = locked(account.portfolio)
        self._known: Known | None = None
        self._is_told = False
        self._rows: dict[int, Fill] = {}
        rows = Fill.objects.filter(account__portfolio=self._portfolio)
        last = rows.order_by("-changed_us").values_list("changed_us", flat=True).first()
        self._changed_us = max(last or 0, time.time_ns() // 1000 - 1)

    def fill(self, heard: Heard) -> Fill | None:
        """The row of one that is new; it is to be recorded."""
        said = heard.fill
        key = {
            "account": self._account,
            "instrument": said.instrument,
            "trade_id": _cut(said.trade_id, ID_LENGTH),
        }
        row = self._once(Fill.objects.filter(**key).first())
        fresh = row is None
        if row is None:
            row = Fill(**key, **_facts(said))
            row.alike, row.nth = self._place(row)
            row.acknowledged_us = self._acknowledged_us(row)
        if _learn(row, heard) or fresh:
            self._save(row)
        return row if fresh else None

    def _once(self, row: Fill | None) -> Fill | None:
        """Of each row there is one object here, or a save of one would undo that of another."""
        return None if row is None else self._rows.setdefault(row.pk, row)

    def _place(self, row: Fill) -> tuple[str, int]:
        """Of several that a file cannot tell apart, each is one more."""
        try:
            alike = drafting.alike(drafting.as_said(row))
        except Refused:  # said when it is recorded, which it is not
            alike = fingerprint("unusable", row.instrument, row.trade_id)
        return alike, 1 + Fill.objects.filter(account=self._account, alike=alike).count()

    def _acknowledged_us(self, row: Fill) -> int | None:
        orders = PlacedOrder.objects.filter(account=self._account, instrument=row.instrument)
        return orders.filter(order_id=row.order_id).values_list("acknowledged_us", flat=True).first()

    def order(self, said: OrderUpdate) -> None:
        """One that is older than what is known adds nothing but when it was taken."""
        key = {
            "account": self._account,
            "instrument": said.instrument,
            "order_id": _cut(said.order_id, ID_LENGTH),
        }
        row = PlacedOrder.objects.filter(**key).first() or PlacedOrder(**key, changed_us=-1)
        if said.exchange_us >= row.changed_us and not (row.is_over and said.status not in private.OVER):
            row.side, row.kind, row.status = _cut(said.side, 16), said.kind[:32], said.status[:16]
            row.is_over = said.status in private.OVER
            for name in ("price", "qty", "filled_qty"):
                setattr(row, name, _cut(getattr(said, name), NUMBER_LENGTH))
            row.changed_us = said.exchange_us
        if said.status == private.NEW and said.exchange_us and row.acknowledged_us is None:
            row.acknowledged_us = said.exchange_us
            self._acknowledge(row)
        row.save()

    def _acknowledge(self, order: PlacedOrder) -> None:
        """Fills that were heard of before their order."""
        of_it = {"instrument": order.instrument, "order_id": order.order_id, "acknowledged_us": None}
        for each in Fill.objects.filter(account=self._account, **of_it):
            row = self._rows.setdefault(each.pk, each)
            row.acknowledged_us = order.acknowledged_us
            self._save(row)

    def record(self, rows: Sequence[Fill]) -> None:
        """Each gets its entry, its own or one that was there, or waits for a reason."""
        due: list[tuple[Fill, Draft]] = []
        for row in rows:
            try:
                if (entry := self._in_a_sum(row)) is not None:
                    self._stands(row, entry)
                else:
                    due.append((row, self._draft(row)))
            except Refused as refused:
                self._wait(row, refused)
        made = looking.renewed(self._account.pk, [draft for _, draft in due])
        self._enter([(row, draft) for (row, _), draft in zip(due, made, strict=True)])

    def _enter(self, due: list[tuple[Fill, Draft]]) -> None:
        """All at once; one that the ledger refuses is left out, and the others are tried again."""
        while due:
            try:
                record(self._portfolio, [draft for _, draft in due])
                break
            except Refused as refused:
                row, _ = due.pop(int(refused.field.partition(".")[0]))
                self._wait(row, refused)
        marks = [draft.fingerprint for _, draft in due]
        known = Entry.objects.filter(account=self._account, fingerprint__in=marks)
        entries = {entry.fingerprint: entry for entry in known}
        for row, draft in due:
            self._stands(row, entries[draft.fingerprint])

    def _stands(self, row: Fill, entry: Entry) -> None:
        row.entry, row.waits = entry, ""
        self._save(row)

    def _draft(self, row: Fill) -> Draft:
        known = self._known = self._known or knowing.known(row.instrument.partition(":")[0])
        said = drafting.as_said(row)
        means = {code: known.asset(code) for code in drafting.codes(said)}
        return drafting.drafted(said, self._account.pk, means, row.nth)

    def _in_a_sum(self, row: Fill) -> Entry | None:
        """A file may have told what all fills of its second came to: then they are that entry together, once
        all of them are here. Raises :class:`Refused` while what it says is something else."""
        format = drafting.format_of(row.instrument)
        names, second = overlap.others(format, FORMATS), overlap.second(row.exchange_us)
        told = Entry.objects.filter(account=self._account, imported__format__in=names, kind__in=overlap.KINDS)
        if not names or not _within(told, "at_us", second).exists():
            return None
        mine = _within(Fill.objects.filter(account=self._account), "exchange_us", second, beside=0)
        made = [self._draft(each) for each in mine.order_by("pk")]
        same, unclear = overlapping.verdict(self._account.pk, format.name, made, overlap.by_second(made))
        for words in unclear.values():
            raise Refused("second", words)
        counting = told.exclude(imported__state=Import.UNDONE)
        return _within(counting, "at_us", second).order_by("pk").first() if same else None

    def _wait(self, row: Fill, refused: Refused) -> None:
        words = f"{refused.field.rpartition('.')[2]}: {refused.words}"[:WORDS_LENGTH]
        if row.waits != words or row.entry is not None:
            row.waits, row.entry = words, None
            self._save(row)

    def _save(self, row: Fill) -> None:
        """Pages are told, by the number that is one greater."""
        self._changed_us += 1
        row.changed_us = self._changed_us
        row.save()
        self._rows[row.pk] = row
        if not self._is_told:
            self._is_told = True
            told_on_commit(self._portfolio)


def _within(rows: QuerySet[Any], name: str, second: int, beside: int = 1) -> QuerySet[Any]:
    """Those of a second, and of the ones beside it."""
    span = (second - beside) * overlap.SECOND_US, (second + 1 + beside) * overlap.SECOND_US
    return rows.filter(**{f"{name}__gte": span[0], f"{name}__lt": span[1]})


def _facts(said: private.Fill) -> dict[str, object]:
    """What does not change, whoever says it; what is longer than anything an exchange says is cut."""
    numbers = {name: _cut(getattr(said, name), NUMBER_LENGTH) for name in ("price", "qty", "cost")}
    return {
        **numbers,
        "order_id": _cut(said.order_id, ID_LENGTH),
        "side": _cut(said.side, 16),
        "base": _cut(said.base, CODE_LENGTH),
        "quote": _cut(said.quote, CODE_LENGTH),
        "fees": [[_cut(code, CODE_LENGTH), _cut(amount, NUMBER_LENGTH)] for code, amount in said.fees],
        "exchange_us": said.exchange_us,
        "received_us": said.received_ns // 1000,
    }


def _cut(text: str, most: int) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\0", "")[:most]


def _learn(row: Fill, heard: Heard) -> bool:
    """What one source knows and the other did not."""
    before = (row.by_stream, row.by_rest, row.liquidity, row.quote_age_us, row.no_quote, row.order_id)
    row.by_stream |= heard.fill.source == private.STREAM
    row.by_rest |= heard.fill.source == private.REST
    row.liquidity = row.liquidity or heard.fill.liquidity[:5]
    row.order_id = row.order_id or _cut(heard.fill.order_id, ID_LENGTH)
    if row.quote_age_us is None and (row._state.adding or heard.quoted.age_us is not None):
        row.bid, row.ask = heard.quoted.bid, heard.quoted.ask
        row.quote_age_us, row.no_quote = heard.quoted.age_us, heard.quoted.reason
    after = (row.by_stream, row.by_rest, row.liquidity, row.quote_age_us, row.no_quote, row.order_id)
    return after != before


def tidy(accounts: Iterable[int], before: object) -> None:
    """Orders that were over a while ago: their fills know what is to be known of them."""
    PlacedOrder.objects.filter(account__in=list(accounts), is_over=True, heard__lt=before).delete()
