"""Checks side by side: none hangs, crashes or hides another; nothing secret is written."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from marketdash.ops.doctor import everything, findings, registry
from marketdash.ops.doctor.findings import FAIL, OK, SKIPPED, WARN, Finding, fail, ok, warn
from marketdash.ops.doctor.registry import Check, examine
from tests.marketdash.ops.doctor.making import site


def made(*checks: Check) -> dict[str, Check]:
    return {each.name: each for each in checks}


def one(name: str, work, *, needs: tuple = (), after: tuple = (), within_s: float = 5) -> Check:
    return Check(name, work, needs, after, within_s)


async def test_one_that_crashes_or_hangs_is_a_finding_and_the_others_are_made(tmp_path: Path):
    never = threading.Event()

    def crashes(_):
        raise KeyError("strange")

    async def hangs(_):
        await asyncio.Event().wait()

    checks = made(
        one("crashes", crashes),
        one("hangs", hangs, within_s=0.05),
        one("hangs in a thread", lambda _: never.wait(30), within_s=0.05),
        one("well", lambda _: ok("yes")),
    )
    crashed, hung, stuck, well = await examine(site(tmp_path), checks)

    assert (crashed.verdict, crashed.name) == (FAIL, "crashes")
    assert "KeyError: 'strange'" in crashed.found
    assert hung.found == stuck.found == "no answer within 0.05 s"
    assert well == Finding(OK, "yes", name="well")
    never.set()


async def test_what_rests_on_something_that_fails_is_skipped_in_any_order(tmp_path: Path):
    order = []

    def noted(name: str, finding: Finding):
        return lambda _: order.append(name) or finding

    checks = made(
        one("third", noted("third", ok("")), needs=("first",)),
        one("fourth", noted("fourth", ok("")), needs=("second",)),
        one("last", noted("last", ok("")), after=("first", "third")),
        one("first", noted("first", fail("a", "b", "c"))),
        one("second", noted("second", ok(""))),
    )
    found = await examine(site(tmp_path), checks)

    assert found[0] == Finding(SKIPPED, "see first", name="third")
    assert [each.verdict for each in found] == [SKIPPED, OK, OK, FAIL, OK]
    assert order.index("last") > order.index("first") and "third" not in order


async def test_a_check_may_look_at_several_things(tmp_path: Path):
    def both(_):
        return [ok("fine", "KRAKEN"), warn("slow", "fast", "wait", "BINANCE")]

    found = await examine(site(tmp_path), made(one("venue", both)))

    assert [each.name for each in found] == ["venue KRAKEN", "venue BINANCE"]


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="there already"):
        registry.check("redis")(lambda _: ok(""))


def test_needs_are_the_names_of_checks():
    for each in everything.CHECKS.values():
        assert {*each.needs, *each.after} <= everything.CHECKS.keys(), each.name


@pytest.mark.parametrize(
    ("verdicts", "worst", "code"),
    [([], OK, 0), ([OK, SKIPPED], SKIPPED, 0), ([WARN, OK], WARN, 1), ([FAIL, WARN], FAIL, 2)],
)
def test_the_worst_decides(verdicts: list[str], worst: str, code: int):
    assert findings.worst(Finding(each, "") for each in verdicts) == worst
    assert findings.EXIT_CODES[worst] == code


def test_the_worst_is_written_last_with_what_to_do():
    lines = findings.written([fail("a", "b", "c", "disk"), ok("d", "clock"), warn("e", "f", "g", "debug")])

    assert lines == [
        "OK      clock: d",
        "WARN    debug: e",
        "        expected: f",
        "        do: g",
        "FAIL    disk: a",
        "        expected: b",
        "        do: c",
    ]


def test_programs_read_json():
    body = json.loads(findings.as_json([warn("e", "f", "g", "debug")], [{"venue": "KRAKEN"}]))

    assert body["verdict"] == WARN
    assert body["checks"] == [{"verdict": WARN, "found": "e", "expected": "f", "todo": "g", "name": "debug"}]
    assert body["venues"] == [{"venue": "KRAKEN"}]


@pytest.mark.parametrize("secret", ["hunter2", "p@ss/word:1", "plain"])
def test_no_secret_is_written_however_it_is_quoted(secret: str):
    from urllib.parse import quote

    text = f"postgres://u:{quote(secret, safe='')}@h/n said {secret} and {secret}!"

    assert secret not in findings.without(text, ["", "abc", secret])
    assert quote(secret, safe="") not in findings.without(text, [secret])


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("redis://:geheim@h:6379/0", "geheim"),
        ("redis+sentinel://u:geheim@a,b/name", "geheim"),
        ("postgres://u:geheim@[h/n", "geheim"),
        ("redis://h/0?password=geheim", "geheim"),
        ("redis://h/0", ""),
        ("", ""),
    ],
)
def test_the_password_of_a_url_is_known(url: str, password: str):
    assert findings.password_in(url) == password
