"""A Redis cache that fails open: a broken cache costs time, never an answer (DESIGN 4.8).

Not much time either: after a failure Redis is left in peace for some seconds, so that a Redis which hangs
holds up one page in a while and not every one.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


QUIET_SECONDS = 5.0


class FailOpenRedisCache(RedisCache):
    """Django's own Redis cache; when Redis is away, reads miss and writes are forgotten."""

    _quiet_until: dict[str, float] = {}  # by address: Django makes one cache a thread, Redis is one for all

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._where = str(server)

    def _or(self, fallback: Any, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self._quiet_until.get(self._where, 0.0):
            return fallback
        try:
            return operation(*args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("cache is away: %s", type(error).__name__)
            self._quiet_until[self._where] = time.monotonic() + QUIET_SECONDS
            return fallback

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._or({}, super().get_many, keys, version)

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        self._or(None, super().set, key, value, timeout, version)

    def add(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return bool(self._or(True, super().add, key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return bool(self._or(False, super().touch, key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._or(False, super().delete, key, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._or(False, super().has_key, key, version))

    def set_many(self, data: Any, timeout: Any = 300, version: int | None = None) -> Any:
        return self._or(list(data), super().set_many, data, timeout, version)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._or(None, super().delete_many, keys, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """A count nobody kept is as if the key were not there: callers know that case (ValueError)."""
        counted = self._or(None, super().incr, key, delta, version)
        if counted is None:
            raise ValueError(f"Key '{key}' not found")
        return int(counted)

    def clear(self) -> None:
        self._or(None, super().clear)
