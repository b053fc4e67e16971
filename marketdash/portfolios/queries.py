"""What may be read of portfolios, by whom, and what follows from their ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from marketdash import access
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import lacking, reading
from marketdash.portfolios.drafts import Draft
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.lacking import Lack
from marketdash.portfolios.ledger import Entry
from marketdash.portfolios.lots import Book
from marketdash.portfolios.models import Entry as EntryRow
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.preview import Preview, compared, folded
from marketdash.portfolios.reading import Reach

SAVE_AFTER = 500
"""Entries that were folded since: they cost a few hundredths of a second, and saving about as much."""

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


def book(portfolio: Portfolio, method: str = "") -> Book:
    """All lots, gains and sums, by the portfolio's method or another; from where it was last saved."""
    return book_so_far(portfolio, method)[0]


def book_so_far(portfolio: Portfolio, method: str = "") -> tuple[Book, Reach]:
    """As :func:`book`, with how far it reaches."""
    method = method or portfolio.method
    reach = reading.reach(portfolio)
    found = reading.saved_book(portfolio, method, reach) or Book(portfolio.base.code, method)
    further = list(reading.entries(portfolio, reach, found.last))
    found.fold(further)
    if len(further) >= SAVE_AFTER:
        reading.save(portfolio, found, reach)
    return found, reach


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
    """What ``entry`` would do, in the place of another or as one more; nothing is written."""
    before = book(portfolio)
    if without is None and (entry.at_us, entry.id) > before.last:
        after = book(portfolio)
        outcomes = after.apply(entry)
    else:
        after, outcomes = folded(entries(portfolio), entry, without, before.base, before.method)
    return compared(before, after, outcomes)


def book_in(portfolio: Portfolio, base: str) -> Book:
    """As it would be if it were measured in another currency. Folds the whole ledger."""
    return Book(base, portfolio.method).fold(entries(portfolio))


def lacks(portfolio: Portfolio, base: str = "") -> list[Lack]:
    """Entries of which something is not known in its currency, or another. Folds the whole ledger."""
    return lacking.lacks(entries(portfolio), base or portfolio.base.code, portfolio.method)


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
