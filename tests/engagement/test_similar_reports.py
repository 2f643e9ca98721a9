"""Is it one of these? Open reports near a place, "me too" instead of a new one, and nothing private in it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engagement import services
from engagement.models import Flag, MeToo, Report
from tests import factories

pytestmark = pytest.mark.django_db
HERE = (45.5, -73.6)
STEP = 1 / 111_195
"""One metre north, in degrees."""


@pytest.fixture
def service() -> Any:
    return factories.ReportService(code="lamp", group={"en": "Light"}, nearby_metres=100, nearby_days=30)


def report(service: Any, metres: float = 10, days: float = 1, **more: Any) -> Report:
    at = timezone.now() - timedelta(days=days)
    more = {"latitude": HERE[0] + metres * STEP, "longitude": HERE[1], **more}
    made: Report = factories.Report(service=service, received_at=at, changed_at=at, **more)
    return made


def near(service: Any, **place: Any) -> list[Report]:
    place = place or {"latitude": HERE[0], "longitude": HERE[1]}
    found = services.similar_reports(service=service, place=services.Place(**place), at=timezone.now())
    return [one.report for one in found]


def test_near_in_place_and_time_and_of_this_kind(service: Any) -> None:
    kin = factories.ReportService(group={"en": "Light"})
    close, further, of_kin = report(service, 5), report(service, 60), report(kin, 5)
    for other in (
        report(service, 101),
        report(service, days=31),
        report(service, state="closed"),
        report(service, state="withdrawn"),
        report(factories.ReportService(group={"en": "Water"})),
        report(factories.ReportService(group={"en": "Light"}, private=True)),
    ):
        assert other not in near(service)
    assert near(service) == [close, further, of_kin]


def test_the_radius_and_the_age_are_the_services_own(service: Any) -> None:
    far = report(service, 140, days=40)
    assert near(service) == []
    service.nearby_metres, service.nearby_days = 150, 45
    assert near(service) == [far]


def test_without_a_point_the_address_tells_and_else_the_district(service: Any) -> None:
    district = factories.District()
    here = {"latitude": None, "longitude": None}
    same = report(service, address="12 Rue de l’Érable", district=district, **here)
    other = report(service, address="14 rue de l'Érable", district=district, **here)
    assert near(service, address="12, rue de l'erable") == [same]
    assert set(near(service, district=district)) == {same, other}
    assert near(service, district=factories.District()) == []


def test_of_many_open_reports_the_right_ones_are_found_however_old(
    service: Any, django_assert_max_num_queries: Any
) -> None:
    """Newer ones all over the city, and around the place itself, push nothing out."""
    kin = factories.ReportService(group={"en": "Light"})
    at_door, at_corner = report(service, 3, days=20), report(service, 30, days=25)
    here = {"latitude": None, "longitude": None, "address": "12 rue de l’Érable"}
    by_name = report(service, days=28, **here)
    at, common = timezone.now() - timedelta(hours=3), {"language": "en", "public_description": "Dark."}
    Report.objects.bulk_create(
        Report(
            **common,
            service=kin if number % 2 else service,
            reference=f"R2020-{number:06d}",
            received_at=at,
            changed_at=at,
            address=f"{number} rue de l’Érable",
            search=f" r2020 {number:06d} dark {number} rue de l erable",
            latitude=HERE[0] + (500 + number) * STEP if number % 3 else HERE[0] + 95 * STEP,
            longitude=HERE[1],
        )
        for number in range(100, 1_300)
    )
    with django_assert_max_num_queries(4):
        assert near(service)[:2] == [at_door, at_corner]
    with django_assert_max_num_queries(4):
        assert near(service, address="12, Rue de l'Erable") == [by_name]


def test_open_reports_of_a_place_are_read_by_their_index(service: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        near(service)
    sql = next(one["sql"] for one in asked if "BETWEEN" in one["sql"])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        plan = str(cursor.fetchall())
    # PostgreSQL chooses among indexes by what the table holds, and here it holds nothing.
    index = "report_open_by_place" if connection.vendor == "sqlite" else "Index Scan"
    assert index in plan
    assert "Seq Scan on engagement_report " not in plan


@pytest.mark.parametrize("kind", ["honeypot", "quick", "links"])
def test_what_looks_like_a_program_is_suggested_to_nobody(service: Any, kind: str) -> None:
    Flag.objects.create(report=report(service), kind=kind, raised_at=timezone.now())
    assert near(service) == []


def test_a_private_service_hears_of_none(service: Any) -> None:
    report(service)
    private = factories.ReportService(group={"en": "Light"}, private=True)
    report(private)
    assert near(private) == []


def values(**more: Any) -> dict[str, Any]:
    place = {"latitude": str(HERE[0]), "longitude": str(HERE[1])}
    return {"description": "The lamp is dark <b>", **place, **more}


def test_before_it_is_written_it_is_asked_if_it_is_one_of_these(client: Any, service: Any) -> None:
    other = report(service, public_description="Dark since Monday.")
    page = client.post("/report/lamp/", values(email="me@mail.example", wants_updates="on"))
    text = page.content.decode()
    assert page.status_code == 200
    assert Report.objects.count() == 1
    for told in ("Dark since Monday.", "10 m away", f"/reports/{other.reference}/me-too/"):
        assert told in text
    for kept in ("The lamp is dark &lt;b&gt;", "me@mail.example", 'name="wants_updates" value="on"'):
        assert kept in text
    sent = client.post("/report/lamp/", values(similar_seen="1"))
    assert sent.status_code == 303
    assert Report.objects.count() == 2


def test_where_nothing_is_near_nobody_is_asked(client: Any, service: Any) -> None:
    report(service, 500)
    assert client.post("/report/lamp/", values()).status_code == 303


def test_the_script_gets_the_same_list_and_nothing_private(client: Any, service: Any) -> None:
    other = report(service, description="Call 514 555 0199", public_description="Call [phone]")
    hidden = report(factories.ReportService(group={"en": "Light"}, private=True), description="Zz")
    query = {"latitude": HERE[0], "longitude": HERE[1], "address": "", "where": ""}
    text = client.get("/report/lamp/similar/", query).content.decode()
    assert other.reference in text
    assert hidden.reference not in text
    assert "555 0199" not in text
    for nonsense in ({"latitude": "x", "longitude": "1e999"}, {"where": "nowhere"}, {"address": "\0"}, {}):
        assert other.reference not in client.get("/report/lamp/similar/", nonsense).content.decode()


def test_queries(client: Any, service: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        report(service, number)
    with django_assert_max_num_queries(8):
        client.get("/report/lamp/similar/", {"latitude": HERE[0], "longitude": HERE[1]})
    with django_assert_max_num_queries(12):
        client.post("/report/lamp/", values())


def press(client: Any, one: Report, wish: str = "give") -> Any:
    return client.post(f"/reports/{one.reference}/me-too/", {"wish": wish})


def test_me_too_once_a_browser_and_taken_back(client: Any, service: Any) -> None:
    one = report(service)
    for _twice in range(2):
        assert press(client, one)["Location"].endswith(f"/reports/{one.reference}/#me-too")
    assert services.count_me_toos(one) == 1
    text = client.get(f"/reports/{one.reference}/").content.decode()
    assert "1 more person has this problem" in text
    assert "Take it back" in text
    press(client, one, "take")
    assert services.count_me_toos(one) == 0
    press(client, one)
    assert MeToo.objects.count() == 1


def test_another_browser_counts_and_a_forged_cookie_is_none(client: Any, service: Any) -> None:
    one = report(service)
    press(client, one)
    stolen = client.cookies["support"].value
    client.cookies.clear()
    client.cookies["support"] = "forged" + stolen
    assert press(client, one).status_code == 303
    assert services.count_me_toos(one) == 2
    assert not MeToo.objects.filter(voter__contains=stolen[:10]).exists()


@pytest.mark.parametrize("change", [{"state": "closed"}, {"state": "withdrawn"}, {"private": True}])
def test_what_is_not_shown_or_closed_takes_none(client: Any, service: Any, change: Any) -> None:
    private = change.pop("private", False)
    kind = factories.ReportService(private=True) if private else service
    one = report(kind, **change)
    assert press(client, one).status_code == (409 if change.get("state") == "closed" else 404)
    assert not MeToo.objects.exists()


def test_one_who_presses_without_end_waits(client: Any, service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("engagement.views.me_too.PRESSES_AN_HOUR", 2)
    one = report(service)
    assert [press(client, one).status_code for _ in range(3)] == [303, 303, 429]


def test_a_description_leads_to_the_kind_and_is_not_typed_twice(client: Any, service: Any) -> None:
    service.keywords = "lampadaire, street light, éclairage"
    service.save()
    factories.ReportService(code="bin", name={"en": "Garbage bin"})
    words = "Le lampadaire est éteint <i>"
    text = client.post("/report/", {"description": words}).content.decode()
    guessed = text.split("guess-title")[-1].split("</section>")[0]
    assert 'formaction="/report/lamp/"' in guessed
    assert "/report/bin/" not in guessed
    form = client.post("/report/lamp/", {"carry": "1", "description": words}).content.decode()
    assert "Le lampadaire est éteint &lt;i&gt;</textarea>" in form
    assert not Report.objects.exists()
    assert "could not guess" in client.post("/report/", {"description": "qqq"}).content.decode()
    assert client.post("/report/", {"description": ""}).status_code == 422


def test_staff_see_open_ones_near_there_and_a_department_its_own(service: Any) -> None:
    roads = factories.Department()
    service.department = roads
    service.save()
    looked_at, near_by = report(service, 0), report(service, 20)
    unlisted, closed = report(service, 30), report(service, 5, state="closed")
    Flag.objects.create(report=unlisted, kind="honeypot", raised_at=timezone.now())
    foreign = report(service, 10, department=factories.Department())
    every = Report.objects.all()
    found = [one.report for one in services.alike_among(every, looked_at, at=timezone.now())]
    assert found == [foreign, near_by, unlisted], "what is on no public list too, and not itself"
    member = factories.staff("member", permissions=["engagement.change_report"])
    member.department = roads
    member.save()
    moderator = factories.staff(
        "moderator", permissions=["engagement.handle_report", "engagement.view_report"]
    )
    for user, seen in ((member, {near_by, unlisted}), (moderator, {near_by, unlisted, foreign})):
        client = Client()
        client.force_login(user)
        page = client.get(f"/admin/engagement/report/{looked_at.pk}/change/")
        assert {one.report for one in page.context["near"]} == seen
        assert "20 m away" in page.content.decode()
        assert client.get(f"/admin/engagement/report/{closed.pk}/change/").context["near"] == []
