"""The worker's timetable: what it sends expires before it sends it again, and somebody does it."""

from datetime import timedelta
from typing import Any

import pytest

from config.celery import app

SCHEDULE = sorted(app.conf.beat_schedule.items())


@pytest.mark.parametrize(("name", "line"), SCHEDULE)
def test_each_message_expires_before_the_next(name: str, line: dict[str, Any]) -> None:
    schedule = line["schedule"]
    seconds = schedule.total_seconds() if isinstance(schedule, timedelta) else float(schedule)
    assert 0 < line["options"]["expires"] < seconds


def test_each_task_of_the_timetable_is_there() -> None:
    app.loader.import_default_modules()
    assert {line["task"] for _name, line in SCHEDULE} <= set(app.tasks)


def test_a_killed_workers_job_is_looked_for_well_within_a_minute(settings: Any) -> None:
    looks = [line["schedule"] for _name, line in SCHEDULE if line["task"].endswith(".run_jobs")]
    assert len(looks) == 2
    assert settings.WINNOW_JOB_LEASE + max(looks) <= 45
