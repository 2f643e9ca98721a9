"""The mail that a department gets of its own problem reports: what is new, once a working day, no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from engagement import emails, services
from engagement.models import Event, Holiday, Notice, Report
from tests import factories

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 5, 5, 9, 0, tzinfo=timezone.get_fixed_timezone(-240))
KIND = "engagement.department_reports"


@pytest.fixture
def roads() -> Any:
    return factories.Department(email="roads@city.example", name={"en": "Roads", "fr": "Voirie"})


def report(roads: Any, at: datetime = TUESDAY - timedelta(hours=2), **given: Any) -> Report:
    given.setdefault("service", factories.ReportService(department=roads))
    made: Report = factories.Report(received_at=at, changed_at=at, **given)
    return made


def the_mail(at: datetime = TUESDAY) -> Any:
    (notice,) = Notice.objects.filter(kind=KIND)
    return emails.compose(notice, at)


def test_a_department_reads_what_is_new_of_its_own_and_where_it_works_on_it(roads: Any) -> None:
    contact = factories.Contact(name="Idris Valmont", email="idris@example.org")
    own = report(roads, contact=contact, address="Mill Lane 3", expected_at=TUESDAY + timedelta(days=4))
    foreign = report(factories.Department())
    ended = report(roads, state="closed")
    assert services.tell_departments(at=TUESDAY) == 1
    message = the_mail()
    assert message.to == ["roads@city.example"]
    for text in (message.body, message.alternatives[0].content):
        assert "New (1)" in text
        assert "Mill Lane 3" in text
        assert "May 9, 2026" in text
        assert f"/admin/engagement/report/{own.pk}/change/" in text
        for hidden in (foreign.reference, ended.reference, "Idris", "idris@example.org"):
            assert hidden not in text


def test_once_a_day_on_working_days_from_the_citys_hour_on(roads: Any, settings: Any) -> None:
    report(roads)
    settings.WINNOW_DEPARTMENT_MAIL_HOUR = 10
    assert services.tell_departments(at=TUESDAY) == 0, "too early"
    settings.WINNOW_DEPARTMENT_MAIL_HOUR = 9
    holiday = Holiday.objects.create(date=TUESDAY.date(), name={"en": "A holiday"})
    assert services.tell_departments(at=TUESDAY) == 0
    holiday.delete()
    assert services.tell_departments(at=TUESDAY) == 1
    report(roads, TUESDAY + timedelta(hours=1))
    assert services.tell_departments(at=TUESDAY + timedelta(hours=2)) == 0, "one a day"
    assert services.tell_departments(at=TUESDAY + timedelta(days=1)) == 1, "and nothing is left out"
    assert services.tell_departments(at=TUESDAY + timedelta(days=2)) == 0, "nothing is new"
    friday, saturday = TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=4)
    report(roads, friday + timedelta(hours=3))
    assert [services.tell_departments(at=saturday + timedelta(days=n)) for n in range(3)] == [0, 0, 1]


def test_what_became_late_or_was_not_fixed_is_told_once(roads: Any) -> None:
    month_ago = TUESDAY - timedelta(days=30)
    late = report(roads, month_ago, expected_at=TUESDAY - timedelta(days=1))
    long_late = report(roads, month_ago, expected_at=TUESDAY - timedelta(days=9))
    back = report(roads, month_ago, state="received")
    Event.objects.create(report=back, verb="not_fixed", at=TUESDAY - timedelta(hours=3))
    services.tell_departments(at=TUESDAY)
    text = the_mail().body
    assert "Past the promised day (1)" in text
    assert "Not fixed, says the sender (1)" in text
    assert late.reference in text
    assert back.reference in text
    assert long_late.reference not in text
    assert services.tell_departments(at=TUESDAY + timedelta(days=1)) == 0


def test_of_a_private_service_no_place_leaves_and_of_many_twenty_are_named(roads: Any) -> None:
    private = factories.ReportService(department=roads, private=True)
    for n in range(23):
        report(roads, TUESDAY - timedelta(hours=3, minutes=-n), service=private, address="Mill Lane 3")
    services.tell_departments(at=TUESDAY)
    text = the_mail().body
    assert "Mill Lane" not in text
    assert text.count("/admin/engagement/report/") == 21, "twenty, and the list"
    assert "and 3 more" in text


def test_what_was_routed_elsewhere_meanwhile_is_not_in_it(roads: Any) -> None:
    moved = report(roads)
    services.tell_departments(at=TUESDAY)
    Report.objects.filter(pk=moved.pk).update(department=factories.Department())
    assert moved.reference not in the_mail().body


def test_no_mailbox_no_mail_and_in_french_where_the_city_writes_it(roads: Any) -> None:
    silent = factories.Department(email="")
    report(silent)
    report(roads)
    assert services.tell_departments(at=TUESDAY) == 1
    Notice.objects.update(language="fr")
    message = the_mail()
    assert message.subject == "Signalements pour Voirie"
    assert "Nouveaux (1)" in message.body
    assert "/fr/admin/engagement/report/" in message.body
