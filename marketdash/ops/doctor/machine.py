"""What the machine gives: room, rights, files, descriptors, time zones, the right time."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.staticfiles import finders

from marketdash.ops import preflight
from marketdash.ops.doctor.findings import Finding, fail, ok, skipped, warn
from marketdash.ops.doctor.registry import Site, check

ROOMY_MIB = 1024
FEWEST_FILES, ENOUGH_FILES = 256, 1024
CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 30.0
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
_STATIC = ("js/main.js", "css/base.css", "unfold/css/styles.css", "admin/js/core.js")


@check("data folder")
def data_folder(site: Site) -> Finding:
    """Bars wait in it for the database, so it has to be written at any time."""
    folder = site.settings.DATA_DIR
    todo = "free some room, or point DATA_DIR to a folder that the user of the processes may write"
    try:
        preflight.check_disk(folder)
    except preflight.Refused as problem:
        return fail(str(problem), f"a folder with {preflight.NEEDED_MIB} MiB free or more", todo)
    free_mib = shutil.disk_usage(folder).free // 2**20
    if free_mib < ROOMY_MIB:
        return warn(f"{free_mib} MiB free in {folder}", f"{ROOMY_MIB} MiB or more", todo)
    return ok(f"{free_mib // 1024} GiB free in {folder}")


@check("journal")
def journal(site: Site) -> Finding:
    """A folder that root made, say, by one command that was given with sudo."""
    folder = site.settings.DATA_DIR / "history" / site.settings.MODE
    if not folder.exists():
        return ok("none yet")
    owner = f"chown it to the user of the processes: chown -R USER {site.settings.DATA_DIR}"
    files = [path for path in folder.iterdir() if path.is_file() and not os.access(path, os.W_OK)]
    try:
        with tempfile.TemporaryFile(dir=folder):
            waiting = sum(path.stat().st_size for path in folder.iterdir())
    except OSError as problem:
        return fail(f"{folder}: {problem.strerror}", "a folder that can be written", owner)
    if files:
        return fail(f"{files[0]} cannot be written", "files that can be written", owner)
    return ok(f"{waiting} bytes in {folder}")


@check("secret files")
def secret_files(site: Site) -> list[Finding]:
    """That they can be read is proven: they were. Nobody else may put another secret there."""
    named = [Path(path) for name, path in site.variables.items() if name.endswith("_FILE") and path]
    files = [path for path in (*named, site.settings.DATA_DIR / "secret_key") if path.is_file()]
    found = [
        warn(f"{path} can be written by everybody", "its owner alone writes it", f"chmod 600 {path}")
        for path in files
        if path.stat().st_mode & 0o002
    ]
    return found or [ok(f"{len(files)} read")]


@check("open files")
def open_files(site: Site) -> Finding:
    """Each browser, each bot and each link to a venue is one."""
    try:
        import resource
    except ImportError:  # not on Windows
        return skipped("no such limit on this system")
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    expected = f"{ENOUGH_FILES} or more: a file for each browser and bot"
    todo = "ulimit -n 65536, LimitNOFILE=65536 in the systemd unit, or ulimits in the compose file"
    if 0 <= limit < FEWEST_FILES:
        return fail(f"at most {limit}", expected, todo)
    return warn(f"at most {limit}", expected, todo) if 0 <= limit < ENOUGH_FILES else ok(f"at most {limit}")


@check("time zones")
def time_zones(site: Site) -> Finding:
    """A preference may name any of them."""
    missing = []
    for name in _ZONES:
        try:
            ZoneInfo.no_cache(name)
        except (ZoneInfoNotFoundError, OSError):
            missing.append(name)
    todo = "pip install tzdata, or the tzdata package of the system"
    return fail(f"no {', '.join(missing)}", "the zones of the world", todo) if missing else ok("all there")


@check("static files")
def static_files(site: Site) -> Finding:
    missing = [name for name in _STATIC if finders.find(name) is None]
    todo = "install the whole of Marketdash and requirements.txt again: make run, or build the image anew"
    return fail(f"no {', '.join(missing)}", "scripts and styles", todo) if missing else ok("all there")


@check("clock", after=["venue"])
def clock(site: Site) -> Finding:
    """The median of the venues' own: one of them may be off, but not most of them."""
    if not site.clocks:
        return skipped("no venue said what time it is")
    ahead_s = statistics.median(site.clocks.values())
    words = f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} {', '.join(sorted(site.clocks))}"
    expected = f"less than {CLOCK_WARN_S:.0f} s"
    todo = (
        "switch on time synchronisation: timedatectl set-ntp true, chrony, or the host's own in a container"
    )
    if abs(ahead_s) >= CLOCK_FAIL_S:
        return fail(words, expected, todo)
    return warn(words, expected, todo) if abs(ahead_s) >= CLOCK_WARN_S else ok("within a second or two")
