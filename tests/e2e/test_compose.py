"""What ``docker compose up`` does, done by hand on this machine, until a browser sees a price move."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
import pytest
from playwright.async_api import expect

from marketdash.ops import redis_server
from marketdash.ops.preflight import free_port
from tests import compose, servers
from tests.compose import ONCE, Deployment
from tests.e2e.conftest import BITCOIN, SOON_MS
from tests.fakes import simulator_process

pytestmark = [pytest.mark.e2e, pytest.mark.acceptance]


@pytest.fixture
def given() -> dict[str, str]:
    """What the image and the machine bring."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """The address of a server of its own, in place of ``@postgres:5432``."""
    with servers.postgres() as url:
        yield unquote(urlsplit(url).netloc.rpartition("@")[2])


@pytest.fixture
async def deployment(tmp_path: Path, postgres: str) -> AsyncIterator[Deployment]:
    folder, port = tmp_path / "volumes", free_port()
    (folder / "secrets").mkdir(parents=True)
    async with simulator_process.running() as simulator:
        roots = simulator.urls()
        venues = {f"VENUE_{name}_WS_URL": socket for name, (socket, _) in roots.items()}
        venues |= {f"VENUE_{name}_REST_URL": rest for name, (_, rest) in roots.items()}
        more = {"DATA_DIR": str(folder / "data"), "BIND": f"127.0.0.1:{port}", "MODE": "demo", **venues}
        made = Deployment(folder, {"/secrets": str(folder / "secrets")}, more)
        yield made
        made.end()


def make_database(password: str, host: str) -> None:
    """As the image of PostgreSQL does with its environment at first start."""
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as root:
        root.execute(f"CREATE ROLE marketdash LOGIN SUPERUSER PASSWORD '{password}'")
        root.execute("CREATE DATABASE marketdash OWNER marketdash")


def move(folder: Path, postgres: str, redis: Path) -> None:
    """The secrets name hosts of a network that is not here."""
    for name, there, here in (
        ("database_url", "@postgres:5432", "@" + postgres.replace("/", "%2F")),
        ("redis_url", "redis://", "unix://"),
        ("redis_url", "@redis:6379/0", f"@{redis}"),
    ):
        path = folder / name
        text = path.read_text()
        assert there in text
        path.chmod(0o644)
        path.write_text(text.replace(there, here))


def test_every_service_waits_and_is_watched() -> None:
    services = compose.read()["services"]
    order = list(compose.in_order(services))

    assert order.index("secrets") < order.index("postgres") < order.index("migrate") < order.index("web")
    for name, service in services.items():
        once = any(
            other.get("depends_on", {}).get(name, {}).get("condition") == ONCE for other in services.values()
        )
        assert once or service["restart"] == "unless-stopped" and "healthcheck" in service, name
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "mem_limit" in service, name
        ports = [compose.filled(port) for port in service.get("ports", [])]
        assert name == "proxy" or all(port.startswith("127.0.0.1:") for port in ports), name
    mounted = {part.split(":")[0] for service in services.values() for part in service.get("volumes", [])}
    named = {volume for volume in mounted if not volume.startswith("./")}
    assert named == set(compose.read()["volumes"])
    for path in mounted - named:
        assert (compose.ROOT / path).exists(), path


async def test_a_deployment_comes_up_in_its_order_to_a_moving_price(
    deployment: Deployment, given: dict[str, str], postgres: str, chromium, tmp_path: Path
) -> None:
    folder = tmp_path / "volumes" / "secrets"
    services = deployment.services
    for name in compose.in_order(services):
        if name == "postgres":
            move(folder, postgres, tmp_path / "redis.sock")
            make_database((folder / "postgres_password").read_text().strip(), postgres)
        elif name == "redis":
            command = [redis_server.binary(), deployment.here(services[name]["command"][1])]
            sockets = ["--port", "0", "--unixsocket", str(tmp_path / "redis.sock"), "--dir", str(tmp_path)]
            deployment.start(name, given, [*command, *sockets])
        elif services[name].get("restart"):
            deployment.start(name, given)
        else:
            await asyncio.to_thread(deployment.run, name, given)
    for name in ("web", "ingest", "engines"):
        await asyncio.to_thread(deployment.wait_until_healthy, name, given)

    password = re.search(r"admin, password (\S+)", deployment.output)
    assert password is not None, deployment.output
    bind = deployment.environment("web", given)["BIND"]
    page = await (await chromium.new_context(base_url=f"http://{bind}")).new_page()
    await page.goto("/")
    await page.fill("input[name=login]", "admin")
    await page.fill("input[name=password]", password.group(1))
    await page.click("button[type=submit]")
    await expect(page.locator(BITCOIN)).to_have_attribute("data-state", "live", timeout=2 * SOON_MS)
    bid = page.locator(f"{BITCOIN} [data-cell=bid]")
    await expect(bid).not_to_have_text(await bid.text_content() or "")
    token = (folder / "monitoring" / "metrics_token").read_text().strip()
    async with httpx.AsyncClient(base_url=f"http://{bind}", trust_env=False, timeout=20) as prometheus:
        asked = {"Host": "web:8000", "X-Forwarded-For": "10.0.0.9", "Authorization": f"Bearer {token}"}
        scraped = await prometheus.get("/metrics", headers=asked)
        assert scraped.status_code == 200 and 'marketdash_feed_up{venue="KRAKEN"} 1' in scraped.text
    assert "Traceback" not in deployment.output
