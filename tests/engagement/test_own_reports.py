"""A department works on the problem reports that are its own, and learns nothing of those of another."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from engagement import photos, services
from engagement.models import Report, ReportService, User
from tests import factories
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/engagement/report/"
OWN, FOREIGN = "Our lamp is dark.", "Zzquagga at their gate."
MAY = ["engagement.change_report"]
Given = Callable[..., Any]


@pytest.fixture
def roads() -> Any:
    return factories.Department()


def person(name: str, department: Any, permissions: list[str] = MAY) -> User:
    user = factories.staff(name, permissions=permissions)
    user.department = department
    user.save()
    return User.objects.get(pk=user.pk)


@pytest.fixture
def member(roads: Any) -> User:
    return person("member", roads)


@pytest.fixture
def desk(member: User) -> Client:
    return signed_in(member)


def report(text: str, **given: Any) -> Any:
    # A service that is not shown in public: nothing is found by another way.
    given.setdefault("service", factories.ReportService(private=True))
    given.setdefault("contact", factories.Contact())
    words = {"description": text, "public_description": text, "search": f" {text.lower()}"}
    return factories.Report(**{**words, "received_at": timezone.now(), **given})


@pytest.fixture
def own(roads: Any) -> Any:
    return report(OWN, department=roads)


@pytest.fixture
def foreign(roads: Any) -> Any:
    """Its report service is the department's, but a rule sent it to another one."""
    service = factories.ReportService(private=True, department=roads)
    return report(FOREIGN, service=service, department=factories.Department())


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, verb: str, record: Any, **said: Any) -> Any:
    fresh = Report.objects.get(pk=record.pk)
    return client.post(f"{LIST}do/{verb}/", {"selected": f"{fresh.pk}:{fresh.version}", "note": "", **said})


def closing() -> dict[str, str]:
    reason = factories.Reason(action="close")
    return {"reason": reason.code, "text_en": "A new lamp.", "text_fr": ""}


# What is theirs ------------------------------------------------------------------------------------


def test_the_list_holds_what_was_routed_there_and_what_its_services_get(
    desk: Client, roads: Any, own: Any, foreign: Any
) -> None:
    by_service = report("By its service.", service=factories.ReportService(department=roads))
    page = text_of(desk.get(LIST))
    assert own.reference in page
    assert by_service.reference in page
    assert foreign.reference not in page
    assert "/admin/engagement/report/" in text_of(desk.get("/admin/"))


def test_who_is_in_no_department_finds_nothing(own: Any, foreign: Any) -> None:
    nobodys = report("Nobody's.", service=factories.ReportService(department=None))
    client = signed_in(person("loose", None))
    page = text_of(client.get(f"{LIST}?state=all"))
    for one in (own, foreign, nobodys):
        assert one.reference not in page
        assert client.get(f"{LIST}{one.pk}/change/").status_code in {302, 404}


def test_it_starts_tells_closes_and_opens_again(desk: Client, own: Any) -> None:
    page = text_of(desk.get(f"{LIST}{own.pk}/change/"))
    assert OWN in page
    assert "do/take_as_idea/" not in page
    assert "do/start/" in page
    for verb, said, state in (
        ("start", {}, "in_progress"),
        ("update", {"text_en": "The part comes on Monday.", "text_fr": ""}, "in_progress"),
        ("close", closing(), "closed"),
        ("reopen", {}, "received"),
    ):
        assert post(desk, verb, own, **said).status_code == 302
        own.refresh_from_db()
        assert own.state == state, verb
    assert [one.by.username for one in own.events.order_by("pk")] == ["member"] * 4


def test_a_slip_is_undone(desk: Client, own: Any) -> None:
    post(desk, "start", own)
    own.refresh_from_db()
    desk.post(f"{LIST}undo/", {"selected": f"{own.pk}:{own.version}"})
    own.refresh_from_db()
    assert own.state == "received"


def test_the_next_free_one_is_one_of_theirs(desk: Client, own: Any, foreign: Any) -> None:
    Report.objects.filter(pk=foreign.pk).update(received_at=timezone.now() - timedelta(days=9))
    answer = desk.post(f"{LIST}next/", {"filters": ""})
    assert answer["Location"].startswith(f"{LIST}{own.pk}/change/")
    assert "Nothing waits here any more" in text_of(desk.post(f"{LIST}next/", {"after": own.pk}, follow=True))


