"""Which derivatives can be typed: what the catalogue lists, and what an account has open already."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Q

from marketdash.instruments.models import Alias, Asset, Instrument, Kind
from marketdash.portfolios import queries
from marketdash.portfolios.accounting.ledger import POSITION, Entry
from marketdash.portfolios.entering.terms import Terms
from marketdash.portfolios.models import Portfolio

KINDS = (Kind.PERPETUAL, Kind.FUTURE, Kind.OPTION)
MOST_SUGGESTED, LONGEST = 600, 97
_EXPECTED = "expected the full name of a perpetual, a future or an option, such as DERIBIT:BTC-PERPETUAL"


def terms(portfolio: Portfolio, account: int, typed: str, corrects: int | None = None) -> Terms | str:
    """Or words for why there are none. In an account all contracts of an instrument are of one size: those
    that are open there say which, then the entry that is corrected, then the catalogue."""
    name = typed.strip()
    found = _listed(name)
    listed = None if isinstance(found, str) else found
    named = name if listed is None else listed.instrument
    return _open(portfolio, account, named, listed) or _of_entry(portfolio, corrects, named, listed) or found


def suggested(portfolio: Portfolio) -> list[str]:
    """What is open, then what markets here are about, then all else that is listed."""
    held = (name for (_, name), each in queries.book(portfolio).positions.items() if each.pool.quantity)
    listed = Instrument.objects.filter(kind__in=KINDS).order_by("-enabled", "symbol")
    names = listed.values_list("symbol", flat=True)[:MOST_SUGGESTED]
    return list(dict.fromkeys([*sorted(held), *names]))


def _listed(name: str) -> Terms | str:
    if not name:
        return f"{_EXPECTED}, found nothing"
    if not name.isprintable() or len(name) > LONGEST:
        return f"{_EXPECTED}, found {name!r:.40}"
    rows = Instrument.objects.select_related("base_asset", "quote_asset", "venue")
    called = list(rows.filter(Q(symbol__iexact=name) | Q(native__iexact=name)).order_by("symbol")[:50])
    fits = [row for row in called if row.kind in KINDS]
    exactly = [row for row in fits if row.symbol.upper() == name.upper()]
    if len(exactly or fits) == 1:
        return _terms((exactly or fits)[0])
    if fits:
        return f"{_EXPECTED}, found {name!r:.40}, which is {' and '.join(row.symbol for row in fits[:4])}"
    about = f", which is {called[0].kind}" if called else ", which is not in the catalogue"
    return f"{_EXPECTED}, found {name!r:.40}{about}"


def _terms(row: Instrument) -> Terms | str:
    settles = _asset(row, row.settle) if row.settle else row.quote_asset
    if settles is None:
        return f"expected one that settles in a known asset, found {row.symbol} in {row.settle!r:.40}"
    is_option = row.kind == Kind.OPTION
    inverse = not is_option and settles == row.base_asset and settles != row.quote_asset
    unit = row.quote if inverse else row.base
    found = Terms(
        row.symbol, settles.code, Decimal(row.contract_size), inverse, is_option, unit, "the catalogue"
    )
    if not is_option:
        return found
    strike = Decimal(row.strike) if row.strike else None
    return found._replace(
        strike=strike, right=row.right, delivers=row.base_asset.code if row.base_asset else ""
    )


def _asset(row: Instrument, code: str) -> Asset | None:
    """As :class:`marketdash.instruments.assets.Assets` finds it."""
    aliases = Alias.objects.filter(Q(venue=row.venue) | Q(venue=None), code=code).select_related("asset")
    by_venue = sorted(aliases, key=lambda alias: alias.venue_id is None)
    return by_venue[0].asset if by_venue else Asset.objects.filter(code=code).first()


def _open(portfolio: Portfolio, account: int, name: str, listed: Terms | None) -> Terms | None:
    held = queries.book(portfolio).positions.get((account, name))
    if held is None or held.contract is None or not held.pool.quantity:
        return None
    contract, by = held.contract, "what is open in the account"
    return _like(listed, name)._replace(
        asset=held.asset, multiplier=contract.multiplier, inverse=contract.inverse, by=by
    )


def _of_entry(portfolio: Portfolio, corrects: int | None, name: str, listed: Terms | None) -> Terms | None:
    stored: Entry | None = None if corrects is None else queries.entry(portfolio, corrects)
    for leg in stored.legs if stored is not None else ():
        if leg.role == POSITION and leg.instrument == name and leg.contract is not None:
            terms = {"multiplier": leg.contract.multiplier, "inverse": leg.contract.inverse}
            return _like(listed, name)._replace(asset=leg.asset, by=f"entry {corrects}", **terms)
    return None


def _like(listed: Terms | None, name: str) -> Terms:
    """What is not said by a ledger: whether it is an option, and what is counted."""
    return Terms(name, "", Decimal(1)) if listed is None else listed
