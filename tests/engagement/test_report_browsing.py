"""The public list of problem reports: filters, orders, numbers, and what must never be on it."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from engagement import links, report_orders
from engagement.models import Event, Flag, MeToo, Photo, Report
from engagement.orders import position
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
ORDERS = ("", "me_too", "near")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def shown(client: Client, **asked: str) -> list[Report]:
    answer = client.get("/reports/", asked)
    assert answer.status_code == 200
    return [row["report"] for row in answer.context["rows"]]


def entries(client: Client, **asked: str) -> list[ET.Element]:
    answer = client.get("/reports/feed/", asked)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content).findall(f"{ATOM}entry")


def numbers(client: Client, **asked: str) -> dict[str, int]:
    """The number beside each value of each filter."""
    fields = client.get("/reports/", asked).context["filters"].fields
    found = {}
    for name in ("service", "district", "state"):
        for value, label in fields[name].choices:
            for key, words in label if isinstance(label, list) else [(value, label)]:
                if key:
                    found[key] = int(str(words).rpartition("(")[2].rstrip(")"))
    return found


def flagged(kind: str, **values: Any) -> Report:
    report: Report = factories.Report(**values)
    Flag.objects.create(report=report, kind=kind, raised_at=factories.NOW)
    return report


def say_me_too(report: Report, *voters: str) -> None:
    for voter in voters:
        MeToo.objects.create(report=report, voter=voter, given_at=factories.NOW)


def test_a_line_says_what_where_how_old_and_by_when(client: Client) -> None:
    now = timezone.now()
    service = factories.ReportService(name={"en": "Pothole", "fr": "Nid-de-poule"})
    district = factories.District(name={"en": "Old Port", "fr": "Vieux-Port"})
    report = factories.Report(
        service=service,
        district=district,
        address="12 Elm <b>",
        public_description="A deep hole <i>",
        received_at=now - timedelta(days=3),
        expected_at=now + timedelta(days=9),
    )
    say_me_too(report, "a", "b")
    Photo.objects.create(report=report, file="x.jpg", width=1, height=1, added_at=now)
    text = client.get("/reports/").content.decode()
    for said in (
        f'href="/reports/{report.reference}/"',
        "Pothole",
        "Old Port",
        "12 Elm &lt;b&gt;",
        "A deep hole &lt;i&gt;",
        "(3 days ago)",
        "Expected by",
        "2 more people have this problem",
        "With a photo",
        "Received",
    ):
        assert said in text
    assert "late" not in text.split('card-list"')[1].split("</ol>")[0]
    there = client.get("/fr/reports/").content.decode()
    for said in ("Nid-de-poule", "Vieux-Port", "il y a 3 jours", "A deep hole &lt;i&gt;"):
        assert said in there


def test_late_is_said_in_words_and_only_of_what_is_open(client: Client) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    late = factories.Report(expected_at=yesterday)
    today = factories.Report(expected_at=timezone.now())
    closed = factories.Report(expected_at=yesterday, state="closed")
    assert shown(client, state="late") == [late]
    assert set(shown(client, state="open")) == {late, today}
    assert shown(client, state="closed") == [closed]
    assert client.get("/reports/").content.decode().count("We are late") == 1
    assert "Nous sommes en retard" in client.get("/fr/reports/").content.decode()


HIDDEN = "Nobodyshallreadthis"


def hidden_reports() -> list[Report]:
    """Reports that no list may show, each with words of its own."""
    secret = factories.ReportService(code="secret-kind", private=True, name={"en": "Secretkind"})
    return [
        factories.Report(service=secret, public_description=HIDDEN, state=state)
        for state in ("received", "in_progress", "closed")
    ] + [
        factories.Report(state="withdrawn", public_description=HIDDEN),
        factories.Report(state="as_idea", public_description=HIDDEN),
        flagged("honeypot", public_description=HIDDEN),
        flagged("quick", public_description=HIDDEN, state="closed"),
        flagged("links", public_description=HIDDEN),
    ]


@pytest.mark.parametrize("language", ["", "/fr"])
def test_what_is_not_public_is_on_no_list_map_feed_nor_in_a_number(client: Client, language: str) -> None:
    here = {"latitude": 45.51, "longitude": -73.55, "cell": "892baa4a9c3ffff"}
    contact = factories.Contact(email="ana@mail.example", name="Ana Example")
    report = factories.Report(contact=contact, description="Call Zed 514 555 0199", public_description="Call")
    Report.objects.filter(pk__in=[one.pk for one in hidden_reports()]).update(**here)
    box = "-73.6,45.5,-73.5,45.6"
    paths = [
        *(f"/reports/?order={order}&near=45.5,-73.5" for order in ORDERS),
        "/reports/?q=nobodyshall",
        "/reports/?service=secret-kind",
        *("/reports/map/", "/reports/map.geojson", f"/reports/map.geojson?box={box}", "/reports/feed/"),
    ]
    for path in paths:
        answer = client.get(language + path)
        text = answer.content.decode()
        assert answer.status_code == 200
        for secret in (HIDDEN, "Secretkind", "ana@mail", "Ana Example", "0199", "Zed", report.nonce):
            assert secret not in text.replace("q=nobodyshall", "")
        if answer.context is not None and "total" in answer.context:
            assert answer.context["total"] == 1
    assert client.get("/reports/map.geojson").json()["features"] == []
    assert client.get("/reports/map.geojson", {"box": box}).json()["features"] == []
    assert client.get("/reports/map/").context["shown"] == 1
    assert sum(numbers(client)[name] for name in ("open", "closed")) == 1
    assert "secret-kind" not in numbers(client)


def test_what_looked_like_a_program_is_listed_once_staff_work_on_it(client: Client) -> None:
    report = flagged("quick")
    usual = flagged("near_duplicate")
    told, why = "joins the public list once staff", "it was sent faster than people type"
    assert shown(client) == [usual]
    private = client.get(links.tracking_path(report)).content.decode()
    assert told in private
    assert why in private
    assert told not in client.get(links.tracking_path(usual)).content.decode()
    did = {"report": report, "at": factories.NOW, "actor": "staff", "by": factories.User()}
    Event.objects.create(**did, verb="close", to_state="closed")
    assert shown(client) == [usual]
    Event.objects.create(**did, verb="start")
    assert set(shown(client)) == {report, usual}
    assert told not in client.get(links.tracking_path(report)).content.decode()


def test_erased_words_are_said_to_be_gone_and_found_by_nothing(client: Client) -> None:
    report = factories.Report(state="closed", description="", public_description="", search="", address="")
    assert shown(client) == [report]
    assert "The words were removed" in client.get("/reports/").content.decode()
    assert shown(client, q=report.reference) == []


@pytest.mark.parametrize("asked", ["erable", "ÉRABLE", "Érables nid", "rue nid-de"])
def test_words_are_found_without_their_accents(client: Client, asked: str) -> None:
    found = factories.Report(public_description="Un nid-de-poule", address="12, rue des Érables")
    factories.Report(public_description="A lamp", address="12, rue des Ormes")
    assert shown(client, q=asked) == [found]


def test_the_filters_narrow_and_a_group_takes_all_its_kinds(client: Client) -> None:
    group = {"en": "Streets & roads", "fr": "Rues"}
    hole = factories.ReportService(code="hole", group=group)
    lamp = factories.ReportService(code="lamp", group=group)
    bin = factories.ReportService(code="bin")
    factories.ReportService(code="hidden", group=group, private=True)
    west, east = factories.District(), factories.District()
    one = factories.Report(service=hole, district=west)
    two = factories.Report(service=lamp, district=east, state="closed")
    three = factories.Report(service=bin, district=east, expected_at=factories.OPENED)
    assert shown(client, service="hole") == [one]
    assert set(shown(client, service="group.streets-roads")) == {one, two}
    assert set(shown(client, district=east.code)) == {two, three}
    assert shown(client, service="group.streets-roads", district=east.code, state="closed") == [two]
    assert shown(client, service="bin", state="closed") == []
    assert (
        "No problem report fits these filters"
        in client.get("/reports/?state=late&service=hole").content.decode()
    )
    every = numbers(client)
    assert (every["group.streets-roads"], every["hole"], every["lamp"], every["bin"]) == (2, 1, 1, 1)
    assert (every["open"], every["late"], every["closed"]) == (2, 1, 1)
    assert (every[west.code], every[east.code]) == (1, 2)
    closed = numbers(client, state="closed")
    assert (closed["hole"], closed["lamp"], closed["group.streets-roads"], closed["open"]) == (0, 1, 1, 2)
    narrowed = numbers(client, service="group.streets-roads")
    assert (narrowed["bin"], narrowed["late"], narrowed[east.code]) == (1, 0, 1)
    page = client.get("/fr/reports/", {"service": "group.streets-roads", "page": "9"})
    assert page.context["on"][0]["value"] == "Tout le groupe «\xa0Rues\xa0»"
    assert (page.context["shown"], page.context["hidden"], page.context["total"]) == (2, 1, 3)
    assert page.context["on"][0]["without"] == "?"


def test_the_period_takes_both_its_days_whole(client: Client) -> None:
    day = timezone.localdate() - timedelta(days=9)
    at = timezone.now().astimezone(timezone.get_current_timezone()).replace(hour=0, minute=0, second=0)
    at = (at - timedelta(days=9)).replace(microsecond=0)
    before = factories.Report(received_at=at - timedelta(seconds=1))
    inside = factories.Report(received_at=at + timedelta(hours=23))
    assert shown(client, since=str(day), until=str(day)) == [inside]
    assert shown(client, until=str(day - timedelta(days=1))) == [before]


NONSENSE = [
    {"state": "withdrawn"},
    {"service": "nothing"},
    {"service": "group."},
    {"district": "<script>"},
    {"since": "9999-12-31"},
    {"until": "0001-01-01"},
    {"since": "soon"},
    {"order": "support"},
    {"near": "nan,nan", "order": "near"},
    {"page": "x"},
    {"q": "\0"},
    {"q": "%_' OR 1=1"},
    {"q": "x" * 300},
]


@pytest.mark.parametrize("asked", NONSENSE)
def test_what_is_no_filter_is_passed_over(client: Client, asked: dict[str, str]) -> None:
    factories.Report()
    for path in ("/reports/", "/fr/reports/", "/reports/map/", "/reports/map.geojson", "/reports/feed/"):
        assert client.get(path, asked).status_code == 200


def test_the_nearest_and_those_that_most_have_too(client: Client) -> None:
    day = timedelta(days=1)
    far, none, near = (factories.Report(received_at=factories.NOW - n * day) for n in range(3))
    Report.objects.filter(pk=far.pk).update(latitude=45.6, longitude=-73.5)
    Report.objects.filter(pk=near.pk).update(latitude=45.51, longitude=-73.55)
    say_me_too(none, "a", "b", "c")
    say_me_too(near, "a")
    MeToo.objects.filter(report=none, voter__in="bc").update(withdrawn_at=factories.NOW)
    say_me_too(near, "d")
    assert shown(client) == [far, none, near]
    assert shown(client, order="near", near="45.51,-73.55") == [near, far, none]
    assert shown(client, order="me_too") == [near, none, far]
    assert client.get("/reports/?order=near").context["no_place"]


def test_pages_of_an_order_hold_each_report_once() -> None:
    for _number in range(11):
        factories.Report()
    here = position("45.5,-73.5")
    for order in ORDERS:
        paged = [
            key
            for first in (0, 5, 10)
            for key in report_orders.keys(
                Report.objects.listed(), order=order, near=here, first=first, number=5
            )
        ]
        assert sorted(paged) == sorted(Report.objects.values_list("pk", flat=True))


def test_a_page_reads_the_index_and_sorts_nothing() -> None:
    for number in range(30):
        factories.Report(service=factories.ReportService(private=number % 9 == 0))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = Report.objects.listed().order_by("-received_at", "-pk").values_list("pk")[:20].explain()
    assert "report_newest_first" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_page_keeps_to_twelve_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    ring = [[-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.6], [-73.6, 45.5]]
    district = factories.District(boundary={"type": "Polygon", "coordinates": [ring]})
    for _number in range(45):
        report = factories.Report(service__group={"en": "Streets"}, district=district, address="12 Elm")
        say_me_too(report, "a")
    for order in ORDERS:
        for page in ("1", "3"):
            asked = {"service": "group.streets", "q": "elm", "district": district.code, "page": page}
            with django_assert_max_num_queries(12):
                client.get("/reports/", {**asked, "state": "open", "order": order, "near": district.code})
    with django_assert_max_num_queries(12):
        client.get("/reports/map/", {"state": "open"})
    with django_assert_max_num_queries(5):
        client.get("/reports/map.geojson", {"box": "-74,45,-73,46"})
    with django_assert_max_num_queries(6):
        client.get("/reports/feed/", {"state": "open"})


def test_a_feed_has_what_the_list_has_under_the_same_filters(client: Client) -> None:
    one = factories.Report(service__name={"en": "Pothole", "fr": "Nid-de-poule"}, address="12 Elm & <Oak>")
    factories.Report(state="closed")
    assert len(entries(client)) == 2
    (found,) = entries(client, state="open")
    assert found.findtext(f"{ATOM}title") == "Pothole, 12 Elm & <Oak>"
    assert found.findtext(f"{ATOM}id") == f"tag:127.0.0.1,2026:report/{one.reference}"
    link = found.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == f"http://testserver/reports/{one.reference}/"
    there = ET.fromstring(client.get("/fr/reports/feed/?state=open").content).find(f"{ATOM}entry")
    assert there is not None
    assert str(there.findtext(f"{ATOM}title")).startswith("Nid-de-poule")
    assert there.findtext(f"{ATOM}id") == found.findtext(f"{ATOM}id")
    assert "/reports/feed/?state=open" in client.get("/reports/?state=open&page=1&order=").content.decode()


def test_a_sign_that_xml_does_not_know_ends_no_feed(client: Client) -> None:
    factories.Report(service__name={"en": "Pot\x0bhole"}, address="12\x02 Elm", public_description="A\x1fb")
    assert [one.findtext(f"{ATOM}title") for one in entries(client)] == ["Pothole, 12 Elm"]


def test_a_city_that_takes_reports_elsewhere_lists_none(client: Client, settings: Any) -> None:
    settings.WINNOW_REPORTS_ENABLED = False
    report = factories.Report()
    for path in ("/reports/", "/reports/map/"):
        assert report.reference not in client.get(path).content.decode()
    for path in ("/reports/feed/", "/reports/map.geojson"):
        assert client.get(path).status_code == 404


def test_the_list_is_found_from_everywhere(client: Client) -> None:
    report = factories.Report()
    for path in ("/", "/report/", f"/reports/{report.reference}/", "/about/"):
        assert 'href="/reports/"' in client.get(path).content.decode()
        assert 'href="/fr/reports/"' in client.get("/fr" + path).content.decode()
