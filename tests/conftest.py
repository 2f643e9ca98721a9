"""What all tests share: files of their own, the clock, and people in each role."""

import os
import tempfile
from datetime import UTC, datetime
from typing import Any

import pytest

# Before settings are read: tests never touch the files of a real installation.
os.environ.setdefault("WINNOW_VAR", tempfile.mkdtemp(prefix="winnow-tests-"))
os.environ.setdefault("WINNOW_DEBUG", "on")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Signing in is not what most tests are about: a hash that costs nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
