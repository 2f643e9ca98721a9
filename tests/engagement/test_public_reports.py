"""Problem reports: found by a word, sent with a photo, read by who may."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from engagement import links, photos, services
from engagement.models import Photo, Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Any:
    return factories.ReportService(
        code="pothole",
        name={"en": "Pothole", "fr": "Nid-de-poule"},
        group={"en": "Streets", "fr": "Rues"},
        keywords="asphalt, crevaison",
        notice={"en": "In an emergency call 911."},
        target_days=10,
        questions=[
            {
                "code": "lane",
                "datatype": "singlevaluelist",
                "required": True,
                "label": {"en": "Where in the street?"},
                "values": [
                    {"key": "car", "label": {"en": "Car lane"}},
                    {"key": "bike", "label": {"en": "Bike"}},
                ],
            },
            {"code": "depth", "datatype": "number", "label": {"en": "How deep, in cm?"}},
            {"code": "since", "datatype": "datetime", "label": {"en": "Since when?"}},
        ],
    )


def picture(kind: str = "JPEG") -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, kind)
    return SimpleUploadedFile("IMG_0001.jpg", data.getvalue(), content_type="image/jpeg")


def values(**more: Any) -> dict[str, Any]:
    return {"description": "A deep hole.", "answer_lane": "bike", "address": "12 Elm", **more}


def attach(report: Any) -> Photo:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "PNG")
    clean = photos.clean(data.getvalue())
    return services.attach_photo(
        record=report, photo=clean, caption="A hole", rights_confirmed=True, at=timezone.now()
    )


def test_services_are_found_by_words_in_both_languages(client: Any, service: Any) -> None:
    factories.ReportService(name={"en": "Graffiti", "fr": "Graffiti"})
    factories.ReportService(name={"en": "Old one"}, active=False)
    everything = client.get("/report/").content.decode()
    assert "Pothole" in everything
    assert "Graffiti" in everything
    assert "Old one" not in everything
    for word in ("pothole", "ASPHALT", "Crévaison", "nid de poule", "streets"):
        found = client.get("/report/", {"q": word}).content.decode()
        assert "/report/pothole/" in found, word
        assert "Graffiti" not in found
    assert "Nothing fits" in client.get("/report/", {"q": "zebra"}).content.decode()


def test_the_notice_stands_before_the_form(client: Any, service: Any) -> None:
    text = client.get("/report/pothole/").content.decode()
    assert text.index("In an emergency call 911.") < text.index("<form method")


def test_before_it_is_sent_one_reads_what_becomes_public(client: Any, service: Any) -> None:
    text = client.get("/report/pothole/").content.decode()
    for said in (
        "Everybody can read this as soon as it is sent",
        "At once, for everybody",
        "your answers to",
    ):
        assert said in text
    assert text.index("At once, for everybody") < text.index('<button class="large">')
    assert "Tout de suite, pour tout le monde" in client.get("/fr/report/pothole/").content.decode()
    service.questions, service.private = [], True
    service.save()
    private = client.get("/report/pothole/").content.decode()
    assert "Only staff read this." in private
    assert "reports of this kind are not public" in private
    assert "for everybody" not in private


def test_from_the_form_to_the_private_page(client: Any, service: Any) -> None:
    answer = client.post("/report/pothole/", values(answer_depth="7.5", answer_since="2026-05-01T10:30"))
    report = Report.objects.get()
    assert answer.status_code == 303
    assert report.reference.startswith("R")
    assert report.answers["lane"] == "bike"
    assert report.answers["depth"] == "7.5"
    assert report.answers["since"].startswith("2026-05-01T10:30")
    text = client.get(answer["Location"]).content.decode()
    assert links.tracking_code(report) in text
    assert "We mean to be done by" in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": ""}, "description"),
        ({"answer_lane": ""}, "answer_lane"),
        ({"answer_lane": "boat"}, "answer_lane"),
        ({"answer_depth": "deep"}, "answer_depth"),
        ({"address": ""}, "where"),
        ({"where": "nowhere"}, "where"),
    ],
)
def test_what_is_missing_is_said_beside_it(client: Any, service: Any, change: Any, field: str) -> None:
    answer = client.post("/report/pothole/", values(**change))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text
    assert not Report.objects.exists()


@pytest.mark.parametrize("place", [{"address": "12 Elm"}, {"latitude": "45.5", "longitude": "-73.5"}])
def test_each_way_to_say_where_is_enough(client: Any, service: Any, place: Any) -> None:
    assert client.post("/report/pothole/", {**values(address=""), **place}).status_code == 303


def test_a_point_finds_its_district(client: Any, service: Any) -> None:
    ring = [[-74, 45], [-73, 45], [-73, 46], [-74, 46], [-74, 45]]
    factories.District(boundary={"type": "Polygon", "coordinates": [[[x + 5, y] for x, y in ring]]})
    around = factories.District(boundary={"type": "Polygon", "coordinates": [ring]})
    client.post("/report/pothole/", values(latitude="45.5", longitude="-73.5"))
    assert Report.objects.get().district == around


def test_a_form_posted_twice_is_one_report_with_one_photo(client: Any, service: Any) -> None:
    page = client.get("/report/pothole/").content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    for _time in range(2):
        client.post("/report/pothole/", values(form_key=key, photo=picture(), photo_rights="on"))
    assert Report.objects.count() == 1
    assert Photo.objects.count() == 1


def test_a_photo_is_drawn_anew_and_needs_the_right_to_share_it(client: Any, service: Any) -> None:
    refused = client.post("/report/pothole/", values(photo=picture()))
    assert refused.status_code == 422
    assert "id_photo_rights_error" in refused.content.decode()
    assert "choose your photo again" in refused.content.decode()
    client.post("/report/pothole/", values(photo=picture(), photo_rights="on", photo_caption="A hole"))
    photo = Photo.objects.get()
    assert (photo.width, photo.height, photo.caption) == (40, 30, "A hole")
    assert "IMG_0001" not in photo.file.name


@pytest.mark.parametrize("content", [b"not a photo", b"GIF89a....", b"\xff\xd8\xff broken"])
def test_what_is_no_photo_is_refused_in_words(client: Any, service: Any, content: bytes) -> None:
    file = SimpleUploadedFile("x.jpg", content, content_type="image/jpeg")
    answer = client.post("/report/pothole/", values(photo=file, photo_rights="on"))
    assert answer.status_code == 422
    assert 'id="id_photo_error"' in answer.content.decode()
    assert not Report.objects.exists()


def test_a_photo_is_seen_only_by_who_may(client: Any, moderator: Any, clerk: Any) -> None:
    public = attach(factories.Report())
    private = attach(factories.Report(service=factories.ReportService(private=True)))
    withdrawn = attach(factories.Report(state="withdrawn"))
    answer = client.get(f"/photos/{public.pk}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    for photo in (private, withdrawn):
        assert client.get(f"/photos/{photo.pk}/").status_code == 404
        own = f"/t/{photo.report.reference}/{links.tracking_token(photo.report)}/photos/"
        answer = client.get(f"{own}{photo.pk}/")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert client.get(f"{own}{public.pk}/").status_code == 404
    client.force_login(clerk)
    assert client.get(f"/photos/{private.pk}/").status_code == 404
    client.force_login(moderator)
    assert client.get(f"/photos/{private.pk}/").status_code == 200


def test_a_photo_of_an_idea_goes_with_its_text(client: Any, now: Any) -> None:
    idea = factories.Idea(state="received", published_at=None)
    photo = attach(idea)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404
    type(idea).objects.filter(pk=idea.pk).update(state="published", published_at=now)
    assert client.get(f"/photos/{photo.pk}/").status_code == 200
    type(idea).objects.filter(pk=idea.pk).update(text_hidden=True)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_erasing_the_words_of_a_report_removes_the_file_too(
    client: Any, django_capture_on_commit_callbacks: Any
) -> None:
    report = factories.Report(address="12 Elm", contact=factories.Contact())
    photo = attach(report)
    storage, name = photo.file.storage, photo.file.name
    assert storage.exists(name)
    path = f"/t/{report.reference}/{links.tracking_token(report)}/erase/"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path, {"words": "remove"}).status_code == 200
    report.refresh_from_db()
    assert (report.description, report.address, report.contact) == ("", "", None)
    assert not Photo.objects.exists()
    assert not storage.exists(name)


def test_the_public_page_of_a_report(client: Any) -> None:
    report = factories.Report(
        contact=factories.Contact(),
        description="Call 514 555 0199",
        public_description="Call [phone]",
        answers={"lane": "Secret answer"},
        expected_at=timezone.now() + timedelta(days=3),
    )
    text = client.get(f"/reports/{report.reference}/").content.decode()
    assert "Call [phone]" in text
    for secret in ("555", "Secret answer", report.contact.email, links.tracking_token(report)):
        assert secret not in text
    for hidden in (factories.Report(state="withdrawn"), factories.Report(service__private=True)):
        assert client.get(f"/reports/{hidden.reference}/").status_code == 404


def test_where_reports_are_taken_elsewhere(client: Any, service: Any, settings: Any) -> None:
    settings.WINNOW_REPORTS_ENABLED = False
    settings.WINNOW_REPORTS_URL = "https://311.city.example/"
    for path in ("/report/", "/report/pothole/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert 'href="https://311.city.example/"' in answer.content.decode()
        assert client.post(path, values()).status_code == 403
    assert not Report.objects.exists()


def test_queries(client: Any, service: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        factories.ReportService(group={"en": f"Group {number % 6}"})
    report = factories.Report(service=service)
    for path in ("/report/", "/report/?q=service", "/report/pothole/", f"/reports/{report.reference}/"):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


def test_the_summary_reads_downwards_and_one_way_to_say_where_is_not_called_optional(
    client: Any, service: Any
) -> None:
    text = client.post("/report/pothole/", {"wants_updates": "on"}).content.decode()
    summary = text.split("error-summary-title")[2].split("</ul>")[0]
    places = [summary.index(f"#id_{name}") for name in ("description", "answer_lane", "where", "email")]
    assert places == sorted(places)
    label = text.split('for="id_where">')[1].split("</label>")[0]
    assert "(optional)" not in label
