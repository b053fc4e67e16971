"""What may be read of portfolios, by whom, and what follows from their ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import reading
from marketdash.portfolios.accounting import owing
from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.lacking import Lack
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.owing import Owed
from marketdash.portfolios.accounting.preview import Preview, brief, compared, folded
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.reading import Folded

SAVE_AFTER = 500
"""Entries that were folded since: they cost a few hundredths of a second, and saving about as much."""

MOST_WAITED_FOR = 5000
"""Entries that are folded for whoever asks: a few tenths of a second. More are folded by ``engines``."""

MOST_REVIEWED = 15_000
"""Entries that are folded anew to say what a change among them would do: about a second."""

MOST_SUGGESTED, MOST_SHOWN = 600, 200


def portfolios(user: Any) -> QuerySet[Portfolio]:
    """One's own: those that one may change. Whoever asks for one asks for it here."""
    return access.owned(Portfolio.objects.select_related("base", "owner"), user)


def seen(user: Any) -> QuerySet[Portfolio]:
    """Those that one may look at: one's own, and those of others that are shared with one."""
    return access.viewable(Portfolio.objects.select_related("base", "owner"), user)


def granted(grant: access.Grant) -> Portfolio | None:
    """The one that a grant of :func:`marketdash.access.link_grant` opens."""
    return Portfolio.objects.select_related("base").filter(pk=grant.portfolio_id).first()


def shown_to(user: Any) -> list[Portfolio]:
    """What others share with one."""
    return list(seen(user).exclude(owner=user.pk).order_by("owner__username", "name", "pk")[:MOST_SHOWN])


def entries(portfolio: Portfolio) -> Iterator[Entry]:
    """Those that count, in their order: neither reversals nor what they reversed. Four queries."""
    return reading.entries(portfolio, reading.reach(portfolio))


class Unfolded(Exception):
    """More of a ledger is to be folded than a page waits for. ``engines`` was asked to, and soon has."""


def book(portfolio: Portfolio, method: str = "") -> Book:
    """All lots, gains and sums, by the portfolio's method or another; from where it was last saved.

    Raises :class:`Unfolded`.
    """
    return folded_so_far(portfolio, method).book


def folded_so_far(portfolio: Portfolio, method: str = "", most: int | None = MOST_WAITED_FOR) -> Folded:
    """As :func:`book`, with what the ledger lacks; ``most`` of None folds however much there is."""
    method = method or portfolio.method
    found = reading.folded_before(portfolio, method, reading.reach(portfolio))
    if most is not None and found.is_far(portfolio, most):
        reading.want(portfolio, method)
        raise Unfolded(
            f"portfolio {portfolio.pk} in {portfolio.base.code}, {method}: more than {most} entries"
        )
    if found.further(reading.entries(portfolio, found.reach, found.book.last)) >= SAVE_AFTER:
        reading.save(portfolio, found)
    return found


def imports(portfolio: Portfolio) -> QuerySet[Import]:
    """Of files, the newest first."""
    return Import.objects.filter(portfolio=portfolio).select_related("account", "portfolio__base")


def entry(portfolio: Portfolio, pk: int) -> Entry | None:
    """One that is no reversal, whether it counts or not."""
    return reading.entry(portfolio, pk)


def is_recorded(portfolio: Portfolio, draft: Draft) -> bool:
    """Whether its account knows its fingerprint."""
    return EntryRow.objects.filter(
        portfolio=portfolio, account=draft.account, fingerprint=draft.fingerprint
    ).exists()


def preview(portfolio: Portfolio, entry: Entry, without: int | None = None) -> Preview:
    """What ``entry`` would do, in the place of another or as one more; nothing is written.

    Of what is not the newest the ledger is folded anew, as far as somebody waits for that.
    """
    before = book(portfolio)
    if without is None and (entry.at_us, entry.id) > before.last:
        after = book(portfolio)
        outcomes = after.apply(entry)
    else:
        replaced = None if without is None else reading.entry(portfolio, without)
        found = _reviewed_from(portfolio, [each for each in (entry, replaced) if each is not None])
        if found is None:
            return brief(before, entry, replaced)
        further = reading.entries(portfolio, found.reach, found.book.last)
        after, outcomes = folded(found.book, further, entry, without)
    return compared(before, after, outcomes)


def owed_without(portfolio: Portfolio, gone: set[int]) -> list[Owed] | None:
    """What would be owed if these entries counted no more; None of a ledger that is too long to be read for
    a question."""
    if reading.is_longer(portfolio, MOST_REVIEWED):
        return None
    return owing.without(entries(portfolio), gone)


def _reviewed_from(portfolio: Portfolio, changed: Iterable[Entry]) -> Folded | None:
    """A book from before these, with few enough entries behind it."""
    within = reading.reach(portfolio)
    if not reading.is_longer(portfolio, MOST_REVIEWED):
        return Folded(Book(portfolio.base.code, portfolio.method), within)
    found = reading.folded_before(portfolio, portfolio.method, within, early=True)
    is_behind = found.book.last < min((each.at_us, each.id) for each in changed)
    return found if is_behind and not found.is_far(portfolio, MOST_REVIEWED) else None


def keep_early(portfolio: Portfolio) -> None:
    """Of a long ledger a book from before its newest entries: half of :data:`MOST_REVIEWED` at least."""
    if not reading.is_longer(portfolio, MOST_REVIEWED):
        return
    found = reading.folded_before(portfolio, portfolio.method, reading.reach(portfolio), early=True)
    if not found.is_far(portfolio, MOST_REVIEWED):
        return
    further = reading.counting(portfolio, found.reach, found.book.last).count()
    if further > MOST_REVIEWED:
        entries = reading.entries(portfolio, found.reach, found.book.last)
        found.further(islice(entries, further - MOST_REVIEWED // 2))
        reading.save(portfolio, found, early=True)


def lacks(portfolio: Portfolio) -> list[Lack]:
    """Entries of which something is not known in its currency, the oldest first. Raises :class:`Unfolded`."""
    return folded_so_far(portfolio).lacks()


def folded_in(portfolio: Portfolio, base: str) -> Folded:
    """As it would be if it were measured in another currency. Raises :class:`Unfolded`."""
    other = copy(portfolio)
    other.base = Asset.objects.get(code=base)
    return folded_so_far(other)


def suggested(typed: Iterable[str] = ()) -> list[str]:
    """Codes of assets to choose from: those that were typed, then those that most markets here are about."""
    listed = Counter(code for each in catalogue.all() for code in (each.asset, each.quote_asset) if code)
    often = (code for code, _ in listed.most_common(MOST_SUGGESTED))
    return list(dict.fromkeys([*sorted(typed), *sorted(often)]))


def codes(words: Iterable[str]) -> dict[str, str]:
    """What is typed → the code of the asset that it means: its own, in any case, or another that means it
    everywhere (XBT is BTC). What means nothing is left out."""
    asked = {word: word.strip() for word in words if word.strip().isprintable()}
    tried = {form for word in asked.values() for form in (word, word.upper()) if 0 < len(form) <= 64}
    means = dict(Alias.objects.filter(venue=None, code__in=tried).values_list("code", "asset__code"))
    means |= {code: code for code in Asset.objects.filter(code__in=tried).values_list("code", flat=True)}
    found = {word: means.get(form) or means.get(form.upper()) for word, form in asked.items()}
    return {word: code for word, code in found.items() if code}
