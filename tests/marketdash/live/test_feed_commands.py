"""The commands that record, play and examine: thin, and clear about what is wrong."""

from __future__ import annotations

import gzip
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from redis import Redis

from feeds.recorder import Recorder
from marketdash.live.management.commands import replay
from marketdash.ops.preflight import free_port


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl.gz"
    with Recorder(path) as recorder:
        recorder.opened("KRAKEN.public.0", 1_000, "wss://ws.kraken.com/v2")
        recorder.received("KRAKEN.public.0", 2_000, b'{"channel":"heartbeat"}')
        recorder.received("KRAKEN.public.0", 3_000, b'{"channel":"novelty"}')
    return path


def test_a_recording_is_played_and_written_again_as_it_was(recording: Path, tmp_path: Path):
    out, again = StringIO(), tmp_path / "again.jsonl.gz"

    call_command("replay", recording, speed=0, offline=True, record=again, stdout=out)

    assert gzip.decompress(again.read_bytes()) == gzip.decompress(recording.read_bytes())
    assert "own.jsonl.gz: 3 records" in out.getvalue()
    assert "KRAKEN: 0 of 0 books whole at the end; 1 unknown:channel novelty" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"speed": -1.0}, "--speed: expected 0 or more, found -1"),
        ({"speed": float("nan")}, "--speed: expected 0 or more, found nan"),
        ({"speed": float("inf")}, "--speed: expected 0 or more, found inf"),
        ({"venue": "NOWHERE"}, "venue: expected one of"),
    ],
)
def test_a_wrong_option_is_named(recording: Path, options: dict, words: str):
    with pytest.raises(CommandError, match=words):
        call_command("replay", recording, offline=True, **options)


def test_a_recording_is_never_written_over_itself(recording: Path):
    before = recording.read_bytes()

    with pytest.raises(CommandError, match="--record: expected another file than"):
        call_command("replay", recording, offline=True, record=recording.parent / "." / recording.name)

    assert recording.read_bytes() == before


def test_what_was_written_is_kept_when_nothing_can_be_recorded(recording: Path, tmp_path: Path):
    before = recording.read_bytes()
    (tmp_path / "x.jsonl").write_text("hello\n")

    with pytest.raises(CommandError, match="expected a record"):
        call_command("replay", tmp_path / "x.jsonl", offline=True, record=recording)
    with pytest.raises(CommandError, match="venue: expected one of"):
        call_command("record", recording, venues="NOWHERE")

    assert recording.read_bytes() == before


def test_a_compressed_recording_may_be_called_anything(recording: Path, tmp_path: Path):
    out, other = StringIO(), tmp_path / "own.jsonl"
    recording.rename(other)

    call_command("replay", other, speed=0, offline=True, stdout=out)

    assert "own.jsonl: 3 records" in out.getvalue()


def test_a_file_that_is_no_recording_is_named(tmp_path: Path):
    (tmp_path / "x.jsonl").write_text("hello\n")

    with pytest.raises(CommandError, match=r"x\.jsonl line 1: expected a record"):
        call_command("replay", tmp_path / "x.jsonl", offline=True)


LINE = b'{"k":"recv","ns":1,"conn":"KRAKEN.a","raw":"{}"}\n'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"k":"recv","ns":1,"conn":"KRAKEN.a"}', "KeyError"),
        (b'{"k":"recv","ns":"soon","conn":"KRAKEN.a","raw":""}', "ns a number"),
        (b'{"k":"recv","ns":1,"conn":7,"raw":""}', "conn and url are text"),
        (b'{"k":"recv","ns":-1,"conn":"KRAKEN.a","raw":""}', "ns a number"),
        (b'{"k":"http","ns":1,"conn":"KRAKEN.a","raw":"{}"}', "an answer has a url"),
        (b'{"channel":"heartbeat"}', "KeyError"),
        (b'{"k":"recv","ns":1,"conn":"KRAKEN.a","b64":"A"}', "Error"),
        (b"[1]", "Expected `object`"),
        (b"\xff", "Error"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, problem: str):
    (tmp_path / "x.jsonl").write_bytes(LINE * 2 + line)

    with pytest.raises(CommandError, match=rf"^x\.jsonl line 3: expected a record: .*{problem}"):
        call_command("replay", tmp_path / "x.jsonl", offline=True)


