"""Secrets of a whole site are looked for in all that it says and keeps, while much of it goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.fakes import needles, own_postgres, own_redis, redis_tap
from tests.fakes.own_postgres import OwnPostgres
from tests.fakes.own_redis import OwnRedis
from tests.fakes.redis_tap import Tap
from tests.fakes.simulator_process import SimulatorProcess
from tests.fakes.waiting import wait_until, wait_until_answered
from tests.faults import secretive, whole
from tests.faults.secretive import FILE, PLANTED, Heard, Somebody, command_lines
from tests.faults.whole import Whole
from tests.marketdash.accounts.test_factors import code_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
NAME, TOTP = "keeper", "JBSWY3DPEHPK3PXPQUILLBRAMBLESEAL"
STATE = (
    "from marketdash.portfolios.models import ExchangeKey\nprint('STATE', ExchangeKey.objects.get().state)"
)


class Planted(NamedTuple):
    """``known`` are the secrets by name, those of the site's environment and files too."""

    portfolio: int
    account: int
    known: dict[str, str]

    @property
    def key_path(self) -> str:
        return f"/portfolios/{self.portfolio}/accounts/{self.account}/key/"


class Scene(NamedTuple):
    site: Whole
    redis: OwnRedis
    postgres: OwnPostgres
    simulator: SimulatorProcess
    planted: Planted
    heard: Heard
    people: list[Somebody]

    def somebody(self, token: str = "", heard: Heard | None = None) -> Somebody:
        """Who stays until the test is over."""
        self.people.append(Somebody(self.url, self.heard if heard is None else heard, token))
        return self.people[-1]

    @property
    def url(self) -> str:
        return self.site.site.url

    def output(self) -> str:
        return self.site.site.output


@pytest.fixture(scope="module")
def redis() -> Iterator[OwnRedis]:
    with own_redis.running(tcp=True, password=f"rediscanary{secrets.token_hex(12)}") as own:
        yield own


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres.running() as own:
        yield own


@pytest.fixture(scope="module")
def known(redis: OwnRedis) -> dict[str, str]:
    return {
        "Redis' password": redis.url.split("@")[0].rpartition(":")[2],
        "the database's password": f"databasecanary{secrets.token_hex(12)}",
        "the metrics' token": f"metricscanary{secrets.token_hex(12)}",
        "a password": f"long & 'odd' canary/{secrets.token_hex(8)}+",
        "a secret of one-time codes": TOTP,
    }


