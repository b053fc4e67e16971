"""The project's own settings, with nothing from the environment of whoever runs the tests."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

for _name in (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "MODE",
    "BIND",
    "DEBUG",
    "BEHIND_PROXY",
    "HTTPS",
    "PUBLIC_MARKETS",
):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="marketdash-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from marketdash.settings import *  # noqa: E402, F403
from marketdash.settings import DATA_DIR, DATABASES  # noqa: E402

# A file, as in production: a database in memory locks in another way.
DATABASES["default"]["NAME"] = DATA_DIR / "tests.sqlite3"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each client of a test gets a handler of its own, which would look at every static file first; browsers get
# them from sites with the project's own settings.
SERVESTATIC_USE_FINDERS = SERVESTATIC_USE_STATIC_ROOT = False
