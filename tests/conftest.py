"""What all tests share: what they may ask of the machine, the clock, and people in each role."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from config.catalogues import compile_stale
from tests import ground
from tests.writes import WriteGuard

# Machines are shared and noisy: no test may fail because it took long, or because its examples did.
hypothesis.settings.register_profile(
    "winnow", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("winnow")

_DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}
_NEEDS = {
    "browser": ground.browser_missing,
    "service": ground.service_tests_missing,
    "trial": ground.trials_missing,
}


def pytest_configure(config: pytest.Config) -> None:
    compile_stale(config.rootpath / "locale")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database is run: the rest would say the same again."""
    if not ground.on_postgresql():
        return
    kept, left = [], []
    for item in items:
        touches = item.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(
            getattr(item, "fixturenames", ())
        )
        wanted = touches or item.get_closest_marker("service")
        (kept if wanted and not item.get_closest_marker("browser") else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, missing in _NEEDS.items():
        if item.get_closest_marker(mark) is None:
            continue
        reason = missing()
        if reason is None:
            continue
        elsewhere = mark == "service" and ground.services_missing() is None
        if ground.require_all() and not elsewhere:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def trials() -> Path:
    """The folder with real files, for tests marked `trial`."""
    folder = ground.trials()
    assert folder is not None, "mark the test with pytest.mark.trial"
    return folder


@pytest.fixture(autouse=True)
def _only_services_write() -> Any:
    """Fails a test in which code of ours other than a service wrote to the domain's tables."""
    with WriteGuard.watching() as broken:
        yield
    assert not broken, "\n".join(broken)


@pytest.fixture(autouse=True)
def _a_clean_slate(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the language or the cache that another one left behind, nor its word to the worker.

    The cache is cleared only where it is this process's own: on Redis other workers use it too.
    """
    from engagement import services, tasks

    monkeypatch.setattr(tasks, "_mail_said_at", 0.0)
    translation.deactivate()
    services.forget_similar()
    shutil.rmtree(Path(settings.VAR) / "similar", ignore_errors=True)
    for folder in ("exports", "uploads"):  # numbers of jobs begin again, and so do the names of their files
        for file in (Path(settings.VAR) / folder).iterdir():
            if file.is_file():
                file.unlink()
    if not ground.on_postgresql():
        cache.clear()


@pytest.fixture
def now() -> datetime:
    """A fixed moment: noon on a spring day, well inside the factories' open call."""
    return datetime(2026, 5, 4, 16, 0, tzinfo=UTC)


@pytest.fixture
def moderator(db: Any) -> Any:
    from tests import factories

    return factories.staff(
        "moderator",
        permissions=["engagement.triage_idea", "engagement.view_idea", "engagement.handle_report"],
    )


@pytest.fixture
def clerk(db: Any) -> Any:
    from tests import factories

    return factories.staff("clerk", permissions=["engagement.type_in_idea", "engagement.import_idea"])


@pytest.fixture
def administrator(db: Any) -> Any:
    from tests import factories

    return factories.staff("administrator", superuser=True)
