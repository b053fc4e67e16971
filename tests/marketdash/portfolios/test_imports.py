"""A file on its way into an account: each row's fate before, once however often, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import actions, queries
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.import_models import Import, ImportFile
from marketdash.portfolios.importing import committing, looking
from marketdash.portfolios.models import Account, Entry, Leg, Portfolio
from tests.marketdash.portfolios.imports.test_kraken import OLDEST
from tests.marketdash.portfolios.writing import draft_of, entry, leg

KRAKEN = OLDEST.replace("DOT28.S", "ETH").replace("DOT.S", "ETH.S").encode()
TRADES = b"Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n" + b"".join(
    b"2026-01-01 10:00:%02d,BTCUSDT,BUY,100,0.%dBTC,1USDT,0USDT\n" % (at % 60, 1000 + at) for at in range(250)
)


@pytest.fixture(autouse=True)
def aliases(assets: dict[str, Asset], kraken: Account) -> None:
    for code, means in {"XXBT": "BTC", "XETH": "ETH", "ZEUR": "EUR"}.items():
        Alias.objects.create(code=code, asset=assets[means], venue=kraken.venue)


def brought(portfolio: Portfolio, account: Account, data: bytes = KRAKEN, **more: object) -> Import:
    return actions.bring(portfolio, account.pk, "ledgers.csv", data, portfolio.owner)


def counts(held: Import) -> tuple[int, int, int, int]:
    return held.new, held.duplicates, held.refused, held.left


def sums(portfolio: Portfolio) -> dict[str, str]:
    book = queries.book(portfolio)
    return {asset: plain(pool.quantity) for (_, asset), pool in book.pools.items() if pool.quantity}


HELD = {"EUR": "899.82", "BTC": "0.00049", "ETH": "0.51706"}


def test_it_is_looked_at_and_nothing_is_recorded(portfolio: Portfolio, kraken: Account) -> None:
    held = brought(portfolio, kraken)

    assert (held.state, held.format, counts(held)) == ("looked", "kraken-ledgers", (5, 0, 0, 2))
    fates = looking.fates(held)
    assert [(fate.line, fate.fate) for fate in fates] == [
        *((2, "left"), (3, "new"), (4, "new"), (5, "new"), (6, "new"), (7, "new"), (8, "new"), (9, "left")),
        (10, "new"),
    ]
    assert fates[2].sentence == "2024-03-19 19:43:31, Buy: 0.002 BTC, -100 EUR, fee -0.18 EUR"
    assert fates[3].words == "belongs to line 4"
    assert not Entry.objects.exists()


def test_a_second_time_all_are_duplicates(portfolio: Portfolio, kraken: Account) -> None:
    first = actions.begin(brought(portfolio, kraken))
    assert (first.state, counts(first), sums(portfolio)) == ("done", (5, 0, 0, 2), HELD)
    assert {each.imported_id for each in Entry.objects.all()} == {first.pk}
    assert Entry.objects.order_by("at_us")[1].reference == "ledgers.csv:4"

    looked = brought(portfolio, kraken)
    assert counts(looked) == (0, 5, 0, 2)
    second = actions.begin(looked)

    assert (second.state, counts(second)) == ("done", (0, 5, 0, 2))
    assert Entry.objects.count() == 5 and sums(portfolio) == HELD
    assert not ImportFile.objects.exists()


def test_another_account_is_another_matter(portfolio: Portfolio, kraken: Account, wallet: Account) -> None:
    actions.begin(brought(portfolio, kraken))

    assert counts(brought(portfolio, wallet)) == (5, 0, 0, 2)


def test_undone_it_counts_no_more_and_may_come_again(portfolio: Portfolio, kraken: Account) -> None:
    first = actions.begin(brought(portfolio, kraken))
    assert actions.undo(first).state == "undone" and sums(portfolio) == {}

    for times in (1, 2):
        again = actions.begin(brought(portfolio, kraken))
        assert (counts(again), sums(portfolio)) == ((5, 0, 0, 2), HELD)
        assert counts(brought(portfolio, kraken)) == (0, 5, 0, 2)
        actions.undo(again)
        assert sums(portfolio) == {} and Entry.objects.count() == 10 * (times + 1)
    with pytest.raises(Refused, match="expected it to be done, found undone"):
        actions.undo(again)


def test_undoing_leaves_what_was_reversed_and_takes_what_was_corrected(
    portfolio: Portfolio, kraken: Account
) -> None:
    held = actions.begin(brought(portfolio, kraken))
    first, second, *_ = Entry.objects.order_by("pk")
    actions.reverse(portfolio, first.pk)
    better = draft_of(entry("buy", leg("BTC", "7", account=kraken.pk), leg("EUR", "-1", account=kraken.pk)))
    third = actions.correct(portfolio, second.pk, better)
    actions.correct(portfolio, third.pk, draft_of(entry("deposit", leg("EUR", "9", account=kraken.pk))))

    actions.undo(held)

    assert sums(portfolio) == {}
    reversed_ids = Entry.objects.filter(kind="reversal").values_list("corrects", flat=True)
    assert len(set(reversed_ids)) == len(reversed_ids) == 7
    assert sum(each.amount for each in Leg.objects.all()) == 0


def test_what_is_refused_is_left_out_only_by_choice(portfolio: Portfolio, kraken: Account) -> None:
    data = KRAKEN + b'"L-9","X","2024-03-24 08:00:00","deposit","","currency","NOPE",1,0,1\n'
    held = brought(portfolio, kraken, data)
    assert counts(held) == (5, 0, 1, 2)
    refused = looking.fates(held)[-1]
    assert (refused.line, refused.field, refused.code) == (11, "asset", "NOPE")

    with pytest.raises(Refused, match="leave_out: expected the box to be ticked: 1 rows are refused"):
        actions.begin(held)
    assert not Entry.objects.exists()
    assert counts(actions.look(held, assets={"NOPE": "NEW"})) == (6, 0, 0, 2)
    actions.begin(held)

    assert sums(portfolio) == HELD | {"NEW": "1"}


def test_a_zone_is_a_choice_where_nothing_says_it(portfolio: Portfolio, kraken: Account) -> None:
    data = TRADES.replace(b"Date(UTC)", b"Time")[:120].rpartition(b"\n")[0] + b"\n"
    held = brought(portfolio, kraken, data)
    assert looking.examine(held).reading.zone_by == ""  # type: ignore[union-attr]

    actions.begin(actions.look(held, zone=120))

    assert Entry.objects.get().at_us == 1_767_254_400_000_000


def test_what_fits_two_formats_is_asked(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = looking.BY_NAME["kraken-ledgers"]
    monkeypatch.setattr(looking, "FORMATS", (twin, twin))

    held = brought(portfolio, kraken)

    assert (held.format, held.state, held.found) == ("", "looked", 0)
    assert len(looking.examine(held).fits) == 2
    with pytest.raises(Refused, match="expected one whose rows were looked at"):
        actions.begin(held)
    assert counts(actions.look(held, format="kraken-ledgers")) == (5, 0, 0, 2)


def test_columns_that_were_chosen_are_remembered_for_the_same_header(
    portfolio: Portfolio, kraken: Account
) -> None:
    data = b"When,What,How much,Of,Nr\n2026-01-01 10:00:00,deposit,5,EUR,1\n2026-01-02 10:00:00,,-2,EUR,2\n"
    held = brought(portfolio, kraken, data)
    assert held.format == "" and looking.examine(held).fits == []
    columns = {"time": "when", "type": "what", "amount": "how much", "asset": "of", "id": "nr"}

    held = actions.look(held, format="by hand", columns=columns)
    actions.remember(held)

    assert counts(actions.begin(held)) == (2, 0, 0, 0) and sums(portfolio) == {"EUR": "3"}
    again = brought(portfolio, kraken, data + b"2026-01-03 10:00:00,reward,1,EUR,3\n")
    assert (again.format, counts(again)) == ("by hand", (1, 2, 0, 0))


def test_killed_between_any_two_transactions_it_is_gone_on_with(
    portfolio: Portfolio, kraken: Account, assets: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(held: Import) -> None:
        raise Killed

    monkeypatch.setattr(committing, "SHORT", 0)
    monkeypatch.setattr(committing, "AT_ONCE", 100)
    held = actions.begin(brought(portfolio, kraken, TRADES))
    assert held.state == "running" and not Entry.objects.exists()
    rounds = 0
    while Import.objects.get(pk=held.pk).state == "running":
        with pytest.raises(Killed):
            committing.work(held, kill)
        rounds += 1

    assert rounds == 3 and Entry.objects.count() == 250
    assert counts(Import.objects.get(pk=held.pk)) == (250, 0, 0, 0)
    held = actions.undo(Import.objects.get(pk=held.pk))
    while Import.objects.get(pk=held.pk).state == "undoing":
        with pytest.raises(Killed):
            committing.work(held, kill)
    assert Entry.objects.count() == 500 and sums(portfolio) == {}


def test_nothing_begins_while_its_account_is_cleared_of_another(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows would be taken for told already that are about to count no more."""
    monkeypatch.setattr(committing, "SHORT", 0)
    first = committing.work(actions.begin(brought(portfolio, kraken)))
    again, half = brought(portfolio, kraken), actions.undo(first)
    with pytest.raises(Refused, match="nothing to be taken back from this account"):
        actions.begin(again)

    assert committing.work(half).state == "undone"
    assert counts(committing.work(actions.begin(again))) == (5, 0, 0, 2)


