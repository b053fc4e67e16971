"""Finds what the tests need beside Python packages, or installs it: ``provide.py chromium node``.

Standard library only. On Debian and its kin a missing program is installed with apt-get, as root or with
sudo; elsewhere, or without the right, the answer is a failure that says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome-headless-shell",
)
PACKAGES = {"chromium": "chromium-headless-shell", "node": "nodejs"}
WANTED = {"chromium": "set CHROMIUM to a Chromium or Chrome", "node": "install Node.js 20 or newer"}


def chromium() -> str | None:
    """``$CHROMIUM``, one on PATH, or the one that Playwright downloaded for itself."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if os.access(given, os.X_OK) else None
    return next(filter(None, map(shutil.which, BROWSERS)), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    root = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = (".cache/ms-playwright", "Library/Caches/ms-playwright")
    homes = [Path(root)] if root else [Path.home() / cache for cache in caches]
    names = ("chrome", "headless_shell", "chrome-headless-shell", "Chromium", "Google Chrome for Testing")
    found = (path for home in homes for name in names for path in home.glob(f"chromium*/**/{name}"))
    return next((str(path) for path in found if path.is_file() and os.access(path, os.X_OK)), None)


def node() -> str | None:
    return shutil.which("node")


def install(what: str) -> str | None:
    """Try apt-get; ``None``, or what stood in the way."""
    if not shutil.which("apt-get"):
        return "there is no apt-get here"
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not shutil.which("sudo"):
        return "installing it needs root or sudo"
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run([*sudo, "apt-get", "update", "-qq"], check=False, **quiet)
    command = [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGES[what]]
    code = subprocess.run(command, check=False, **quiet).returncode
    return f"apt-get install {PACKAGES[what]} ended with code {code}" if code else None


def provide(what: str) -> None:
    find = {"chromium": chromium, "node": node}[what]
    if find():
        return
    print(f"Installing {PACKAGES[what]} …", flush=True)
    problem = install(what)
    if find() is None:
        wanted = (
            "set CHROMIUM to a Chromium or Chrome" if what == "chromium" else "install Node.js 20 or newer"
        )
        sys.exit(f"marketdash: no {what} for the tests: {problem or 'not on PATH'}; {wanted}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        provide(argument)