@pytest.fixture(scope="module")
def marketdash(
    redis: OwnRedis, postgres: OwnPostgres, known: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    """One that says as much as it can."""
    at = postgres.url.replace("postgres@", "postgres:" + known["the database's password"] + "@", 1)
    said = {"DATABASE_URL": at, "REDIS_URL": redis.url, "METRICS_TOKEN": known["the metrics' token"]}
    folder = tmp_path_factory.mktemp("secrets")
    with whole.running(folder, LOG_LEVEL="DEBUG", **said) as running:
        yield running


@pytest.fixture(scope="module")
def planted(marketdash: Whole, known: dict[str, str]) -> Planted:
    said = marketdash.run(PLANTED.format(password=known["a password"], totp=TOTP))
    portfolio, account, token, link, code = json.loads(said.split("PLANTED ")[1].splitlines()[0])
    folder: Path = marketdash.site.folder
    kept = {f"the file {name}": (folder / name).read_text().strip() for name in ("secret_key", "field_keys")}
    bots = {"a bot's token": token, "a link of a portfolio": link, "a code to recover": code}
    return Planted(portfolio, account, {**known, **kept, **bots})


@pytest.fixture
async def scene(
    marketdash: Whole, redis: OwnRedis, postgres: OwnPostgres, planted: Planted
) -> AsyncIterator[Scene]:
    async with marketdash.simulator() as simulator:
        made = Scene(marketdash, redis, postgres, simulator, planted, [], [])
        yield made
        for each in made.people:
            await each.close()


async def signed_in(scene: Scene, person: Somebody) -> None:
    """At the third attempt, with a code at the second."""
    password = scene.planted.known["a password"]
    await person.get("/accounts/login/")
    for login, typed in ((NAME, password + "x"), ("nobody", password), (NAME, password)):
        answer = await person.post("/accounts/login/", {"login": login, "password": typed})
    assert answer.status_code == 302, answer.text[:500]
    for code in ("000000", "not a code", code_of(TOTP)):
        answer = await person.post("/accounts/factors/authenticate/", {"code": code})
    assert answer.status_code == 302 and person.session
    scene.planted.known["a session"] = person.session


async def state_is(scene: Scene, person: Somebody, name: str) -> None:
    async def met() -> bool:
        told = await person.get(f"/portfolios/{scene.planted.portfolio}/keys/")
        return name in {each["state"] for each in told.json().values()}

    await wait_until_answered(met, every_s=0.2, within_s=60, what=f"the key is {name}")


async def follow_an_exchange(scene: Scene, person: Somebody) -> None:
    """A key is put in and works; the exchange cuts it off and takes it back."""
    planted, paper = scene.planted, scene.simulator
    for rights in ("read,trade", "read"):
        made = await paper.tell("paper/keys", venue="KRAKEN", rights=rights)
        known = {f"a key to {rights}": made["key"], f"the secret of a key to {rights}": made["secret"]}
        planted.known.update(known)
        sent = {"venue": "KRAKEN", "key": made["key"], "secret": made["secret"]}
        wrong = await person.post(planted.key_path, {**sent, "since": "tomorrow"})
        assert wrong.status_code == 422
        assert (await person.post(planted.key_path, sent)).status_code == 302
        await state_is(scene, person, "live" if rights == "read" else "refused")
    await paper.tell("paper/close", venue="KRAKEN")
    await state_is(scene, person, "down")
    await paper.tell("paper/revoke", venue="KRAKEN", key=made["key"])
    await paper.tell("paper/open", venue="KRAKEN")


async def import_files(scene: Scene, bot: Somebody) -> None:
    path = f"/api/v1/portfolios/{scene.planted.portfolio}/imports"
    for name, file in (("good.csv", FILE), ("bad.csv", b'"no"\n\x00'), ("large.csv", b"x" * 50_000_000)):
        file_sent = {"file": (name, file, "text/csv")}
        with contextlib.suppress(httpx.HTTPError):  # one that is cut off while it sends hears nothing
            await bot.post(path, data={"account": str(scene.planted.account)}, files=file_sent)
    statuses = {source.rpartition(" ")[2] for source, _ in scene.heard if source.startswith(f"POST {path}")}
    assert {"201", "422"} <= statuses, statuses


async def read_pages(scene: Scene, person: Somebody, bot: Somebody, stranger: Somebody) -> None:
    """Those on which a secret would stand if it stood anywhere, and pages of errors."""
    planted = scene.planted
    here = f"/portfolios/{planted.portfolio}/"
    pages = ("", "keys/", f"accounts/{planted.account}/", "backup/", "entries.csv", "fills.json", "links/")
    for path in [here + each for each in pages] + ["/accounts/factors/", "/status/", "/accounts/tokens/"]:
        await person.get(path)
    for name in ("", "auth/user/", "accounts/token/", "mfa/authenticator/", "sessions/session/"):
        await person.get(f"/admin/{name}")
    token, link = planted.known["a bot's token"], planted.known["a link of a portfolio"]
    for path in (f"/api/v1/portfolios?token={token}", "/api/v1/portfolios", f"{here}?x=", "/nothing/here/"):
        for each in (bot, stranger, scene.somebody(token + "x")):
            await each.get(path)
    await stranger.get("/", headers={"Host": "evil.example", "Cookie": f"sessionid={person.session}"})
    bearer = "Bearer " + planted.known["the metrics' token"]
    await stranger.get("/metrics", headers={"Authorization": bearer})
    password = planted.known["a password"]
    forged = await stranger.post("/accounts/login/", {"login": NAME, "password": password})
    assert forged.status_code == 403
    await unheard(scene, f"/shared/{link}/")


async def unheard(scene: Scene, path: str) -> int:
    """Of a page with a secret in its own address, which may stand in its answer, and nowhere else."""
    return (await scene.somebody(heard=[]).get(path)).status_code


async def ask_what_is_broken(scene: Scene, person: Somebody, bot: Somebody) -> set[int]:
    """Where secrets come in. The statuses of the answers."""
    known, heard = scene.planted.known, len(scene.heard)
    sent = {"venue": "KRAKEN", "key": known["a key to read"], "secret": known["the secret of a key to read"]}
    await person.post(scene.planted.key_path, sent)
    await bot.get("/api/v1/portfolios")
    await person.post("/accounts/factors/authenticate/", {"code": code_of(TOTP)})
    visitor = scene.somebody()
    await visitor.get("/accounts/login/")
    await visitor.post("/accounts/login/", {"login": NAME, "password": known["a password"]})
    shared = await unheard(scene, f"/shared/{known['a link of a portfolio']}/")
    return {
        shared,
        *(int(each) for source, _ in scene.heard[heard:] if (each := source.rpartition(" ")[2]).isdigit()),
    }


TABLES = ("portfolios_exchangekey", "accounts_token", "portfolios_sharelink", "mfa_authenticator")


async def break_everything(scene: Scene, person: Somebody, bot: Somebody) -> None:
    """Tables are gone, so that what reads them raises; then the database; a worker; Redis."""
    postgres, site = scene.postgres, scene.site.site
    for table in TABLES:
        await asyncio.to_thread(postgres.run, f"ALTER TABLE {table} RENAME TO gone_{table}")
    assert 500 in await ask_what_is_broken(scene, person, bot)
    for table in TABLES:
        await asyncio.to_thread(postgres.run, f"ALTER TABLE gone_{table} RENAME TO {table}")
    await asyncio.to_thread(postgres.kill)
    assert 503 in await ask_what_is_broken(scene, person, bot)
    await asyncio.to_thread(postgres.start)
    for word in ("manage.py ingest", "manage.py engines"):
        ended = site.process_of(word)
        ended.send_signal(signal.SIGABRT)
        await site.started_again(ended, word)
    scene.redis.kill()
    await ask_what_is_broken(scene, person, bot)
    await wait_until(lambda: "Redis is away" in scene.output(), within_s=60, what="a word about Redis")
    await asyncio.to_thread(scene.redis.start)


def searched(scene: Scene, tap: Tap, commands: set[str]) -> Heard:
    """All that was said and kept, and that there is something in each of it."""
    found = [
        ("the logs", scene.output().encode()), ("what Redis was told", tap.heard),
        ("what Redis keeps", redis_tap.kept(scene.redis.url)), ("a dump", scene.postgres.dump()),
        ("command lines", "\n".join(commands).encode()),
    ]  # fmt: skip
    shown = {"the logs": b"Traceback", "what Redis was told": b"PUBLISH", "a dump": NAME.encode()}
    for source, text in found:
        assert shown.get(source, b"") in text, source
    return [*found, *scene.heard]


@pytest.mark.fault(
    "F50",
    "a whole site in which sign-ins, exchanges, imports, pages, database, Redis and worker fail: its logs at "
    "DEBUG, answers, frames, all that Redis is told and keeps, pg_dump and command lines are searched",
    goal="0 hits of any secret, plain, half, hex, base64 or quoted",
)
async def test_no_secret_is_told_or_kept(scene: Scene, score: Any) -> None:
    planted, heard = scene.planted, scene.heard
    with redis_tap.tapped(scene.redis.url) as tap:
        token, link = planted.known["a bot's token"], planted.known["a link of a portfolio"]
        person, bot, stranger = scene.somebody(), scene.somebody(token), scene.somebody()
        await signed_in(scene, person)
        async with secretive.crowd(scene.url, heard, planted.portfolio, [person.session], token, link):
            await follow_an_exchange(scene, person)
            await import_files(scene, bot)
            await read_pages(scene, person, bot, stranger)
            commands = command_lines(scene.site.site)
            await break_everything(scene, person, bot)
        texts = await asyncio.to_thread(searched, scene, tap, commands)
    score.note("secrets", len(planted.known), "")
    score.note("frames and answers", len(heard), "")
    score.note("searched", sum(len(text) for _, text in texts) / 1e6, "MB")
    found = await asyncio.to_thread(needles.hits, planted.known, texts)
    score.note("hits", len(found), "")
    assert found == [], "\n".join(found)


@pytest.mark.fault(
    "F50", "a dump of the database is searched for a session that is open in a browser", goal="0 hits"
)
async def test_a_dump_opens_no_session(scene: Scene, score: Any) -> None:
    person = scene.somebody()
    await signed_in(scene, person)
    secret = {"a session": person.session}
    found = needles.hits(secret, [("a dump", await asyncio.to_thread(scene.postgres.dump))])
    score.note("hits", len(found), "")
    assert found == []
