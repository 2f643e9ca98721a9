"""Open311 tells nothing that the public lists do not, and asks the database no more for more rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import services
from engagement.models import Event, Flag
from tests import factories
from tests.engagement.test_open311_reading import ROOT, attach, close, found, read, report

pytestmark = pytest.mark.django_db
SECRET = "zz-not-for-everybody"


def everything(client: Client, one: Any) -> str:
    """All that is said where this report could be met; in both formats, with all there is."""
    paths = ["services", f"services/{one.service.code}", "requests", f"requests/{one.reference}"]
    paths.append(f"tokens/{one.reference}")
    answers = [
        client.get(f"{ROOT}/{path}.{format}", {"extensions": "true"})
        for path in paths
        for format in ("json", "xml")
    ]
    for name in ("service_code", "service_request_id"):
        value = one.service.code if name == "service_code" else one.reference
        answers.append(client.get(f"{ROOT}/requests.json", {name: value}))
    return "".join(answer.content.decode() for answer in answers)


def is_told(client: Client, one: Any) -> bool:
    told = everything(client, one)
    assert (one.description in told) == (found(client, service_request_id=one.reference) != [])
    return one.description in told


@pytest.fixture
def lamp() -> Any:
    return factories.ReportService(code="lamp")


@pytest.mark.parametrize(
    ("state", "told"),
    [("received", True), ("in_progress", True), ("closed", True), ("as_idea", False), ("withdrawn", False)],
)
def test_by_state(client: Client, lamp: Any, state: str, told: bool) -> None:
    assert is_told(client, report(lamp, state=state, description=SECRET)) is told


def test_of_a_private_service_nothing_is_known(client: Client) -> None:
    private = factories.ReportService(code="private-one", name={"en": SECRET}, private=True)
    one = report(private, description=SECRET, received_at=datetime.now(UTC))
    assert SECRET not in everything(client, one)
    assert client.get(f"{ROOT}/services/private-one.json").status_code == 404
    answer = client.get(f"{ROOT}/requests.json?service_code=private-one")
    unknown = client.get(f"{ROOT}/requests.json?service_code=private-two")
    assert answer.content == unknown.content.replace(b"two", b"one")


def test_a_service_out_of_use_is_not_offered_but_its_reports_stay(client: Client) -> None:
    one = report(factories.ReportService(code="old", active=False))
    assert read(client, "services") == []
    assert client.get(f"{ROOT}/services/old.json").status_code == 404
    assert found(client) == [one.reference]


@pytest.mark.parametrize(
    ("kind", "told"), [("links", False), ("honeypot", False), ("quick", False), ("personal", True)]
)
def test_what_looks_like_a_programs_work_waits_for_staff(
    client: Client, lamp: Any, moderator: Any, kind: str, told: bool
) -> None:
    one = report(lamp, description=SECRET)
    Flag.objects.create(report=one, kind=kind, raised_at=one.received_at)
    assert is_told(client, one) is told
    assert client.get(f"{ROOT}/requests.json")["X-Total-Count"] == str(int(told))
    services.start_report(report=one, by=moderator, at=datetime.now(UTC))
    assert is_told(client, one)


def test_nothing_of_the_sender_nor_of_staff(client: Client, lamp: Any, moderator: Any) -> None:
    question = {"code": "who", "datatype": "string", "label": {"en": "Your plate?"}}
    lamp.questions = [question]
    services.save_report_service(
        by=factories.staff("root", superuser=True), values={"questions": [question]}, service=lamp
    )
    contact = factories.Contact(name=SECRET, email=f"{SECRET}@mail.example", phone=SECRET)
    one = report(
        lamp,
        description=f"{SECRET} as sent",
        public_description="As shown",
        answers={"who": SECRET},
        contact=contact,
        nonce=SECRET,
    )
    line = {"report": one, "at": datetime.now(UTC), "actor": "staff", "by": moderator, "verb": "close"}
    Event.objects.create(**line, note=SECRET, text={"en": "For all"})
    Event.objects.create(**line, text={"en": SECRET}, public=False)
    told = everything(client, one)
    assert "As shown" in told
    assert "For all" in told
    assert SECRET not in told
    assert moderator.username not in told


def test_what_was_undone_is_not_told(client: Client, lamp: Any, moderator: Any) -> None:
    one, at = report(lamp), datetime.now(UTC)
    close(one, moderator, at, SECRET)
    assert SECRET in everything(client, one)
    services.undo_move(record=one, by=moderator, at=at + timedelta(minutes=1))
    assert SECRET not in everything(client, one)
    assert found(client, status="open") == [one.reference]


def test_photos_have_the_address_that_everybody_may_open(client: Client, lamp: Any) -> None:
    one = report(lamp)
    photo = attach(one)
    told = everything(client, one)
    assert f"/photos/{photo.pk}/" in told
    assert photo.file.name not in told
    assert "A hole" not in told


@pytest.mark.parametrize(
    ("path", "queries"),
    [("requests.json?extensions=true&locale=fr", 5), ("requests.xml?service_code=lamp&status=open", 6)],
)
@pytest.mark.parametrize("rows", [5, 50])
def test_more_rows_ask_the_database_no_more(
    client: Client,
    lamp: Any,
    moderator: Any,
    django_assert_num_queries: Any,
    path: str,
    queries: int,
    rows: int,
) -> None:
    for number in range(rows):
        one = report(
            lamp,
            latitude=45.5,
            longitude=-73.5,
            district=factories.District() if number % 2 else None,
            department=factories.Department() if number % 3 else None,
        )
        attach(one)
        services.update_report(report=one, by=moderator, at=datetime.now(UTC), text={"en": "News"})
    client.get(f"{ROOT}/services.json")  # the visitor's first request makes the row that counts them
    counting = 1
    with django_assert_num_queries(queries + counting):
        assert len(client.get(f"{ROOT}/{path}").content) > rows * 300


def test_services_ask_the_database_once(client: Client, django_assert_num_queries: Any) -> None:
    for _n in range(20):
        factories.ReportService(department=factories.Department())
    client.get(f"{ROOT}/discovery.json")
    with django_assert_num_queries(2):
        client.get(f"{ROOT}/services.json")
