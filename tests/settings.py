"""Winnow's settings as tests see them: files of their own, and nothing of this machine's environment.

`WINNOW_TEST_ON=postgresql` runs on WINNOW_TEST_DATABASE_URL and WINNOW_TEST_REDIS_URL, else it is SQLite.
"""

import atexit
import os
import shutil
import tempfile

from tests import ground

for _name in list(os.environ):
    kept = _name.startswith("WINNOW_TEST_") or _name in {"WINNOW_TRIALS", "WINNOW_REQUIRE_ALL"}
    if (_name.startswith(("WINNOW_", "EMAIL_")) and not kept) or _name in {"DATABASE_URL", "REDIS_URL"}:
        del os.environ[_name]

_folder = tempfile.mkdtemp(prefix="winnow-tests-")
os.mkdir(f"{_folder}/static")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ |= {
    "WINNOW_VAR": _folder,
    "WINNOW_DEBUG": "on",
    "WINNOW_ENV_FILE": os.devnull,
    "WINNOW_SIMILAR": "words",
}
if ground.on_postgresql():
    os.environ |= {"DATABASE_URL": ground.database_url(), "REDIS_URL": ground.redis_url()}

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a hash that costs nothing