def test_a_file_that_is_not_compressed_is_named(tmp_path: Path):
    (tmp_path / "x.jsonl.gz").write_bytes(LINE)

    with pytest.raises(CommandError, match=r"^x\.jsonl\.gz line 1: expected gzip: Not a gzipped file"):
        call_command("replay", tmp_path / "x.jsonl.gz", offline=True)


def test_a_file_that_breaks_off_is_named_with_the_line(tmp_path: Path):
    whole = gzip.compress(LINE * 50, compresslevel=0)
    (tmp_path / "x.jsonl.gz").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(CommandError, match=r"^x\.jsonl\.gz line \d+: expected gzip: Compressed file ended"):
        call_command("replay", tmp_path / "x.jsonl.gz", offline=True)


def test_a_damaged_file_is_named(tmp_path: Path):
    whole = bytearray(gzip.compress(LINE * 50))
    whole[20:40] = b"?" * 20
    (tmp_path / "x.jsonl.gz").write_bytes(whole)

    with pytest.raises(CommandError, match=r"^x\.jsonl\.gz line \d+: expected gzip: "):
        call_command("replay", tmp_path / "x.jsonl.gz", offline=True)


def test_a_recording_of_no_venue_is_refused(tmp_path: Path):
    (tmp_path / "x.jsonl").write_bytes(LINE.replace(b"KRAKEN", b"ELSEWHERE"))

    with pytest.raises(CommandError, match=r"^x\.jsonl line 1: expected frames of ALPACA or BINANCE or"):
        call_command("replay", tmp_path / "x.jsonl", offline=True)


def test_a_recording_of_another_venue_is_refused(recording: Path):
    with pytest.raises(CommandError, match=r"^own\.jsonl\.gz line 1: .* none of its 2 frames is one"):
        call_command("replay", recording, offline=True, venue="BINANCE")


def test_without_redis_it_says_so_and_ends(recording: Path, settings, monkeypatch):
    monkeypatch.setattr(replay, "PATIENCE_S", 0.3)
    settings.REDIS_HOSTS = [{"address": f"redis://127.0.0.1:{free_port()}/0"}]

    with pytest.raises(CommandError, match=r"^Redis does not answer: .* within 0\.3 s nothing changed"):
        call_command("replay", recording)


def test_beside_an_ingest_it_says_so_and_ends(recording: Path, settings, monkeypatch, redis_url: str):
    monkeypatch.setattr(replay, "PATIENCE_S", 0.3)
    settings.REDIS_HOSTS = [{"address": redis_url}]
    with Redis.from_url(redis_url) as held:
        held.set("marketdash:writer:KRAKEN:7", "somebody")
        try:
            with pytest.raises(CommandError, match="^another process holds KRAKEN; within"):
                call_command("replay", recording)
        finally:
            held.delete("marketdash:writer:KRAKEN:7")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("replay", tmp_path / "nothing.jsonl.gz", offline=True)


def test_a_venue_out_of_reach_is_told_and_fails(settings):
    settings.VENUE_URLS = {
        "VENUE_KRAKEN_WS_URL": "ws://127.0.0.1:1",
        "VENUE_KRAKEN_REST_URL": "http://127.0.0.1:1",
    }
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "kraken", seconds=0.2, stdout=out)

    assert ended.value.code == 2
    assert "KRAKEN: 0 of 0 subscriptions acknowledged" in out.getvalue()
    assert "problem: instruments: GET 127.0.0.1:1/0/public/AssetPairs: ConnectError" in out.getvalue()


def test_a_recording_of_an_unknown_venue_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match="venue: expected one of"):
        call_command("record", tmp_path / "x.jsonl.gz", venues="NOWHERE")
