"""What Prometheus reads: it parses, keeps to conventions, is not public; the dashboard asks for no other."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient, AsyncRequestFactory
from prometheus_client.parser import text_string_to_metric_families

from feeds.latency import BOUNDS_US
from marketdash import publish
from marketdash.ops import feeds, metrics, reporting, views
from tests.marketdash.ops.test_status_page import ROWS

DASHBOARD = Path(__file__).parents[3] / "docs" / "grafana" / "marketdash.json"
LATENCY = {"least_us": -12_000, "p50_us": 1, "p95_us": 2, "p99_us": 3, "samples": 4, "sum_us": 5_500_000}
LATENCY["buckets"] = [3, *[0] * (len(BOUNDS_US) - 1), 1]
WORKER = {
    "epoch": "e1", "started": 1_766_000_000_000_000, "memory_bytes": 90_000_000, "cpu_s": 1.5,
    "published": 7, "publish_failures": 2,
}  # fmt: skip
STATISTICS = publish.Statistics(
    clients=3, views=2, topics=9, waiting=1, counters={"keyframes asked": 4},
    lateness=(5, *[0] * 10, 1), lateness_sum_us=9_000_000, memory_bytes=80_000_000, cpu_s=2.5,
)  # fmt: skip


def health() -> publish.Row:
    row = ROWS["health:KRAKEN"]
    return row._replace(body={**row.body, "latency": LATENCY, "workers": [WORKER]})


def exposition(part: str = "") -> str:
    return metrics.text(part, STATISTICS, {"KRAKEN": (ROWS["status:KRAKEN"], health())}).decode()


def samples(text: str) -> dict[tuple[str, tuple], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    found = samples(text)
    [match] = [v for (n, have), v in found.items() if n == name and set(labels.items()) <= set(have)]
    return match


def test_it_parses_and_says_what_was_measured():
    text = exposition()

    book = {"venue": "KRAKEN", "channel": "book", "instrument": "KRAKEN:BTC/USD"}
    assert value(text, "marketdash_topic_live", **book) == 0
    assert value(text, "marketdash_topic_gaps_total", **book) == 4
    assert value(text, "marketdash_topic_age_seconds", **book) == 5e-6
    assert value(text, "marketdash_link_reconnects_total", venue="KRAKEN", link="public.0") == 2
    assert value(text, "marketdash_feed_state", venue="KRAKEN", state="down") == 1
    assert value(text, "marketdash_feed_latency_seconds_count", venue="KRAKEN") == 4
    assert value(text, "marketdash_feed_latency_seconds_bucket", venue="KRAKEN", le="0.001") == 3
    assert value(text, "marketdash_feed_latency_seconds_sum", venue="KRAKEN") == 5.5
    assert value(text, "marketdash_feed_clock_difference_seconds", venue="KRAKEN") == -0.012
    assert value(text, "marketdash_worker_memory_bytes", worker="e1") == 90_000_000
    assert value(text, "marketdash_web_clients") == 3
    assert value(text, "marketdash_bus_lateness_seconds_count") == 6


def test_names_follow_the_conventions():
    for family in text_string_to_metric_families(exposition()):
        assert re.fullmatch(r"marketdash_[a-z_]+", family.name), family.name
        assert family.documentation, family.name
        assert not re.search(r"_(us|ms|ns|kb|mb|pct)$", family.name), family.name


def test_a_worker_of_several_venues_is_one():
    rows = {venue: (ROWS["status:KRAKEN"], health()) for venue in ("KRAKEN", "OKX")}
    assert value(metrics.text("", STATISTICS, rows).decode(), "marketdash_workers") == 1


def test_the_parts_can_be_had_apart_and_a_dead_feed_is_said():
    web, feed = ({name for name, _ in samples(exposition(part))} for part in metrics.PARTS)
    assert not web & feed and web | feed == {name for name, _ in samples(exposition())}

    dead = metrics.text("", STATISTICS, {"KRAKEN": (None, None)}).decode()
    assert value(dead, "marketdash_feed_up", venue="KRAKEN") == 0
    assert value(dead, "marketdash_workers") == 0


def test_every_query_of_the_dashboard_names_a_metric_that_exists():
    known = {name for name, _ in samples(exposition())}
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]

    assert len(panels) > 8
    for panel in panels:
        for target in panel["targets"]:
            asked = set(re.findall(r"marketdash_[a-z_]+", target["expr"]))
            assert asked and asked <= known, f"{panel['title']}: {asked - known}"


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(timeout_s: float) -> dict:
        return {"KRAKEN": (ROWS["status:KRAKEN"], health())}

    monkeypatch.setattr(feeds, "rows", rows)
    monkeypatch.setattr(publish, "statistics", lambda: STATISTICS)


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "192.0.2.7", {}, 403),
        ("", "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("s3cret", "127.0.0.1", {}, 403),
        ("s3cret", "192.0.2.7", {"Authorization": "Bearer wrong"}, 403),
        ("s3cret", "192.0.2.7", {"Authorization": "Bearer s3cret"}, 200),
    ],
)
async def test_it_is_for_this_machine_or_for_who_has_the_token(
    quiet: None, settings, token: str, address: str, headers: dict, status: int
):
    settings.METRICS_TOKEN = token
    request = AsyncRequestFactory().get("/metrics", headers=headers)
    request.META["REMOTE_ADDR"] = address
    answer = await views.metrics(request)
    assert answer.status_code == status
    assert (b"marketdash_feed_up" in answer.content) == (status == 200)


async def test_an_unknown_part_is_an_error(quiet: None, settings):
    answer = await AsyncClient().get("/metrics?part=everything")
    assert answer.status_code == 400 and b"expected web or feeds" in answer.content


def test_what_is_set_and_not_installed_is_one_clear_line(settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    settings.SENTRY_DSN = "https://key@errors.example.org/1"
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN is set.*pip install sentry-sdk"):
        reporting.begin()


def test_sentry_gets_no_person_and_no_body(settings, monkeypatch: pytest.MonkeyPatch):
    asked: dict = {}
    sdk = type("Sdk", (), {"init": staticmethod(lambda **options: asked.update(options))})
    monkeypatch.setitem(sys.modules, "sentry_sdk", sdk)
    settings.SENTRY_DSN = "https://key@errors.example.org/1"

    reporting.begin()

    assert asked["dsn"] == settings.SENTRY_DSN
    assert asked["send_default_pii"] is False and asked["max_request_body_size"] == "never"
    assert asked["include_local_variables"] is False
