"""Reads settings from the environment, from files named by NAME_FILE, and from `.env`, in that order.

Pure: no Django. Every setting that Winnow knows is read through these functions, so that
docs/configuration.md can be compared with `NAMES_READ` by a test.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAMES_READ: dict[str, str] = {}
"""Every name asked for, with its default as text: what docs/configuration.md must list."""


class SettingError(Exception):
    """A setting that cannot be used. The text says which, and what would be right."""


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a `.env` file; comments and blank lines are passed over."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator:
            raise SettingError(f"{path}, line {number}: expected NAME=value")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def env_file(base: Path) -> Path:
    """The file with a city's settings: `.env` beside manage.py, or the one WINNOW_ENV_FILE names."""
    NAMES_READ["WINNOW_ENV_FILE"] = ".env"
    return Path(os.environ.get("WINNOW_ENV_FILE") or base / ".env")


class Env:
    """The environment, with what `.env` says underneath it."""

    def __init__(self, file: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._file = read_env_file(file) if file else {}

    def given(self, name: str) -> bool:
        """Did the city say anything about `name`? Of a setting that is read elsewhere."""
        return name in self._environ or f"{name}_FILE" in self._environ or name in self._file

    def text(self, name: str, default: str = "") -> str:
        """The value of `name`; `NAME_FILE` (a secret kept in a file) stands in for it where set."""
        NAMES_READ[name] = default
        secret_file = self._environ.get(f"{name}_FILE")
        if secret_file:
            return Path(secret_file).read_text(encoding="utf-8").strip()
        return self._environ.get(name, self._file.get(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off", ""}:
            return False
        raise SettingError(f"{name}={value}: expected on or off")

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError as error:
            raise SettingError(f"{name}={value}: expected a whole number") from error

    def list(self, name: str, default: str = "") -> list[str]:
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]


SHORTEST_KEY = 16
"""Signs of a key: nobody finds one of so many by trying."""


def named_keys(name: str, pairs: list[str]) -> dict[str, str]:
    """Keys by the name of who holds each, out of `name=key` pairs. An error names no key."""
    keys: dict[str, str] = {}
    for number, pair in enumerate(pairs, start=1):
        holder, _separator, key = (part.strip() for part in pair.partition("="))
        if not holder or not key:
            raise SettingError(f"{name}, entry {number}: expected name=key")
        if len(key) < SHORTEST_KEY or holder in keys or key in keys.values():
            raise SettingError(f"{name}, {holder}: its own key, of {SHORTEST_KEY} signs at least, given once")
        keys[holder] = key
    return keys


def database(url: str) -> dict[str, object]:
    """Django's database settings for `sqlite:///path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path.lstrip("/") or ":memory:",
            # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at once, so two
            # writers wait for each other instead of failing at commit.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            # A server that is away must be told of in seconds, not after the system's own two minutes.
            "OPTIONS": {"connect_timeout": 5},
        }
    raise SettingError(f"DATABASE_URL: {parts.scheme or 'nothing'}:// is neither sqlite:// nor postgresql://")
