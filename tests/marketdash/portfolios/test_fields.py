"""A number comes back from each database as it was given, and no database may calculate with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection
from django.db.models import Sum

from marketdash.portfolios.accounting.exact import InvalidNumber, plain
from marketdash.portfolios.fields import ExactField
from marketdash.portfolios.models import Account, Entry, Leg

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(kraken: Account) -> Entry:
    return Entry.objects.create(
        portfolio=kraken.portfolio, account=kraken, kind="deposit", at_us=1, source="typed", fingerprint="a"
    )


def leg(entry: Entry, assets: Any, amount: Any) -> Leg:
    return Leg.objects.create(
        entry=entry, account=entry.account, asset=assets["BTC"], amount=amount, role="principal"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("0.100000000000000003", "123456789.123456789012345678", "1000000000000.000000000000000001"),
        *("-0.000000000000000000000001", "99999999999999999999.999999999999999999999999"),
    ],
)
def test_every_digit_comes_back(entry: Entry, assets: Any, text: str) -> None:
    made = leg(entry, assets, text)

    kept = Leg.objects.get(pk=made.pk).amount

    assert isinstance(kept, Decimal) and plain(kept) == text
    assert list(Leg.objects.filter(amount=Decimal(text)).values_list("pk", flat=True)) == [made.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount FROM portfolios_leg WHERE id = %s", [made.pk])
        assert cursor.fetchone() == (text,)


@pytest.mark.parametrize("bad", [0.1, "NaN", Decimal("Infinity"), "1E+999999", "9" * 40, True])
def test_what_is_no_such_number_is_not_written(entry: Entry, assets: Any, bad: Any) -> None:
    with pytest.raises(InvalidNumber, match="^amount: expected"):
        leg(entry, assets, bad)
    with pytest.raises(ValidationError, match="expected"):
        ExactField().clean(bad, None)


def test_text_has_another_order_than_numbers(entry: Entry) -> None:
    for lookup in ("gt", "lt", "contains", "range"):
        with pytest.raises(FieldError, match="Unsupported lookup"):
            Leg.objects.filter(**{f"amount__{lookup}": "1"}).exists()


def test_a_sum_that_the_database_made_is_refused(entry: Entry, assets: Any) -> None:
    leg(entry, assets, "0.1")

    with pytest.raises(Exception, match="expected text, found|sum\\("):
        list(Leg.objects.aggregate(Sum("amount")))
