"""Everything that may stand between a machine and its venues."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from marketdash.ops.doctor import everything
from marketdash.ops.doctor.findings import FAIL, OK, SKIPPED, WARN, Finding
from marketdash.ops.doctor.registry import Place, examine
from tests.fakes.answering import Answer, Said, answering, dated, opened
from tests.faults.official.tls import certificate
from tests.marketdash.ops.doctor.making import looked, only, site

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def place(port: int, scheme: str = "") -> dict[str, Place]:
    return {"KRAKEN": Place(f"ws{scheme}://127.0.0.1:{port}/ws", f"http{scheme}://127.0.0.1:{port}/list")}


def saying(status: int, **headers: str) -> Answer:
    return lambda path, asked: opened(asked) if path == "/ws" else Said(status, headers)


async def asked(folder: Path, answer: Answer) -> Finding:
    async with answering(answer) as port:
        return await only(site(folder, venues=place(port)), "venue")


async def test_a_venue_that_lets_us_in(tmp_path: Path):
    found = await asked(tmp_path, saying(200))

    assert (found.verdict, found.name) == (OK, "venue KRAKEN")


@pytest.mark.parametrize(
    ("status", "verdict", "said", "todo"),
    [
        (451, FAIL, "refused in this region", "where the venue serves"),
        (403, FAIL, "refused in this region", "where the venue serves"),
        (404, FAIL, "HTTP 404", "correct the VENUE_…_URL"),
        (429, WARN, "too many requests", "wait"),
        (407, FAIL, "of the proxy", "HTTPS_PROXY"),
        (503, WARN, "HTTP 503", "status page"),
    ],
)
async def test_a_venue_that_does_not(tmp_path: Path, status: int, verdict: str, said: str, todo: str):
    found = await asked(tmp_path, saying(status))

    assert found.verdict == verdict and said in found.found and todo in found.todo


async def test_a_region_that_is_blocked_for_sockets_alone(tmp_path: Path):
    found = await asked(tmp_path, lambda path, _: Said(451 if path == "/ws" else 200))

    assert found.verdict == FAIL and "refused in this region" in found.found


async def test_an_address_at_which_nobody_listens(tmp_path: Path):
    found = await only(site(tmp_path, venues=place(1)), "venue")

    assert found.verdict == FAIL and found.found == "127.0.0.1:1: nobody listens there"


async def test_a_name_that_no_name_server_knows(tmp_path: Path):
    venues = {"KRAKEN": Place("wss://no-such-host.invalid/ws", "https://no-such-host.invalid/list")}
    looked_at = site(tmp_path, venues=venues)

    found = await only(looked_at, "name server")
    assert found.verdict == FAIL and found.found.startswith("no-such-host.invalid: ")
    assert "/etc/resolv.conf" in found.todo
    assert "name not found" in (await only(looked_at, "venue")).found


async def test_somebody_who_ends_tls_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its certificate is of an authority that is not known here, until it is told."""
    pem = certificate(tmp_path)
    async with answering(saying(200), pem=pem) as port:
        found = await only(site(tmp_path, venues=place(port, "s")), "venue")
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        trusted = await only(site(tmp_path, venues=place(port, "s")), "venue")

    assert found.verdict == FAIL and "certificate: self-signed certificate" in found.found
    assert "SSL_CERT_FILE" in found.todo
    assert trusted.verdict == OK


async def test_a_plain_port_that_is_taken_for_tls(tmp_path: Path):
    async with answering(saying(200)) as port:
        found = await only(site(tmp_path, venues=place(port, "s")), "venue")

    assert found.verdict == FAIL and "correct the scheme" in found.todo


async def test_certificates_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    variables = {"SSL_CERT_FILE": str(tmp_path / "nothing.pem")}
    checks = {name: everything.CHECKS[name] for name in ("certificates", "venue")}

    certificates, venue = await examine(site(tmp_path, variables=variables, venues=place(1)), checks)

    assert certificates.verdict == FAIL and "nothing.pem" in certificates.found
    assert (venue.verdict, venue.found) == (SKIPPED, "see certificates")


@pytest.mark.parametrize(
    ("url", "verdict", "said"),
    [
        ("proxy.example.org:3128", FAIL, "is no URL of a proxy"),
        ("http://user:geheim@127.0.0.1:1", FAIL, "127.0.0.1:1: Connection refused"),
        ("http://h:port", FAIL, "is no URL of a proxy"),
    ],
)
async def test_a_proxy_of_the_environment_that_is_none(tmp_path: Path, url: str, verdict: str, said: str):
    found = await only(site(tmp_path, variables={"HTTPS_PROXY": url}), "proxy")

    assert found.verdict == verdict and said in found.found and "geheim" not in found.found


async def test_a_proxy_that_answers_looks_names_up(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        variables = {"https_proxy": f"http://127.0.0.1:{listening.getsockname()[1]}"}
        looked_at = site(tmp_path, variables=variables, venues=place(1))

        assert (await only(looked_at, "proxy")).verdict == OK
        assert (await only(looked_at, "name server")).verdict == SKIPPED
    assert (await only(site(tmp_path), "proxy")).found == "none"


@pytest.mark.parametrize(("offset_s", "verdict"), [(3600, FAIL), (-3600, FAIL), (0, OK)])
async def test_a_clock_that_differs_from_the_venues(tmp_path: Path, offset_s: float, verdict: str):
    """Its server says another hour in each of its answers."""
    async with answering(lambda path, headers: Said(200, dated(offset_s, time.time()))) as port:
        looked_at = site(tmp_path, venues=place(port))
        await looked(looked_at, "venue")

    assert (await only(looked_at, "clock")).verdict == verdict
