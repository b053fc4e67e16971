"""What was wrong with a request, as JSON: each error names the field, what was expected, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Schema

SHOWN = 80

Error: TypeAlias = tuple[str, str, str]

_EXPECTED = {
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "missing": "a value",
}


class Problem(Exception):
    """Answered with ``status``. ``errors`` are (field, expected, found)."""

    def __init__(self, status: int, *errors: Error, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, errors)
        self.status, self.errors, self.headers = status, errors, dict(headers or {})


def answer(problem: Problem) -> HttpResponse:
    named = [
        {"field": field, "expected": expected, "found": found[:SHOWN]}
        for field, expected, found in problem.errors
    ]
    return encoded({"errors": named}, status=problem.status, headers=problem.headers)


def encoded(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Never kept by a cache: every value is of its moment."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(
        msgspec.json.encode(body), status=status, content_type="application/json", headers=kept
    )


def of_validation(request: HttpRequest, errors: list[dict[str, Any]]) -> Problem:
    """What pydantic says, in our words."""
    return Problem(422, *(_named(request, error) for error in errors))


def refuse_unknown(request: HttpRequest, asked: Schema) -> None:
    """A misspelt parameter is an error, not ignored. Raises :class:`Problem`."""
    known = type(asked).model_fields
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        expected = f"one of {', '.join(known)}" if known else "no parameter"
        raise Problem(422, *((name[:SHOWN], expected, request.GET[name]) for name in unknown[:20]))


def _named(request: HttpRequest, error: dict[str, Any]) -> tuple[str, str, str]:
    names = [part for part in error["loc"] if isinstance(part, str)]
    field = names[-1] if names else "request"
    found = ", ".join(request.GET.getlist(field)) or "nothing"
    template = _EXPECTED.get(error["type"], error["msg"].removeprefix("Value error, expected "))
    return field, template.format_map(error.get("ctx", {})), found
