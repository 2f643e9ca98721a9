"""The mail that a department gets of its own problem reports: what is new, once a working day, no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from engagement import emails, services
from engagement.models import Event, Flag, Holiday, Notice, Report
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


# What may happen between two mails -------------------------------------------------------------------


def test_what_came_before_a_weekend_is_in_the_first_mail(roads: Any) -> None:
    friday, monday = TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=6)
    report(roads, friday + timedelta(hours=3))
    Holiday.objects.create(date=monday.date(), name={"en": "A holiday"})
    assert services.tell_departments(at=monday + timedelta(days=1)) == 1


def test_mails_that_were_removed_from_the_outbox_are_not_forgotten(roads: Any) -> None:
    """The rule for old mails may be shorter than the silence of a department."""
    report(roads)
    assert services.tell_departments(at=TUESDAY) == 1
    Notice.objects.all().delete()
    assert services.tell_departments(at=TUESDAY + timedelta(hours=1)) == 0, "one a day"
    report(roads, TUESDAY + timedelta(hours=9))
    assert services.tell_departments(at=TUESDAY + timedelta(days=3)) == 1


def test_a_clock_that_was_wrong_by_a_year_silences_nobody_for_a_year(roads: Any) -> None:
    wrong = TUESDAY + timedelta(days=364)
    report(roads, wrong - timedelta(hours=1))
    assert services.tell_departments(at=wrong) == 1
    report(roads, TUESDAY + timedelta(hours=2))
    assert services.tell_departments(at=TUESDAY + timedelta(days=1)) == 1
    assert services.tell_departments(at=TUESDAY + timedelta(days=2)) == 0, "and once is enough"


def test_what_was_being_written_while_the_mail_was_is_in_the_next(roads: Any) -> None:
    report(roads)
    services.tell_departments(at=TUESDAY)
    written = report(roads, TUESDAY - timedelta(seconds=2))
    assert services.tell_departments(at=TUESDAY + timedelta(days=1)) == 1
    (notice,) = Notice.objects.filter(created_at__gt=TUESDAY)
    assert notice.context == {"new": {"reports": [written.pk], "count": 1}}


def test_an_idea_that_was_a_report_is_new_to_its_department(roads: Any) -> None:
    idea = factories.Idea(received_at=TUESDAY - timedelta(days=30))
    service = factories.ReportService(department=roads)
    act: dict[str, Any] = {"by": factories.staff("clerk", superuser=True), "at": TUESDAY - timedelta(hours=1)}
    taken = services.take_as_report(idea=idea, service=service, **act)
    assert services.tell_departments(at=TUESDAY) == 1
    assert taken.reference in the_mail().body
    assert services.tell_departments(at=TUESDAY + timedelta(days=1)) == 0


# What may happen before the mail leaves --------------------------------------------------------------


def test_what_its_sender_took_back_meanwhile_is_not_in_it(roads: Any) -> None:
    gone = report(roads, address="Mill Lane 3")
    stays = report(roads, address="Quay 1")
    services.tell_departments(at=TUESDAY)
    services.withdraw_report(report=gone, at=TUESDAY)
    text = the_mail().body
    assert "Mill Lane" not in text
    assert "New (1)" in text
    assert stays.reference in text
    services.erase_report_sender(report=stays, at=TUESDAY, keep_text=False)
    text = the_mail().body
    assert stays.reference not in text
    assert "none of it is left for you to do" in text


def test_what_looks_like_a_programs_work_writes_nothing_into_a_mailbox(roads: Any) -> None:
    doubtful = report(roads, address="Your mailbox is full: www.bad.example")
    Flag.objects.create(report=doubtful, kind="honeypot", raised_at=TUESDAY)
    honest = report(roads, address="Mill Lane 3\nR2026-000001 All is well")
    services.tell_departments(at=TUESDAY)
    text = the_mail().body
    assert doubtful.reference in text
    assert "bad.example" not in text
    assert f"{honest.reference} {honest.service}, Mill Lane 3 R2026-000001 All is well" in text


def test_ten_thousand_new_ones_are_a_mail_like_any_other(
    roads: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    service = factories.ReportService(department=roads)
    came = {"service": service, "received_at": TUESDAY - timedelta(hours=1)}
    Report.objects.bulk_create(factories.Report.build(**came) for _ in range(10_000))
    with django_assert_max_num_queries(12):
        services.tell_departments(at=TUESDAY)
    with django_assert_max_num_queries(4):
        text = the_mail().body
    assert "New (10000)" in text
    assert "and 9980 more" in text
