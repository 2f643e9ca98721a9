"""Open311, POST: what another system sends becomes a problem report like one of the public form."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config.env import SettingError, named_keys
from engagement.models import Contact, Notice, Report
from tests import factories
from tests.engagement.test_open311_reading import QUESTIONS, ROOT, read
from tests.engagement.test_public_reports import picture

pytestmark = pytest.mark.django_db
KEY = "a-key-that-only-tests-use"
SQUARE = {"type": "Polygon", "coordinates": [[[-74, 45], [-73, 45], [-73, 46], [-74, 46], [-74, 45]]]}


@pytest.fixture(autouse=True)
def city(settings: Any) -> None:
    settings.WINNOW_OPEN311_KEYS = {"fixmystreet": "another-key-of-another-system", "app": KEY}


@pytest.fixture
def lamp(city: None) -> Any:
    return factories.ReportService(
        code="006",
        name={"en": "Street lamp"},
        notice={"en": "In an emergency call 911.", "fr": "En cas d’urgence, appelez le 911."},
        target_days=5,
        questions=[
            *QUESTIONS,
            {
                "code": "SIDES",
                "datatype": "multivaluelist",
                "label": {"en": "Which sides?"},
                "values": [{"key": key, "label": {"en": key}} for key in ("n", "s", "e")],
            },
            {"code": "HOWMANY", "datatype": "number", "label": {"en": "How many?"}},
        ],
    )


def values(**more: Any) -> dict[str, Any]:
    least = {"api_key": KEY, "service_code": "006", "description": "It is dark.", "attribute[COLOUR]": "006"}
    return {**least, "lat": "45.5", "long": "-73.6", **more}


def post(client: Client, format: str = "json", **more: Any) -> Any:
    data = {name: value for name, value in values(**more).items() if value is not None}
    return client.post(f"{ROOT}/requests.{format}", data)


def told(answer: Any, status: int = 400) -> str:
    """All sentences of a refusal, each under the status that the answer has."""
    assert answer.status_code == status, answer.content
    assert all(error["code"] == str(status) for error in answer.json())
    assert not Report.objects.exists()
    return "\n".join(error["description"] for error in answer.json())


def test_a_report_comes_in_as_from_the_form(client: Client, lamp: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        f"{ROOT}/requests.json",
        values(
            **{
                "attribute[SIDES][]": ["n", "e"],
                "attribute[SINCE]": "2026-11-01T08:00:00-05:00",
                "attribute[HOWMANY]": "3",
                "attribute[UNKNOWN]": "x",
                "attribute[READ]": "yes",
                "address_string": "12 Elm",
                "description": "It is dark.\r\nCall me: 514 555-0123",
                "device_id": "d",
                "account_id": "a",
                "media_url": "https://elsewhere.example/x.jpg",
            }
        ),
    )
    assert answer.status_code == 200
    report = Report.objects.get()
    assert answer.json() == [
        {
            "service_request_id": report.reference,
            "service_notice": "In an emergency call 911.",
            "account_id": None,
        }
    ]
    assert (report.service, report.channel, report.state) == (lamp, "api", "received")
    assert (report.latitude, report.longitude, report.address) == (45.5, -73.6, "12 Elm")
    assert set(report.answers) == {"COLOUR", "SIDES", "SINCE", "HOWMANY"}
    assert report.answers["SIDES"] == ["n", "e"]
    assert "514 555-0123" in report.description
    assert "514 555-0123" not in report.public_description
    assert report.flags.get().kind == "personal"
    assert report.expected_at
    assert report.contact is None
    assert report.events.get().verb == "receive"
    assert not report.photos.exists()
    (row,) = read(client, f"requests/{report.reference}")
    assert (row["status"], row["address"]) == ("open", "12 Elm")


def test_in_xml_and_with_the_key_in_the_address(client: Client, lamp: Any) -> None:
    data = values(jurisdiction_id="", api_key="", locale="fr-CA")
    answer = client.post(f"{ROOT}/requests.xml?api_key={KEY}", data)
    (row,) = ET.fromstring(answer.content)
    report = Report.objects.get()
    assert row.tag == "request"
    assert row.findtext("service_request_id") == report.reference
    assert row.findtext("service_notice") == "En cas d’urgence, appelez le 911."
    assert report.language == "fr"


def test_who_sent_it_is_kept_apart_and_agreed_to_nothing(client: Client, lamp: Any) -> None:
    who = {"email": "a@mail.example", "first_name": "Ada", "last_name": "Byron", "phone": "514 555-0123"}
    assert post(client, **who, wants_updates="on", may_be_asked="on").status_code == 200
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Ada Byron", "a@mail.example", "")
    assert contact.updates_consent_at is None
    assert contact.questions_consent_at is None
    assert contact.confirmed_at is None
    assert Notice.objects.get().contact == contact


def test_an_address_alone_is_a_place(client: Client, lamp: Any) -> None:
    assert post(client, lat=None, long="", address_string="12 <b>Elm</b>").status_code == 200
    report = Report.objects.get()
    assert (report.address, report.latitude) == ("12 Elm", None)


@pytest.mark.parametrize("names", [["media"], ["media[]"], ["photo1", "photo2"], ["photo"]])
def test_photos_come_under_any_name(client: Client, lamp: Any, names: list[str]) -> None:
    assert post(client, **{name: picture() for name in names}).status_code == 200
    report = Report.objects.get()
    assert report.photos.count() == len(names)
    assert read(client, "requests")[0]["media_url"].endswith(f"/photos/{report.photos.first().pk}/")


def test_several_photos_under_one_name_and_no_more_than_enough(client: Client, lamp: Any) -> None:
    assert "5 photos at most" in told(post(client, media=[picture() for _n in range(6)]))
    assert post(client, media=[picture(), picture()]).status_code == 200
    assert Report.objects.get().photos.count() == 2


def test_the_same_sent_twice_is_one_report(
    client: Client, lamp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = timezone.now().replace(second=58)

    def send(after: int, **more: Any) -> str:
        monkeypatch.setattr(timezone, "now", lambda: at + timedelta(seconds=after))
        return str(post(client, media=picture(), **more).json()[0]["service_request_id"])

    first = send(0)
    assert send(1) == send(30) == first
    assert Report.objects.get().photos.count() == 1
    others = {send(31, description="Another."), send(32, lat="45.6"), send(200)}
    others.add(send(33, api_key="another-key-of-another-system"))
    assert len(others | {first}) == 5


def test_a_key_has_a_limit_and_no_other_pays_for_it(
    client: Client, lamp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engagement.open311.posting.REPORTS_AN_HOUR", 2)
    answers = [post(client, description=f"Dark {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert post(client, description="Dark 4", api_key="another-key-of-another-system").status_code == 200


def test_reports_of_one_system_are_not_taken_for_a_program_s(client: Client, lamp: Any) -> None:
    for number in range(12):
        post(client, description=f"Lamp {number} of {number * 7} is dark")
    assert Report.objects.listed().count() == 12


def test_links_wait_for_staff(client: Client, lamp: Any) -> None:
    reference = post(client, description="https://a.example https://b.example").json()[0][
        "service_request_id"
    ]
    assert client.get(f"{ROOT}/requests/{reference}.json").status_code == 404
    assert Report.objects.get().flags.filter(kind="links").exists()


# --- Saying no ------------------------------------------------------------------------------------


def test_without_keys_nobody_may_send_and_the_answer_says_so(
    client: Client, lamp: Any, settings: Any
) -> None:
    settings.WINNOW_OPEN311_KEYS = {}
    assert "no key was given out" in told(post(client), 403)
    answer = post(client, "xml")
    assert answer.status_code == 403
    assert ET.fromstring(answer.content).findtext("error/code") == "403"


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "api_key required"), (None, "api_key required"), ("x" * 30, "not known"), ("é\ud800", "not known")],
)
def test_a_wrong_key_is_refused(client: Client, lamp: Any, key: Any, words: str) -> None:
    sent = key.encode(errors="surrogatepass") if key else key
    answer = post(client, api_key=sent)
    assert words in told(answer, 403)
    assert KEY[:-1] not in answer.content.decode()
    assert post(client, api_key=KEY[:-1]).status_code == 403


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"service_code": None}, "service_code required"),
        ({"description": " "}, "description required"),
        ({"description": "<p></p>"}, "description required"),
        ({"description": "a" * 4001}, "description: "),
        ({"attribute[COLOUR]": None}, "COLOUR required"),
        ({"attribute[COLOUR]": ""}, "COLOUR required"),
        ({"attribute[COLOUR]": "blue"}, "COLOUR: "),
        ({"attribute[HOWMANY]": "many"}, "HOWMANY: "),
        ({"attribute[SINCE]": "2026-13-45"}, "SINCE: "),
        ({"attribute[SIDES]": ["n", "up"]}, "SIDES: "),
        ({"lat": None, "long": None}, "lat and long required, or address_string"),
        ({"lat": None, "long": None, "address_id": "7"}, "address_id is not known here"),
        ({"lat": None}, "lat required"),
        ({"long": ""}, "long required"),
        ({"lat": "91"}, "lat: no number"),
        ({"long": "nan"}, "long: no number"),
        ({"lat": "4e1"}, "lat: no number"),
        ({"email": "nobody"}, "email: "),
        ({"address_string": "a" * 301}, "address_string: "),
        ({"first_name": "a" * 201}, "first_name, last_name: "),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    client: Client, lamp: Any, more: dict[str, Any], words: str
) -> None:
    assert words in told(post(client, **more))


def test_all_that_is_wrong_is_told_at_once(client: Client, lamp: Any) -> None:
    sentences = told(post(client, description="", lat="", **{"attribute[COLOUR]": ""}, email="x")).split("\n")
    assert len(sentences) == 4


@pytest.mark.parametrize("more", [{"active": False}, {"private": True}, {"code": "other"}])
def test_services_that_are_not_offered_take_nothing(client: Client, more: dict[str, Any]) -> None:
    factories.ReportService(**{"code": "006", **more})
    assert "service_code: not known here" in told(post(client), 404)


def test_another_jurisdiction_is_not_here(client: Client, lamp: Any) -> None:
    assert "jurisdiction_id" in told(post(client, jurisdiction_id="elsewhere.example"), 404)


def test_a_point_in_another_city_is_refused_where_districts_are_drawn(client: Client, lamp: Any) -> None:
    east = factories.District(code="east", boundary=SQUARE)
    assert "outside of this city" in told(post(client, lat="47.5"))
    assert post(client, lat="45.5").status_code == 200
    assert Report.objects.get().district == east
    assert post(client, lat="46.005").status_code == 200  # a bank of the river
    factories.District(code="west")  # not drawn: nobody knows where the city ends
    assert post(client, lat="47.5").status_code == 200


def test_a_photo_that_is_none_is_refused(client: Client, lamp: Any) -> None:
    bad = picture()
    bad.file.seek(0)
    bad.file.truncate()
    bad.file.write(b"<svg onload=alert(1)>")
    bad.file.seek(0)
    assert "media: The file is of type SVG" in told(post(client, media=bad))


def test_html_is_taken_out(client: Client, lamp: Any) -> None:
    said = "Dark <script>alert(1)</script><b>here</b>, 3 < 4 & so on"
    assert post(client, description=said).status_code == 200
    assert Report.objects.get().description == "Dark alert(1)here, 3 < 4 & so on"


# --- What nobody of good will sends -----------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("body", "kind", "statuses"),
    [
        (b"description=" + b"a" * 3_000_000, FORM, {413}),
        (b"&".join(b"f%d=1" % n for n in range(3_000)), FORM, {413}),
        (b"--x\r\nContent-Disposition: form-data; name=", PARTS, {400, 403}),
        (b"x", "multipart/form-data", {400}),
        (b"api_key=%ff%fe%00&lat=%00", FORM, {403}),
        (b"x=1", FORM + "; charset=no-such-thing", {400, 403}),
        (b'{"api_key": ["x"]}', "application/json", {403}),
        (b"", "", {403}),
    ],
)
@pytest.mark.parametrize("format", ["json", "xml"])
def test_bodies_that_cannot_be_read(
    lamp: Any, body: bytes, kind: str, statuses: set[int], format: str, settings: Any
) -> None:
    settings.DEBUG = False
    answer = Client(raise_request_exception=False).generic(
        "POST", f"{ROOT}/requests.{format}", body, content_type=kind
    )
    assert answer.status_code in statuses
    if format == "json":
        assert answer.json()[0]["code"] == str(answer.status_code)
    else:
        assert ET.fromstring(answer.content).findtext("error/code") == str(answer.status_code)


def test_more_than_photos_can_weigh_is_not_read(client: Client, lamp: Any) -> None:
    answer = client.post(f"{ROOT}/requests.json", values(), headers={"content-length": "999999999"})
    assert told(answer, 413)


@pytest.mark.parametrize(
    "words",
    ["bell \x07 and \x1b[31m", "\ufffe\uffff", "<![CDATA[ ]]> &amp; &#0; ]]>", "\u202eback", "🕳️ مرحبا"],
)
def test_odd_signs_come_out_as_xml_that_can_be_read(client: Client, lamp: Any, words: str) -> None:
    assert post(client, description=f"Dark {words}", address_string=words).status_code == 200
    for path in ("requests", f"requests/{Report.objects.get().reference}"):
        root = ET.fromstring(client.get(f"{ROOT}/{path}.xml").content)
        assert root.findtext("request/description", "").startswith("Dark ")
        assert read(client, path)[0]["description"].startswith("Dark ")


@pytest.mark.parametrize("name", ["description", "address_string", "email", "attribute[COLOUR]", "lat"])
def test_a_nul_is_refused(client: Client, lamp: Any, name: str) -> None:
    assert told(post(client, **{name: "a\0b"}))


def test_arrays_in_odd_places(client: Client, lamp: Any) -> None:
    odd: dict[str, Any] = {
        "description": ["one", "two"],
        "attribute[]": "x",
        "attribute[a[b]]": "x",
        "attribute[COLOUR][0]": "x",
        "attribute[COLOUR][]": ["", "006"],
        "lat": ["1", "45.5"],
    }
    assert post(client, **odd).status_code == 200
    assert Report.objects.get().answers == {"COLOUR": "006"}


# --- Keys -------------------------------------------------------------------------------------------


def test_keys_are_read_by_name() -> None:
    pairs = ["app=0123456789abcdef", " city = 0123456789abcdef= "]
    assert named_keys("K", pairs) == {"app": "0123456789abcdef", "city": "0123456789abcdef="}
    assert named_keys("K", []) == {}


@pytest.mark.parametrize(
    "pairs",
    [
        ["a-secret-without-a-name"],
        ["=a-secret-without-a-name"],
        ["app="],
        ["app=a-secret-of-15c"],
        ["app=a-secret-that-is-given", "app=a-secret-that-is-other"],
        ["app=a-secret-that-is-given", "city=a-secret-that-is-given"],
    ],
)
def test_a_key_that_is_none_stops_the_start_and_is_not_printed(pairs: list[str]) -> None:
    with pytest.raises(SettingError) as error:
        named_keys("WINNOW_OPEN311_KEYS", pairs)
    assert "WINNOW_OPEN311_KEYS" in str(error.value)
    assert "a-secret" not in str(error.value)
