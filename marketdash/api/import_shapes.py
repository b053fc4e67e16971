"""What is asked and answered of a portfolio's returns and of files that are brought into it."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from marketdash.api.portfolio_shapes import Text
from marketdash.api.shapes import LARGEST, MAX_PAGE, Name

Period = Literal["day", "week", "month", "year", "all"]
Fate = Literal["", "new", "duplicate", "refused", "left"]


class PerformanceAsked(Schema):
    period: Annotated[list[Period], Field(max_length=5, description="None: each of them")] = []
    points: Annotated[bool, Field(description="With the curve's points")] = False


class CurvePoint(Schema):
    """``by_closes``: of the day that ended then, from closes. ``partial``: something had no price."""

    ts: int
    total: str
    partial: bool
    by_closes: bool


class Returned(Schema):
    """Per cents with all their digits; null is what nobody can say, and ``why``. Points that lack a price
    are left out of returns where others do not."""

    period: Period
    base: str
    from_: Annotated[int | None, Field(alias="from")]
    until: int | None
    time_weighted_pct: Text
    money_weighted_pct: Text
    yearly_pct: Text
    drawdown_pct: Text
    why: dict[str, str]
    noted: int
    by_closes: int
    partial: int
    points: list[CurvePoint] | None


class Performance(Schema):
    data: list[Returned]


class ImportsAsked(Schema):
    before: Annotated[int, Field(ge=0, le=LARGEST, description="What the page before gave as next")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class RowsAsked(Schema):
    fate: Annotated[Fate, Field(description="None: all")] = ""
    after: Annotated[int, Field(ge=0, le=LARGEST, description="What the page before gave as next")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class Brought(Schema):
    account: Annotated[int, Field(ge=0, le=LARGEST, description="Number of the account that it is of")]


class Chosen(Schema):
    """What somebody says of a file; what is left out stays as it is."""

    account: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    format: Annotated[Name, Field(description="One of fits, or by hand with columns")] | None = None
    zone: Annotated[int, Field(ge=-720, le=840, description="Minutes east of UTC")] | None = None
    codes: Annotated[dict[Name, Name], Field(max_length=200, description="Code → asset")] = {}
    keep: Annotated[
        bool, Field(description="Codes that nobody knows become assets of their own, without a price here")
    ] = False
    columns: Annotated[dict[Name, Name], Field(max_length=50, description="Meaning → column")] = {}


class Committed(Schema):
    leave_out: Annotated[bool, Field(description="Though rows are refused: without those")] = False


class UnknownCode(Schema):
    code: str
    rows: int


class Uncosted(Schema):
    """Entries that will be of unknown cost, by what is stored now: deposits of which nobody says what they
    cost; those that a venue is asked about after the import; those of which no market here says anything."""

    entries: int
    deposited: int
    asked: int
    nobody: int
    assets: list[str]


class ImportShape(Schema):
    """``found``, ``new`` and ``duplicates`` are entries, ``refused`` and ``left`` rows; ``done`` of ``found``
    are through. ``state`` looked: nothing is recorded."""

    id: int
    account: int
    file: str
    size: int
    format: str
    state: Literal["looked", "running", "done", "undoing", "undone"]
    found: int
    done: int
    new: int
    duplicates: int
    refused: int
    left: int
    problem: str
    made: int
    changed: int
    fits: list[str]
    zone: int
    zone_by: str
    unknown_codes: list[UnknownCode]
    kept_codes: list[str]
    columns: list[str]
    uncosted: Uncosted


class ImportAnswer(Schema):
    data: ImportShape


class Imports(Schema):
    data: list[ImportShape]
    next: int | None


class FateShape(Schema):
    """``field`` and ``words``: of a refused row, which column and why; ``code``: an asset nobody knows."""

    line: int
    fate: Fate
    words: str
    field: str
    code: str


class Fates(Schema):
    data: list[FateShape]
    next: int | None