def test_addresses_and_numbers_that_were_written_into_it_stay_out(desk: Client, roads: Any) -> None:
    question = {"code": "pole", "datatype": "string", "label": {"en": "Which pole?"}, "required": False}
    one = report(
        "Call 514 555 0199 at once.",
        service=factories.ReportService(questions=[question]),
        public_description="Call [phone] at once.",
        department=roads,
        answers={"pole": "17, ask zz-sender@mail.example"},
    )
    for address in (f"{LIST}{one.pk}/change/", f"{LIST}do/update/?selected={one.pk}:{one.version}"):
        page = text_of(desk.get(address))
        assert "555 0199" not in page
        assert "zz-sender" not in page
        assert "Call [phone] at once." in page
    assert "17, ask" in text_of(desk.get(f"{LIST}{one.pk}/change/"))
    assert "Contact" not in text_of(desk.get(f"{LIST}{one.pk}/change/")), "not even whether there is one"
    assert desk.post(f"{LIST}{one.pk}/contact/").status_code == 403
    shown = text_of(post(desk, "update", one, text_en="Soon.", text_fr="", _preview="1"))
    assert "The sender is told, where there is an address." in shown


def test_the_desk_counts_their_own(desk: Client, roads: Any, own: Any, foreign: Any) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    late = report("Late.", department=roads, expected_at=yesterday)
    today = report("Due today.", department=roads, expected_at=timezone.now())
    Report.objects.filter(pk=foreign.pk).update(expected_at=yesterday)
    page = text_of(desk.get("/admin/"))
    assert "<strong>3</strong> problem reports are open" in page
    assert f'<a href="{LIST}?state=late"><strong>1</strong> problem report is past its promised day' in page
    listed = text_of(desk.get(f"{LIST}?state=late"))
    assert late.reference in listed
    assert not any(one.reference in listed for one in (own, today, foreign))
    client = signed_in(person("other", factories.Department()))
    assert "<strong>0</strong> problem reports are open" in text_of(client.get("/admin/"))


def test_a_photo_of_their_own_is_shown_to_them(desk: Client, own: Any, foreign: Any) -> None:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    picture = photos.clean(file.getvalue())
    answers = []
    for one in (own, foreign):
        photo = services.attach_photo(
            record=one, photo=picture, caption="", rights_confirmed=True, at=timezone.now()
        )
        answers.append(desk.get(f"/photos/{photo.pk}/").status_code)
    assert answers == [200, 404]


# What is another's ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=all",
        "state=late",
        "state=closed",
        "q=zzquagga",
        "q=R2026",
        "o=1",
        "o=-2.6",
        "department={department}",
        "department__id={department}",
        "service={service}",
        "service__department={department}",
        "description__icontains=zzquagga",
        "pk={pk}",
        "hand=others",
        "all=",
    ],
)
def test_no_list_shows_it_however_it_is_asked(desk: Client, own: Any, foreign: Any, query: str) -> None:
    asked = query.format(department=foreign.department_id, service=foreign.service_id, pk=foreign.pk)
    Report.objects.filter(pk=foreign.pk).update(
        expected_at=timezone.now() - timedelta(days=9),
        claimed_by=factories.User(),
        claimed_until=timezone.now() + timedelta(hours=1),
    )
    answer = desk.get(f"{LIST}?{asked}", follow=True)
    assert answer.status_code in {200, 400}
    page = text_of(answer)
    assert foreign.reference not in page
    assert "Zzquagga" not in page
    if answer.status_code == 200:
        assert answer.context["cl"].full_result_count == 1


