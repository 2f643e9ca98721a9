"""Personal data of senders: every way by which staff see it, and that each look is written down."""

import re
from pathlib import Path
from typing import Any

import pytest

from engagement.models import Contact, Event, Notice
from prioritisation.services.setup import ROLES
from tests import factories
from tests.prioritisation import scene

ROOT = Path(__file__).resolve().parents[2]
SENDER = "zz-sender@mail.example"
PHONE = "514 555-0199"

pytestmark = pytest.mark.django_db


def sender() -> Contact:
    return factories.Contact(email=SENDER, name="Zoé Zz", phone=PHONE, questions_consent_at=factories.NOW)


@pytest.fixture(params=["idea", "report"])
def record(request: pytest.FixtureRequest) -> Any:
    return factories.Idea(contact=sender()) if request.param == "idea" else factories.Report(contact=sender())


def looks(record: Any) -> list[str]:
    found = record.events.filter(verb__in=("view_contact", "export_contact"))
    return list(found.values_list("verb", flat=True))


def test_a_look_is_asked_for_and_written_down(client: Any, record: Any, administrator: Any) -> None:
    client.force_login(administrator)
    listed = f"/admin/engagement/{record._meta.model_name}/"
    page = f"{listed}{record.pk}/"
    for asked in (f"{page}change/", f"{page}contact/", f"{listed}?state=all"):
        assert SENDER not in client.get(asked, follow=True).content.decode()
    assert looks(record) == []
    shown = client.post(f"{page}contact/")
    assert SENDER in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    event = record.events.get(verb="view_contact")
    assert (event.by, event.public) == (administrator, False)


@pytest.mark.parametrize("typed", [SENDER, "zz-sender", "Zoé", "5550199", "514 555"])
def test_no_list_is_searched_by_it(client: Any, record: Any, administrator: Any, typed: str) -> None:
    client.force_login(administrator)
    kind = record._meta.model_name
    found = client.get(f"/admin/engagement/{kind}/", {"q": typed, "state": "all"}).content.decode()
    assert f"/{kind}/{record.pk}/change/" not in found
    for column in ("contact__email", "contact__email__startswith", "contact__name__contains"):
        answer = client.get(f"/admin/engagement/{kind}/", {column: typed})
        assert answer.status_code in {302, 400}, column


def test_mails_to_it_are_listed_without_it(client: Any, record: Any, administrator: Any, now: Any) -> None:
    kind = record._meta.model_name
    notice = Notice.objects.create(
        kind=f"engagement.{kind}_received",
        contact=record.contact,
        **{kind: record},
        language="en",
        message_id="one@test",
        next_try_at=now,
        created_at=now,
    )
    client.force_login(administrator)
    for asked in ("", f"{notice.pk}/change/"):
        assert SENDER not in client.get(f"/admin/engagement/notice/{asked}", follow=True).content.decode()
    # Who asks for the address reads what they typed, and learns nothing from it.
    found = client.get(f"/admin/engagement/notice/?q={SENDER}", follow=True).content.decode()
    other = client.get("/admin/engagement/notice/?q=nobody@mail.example", follow=True).content.decode()
    row = f"/admin/engagement/notice/{notice.pk}/change/"
    assert (row in found) == (row in other)
    assert looks(record) == []


def test_the_staff_file_holds_contacts_only_when_asked_for_and_then_says_so(client: Any, now: Any) -> None:
    city = scene.make_city(now)
    for idea in city["ideas"]:
        idea.contact = sender()
        idea.save()
    scene.publish(city, now)
    boss = factories.staff("boss", superuser=True)
    client.force_login(boss)
    address = "/programmes/plan/export.csv?all=1"

    def file(answer: Any) -> str:
        return b"".join(answer.streaming_content).decode()

    assert SENDER not in file(client.get(address))
    assert SENDER not in file(client.get(f"{address}&contacts=1")), "nobody gets them by following a link"
    assert not Event.objects.filter(verb="export_contact").exists()
    assert SENDER in file(client.post(address, {"contacts": "1"}))
    written = set(Event.objects.filter(verb="export_contact").values_list("by", flat=True))
    assert written == {boss.pk}
    client.force_login(city["manager"])
    assert client.post(address, {"contacts": "1"}).status_code == 403


def test_only_moderators_and_administrators_may_look() -> None:
    may = {role for role, held in ROLES.items() if {"engagement.view_contact", "*"} & set(held)}
    assert may == {"moderator", "administrator"}
    export = {role for role, held in ROLES.items() if {"engagement.export_contact", "*"} & set(held)}
    assert export == {"administrator"}


def test_templates_show_a_contact_in_one_place() -> None:
    """A field of a contact in another page would be a look that nobody writes down."""
    shown = re.compile(r"{{[^}]*contact\.(email|phone|name)\b")
    files = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    found = {str(path.relative_to(ROOT / "templates")) for path in files if shown.search(path.read_text())}
    assert found == {"admin/engagement/contact.html"}


def test_public_pages_and_the_api_tell_nothing_of_it(client: Any) -> None:
    idea = factories.Idea(state="published", contact=sender())
    report = factories.Report(contact=sender())
    pages = ("/ideas/", f"/ideas/{idea.reference}/", f"/reports/{report.reference}/", "/api/v1/ideas")
    for page in (*pages, f"/api/v1/ideas/{idea.reference}", "/ideas/?q=zz-sender"):
        said = client.get(page).content.decode()
        for personal in (SENDER, "Zoé Zz", PHONE):
            assert personal not in said, page
