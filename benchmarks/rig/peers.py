"""The peers' own virtual environment, made at first use and again when the lock file changes."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

from benchmarks.rig.processes import BENCH, Failed

HOME = BENCH / ".peers"
LOCK = BENCH / "requirements-peers.txt"
SHOWN = (
    "channels",
    "channels-redis",
    "daphne",
    "websockets",
    "cryptofeed",
    "ccxt",
    "msgspec",
    "uvloop",
    "redis",
)
OURS = ("django", "channels", "channels-redis", "uvicorn", "uvloop", "websockets", "msgspec", "redis")


def python() -> Path:
    return HOME / "bin" / "python"


def install() -> None:
    """Raises :class:`Failed` with the installer's last words when the packages cannot be had."""
    stamp, wanted = HOME / "installed", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("installing the peers into benchmarks/.peers (two minutes, once) …", flush=True)
    _run([sys.executable, "-m", "venv", str(HOME)])
    _run([str(python()), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)])
    stamp.write_text(wanted)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"peers: {(done.stderr or done.stdout).strip()[-600:]}")


def versions() -> dict[str, str]:
    """Versions that the figures belong to, as two texts: ours and the peers'."""
    here = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in OURS)
    script = f"import importlib.metadata as m; print(', '.join(f'{{n}} {{m.version(n)}}' for n in {SHOWN!r}))"
    try:
        there = subprocess.run([str(python()), "-c", script], capture_output=True, text=True).stdout.strip()
    except OSError:
        there = "not installed"
    return {"ours": f"Python {sys.version.split()[0]}, {here}", "peers": there}
