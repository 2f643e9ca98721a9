"""Without Redis the cache forgets, and nothing else happens."""

from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from tests import factories


@pytest.fixture
def cache_away(settings: Any) -> Any:
    from django.core.cache import caches

    settings.CACHES = {
        "default": {"BACKEND": "config.cache.FailOpenRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    return caches["default"]


def test_reads_miss_and_writes_are_forgotten(cache_away: Any) -> None:
    cache_away.set("a", 1)
    assert cache_away.get("a", "nothing") == "nothing"
    assert cache_away.get_many(["a"]) == {}
    assert cache_away.get_or_set("a", 2) == 2
    assert "a" not in cache_away
    assert cache_away.add("a", 1) is True
    assert cache_away.touch("a") is False
    assert cache_away.delete("a") is False
    assert cache_away.set_many({"a": 1}) == ["a"]
    cache_away.delete_many(["a"])
    cache_away.clear()
    with pytest.raises(ValueError, match="not found"):
        cache_away.incr("a")


def test_after_a_failure_redis_is_left_in_peace_for_a_while(
    cache_away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def hang(_cache: Any, key: str, *_rest: Any) -> None:
        asked.append(key)
        raise TimeoutError

    monkeypatch.setattr(RedisCache, "get", hang)
    monkeypatch.setattr(cache_away, "_quiet_until", {})
    assert [cache_away.get(key, "nothing") for key in "abc"] == ["nothing"] * 3
    assert asked == ["a"]
    cache_away._quiet_until.clear()  # as after QUIET_SECONDS
    cache_away.get("d")
    assert asked == ["a", "d"]


@pytest.mark.django_db
def test_pages_are_answered(cache_away: Any, client: Client) -> None:
    idea = factories.Idea(state="published")
    assert client.get("/ideas/").status_code == 200
    assert client.get(f"/ideas/{idea.reference}/").status_code == 200