def test_the_engines_go_on_with_what_is_unfinished(
    portfolio: Portfolio, kraken: Account, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "SHORT", 0)
    long, short = (
        actions.begin(brought(portfolio, account, data))
        for account, data in ((kraken, TRADES), (wallet, KRAKEN))
    )
    broken = brought(portfolio, kraken)
    actions.begin(broken)
    ImportFile.objects.filter(of=broken).delete()
    assert committing.due() == [short.pk, broken.pk, long.pk]

    assert committing.work_due() == 3 and committing.due() == []

    broken.refresh_from_db()
    assert (broken.state, broken.new, broken.problem) == (
        "done",
        0,
        "file: expected the file to be here still: choose it again",
    )
    assert Entry.objects.count() == 255


def test_whoever_comes_second_finds_it_done(
    portfolio: Portfolio, kraken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page and the engines may begin at once; the file is gone when the first of them is done."""
    read = looking.drafts_of

    def overtaken(held: Import) -> list[object]:
        monkeypatch.setattr(looking, "drafts_of", read)
        committing.work(held)
        return read(held)  # type: ignore[return-value]

    monkeypatch.setattr(looking, "drafts_of", overtaken)
    held = actions.begin(brought(portfolio, kraken))

    assert (held.state, held.problem, counts(held)) == ("done", "", (5, 0, 0, 2))
    assert Entry.objects.count() == 5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (KRAKEN[:-9], "file: line 10: expected a whole row"),
        (
            KRAKEN.replace(b"0.5,", b"0.5,", 1)[:-2].rpartition(b",")[0],
            "file: line 10: expected a whole row of 10",
        ),
        (b"a" * (33 * 2**20), "file: expected at most 32 MiB, found 33"),
        (b"\x89PNG\x00", "file: line 1: expected UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_stays_nowhere(
    portfolio: Portfolio, kraken: Account, data: bytes, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        brought(portfolio, kraken, data)

    assert not Import.objects.exists() and not ImportFile.objects.exists()


def test_files_that_nobody_came_back_to_are_gone(portfolio: Portfolio, kraken: Account) -> None:
    first = brought(portfolio, kraken)
    for _ in range(looking.MOST_WAITING):
        last = brought(portfolio, kraken)
    assert Import.objects.count() == looking.MOST_WAITING and not Import.objects.filter(pk=first.pk).exists()

    Import.objects.filter(pk=last.pk).update(changed=timezone.now() - timedelta(hours=2))
    looking.tidy()
    assert not ImportFile.objects.filter(of=last.pk).exists()
    with pytest.raises(Refused):
        actions.begin(last)


def test_a_portfolio_is_deleted_with_its_imports(portfolio: Portfolio, kraken: Account, alice: User) -> None:
    actions.undo(actions.begin(brought(portfolio, kraken)))
    brought(portfolio, kraken)

    actions.delete(portfolio)

    assert not Import.objects.exists() and not Entry.objects.exists() and not ImportFile.objects.exists()
