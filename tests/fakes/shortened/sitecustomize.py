"""Python runs this as it starts, where its path begins here."""

import os
import sys

if "ingest" in sys.orig_argv and "TESTS_SHORT_LOGS" in os.environ:
    from tests.fakes import short_logs

    short_logs.shorten()
elif "serve" in sys.orig_argv and "TESTS_HEAD_S" in os.environ:
    from tests.fakes import impatient

    impatient.shorten()

if "TESTS_COUNTED_TASKS" in os.environ and {"ingest", "engines"} & set(sys.orig_argv):
    from tests.fakes import counted_tasks

    counted_tasks.count()

if "TESTS_NAMED_CONNECTIONS" in os.environ:
    os.environ["PGAPPNAME"] = " ".join(sys.orig_argv)[-60:]  # PostgreSQL takes no more
