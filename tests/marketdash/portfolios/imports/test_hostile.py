"""Files that were cut, flipped, mixed or made up: refused in words or read, and never anything else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.imports import entries, recognising, sheets
from marketdash.portfolios.imports.cells import BadCell
from marketdash.portfolios.imports.formats import BY_NAME, FORMATS
from marketdash.portfolios.imports.keeping import kept, loaded
from marketdash.portfolios.imports.lines import Reading
from marketdash.portfolios.imports.sheets import Unreadable
from marketdash.portfolios.imports.telling import fates
from tests.marketdash.portfolios.imports import (
    test_binance,
    test_bybit,
    test_coinbase,
    test_deribit,
    test_kraken,
    test_okx,
    test_trackers,
)
from tests.marketdash.portfolios.imports.reading import ACCOUNT, KNOWN, NOW_US
from tests.marketdash.portfolios.imports.test_headers import OURS

SAMPLES = [
    *(test_binance.LONG_USED, test_binance.STATEMENT, test_bybit.NOW, test_coinbase.NOW, test_deribit.LOG),
    *(test_kraken.OLDEST, test_kraken.TRADES, test_okx.TRADING, test_trackers.GHOSTFOLIO),
]
WORDS = sorted({word for format in FORMATS for word in format.words if word})
CELLS = st.one_of(
    st.sampled_from(
        [*WORDS, "BTC", "EUR", "XXBTZEUR", "BTC-PERPETUAL", "BTCUSDT", "2026-01-01 10:00:00", "0.1BTC"]
    ),
    st.sampled_from(["", "--", "NaN", "=1+1", "1e99", "-1", "0", "1,5", "1.234,5", "9" * 40, "\ufeff", "é"]),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.text(st.characters(codec="utf-8", exclude_characters='"\x00\r'), max_size=12),
)


def outcome(data: bytes) -> None:
    """Every row of a file that can be read has a fate, and what is new comes back from its bytes as it was."""
    try:
        sheet = sheets.read(data, lambda cells: bool(recognising.candidates(cells, FORMATS)))
    except Unreadable as problem:
        assert str(problem)
        return
    for format in recognising.candidates(sheet.header, FORMATS):
        try:
            reading = Reading(format, sheet, KNOWN, "f.csv")
        except BadCell as problem:
            assert problem.words
            continue
        found = entries.found(reading, ACCOUNT, "f.csv", NOW_US)
        told = [each.line for each in fates(found, set())]
        assert sorted(told) == sorted(line for line, _ in sheet.rows)
        with precisely():
            assert [draft.fingerprint for draft in loaded(kept(found.drafts), ACCOUNT)] == [
                draft.fingerprint for draft in found.drafts
            ]


@settings(max_examples=60)
@given(st.sampled_from(SAMPLES), st.integers(0, 4000), st.binary(max_size=3), st.integers(0, 4))
def test_cut_and_flipped(sample: str, at: int, put: bytes, gone: int) -> None:
    data = sample.encode()
    outcome(data[:at])
    outcome(data[:at] + put + data[at + gone :])


@settings(max_examples=40)
@given(st.sampled_from(sorted(BY_NAME)), st.lists(st.lists(CELLS, max_size=26), min_size=1, max_size=4))
def test_any_cells_under_a_known_header(name: str, rows: list[list[str]]) -> None:
    lines = ["\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in rows]
    outcome("\n".join([OURS[name][0].replace(",", "\t"), *lines, ""]).encode("utf-8", "surrogatepass"))


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    outcome(data)
