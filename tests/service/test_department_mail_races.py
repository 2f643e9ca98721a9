"""Departments are told while others do the same, and while reports come in (PostgreSQL)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from engagement import services
from engagement.models import Department, Notice
from tests import factories
from tests.service.meeting import at_once, both, meet

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def roads(now: datetime, settings: Any) -> Department:
    settings.WINNOW_DEPARTMENT_MAIL_HOUR = 0
    department: Department = factories.Department(email="roads@city.example")
    service = factories.ReportService(department=department)
    factories.Report(service=service, received_at=now - timedelta(hours=1))
    return department


def test_of_two_workers_one_writes_the_mail(roads: Department, now: datetime) -> None:
    said = meet(lambda: services.tell_departments(at=now), lambda: services.tell_departments(at=now))
    assert said == [1, 0]
    assert Notice.objects.count() == 1


def test_reports_come_in_while_a_department_is_told(roads: Department, now: datetime) -> None:
    def comes_in() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        factories.Report(department=roads)

    with transaction.atomic():
        assert services.tell_departments(at=now) == 1
        both(at_once(comes_in))
