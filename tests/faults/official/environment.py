"""The libraries' own virtual environment: they want other versions of ours than we do."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[2] / ".official"
LOCK = HERE / "requirements.txt"


def python() -> Path:
    """Its interpreter, installed at first use and again when the lock file changes."""
    program, stamp = HOME / "bin" / "python", HOME / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _run(sys.executable, "-m", "venv", "--clear", str(HOME))
        _run(str(program), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK))
        stamp.write_text(wanted)
    return program


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"the client libraries: {(done.stderr or done.stdout).strip()[-600:]}"
