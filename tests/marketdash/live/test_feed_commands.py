"""The commands that record, play and examine: thin, and clear about what is wrong."""

from __future__ import annotations

import gzip
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feeds.recorder import Recorder


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
        ({"venue": "NOWHERE"}, "venue: expected one of"),
    ],
)
def test_a_wrong_option_is_named(recording: Path, options: dict, words: str):
    with pytest.raises(CommandError, match=words):
        call_command("replay", recording, offline=True, **options)


def test_a_file_that_is_no_recording_is_named(tmp_path: Path):
    (tmp_path / "x.jsonl").write_text("hello\n")

    with pytest.raises(CommandError, match=r"x\.jsonl line 1: expected a record"):
        call_command("replay", tmp_path / "x.jsonl", offline=True)


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

    assert ended.value.code == 1
    assert "KRAKEN: 0 of 0 subscriptions acknowledged" in out.getvalue()
    assert "problem: instruments: GET 127.0.0.1:1/0/public/AssetPairs: ConnectError" in out.getvalue()


def test_a_recording_of_an_unknown_venue_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match="venue: expected one of"):
        call_command("record", tmp_path / "x.jsonl.gz", venues="NOWHERE")