@pytest.mark.parametrize("page", ["", "change/", "history/", "contact/", "hold/", "take/", "put-back/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_it_opens(desk: Client, foreign: Any, page: str, method: str) -> None:
    answer = getattr(desk, method)(f"{LIST}{foreign.pk}/{page}", follow=True)
    assert answer.status_code in {200, 403, 404}
    assert foreign.reference not in text_of(answer)
    assert "Zzquagga" not in text_of(answer)
    if answer.status_code == 200:
        assert answer.redirect_chain, "only a way back"
    nothing = getattr(desk, method)(f"{LIST}999999/{page}", follow=True)
    assert nothing.status_code == answer.status_code, "one that is not there answers alike"


@pytest.mark.parametrize("verb", ["start", "update", "close", "reopen", "take_as_idea", "take_back"])
@pytest.mark.parametrize("extra", [{}, {"_preview": "1"}, {"_preview": "part"}])
def test_no_verb_reaches_it(desk: Client, own: Any, foreign: Any, verb: str, extra: dict[str, str]) -> None:
    before = Report.objects.filter(pk=foreign.pk).values().get()
    answer = post(desk, verb, foreign, **closing(), **extra)
    assert answer.status_code in {302, 403}
    assert foreign.reference not in text_of(answer)
    assert Report.objects.filter(pk=foreign.pk).values().get() == before
    both = f"{own.pk}:{own.version},{foreign.pk}:{foreign.version}"
    shown = text_of(desk.get(f"{LIST}do/{verb}/?selected={both}"))
    assert foreign.reference not in shown
    assert "Zzquagga" not in shown


def test_an_action_of_the_list_leaves_it_out(desk: Client, own: Any, foreign: Any) -> None:
    chosen = {"action": "start", "_selected_action": [own.pk, foreign.pk]}
    page = text_of(desk.post(f"{LIST}?state=all", chosen))
    assert own.reference in page
    assert foreign.reference not in page


@pytest.mark.parametrize("act", ["start", "close", "update", "claim", "undo", "take_as_idea"])
def test_the_services_refuse_it_too(member: User, foreign: Any, act: str) -> None:
    at = timezone.now()
    who: dict[str, Any] = {"by": member, "at": at}
    acts: dict[str, Callable[[], object]] = {
        "start": lambda: services.start_report(report=foreign, **who),
        "close": lambda: services.close_report(
            report=foreign, reason=factories.Reason(action="close").code, text={"en": "Done."}, **who
        ),
        "update": lambda: services.update_report(report=foreign, text={"en": "Soon."}, **who),
        "claim": lambda: services.claim(record=foreign, **who),
        "undo": lambda: _start_and_undo(foreign, member),
        "take_as_idea": lambda: services.take_as_idea(report=foreign, call=factories.Call(), **who),
    }
    with pytest.raises(services.Refused) as refusal:
        acts[act]()
    assert refusal.value.code == "forbidden"


def _start_and_undo(record: Any, by: User) -> None:
    at = timezone.now()
    services.start_report(report=record, by=person("theirs", record.department), at=at)
    services.undo_move(record=record, by=by, at=at)


def test_files_hold_their_own_alone(roads: Any, desk: Client, own: Any, foreign: Any) -> None:
    assert desk.get(f"{LIST}export/").status_code == 403
    ReportService.objects.update(private=False)  # private ones are in no file
    client = signed_in(person("exports", roads, [*MAY, "engagement.export_report"]))
    for keys in (f"{own.pk},{foreign.pk}", ""):
        said = {"what": "reports", "format": "csv", "keys": keys, "filters": "state=all"}
        answer = client.post(f"{LIST}export/", said)
        assert answer.status_code == 200
        written = b"".join(answer.streaming_content).decode()
        assert own.reference in written
        assert foreign.reference not in written


def test_neither_the_interface_for_programs_nor_completion_tells_of_it(desk: Client, foreign: Any) -> None:
    asked = "app_label=engagement&model_name=metoo&field_name=report&term=zzquagga"
    for address in (
        f"/admin/autocomplete/?{asked}",
        "/api/v1/reports/",
        f"/api/v1/reports/{foreign.reference}/",
        f"/reports/{foreign.reference}/",
        f"/admin/r/1/{foreign.pk}/",
    ):
        answer = desk.get(address)
        assert foreign.reference not in text_of(answer).replace(address, ""), address
        assert "Zzquagga" not in text_of(answer)


def test_who_sees_all_works_on_their_own_only(roads: Any, own: Any, foreign: Any) -> None:
    client = signed_in(person("reads", roads, [*MAY, "engagement.view_report"]))
    assert "do/start/" in text_of(client.get(f"{LIST}{own.pk}/change/"))
    page = text_of(client.get(f"{LIST}{foreign.pk}/change/"))
    assert FOREIGN in page
    assert "do/start/" not in page
    assert "/take/" not in page
    answer = post(client, "start", foreign)
    assert "You are not allowed to do this." in text_of(answer)
    foreign.refresh_from_db()
    assert foreign.state == "received"


def test_in_french(desk: Client, own: Any) -> None:
    Report.objects.update(expected_at=timezone.now() - timedelta(days=3))
    page = text_of(desk.get("/fr/admin/"))
    assert "signalement a dépassé la date promise" in page
    assert ">date promise dépassée<" in text_of(desk.get(f"/fr{LIST}"))
