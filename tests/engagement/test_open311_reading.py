"""Open311, GET: every address in both formats, what it takes, and how it says no."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import services
from engagement.models import Report
from tests import factories
from tests.engagement.test_public_reports import attach

pytestmark = pytest.mark.django_db
ROOT = "/open311/v2"
QUESTIONS = [
    {"code": "SINCE", "datatype": "datetime", "label": {"en": "Since when?"}, "order": 3},
    {"code": "READ", "variable": False, "label": {"en": "Call 911 if it burns."}, "order": 1},
    {
        "code": "COLOUR",
        "datatype": "singlevaluelist",
        "required": True,
        "label": {"en": "Colour?", "fr": "Couleur ?"},
        "help": {"en": "Of the light"},
        "values": [{"key": "006", "label": {"en": "Red & white", "fr": "Rouge"}}],
        "order": 2,
    },
]


@pytest.fixture(autouse=True)
def city(settings: Any) -> None:
    settings.WINNOW_BASE_URL = "https://ideas.city.example"


@pytest.fixture
def lamp() -> Any:
    return factories.ReportService(
        code="006",
        name={"en": "Street lamp", "fr": "Lampadaire"},
        group={"en": "Lights", "fr": "Éclairage"},
        description={"en": "Dark <lamps> & signs"},
        keywords="lamp, light",
        notice={"en": "In an emergency call 911."},
        department=factories.Department(name={"en": "Public works"}),
        questions=QUESTIONS,
    )


def report(service: Any, **more: Any) -> Any:
    at = {"received_at": datetime.now(UTC) - timedelta(days=2), "changed_at": datetime.now(UTC)}
    return factories.Report(service=service, **{**at, **more})


def read(client: Client, path: str, **query: str) -> Any:
    """The JSON of an address, after a look at what every answer has."""
    answer = client.get(f"{ROOT}/{path}.json", query)
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def read_xml(client: Client, path: str, **query: str) -> ET.Element:
    answer = client.get(f"{ROOT}/{path}.xml", query)
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = ET.fromstring(answer.content)
    assert all(not one.attrib and not one.tag.startswith("{") for one in root.iter())
    return root


def as_json(element: ET.Element) -> Any:
    """What the JSON would be, by the Spark convention, with every value as text."""
    many = {"services", "service_requests", "errors", "endpoints", "formats", "attributes", "values"}
    if element.tag in {*many, "media_urls"}:
        return [as_json(one) for one in element]
    return {one.tag: as_json(one) for one in element} if len(element) else element.text


def as_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [as_texts(one) for one in value]
    if isinstance(value, dict):
        return {name: as_texts(one) for name, one in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def test_each_format_is_the_others_picture(client: Client, lamp: Any) -> None:
    one = report(lamp, description="It’s <dark> & wet,\nsee 1.", latitude=45.5, longitude=-73.6)
    attach(one)
    paths = ["discovery", "services", "services/006", "requests", f"requests/{one.reference}"]
    for path in [*paths, f"tokens/{one.reference}"]:
        for query in ({}, {"extensions": "true"}):
            told = as_texts(read(client, path, **query))
            assert as_json(read_xml(client, path, **query)) == told, path


def test_discovery_names_the_endpoint_and_how_to_get_a_key(client: Client, settings: Any) -> None:
    told = read(client, "discovery")
    assert set(told) == {"changeset", "contact", "key_service", "endpoints"}
    assert all(told.values())
    (endpoint,) = told["endpoints"]
    assert endpoint == {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": "https://ideas.city.example/open311/v2",
        "changeset": told["changeset"],
        "type": "production",
        "formats": ["application/json", "text/xml"],
    }
    assert datetime.fromisoformat(told["changeset"]) < datetime.now(UTC)


def test_a_place_for_tests_is_named_where_there_is_one(client: Client, settings: Any) -> None:
    settings.WINNOW_OPEN311_TEST_URL = "https://trial.city.example/open311/v2"
    kinds = {one["type"]: one["url"] for one in read(client, "discovery")["endpoints"]}
    assert kinds["test"] == "https://trial.city.example/open311/v2"
    settings.WINNOW_OPEN311_TEST_URL = ""
    settings.WINNOW_DEMONSTRATION = True
    kinds = {one["type"]: one["url"] for one in read(client, "discovery")["endpoints"]}
    assert kinds["test"] == kinds["production"] == "https://ideas.city.example/open311/v2"


def test_services_are_told_in_the_language_asked_for(client: Client, lamp: Any) -> None:
    factories.ReportService(code="plain", name={"en": "Else"}, order=9)
    first, second = read(client, "services")
    assert first == {
        "service_code": "006",
        "service_name": "Street lamp",
        "description": "Dark <lamps> & signs",
        "metadata": True,
        "type": "realtime",
        "keywords": "lamp, light",
        "group": "Lights",
    }
    assert (second["metadata"], second["description"], second["group"]) == (False, None, None)
    assert read(client, "services", locale="fr-CA")[0]["service_name"] == "Lampadaire"
    assert read(client, "services", locale="xx")[0]["service_name"] == "Street lamp"
    assert read(client, "services/plain") == {"service_code": "plain", "attributes": []}


def test_a_definition_has_the_questions_in_their_order(client: Client, lamp: Any) -> None:
    shown, colour, since = read(client, "services/006")["attributes"]
    assert (shown["variable"], shown["required"], shown["order"]) == (False, False, 1)
    assert shown["description"] == "Call 911 if it burns."
    assert colour == {
        "variable": True,
        "code": "COLOUR",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": "Of the light",
        "order": 2,
        "description": "Colour?",
        "values": [{"key": "006", "name": "Red & white"}],
    }
    assert (since["order"], since["datatype"], since["values"]) == (3, "datetime", [])


def test_a_request_says_what_its_public_page_says(client: Client, lamp: Any, moderator: Any) -> None:
    sent = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    one = report(lamp, received_at=sent, expected_at=sent + timedelta(days=5), latitude=45.5, longitude=-73.6)
    photo = attach(one)
    close(one, moderator, sent + timedelta(days=1), "We changed <the> bulb.")
    (row,) = read(client, f"requests/{one.reference}")
    assert row == {
        "service_request_id": one.reference,
        "status": "closed",
        "status_notes": "We changed <the> bulb.",
        "service_name": "Street lamp",
        "service_code": "006",
        "description": "The lamp at the corner is dark.",
        "agency_responsible": "Public works",
        "service_notice": "In an emergency call 911.",
        "requested_datetime": f"{sent:%Y-%m-%dT%H:%M:%SZ}",
        "updated_datetime": f"{sent + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "expected_datetime": f"{sent + timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}",
        "address": "45.50000, -73.60000",
        "address_id": None,
        "zipcode": None,
        "lat": 45.5,
        "long": -73.6,
        "media_url": f"https://ideas.city.example/photos/{photo.pk}/",
    }
    assert client.get(row["media_url"].removeprefix("https://ideas.city.example")).status_code == 200


def close(one: Any, by: Any, at: datetime, words: str) -> None:
    factories.Reason(action="close", code="done", label={"en": "Done"}, text={})
    services.close_report(report=one, by=by, at=at, reason="done", text={"en": words})


def test_signs_that_xml_cannot_hold_are_left_out(client: Client, lamp: Any) -> None:
    """The form takes most of them out; what staff wrote, or a file brought in, may hold any."""
    report(lamp, description="bell \x07, \x1b[31m, \uffff; <&>]]>", address="A\x0bB")
    (row,) = as_json(read_xml(client, "requests"))
    assert (row["description"], row["address"]) == ("bell , [31m, ; <&>]]>", "AB")


def test_the_last_word_is_told_and_no_older_one(client: Client, lamp: Any, moderator: Any) -> None:
    one, at = report(lamp), datetime.now(UTC) - timedelta(hours=9)

    def notes() -> Any:
        return read(client, f"requests/{one.reference}")[0]["status_notes"]

    assert notes() is None
    services.update_report(report=one, by=moderator, at=at, text={"en": "A part is on its way."})
    assert notes() == "A part is on its way."
    close(one, moderator, at + timedelta(hours=1), "Mended.")
    assert notes() == "Mended."
    services.confirm_fixed_report(report=one, at=at + timedelta(hours=2))
    assert notes() == "Mended."
    services.reopen_report(report=one, by=moderator, at=at + timedelta(hours=3))
    assert notes() is None


def test_the_department_of_the_rules_goes_before_that_of_the_service(client: Client, lamp: Any) -> None:
    report(lamp, department=factories.Department(name={"en": "Parks"}))
    assert read(client, "requests")[0]["agency_responsible"] == "Parks"


def test_every_place_has_words(client: Client, lamp: Any) -> None:
    old_town = factories.District(name={"en": "Old Town"})
    for place, words in (
        ({"address": "12 Elm", "latitude": 45.5, "longitude": -73.5, "district": old_town}, "12 Elm"),
        ({"district": old_town}, "Old Town"),
        ({"whole_city": True}, "The whole city"),
    ):
        one = report(lamp, **place)
        assert read(client, f"requests/{one.reference}")[0]["address"] == words


def test_more_is_told_to_who_asks(client: Client, lamp: Any) -> None:
    one = report(lamp, state="in_progress", channel="phone", district=factories.District(code="east"))
    first, second = attach(one), attach(one)
    (row,) = read(client, "requests", extensions="true")
    assert row["extended_attributes"] == {
        "channel": "phone",
        "detailed_status": "in_progress",
        "district": "east",
        "language": "en",
        "media_urls": [f"https://ideas.city.example/photos/{photo.pk}/" for photo in (first, second)],
    }


# --- Filters --------------------------------------------------------------------------------------


def found(client: Client, **query: str) -> list[str]:
    return [row["service_request_id"] for row in read(client, "requests", **query)]


def test_references_go_before_all_other_filters(client: Client, lamp: Any) -> None:
    new, old = report(lamp), report(lamp, received_at=datetime(2019, 1, 1, tzinfo=UTC))
    asked = f"{old.reference}, {new.reference},R2026-999999,a\0b"
    assert found(client, service_request_id=asked, status="closed", start_date="2030-01-01") == [
        new.reference,
        old.reference,
    ]
    assert found(client, service_request_id="\0") == []


def test_services_and_status_narrow_the_list(client: Client, lamp: Any) -> None:
    other = factories.ReportService(code="tree", active=False)
    one, two = report(lamp), report(other, state="in_progress")
    three = report(lamp, state="closed", closed_at=datetime.now(UTC))
    assert set(found(client, service_code="006")) == {one.reference, three.reference}
    assert found(client, service_code="tree") == [two.reference]
    assert len(found(client, service_code="006, tree", status="open,closed")) == 3
    assert set(found(client, status="OPEN")) == {one.reference, two.reference}
    assert found(client, status="closed") == [three.reference]


def test_what_is_empty_is_absent(client: Client, lamp: Any) -> None:
    one = report(lamp)
    names = "jurisdiction_id service_request_id service_code status start_date end_date page page_size"
    empty = dict.fromkeys([*names.split(), "updated_after", "locale"], "")
    assert found(client, **empty) == [one.reference]


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T10:00:00Z",
        "2026-03-02T10:00:00z",
        "2026-03-02T05:00:00-05:00",
        "2026-03-02T05:00:00-0500",
        "2026-03-02T15:00:00+05:00",
        "2026-03-02T15:00:00 05:00",  # "+" as a form decodes it
        "2026-03-02T10:00:00.000000Z",
        "2026-03-02T05:00:00",  # the city's own time
        "2026-03-02 05:00",
    ],
)
def test_dates_come_in_many_shapes(client: Client, lamp: Any, written: str) -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    before, then = (report(lamp, received_at=at + timedelta(seconds=n)) for n in (-1, 0))
    assert found(client, start_date=written, end_date="2026-03-03") == [then.reference]
    assert before.reference in found(client, end_date=written)


def test_a_bare_day_is_all_of_it_where_the_city_is(client: Client, lamp: Any) -> None:
    inside = [
        report(lamp, received_at=datetime(2026, 3, 2, *time, tzinfo=UTC)) for time in ((5, 0), (23, 59))
    ]
    inside.append(report(lamp, received_at=datetime(2026, 3, 3, 4, 59, 59, tzinfo=UTC)))
    report(lamp, received_at=datetime(2026, 3, 3, 5, tzinfo=UTC))
    report(lamp, received_at=datetime(2026, 3, 2, 4, 59, tzinfo=UTC))
    asked = found(client, start_date="2026-03-02", end_date="2026-03-02")
    assert set(asked) == {one.reference for one in inside}


def test_ninety_days_at_most_and_the_last_ones(client: Client, lamp: Any) -> None:
    now = datetime.now(UTC)
    days = {n: report(lamp, received_at=now - timedelta(days=n)).reference for n in (1, 89, 91, 170, 400)}

    def day(n: int) -> str:
        return f"{now - timedelta(days=n):%Y-%m-%dT%H:%M:%SZ}"

    assert found(client) == [days[1], days[89]]
    assert found(client, start_date=day(1000)) == []  # its first 90 days
    assert found(client, start_date=day(171)) == [days[89], days[91], days[170]]
    assert found(client, end_date=day(90)) == [days[91], days[170]]
    assert found(client, start_date=day(1000), end_date=day(90)) == [days[91], days[170]]
    assert found(client, start_date=day(2), end_date=day(3)) == []


def test_what_changed_lately_is_found_however_old_it_is(client: Client, lamp: Any) -> None:
    now, years = datetime.now(UTC), timedelta(days=700)
    old = report(lamp, received_at=now - years, changed_at=now - timedelta(hours=1))
    report(lamp, received_at=now - timedelta(days=9), changed_at=now - timedelta(days=9))
    assert found(client, updated_after=f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}") == [old.reference]
    assert found(client, updated_before=f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}") != [old.reference]
    assert found(client, updated_after=f"{now:%Y-%m-%d}", start_date=f"{now:%Y-%m-%d}") == []


def test_pages_leave_nothing_out_and_repeat_nothing(client: Client, lamp: Any) -> None:
    same = datetime.now(UTC) - timedelta(days=1)
    every = [report(lamp, received_at=same).reference for _n in range(7)]
    pages = [found(client, page=str(n), page_size="3") for n in (1, 2, 3, 4)]
    assert [len(one) for one in pages] == [3, 3, 1, 0]
    assert [one for rows in pages for one in rows] == list(reversed(every))
    assert found(client, page="0", page_size="3") == pages[0]
    answer = client.get(f"{ROOT}/requests.xml?page=2&page_size=3&status=open")
    assert answer["X-Total-Count"] == "7"
    here = "https://ideas.city.example/open311/v2/requests.xml?page={}&page_size=3&status=open"
    assert answer["Link"] == f'<{here.format(1)}>; rel="prev", <{here.format(3)}>; rel="next"'
    assert "Link" not in client.get(f"{ROOT}/requests.json")


def test_a_thousand_at_most(client: Client, lamp: Any) -> None:
    at = datetime.now(UTC)
    Report.objects.bulk_create(
        factories.Report.build(service=lamp, received_at=at, changed_at=at) for _n in range(1001)
    )
    for query in ({}, {"page_size": "5000"}):
        answer = client.get(f"{ROOT}/requests.json", query)
        assert len(answer.json()) == 1000
        assert answer["X-Total-Count"] == "1001"


def test_walking_back_by_the_last_moment_told_meets_every_report(client: Client, lamp: Any) -> None:
    """Answers tell whole seconds: the end of a period takes the whole second in."""
    second = datetime(2026, 3, 2, 10, tzinfo=UTC)
    parts = [report(lamp, received_at=second + timedelta(milliseconds=n)) for n in (100, 500, 900)]
    asked = found(client, end_date="2026-03-02T10:00:00Z")
    assert asked == [one.reference for one in reversed(parts)]
    assert found(client, start_date="2026-03-02T10:00:00Z", end_date="2026-03-02T10:00:00.500Z") == [
        parts[1].reference,
        parts[0].reference,
    ]


# --- Saying no ------------------------------------------------------------------------------------


def refusal(answer: Any) -> tuple[int, str]:
    """Status and sentence of an error, whichever the format."""
    if answer["Content-Type"] == "application/json; charset=utf-8":
        (error,) = answer.json()
    else:
        assert answer["Content-Type"] == "text/xml; charset=utf-8"
        root = ET.fromstring(answer.content)
        assert root.tag == "errors"
        (error,) = as_json(root)
    assert set(error) == {"code", "description"}
    assert error["code"] == str(answer.status_code)
    return answer.status_code, error["description"]


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("services/none", "", 404, "service_code"),
        ("requests/R2026-000001", "", 404, "service_request_id"),
        ("tokens/none", "", 404, "token"),
        ("requests", "service_code=none", 404, "service_code: none"),
        ("requests", "jurisdiction_id=elsewhere.example", 404, "jurisdiction_id"),
        ("services", "jurisdiction_id=elsewhere.example", 404, "jurisdiction_id"),
        ("requests", "status=lost", 400, "status: lost"),
        ("requests", "start_date=tomorrow", 400, "start_date"),
        ("requests", "end_date=2026-13-01", 400, "end_date"),
        ("requests", "updated_after=0001-01-01", 400, "updated_after"),
        ("requests", "start_date=9999-12-31T23:59:59%2B00:00", 400, "start_date"),
        ("requests", "page=-1", 400, "page"),
        ("requests", "page_size=0", 400, "page_size"),
        ("requests", "page=%D9%A1", 400, "page"),
        ("nothing", "", 404, "Not here"),
        ("services/a/b", "", 404, "Not here"),
    ],
)
def test_faults_are_told_in_the_format_asked_for(
    client: Client, lamp: Any, format: str, path: str, query: str, status: int, words: str
) -> None:
    told, sentence = refusal(client.get(f"{ROOT}/{path}.{format}?{query}"))
    assert told == status
    assert words in sentence


def test_a_format_that_is_none_and_addresses_without_one(client: Client) -> None:
    for path in ("/services.foo", "/services", "/services.json/", "", "/", "/%0a", "/requests.xml/x"):
        answer = client.get(f"{ROOT}{path}")
        assert refusal(answer)[0] == 404, path
        assert answer["Content-Type"].startswith("text/xml")
        answer = client.get(f"{ROOT}{path}", headers={"accept": "application/json, text/plain, */*"})
        assert refusal(answer)[0] == 404
        assert answer["Content-Type"].startswith("application/json")


def test_other_methods_are_refused(client: Client) -> None:
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(client, method)(f"{ROOT}/services.json")
        assert refusal(answer)[0] == 405
        assert "GET" in answer["Allow"]
    head = client.head(f"{ROOT}/services.xml")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("name", ["city.example", "CITY.example"])
def test_the_own_jurisdiction_may_be_named(client: Client, settings: Any, name: str) -> None:
    settings.WINNOW_OPEN311_JURISDICTION = "city.example"
    assert read(client, "services", jurisdiction_id=name) == []
    settings.WINNOW_OPEN311_JURISDICTION = ""
    assert read(client, "services", jurisdiction_id="ideas.city.example") == []


def test_a_city_that_takes_them_elsewhere_says_where(client: Client, settings: Any) -> None:
    settings.WINNOW_REPORTS_ENABLED = False
    settings.WINNOW_REPORTS_URL = "https://311.city.example"
    for path in ("discovery.json", "services.xml", "requests.json"):
        status, sentence = refusal(client.get(f"{ROOT}/{path}"))
        assert (status, sentence.endswith("https://311.city.example")) == (404, True)


def test_too_many_questions_from_one_network(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engagement.open311.resources.READS", 2)
    answers = [client.get(f"{ROOT}/services.json") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal(answers[-1])[0] == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= 601


@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_fault_of_ours_is_told_in_the_format_too(
    settings: Any, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a-secret-in-an-error")

    settings.DEBUG = False
    monkeypatch.setattr("engagement.open311.catalogue.offered", broken)
    answer = Client(raise_request_exception=False).get(f"{ROOT}/services.{format}")
    assert refusal(answer) == (500, "Something went wrong on our side.")
    assert b"a-secret" not in answer.content
