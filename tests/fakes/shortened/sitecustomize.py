"""Python runs this as it starts, where its path begins here."""

import sys

if "ingest" in sys.orig_argv:
    from tests.fakes import short_logs

    short_logs.shorten()
