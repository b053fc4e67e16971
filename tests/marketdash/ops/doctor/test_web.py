"""The web process and the proxy before it, each as it is when somebody forgot a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketdash.ops.doctor.findings import FAIL, OK, SKIPPED
from tests.fakes.answering import Answer, Headers, Said, answering, opened
from tests.marketdash.ops.doctor.making import only, site

WRONG = "This origin may not open a socket; see CSRF_TRUSTED_ORIGINS.\n"


def ours(path: str, headers: Headers) -> Said:
    if path == "/ws/v1/":
        return opened(headers)
    return Said(200, {"Content-Type": "text/plain"}, "ok\n")


def except_for(wrong_path: str, said: Said) -> Answer:
    return lambda path, headers: said if path == wrong_path else ours(path, headers)


async def test_nobody_at_the_port(tmp_path: Path):
    assert (await only(site(tmp_path, BIND_PORT=1), "web")).verdict == SKIPPED


async def test_our_own_web(tmp_path: Path):
    async with answering(ours) as port:
        assert (await only(site(tmp_path, BIND_PORT=port), "web")).verdict == OK
        assert (await only(site(tmp_path, BIND_PORT=port, BIND_HOST="0.0.0.0"), "socket")).verdict == OK


@pytest.mark.parametrize("said", [Said(200, {}, "It works!"), Said(404), Said(400)])
async def test_somebody_else_at_the_port(tmp_path: Path, said: Said):
    async with answering(lambda path, headers: said) as port:
        found = await only(site(tmp_path, BIND_PORT=port), "web")

    assert found.verdict == FAIL
    assert f"stop what uses port {port}" in found.todo


async def test_visitors_who_may_not_read_are_refused_by_the_socket_itself(tmp_path: Path):
    refused = except_for("/ws/v1/", Said(403, {}, "Sign in before opening a socket.\n"))
    async with answering(refused) as port:
        assert (await only(site(tmp_path, BIND_PORT=port), "socket")).verdict == OK


async def at(folder: Path, answer: Answer):
    async with answering(answer) as port:
        return await only(site(folder, origins=[f"http://127.0.0.1:{port}"]), "address")


async def test_a_proxy_that_passes_everything_on(tmp_path: Path):
    assert (await at(tmp_path, ours)).verdict == OK


@pytest.mark.parametrize(
    ("path", "said", "words", "todo"),
    [
        ("/ws/v1/", Said(404), "HTTP 404", "Upgrade and Connection"),
        ("/ws/v1/", Said(426), "HTTP 426", "Upgrade and Connection"),
        ("/ws/v1/", Said(403, {}, WRONG), "This origin", "to CSRF_TRUSTED_ORIGINS"),
        ("/accounts/login/", Said(400), "HTTP 400", "pass Host on"),
        ("/accounts/login/", Said(502), "HTTP 502", "lead to BIND"),
    ],
)
async def test_a_proxy_that_loses_something(tmp_path: Path, path: str, said: Said, words: str, todo: str):
    found = await at(tmp_path, except_for(path, said))

    assert found.verdict == FAIL and words in found.found and todo in found.todo


async def test_a_proxy_that_cuts_the_headers_of_an_upgrade(tmp_path: Path):
    """As nginx does unless told otherwise: what hangs on Connection does not get through."""

    def cut(path: str, headers: Headers) -> Said:
        return ours(
            path, {name: value for name, value in headers.items() if name not in ("upgrade", "connection")}
        )

    found = await at(tmp_path, cut)

    assert found.verdict == FAIL and "Upgrade and Connection" in found.todo


async def test_a_site_that_does_not_believe_its_proxy(tmp_path: Path):
    def redirects(path: str, headers: Headers) -> Said:
        return Said(301, {"Location": f"http://{headers['host']}{path}"})

    found = await at(tmp_path, redirects)

    assert found.verdict == FAIL and "BEHIND_PROXY=true" in found.todo


async def test_an_address_that_leads_nowhere(tmp_path: Path):
    found = await only(site(tmp_path, origins=["http://127.0.0.1:1"]), "address")

    assert found.verdict == FAIL and "nobody listens there" in found.found


async def test_no_address_known(tmp_path: Path):
    assert (await only(site(tmp_path), "address")).verdict == SKIPPED
