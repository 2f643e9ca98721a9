"""What this machine has to offer to tests: a browser, PostgreSQL with Redis, the files for trials.

Each function `*_missing` gives nothing when it is there, else why not, in one line.
"""

import functools
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit


def require_all() -> bool:
    """Where everything has to be there, what is absent fails instead of being skipped."""
    return os.environ.get("WINNOW_REQUIRE_ALL", "") not in {"", "0"}


def on_postgresql() -> bool:
    return os.environ.get("WINNOW_TEST_ON") == "postgresql"


def database_url() -> str:
    return os.environ.get("WINNOW_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/winnow")


def redis_url() -> str:
    """Each test process has a Redis database of its own: 8 to 15."""
    base = os.environ.get("WINNOW_TEST_REDIS_URL", "redis://127.0.0.1:6379")
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8 + 8
    return f"{base.rstrip('/')}/{number}"


def chromium() -> str | None:
    """The browser's program: the one CHROMIUM names, else Debian's."""
    return shutil.which(os.environ.get("CHROMIUM", "chromium"))


def browser_missing() -> str | None:
    return None if chromium() else "needs Chromium (apt install chromium)"


def trials() -> Path | None:
    """The folder with real files."""
    named = os.environ.get("WINNOW_TRIALS")
    return Path(named).resolve() if named and Path(named).is_dir() else None


def trials_missing() -> str | None:
    return None if trials() else "needs the folder of real files that WINNOW_TRIALS names"


@functools.cache
def services_missing() -> str | None:
    import psycopg
    import redis

    try:
        with psycopg.connect(database_url().rpartition("/")[0] + "/postgres", connect_timeout=2):
            pass
    except psycopg.OperationalError:
        return f"needs PostgreSQL at {urlsplit(database_url()).hostname} (WINNOW_TEST_DATABASE_URL)"
    try:
        redis.Redis.from_url(redis_url(), socket_connect_timeout=2).ping()
    except redis.RedisError:
        return f"needs Redis at {urlsplit(redis_url()).netloc} (WINNOW_TEST_REDIS_URL)"
    return None


def service_tests_missing() -> str | None:
    missing = services_missing()
    if missing or on_postgresql():
        return missing
    return "runs on PostgreSQL with Redis, in the second part of make check"
