#!/usr/bin/env python
"""The one door to every command; refuses an old Python and a bad setting in one line each."""

import gc
import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("marketdash: needs Python 3.11 or newer, found %d.%d" % sys.version_info[:2])


def main() -> None:
    gc.set_threshold(50_000)  # what is made while starting stays: looking at it cost a seventh of the start
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")
    if sys.argv[1:2] != ["up"]:
        from marketdash import beside

        folder = os.environ.get("DATA_DIR") or Path(__file__).resolve().parent / "var"
        beside.join(Path(folder), os.environ)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as missing:
        sys.exit(f"marketdash: {missing}; run `make run`, or activate the environment that has Django")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        if sys.argv[1:2] == ["doctor"]:
            from marketdash.ops.doctor import unreadable

            sys.exit(unreadable.report(sys.argv[2:], problem))
        sys.exit(f"marketdash: {problem}")


if __name__ == "__main__":
    main()
