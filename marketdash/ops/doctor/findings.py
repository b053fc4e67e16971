"""What a check says, and how that is written: for people, and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

OK, SKIPPED, WARN, FAIL = "ok", "skipped", "warn", "fail"
_WORST = (OK, SKIPPED, WARN, FAIL)
EXIT_CODES = {OK: 0, SKIPPED: 0, WARN: 1, FAIL: 2}
SHORTEST_SECRET = 4
"""A shorter word is no secret, and would be cut out of half of the text."""


class Finding(NamedTuple):
    """``name`` is what was looked at; ``expected`` and ``todo`` are there where something is wrong."""

    verdict: str
    found: str
    expected: str = ""
    todo: str = ""
    name: str = ""


def ok(found: str, name: str = "") -> Finding:
    return Finding(OK, found, name=name)


def skipped(why: str, name: str = "") -> Finding:
    return Finding(SKIPPED, why, name=name)


def warn(found: str, expected: str, todo: str, name: str = "") -> Finding:
    """It works, and will not under load, after a restart, or for somebody else."""
    return Finding(WARN, found, expected, todo, name)


def fail(found: str, expected: str, todo: str, name: str = "") -> Finding:
    return Finding(FAIL, found, expected, todo, name)


def worst(findings: Iterable[Finding]) -> str:
    return max((each.verdict for each in findings), key=_WORST.index, default=OK)


def written(findings: Iterable[Finding]) -> list[str]:
    """Lines for people: the worst last, where they look first; three for what is wrong."""
    lines = []
    for each in sorted(findings, key=lambda each: _WORST.index(each.verdict)):
        lines.append(f"{each.verdict.upper():<8}{each.name}: {each.found}")
        lines += [f"{'':8}expected: {each.expected}"] if each.expected else []
        lines += [f"{'':8}do: {each.todo}"] if each.todo else []
    return lines


def as_json(findings: Sequence[Finding], venues: Sequence[Mapping[str, Any]] = ()) -> str:
    body = {
        "verdict": worst(findings),
        "checks": [each._asdict() for each in findings],
        "venues": list(venues),
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with nothing in it that is a secret, as it is or as it stands in a URL."""
    longest_first = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len)
    for secret in reversed(longest_first):
        for form in (secret, quote(secret, safe="")):
            text = text.replace(form, "…")
    return text


def password_in(url: str) -> str:
    """Of something like a URL, however badly it is formed; ``""`` where there is none."""
    try:
        parts = urlsplit(url)
        found = parts.password or next(iter(parse_qs(parts.query).get("password", ())), None)
    except ValueError:
        found = None
    if found is None and "@" in url:
        found = url.rpartition("@")[0].rpartition(":")[2]
    return found or ""
