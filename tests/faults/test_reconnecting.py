"""A thousand browsers lose their server in the same moment, and all come back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest

from tests.fakes import crowd, own_postgres
from tests.fakes.own_postgres import OwnPostgres
from tests.fakes.waiting import wait_until
from tests.faults import whole
from tests.faults.honesty import agreed, judged
from tests.faults.whole import OF_EACH, PAGES, Whole
from tests.scoreboard import Score, quantile

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
CLIENTS, OF_ONE_PERSON, SHOWN = 1000, 20, OF_EACH
ALL_LIVE_S, SERVES = 10.0, "manage.py serve"


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres.running(settings=own_postgres.LOGGED) as own:
        yield own


@pytest.fixture(scope="module")
def marketdash(postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    people, folder = CLIENTS // 2 // OF_ONE_PERSON, tmp_path_factory.mktemp("storm")
    said = {**own_postgres.named(), "DATABASE_URL": postgres.url}
    with whole.running(folder, people=people, **said) as running:
        yield running


@pytest.mark.fault(
    "F36",
    "The only web process is killed under 1,000 clients, half of them signed in, that come back as pages do",
    goal="all of them live again in 10 s; at most a query each; nobody signs in again",
)
async def test_a_thousand_come_back_at_once(marketdash: Whole, postgres: OwnPostgres, score: Score) -> None:
    async with (
        marketdash.simulator() as simulator,
        crowd.following(
            marketdash.site.url, simulator, SHOWN, count=CLIENTS, pages=PAGES, sessions=marketdash.sessions,
            seed=score.seed, interval_ms=1000,
        ) as followers,
    ):  # fmt: skip
        await wait_until(lambda: followers.fresh, within_s=120, what="everything fresh before the fault")
        followers.begin_again()
        most = 0
        for _ in range(score.times(10)):
            followers.next_round()
            for each in followers.followers:
                each.refused.clear()
            asked = len(postgres.asked(SERVES))
            marketdash.site.process_of(SERVES).kill()
            killed_s = time.monotonic()
            await wait_until(lambda: followers.lost().total() >= CLIENTS, within_s=10)
            await wait_until(
                lambda: all(each.live_s > killed_s for each in followers.followers),  # noqa: B023
                within_s=60,
                what="all are back",
            )
            took = [each.live_s - killed_s for each in followers.followers]
            score.took(max(took))
            score.note("p95", quantile(took, 0.95))
            queries = postgres.asked(SERVES)[asked:]
            score.note("queries of the web process", len(queries), "")
            assert len(queries) <= CLIENTS, Counter(each[:60] for each in queries).most_common(5)
            web = psutil.Process(marketdash.site.process_of(SERVES).pid)
            most = max(most, web.memory_info().rss)
            await wait_until(lambda: followers.fresh, within_s=60)
        await agreed(score, followers, simulator)
        score.note("memory of the process", most / 2**20, "MB")
        refused = sum(sum(each.refused.values()) for each in followers.followers)
        judged(score, followers)
        assert max(score.took_s) <= ALL_LIVE_S and refused == 0
