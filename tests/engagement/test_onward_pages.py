"""Pages for what goes on elsewhere: desk forms, the department's page, public and private pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from config.celery import app
from engagement import links, services, tasks
from engagement.models import Idea, Notice, Referral, Report, Support
from tests import factories
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db
IDEAS, REPORTS, REFERRALS = (f"/admin/engagement/{name}/" for name in ("idea", "report", "referral"))
TEXT = {"text_en": "They look after it.", "text_fr": ""}


@pytest.fixture
def desk() -> Client:
    may = ("view_idea", "triage_idea", "view_report", "handle_report")
    return signed_in(factories.staff("desk", permissions=[f"engagement.{one}" for one in may]))


def chosen(*records: Any) -> str:
    return ",".join(f"{record.pk}:{record.version}" for record in records)


def do(desk: Client, page: str, verb: str, record: Any, **fields: Any) -> Any:
    record.refresh_from_db()
    return desk.post(f"{page}do/{verb}/", {"selected": chosen(record), "note": "", **fields})


def text_of(response: Any) -> str:
    return str(response.content.decode())


def track(record: Any, page: str = "") -> str:
    return f"/t/{record.reference}/{links.tracking_token(record)}/{page}"


# Passing on ---------------------------------------------------------------------------------------


def test_the_form_asks_to_whom_and_one_form_serves_many(desk: Client) -> None:
    parks = factories.Department(email="parks@city.example")
    reason = factories.Reason(action="pass_on")
    one, two = factories.Idea.create_batch(2)
    given = {"selected": chosen(one, two), "reason": reason.code, **TEXT}
    refused = desk.post(f"{IDEAS}do/pass_on/", given)
    assert "Choose to whom it is passed on." in text_of(refused)
    assert "They look after it." in text_of(refused)
    assert desk.post(f"{IDEAS}do/pass_on/", {**given, "to": parks.pk}).status_code == 302
    assert Referral.objects.filter(department=parks).count() == 2
    three = factories.Idea()
    do(desk, IDEAS, "pass_on", three, reason=reason.code, to="plan", **TEXT)
    assert Referral.objects.get(idea=three).running_plan
    four = factories.Idea()
    do(desk, IDEAS, "pass_on", four, reason=reason.code, to="outside", **TEXT)
    four.refresh_from_db()
    assert (four.state, four.referrals.count()) == ("passed_on", 0)


@pytest.fixture
def asked(now: Any, moderator: Any) -> Any:
    idea = factories.Idea(
        state="published",
        contact=factories.Contact(name="Ana Q", email="ana@mail.example"),
        problem="Sent 514",
    )
    reason = factories.Reason(action="pass_on").code
    department = factories.Department(name={"en": "Parks", "fr": "Parcs"})
    return services.pass_on_idea(idea=idea, by=moderator, at=now, reason=reason, department=department)


def member(department: Any) -> Client:
    user = factories.staff(f"in-{department.code}", permissions=["engagement.answer_referral"])
    user.department = department
    user.save()
    return signed_in(user)


def test_a_department_sees_and_answers_its_own_and_nothing_else(asked: Any) -> None:
    Idea.objects.update(public_problem="Shown words")
    page = f"{REFERRALS}{asked.pk}/"
    parks, others = member(asked.department), member(factories.Department())
    assert others.get(f"{page}change/").status_code == 404
    assert others.post(f"{page}answer/", {"answer_en": "No."}).status_code == 404
    assert asked.idea.reference not in text_of(others.get(REFERRALS))
    assert asked.idea.reference in text_of(parks.get(REFERRALS))
    assert "1</strong> idea that was passed on waits for an answer" in text_of(parks.get("/admin/"))
    shown = text_of(parks.get(f"{page}change/"))
    assert "Shown words" in shown
    for secret in ("Sent 514", "Ana Q", "ana@mail.example", links.tracking_token(asked.idea)):
        assert secret not in shown
    for forbidden in (IDEAS, f"{IDEAS}{asked.idea_id}/change/", f"{IDEAS}{asked.idea_id}/contact/"):
        assert parks.get(forbidden).status_code == 403
    assert "at least one language" in text_of(parks.post(f"{page}answer/", {"answer_en": ""}))
    assert parks.post(f"{page}answer/", {"answer_en": "In May."}).status_code == 302
    late = parks.post(f"{page}answer/", {"answer_en": "In June."})
    assert late.status_code == 422
    assert "answered in the meantime" in text_of(late)
    assert Referral.objects.get().answer == {"en": "In May."}


def test_what_was_opened_again_a_department_reads_no_more_than_everybody(
    asked: Any, desk: Client, administrator: Any, now: Any
) -> None:
    Idea.objects.update(public_title="Shown title", public_problem="Shown words")
    everything = f"{REFERRALS}?answer=all"
    page, parks = f"{REFERRALS}{asked.pk}/change/", member(asked.department)
    asked.idea.refresh_from_db()
    services.reopen_idea(idea=asked.idea, by=administrator, at=now)
    for address in (page, everything):
        assert "Shown" not in text_of(parks.get(address))
        assert asked.idea.reference in text_of(parks.get(address))
    assert "Shown words" in text_of(desk.get(page))
    services.publish_idea(idea=asked.idea, by=administrator, at=now)
    assert "Shown words" in text_of(parks.get(page))


def test_the_answer_is_read_in_public_by_the_sender_and_at_the_desk(
    asked: Any, desk: Client, client: Client, moderator: Any, now: Any
) -> None:
    pages = [
        (client, f"/ideas/{asked.idea.reference}/"),
        (client, track(asked.idea)),
        (desk, f"{IDEAS}{asked.idea_id}/change/"),
    ]
    for reader, address in pages:
        shown = text_of(reader.get(address))
        assert "No answer yet" in shown or "Record the answer" in shown
    services.answer_referral(referral=asked, answer={"en": "In May."}, by=moderator, at=now)
    for reader, address in pages:
        shown = text_of(reader.get(address))
        assert "Parks" in shown
        assert "In May." in shown
    assert "Parcs" in text_of(client.get(f"/fr/ideas/{asked.idea.reference}/"))


def test_ideas_passed_on_before_there_were_answers_have_their_pages(desk: Client, client: Client) -> None:
    idea = factories.Idea(state="passed_on")
    for reader, address in (
        (client, f"/ideas/{idea.reference}/"),
        (client, track(idea)),
        (desk, f"{IDEAS}{idea.pk}/change/"),
        (desk, REFERRALS),
    ):
        assert reader.get(address).status_code == 200


# An idea as a problem report ------------------------------------------------------------------------


def test_the_form_asks_of_which_service_only_the_first_time(desk: Client) -> None:
    idea, service = factories.Idea(), factories.ReportService()
    assert "Choose a report service." in text_of(do(desk, IDEAS, "take_as_report", idea))
    assert do(desk, IDEAS, "take_as_report", idea, service=service.pk).status_code == 302
    report = Report.objects.get()
    assert report.reference in text_of(desk.get(f"{IDEAS}{idea.pk}/change/"))
    assert do(desk, IDEAS, "take_back", idea).status_code == 302
    assert do(desk, IDEAS, "take_as_report", idea).status_code == 302
    assert do(desk, REPORTS, "take_as_idea", report).status_code == 302
    idea.refresh_from_db()
    assert idea.state == "received"


def test_a_private_report_is_offered_only_invitations_for_staff(desk: Client) -> None:
    report = factories.Report(service=factories.ReportService(private=True))
    public = factories.Call(title={"en": "For everybody"})
    inside = factories.Call(kind="in_reach", title={"en": "For staff"})
    asks = text_of(desk.get(f"{REPORTS}do/take_as_idea/", {"selected": chosen(report)}))
    assert "For staff" in asks
    assert "For everybody" not in asks
    assert do(desk, REPORTS, "take_as_idea", report, call=public.pk).status_code == 200
    assert not Idea.objects.exists()
    assert do(desk, REPORTS, "take_as_idea", report, call=inside.pk).status_code == 302


@pytest.mark.parametrize("private", [True, False])
def test_public_pages_lead_on_where_both_are_public(
    private: bool, client: Client, moderator: Any, now: Any
) -> None:
    idea = factories.Idea(state="published")
    service = factories.ReportService(private=private, name={"en": "Secret service"})
    report = services.take_as_report(idea=idea, service=service, by=moderator, at=now)
    answer = client.get(f"/ideas/{idea.reference}/")
    if private:
        assert answer.status_code == 404
        assert client.get(f"/reports/{report.reference}/").status_code == 404
    else:
        assert answer["Location"] == f"/reports/{report.reference}/"
        french = client.get(f"/fr/ideas/{idea.reference}/")
        assert french["Location"] == f"/fr/reports/{report.reference}/"
    assert idea.reference not in text_of(client.get("/ideas/"))
    assert client.get(f"/api/v1/ideas/{idea.reference}/").status_code == 404
    services.take_back_idea(idea=idea, by=moderator, at=now)
    shown = text_of(client.get(f"/ideas/{idea.reference}/"))
    assert "Secret service" not in shown
    assert report.reference not in shown
    back = client.get(f"/reports/{report.reference}/")
    assert back.status_code == (404 if private else 302)
    unseen = factories.Idea()
    services.take_as_report(idea=unseen, service=factories.ReportService(), by=moderator, at=now)
    assert client.get(f"/ideas/{unseen.reference}/").status_code == 404, "it never was public"


def test_the_senders_link_and_code_open_the_page_of_what_goes_on(
    client: Client, moderator: Any, now: Any
) -> None:
    idea = factories.Idea()
    service = factories.ReportService(private=True)
    report = services.take_as_report(idea=idea, service=service, by=moderator, at=now)
    opened = client.get(track(idea))
    assert opened.status_code == 200
    assert f"Your problem report {report.reference}" in text_of(opened)
    assert idea.reference in text_of(opened)
    typed = client.post("/track/", {"reference": idea.reference, "code": links.tracking_code(idea)})
    assert typed["Location"] == track(report)
    assert report.reference in text_of(client.get(track(idea, "erase/")))
    assert client.post(track(idea, "withdraw/")).status_code == 303
    report.refresh_from_db()
    assert report.state == "withdrawn"
    old = track(idea)
    assert client.post(track(report, "erase/"), {"words": "remove"}).status_code == 200
    assert client.get(old).status_code == 404
    idea.refresh_from_db()
    assert idea.problem == ""


# A letter -------------------------------------------------------------------------------------------

LETTER = (
    "A bench at the pond, so that people can rest there.\n\nLater hours at the library for those who work."
)


def test_the_form_begins_with_the_paragraphs_and_keeps_what_is_typed(desk: Client) -> None:
    letter = factories.Idea(problem=f"Dear city,\n\n{LETTER}")
    asks = text_of(desk.get(f"{IDEAS}do/split/", {"selected": chosen(letter)}))
    assert "can rest there.</textarea>" in asks
    assert "Dear city,</textarea>" not in asks
    assert "part_4" in asks
    assert "part_5" not in asks
    typed = {"boxes": 4, "part_1": "A bench at the pond,", "part_3": "A bank at the pond"}
    more = text_of(do(desk, IDEAS, "split", letter, _more=1, **typed))
    assert "part_8" in more
    assert "A bank at the pond" in more
    refused = text_of(do(desk, IDEAS, "split", letter, **typed))
    assert "these words are not in the letter" in refused
    assert "A bank at the pond</textarea>" in refused
    assert 'href="#id_part_2"' in refused, "said at its box: an empty one before it is left out"
    typed["part_3"] = "Later hours"
    assert do(desk, IDEAS, "split", letter, **typed).status_code == 302
    assert letter.parts.count() == 2


def test_the_letters_page_lists_its_parts_and_erasing_says_what_goes_too(
    client: Client, moderator: Any, now: Any
) -> None:
    letter = factories.Idea(problem=LETTER, contact=factories.Contact())
    parts = [services.Quotation(words) for words in LETTER.split("\n\n")]
    bench, library = services.split_idea(idea=letter, parts=parts, by=moderator, at=now)
    services.publish_idea(idea=bench, by=moderator, at=now)
    report = services.take_as_report(idea=library, service=factories.ReportService(), by=moderator, at=now)
    page = text_of(client.get(track(letter)))
    assert LETTER.split("\n")[0] in page
    assert "Published" in page
    for one in (bench, report):
        assert track(one) in page
    assert track(letter) in text_of(client.get(track(bench)))
    told = text_of(client.get(track(letter, "erase/")))
    for one in (bench, library, report):
        assert one.reference in told
    assert letter.reference in text_of(client.get(track(bench, "erase/")))
    client.post(track(bench, "erase/"), {"words": "remove"})
    bench.refresh_from_db()
    assert track(bench) not in text_of(client.get(track(letter))), "what was erased is opened by nothing"


# At a set hour --------------------------------------------------------------------------------------


def test_the_message_says_the_hour(desk: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)
    answer = do(desk, IDEAS, "schedule", factories.Idea(), hour=f"{day}T07:30")
    said = text_of(desk.get(answer["Location"]))
    assert f"will be published on {date_format(day)}, 7:30 a.m." in said


def test_the_hour_is_the_citys_and_shown_in_the_list(desk: Client) -> None:
    one, two = factories.Idea.create_batch(2)
    day = timezone.localdate() + timedelta(days=3)
    given = {"selected": chosen(one, two), "hour": f"{day}T07:30"}
    assert desk.post(f"{IDEAS}do/schedule/", given).status_code == 302
    one.refresh_from_db()
    assert timezone.localtime(one.publish_at).strftime("%H:%M") == "07:30"
    assert settings.TIME_ZONE in text_of(desk.get(f"{IDEAS}do/schedule/", {"selected": chosen(one)}))
    assert one.reference not in text_of(desk.get(IDEAS)), "nobody needs to decide about it"
    listed = text_of(desk.get(IDEAS, {"state": "planned"}))
    assert one.reference in listed
    assert "to be published" in listed
    assert "/do/unschedule/" in text_of(desk.get(f"{IDEAS}{one.pk}/change/"))
    assert do(desk, IDEAS, "unschedule", one).status_code == 302
    assert one.reference in text_of(desk.get(IDEAS))
    assert "/do/unschedule/" not in text_of(desk.get(f"{IDEAS}{one.pk}/change/"))
    assert not Notice.objects.exists()


@pytest.mark.parametrize("hour", ["", "tomorrow", "2020-01-01T10:00", "9999-01-01T10:00"])
def test_an_hour_that_is_none_is_told_and_nothing_is_set(desk: Client, hour: str) -> None:
    idea = factories.Idea()
    answer = do(desk, IDEAS, "schedule", idea, hour=hour, note="kept")
    assert answer.status_code == 200
    assert 'id="id_hour_error"' in text_of(answer)
    assert "kept" in text_of(answer)
    idea.refresh_from_db()
    assert idea.publish_at is None


def test_the_worker_publishes_by_its_timetable(desk: Client, moderator: Any) -> None:
    idea = factories.Idea()
    hour = timezone.now() - timedelta(minutes=1)
    services.schedule_idea(idea=idea, hour=hour, by=moderator, at=hour - timedelta(days=1))
    tasks.publish_due()
    idea.refresh_from_db()
    assert idea.state == "published"
    line = next(one for one in app.conf.beat_schedule.values() if one["task"] == "engagement.publish_due")
    assert line["options"]["expires"] < line["schedule"] == 60


# Supports -------------------------------------------------------------------------------------------


@pytest.fixture
def liked() -> Any:
    return factories.Idea(state="published", call=factories.Call(supports="token"))


def press(client: Client, idea: Any, wish: str) -> Any:
    return client.post(f"/ideas/{idea.reference}/support/", {"wish": wish})


def test_one_browser_supports_once_and_takes_it_back(liked: Any, client: Client) -> None:
    page = f"/ideas/{liked.reference}/"
    assert "Support this idea" in text_of(client.get(page))
    assert "support" not in client.cookies, "the cookie comes with the first support, not before"
    for _twice in range(2):
        assert press(client, liked, "give")["Location"] == f"{page}#support"
    cookie = client.cookies["support"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie.value not in str(Support.objects.values())
    assert "1 person supports this idea" in text_of(client.get(page))
    assert "Take it back" in text_of(client.get(page))
    assert "Support this idea" in text_of(Client().get(page)), "another browser may still"
    press(Client(), liked, "give")
    assert "2 supports" in text_of(client.get("/ideas/"))
    press(client, liked, "take")
    assert "1 person supports this idea" in text_of(client.get(page))


def test_a_forged_cookie_is_nobodys(liked: Any, client: Client) -> None:
    press(client, liked, "give")
    token = client.cookies["support"].value.partition(":")[0]
    other = Client()
    other.cookies["support"] = f"{token}:1aaaaa:forged"
    assert "Take it back" not in text_of(other.get(f"/ideas/{liked.reference}/"))
    press(other, liked, "take")
    assert Support.objects.standing().count() == 1


def test_who_presses_too_often_is_told_on_the_page(liked: Any, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("engagement.views.supports.PRESSES_AN_HOUR", 2)
    for _ in range(2):
        assert press(client, liked, "give").status_code == 303
    answer = press(client, liked, "take")
    assert answer.status_code == 429
    assert "then try again" in text_of(answer)
    assert liked.public_title in text_of(answer)


def test_nothing_is_counted_nor_offered_where_nobody_is_asked(client: Client) -> None:
    # Where an address is asked for, a press without one counts nothing.
    for supports, offered, status in (("none", False, 409), ("confirmed", True, 422)):
        idea = factories.Idea(state="published", call=factories.Call(supports=supports))
        page = text_of(client.get(f"/ideas/{idea.reference}/"))
        assert ("Support this idea" in page) is offered
        assert ("supported this idea" in page) is offered
        assert press(client, idea, "give").status_code == status
    assert press(client, factories.Idea(), "give").status_code == 404
    assert client.get(f"/ideas/{idea.reference}/support/").status_code == 405
    assert not Support.objects.exists()


def test_without_its_token_the_form_is_refused(liked: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert press(strict, liked, "give").status_code == 403


def test_the_desk_tells_the_kinds_apart(
    liked: Any, desk: Client, client: Client, clerk: Any, now: Any
) -> None:
    press(client, liked, "give")
    services.support_idea(idea=liked, voter="Ana, 12 Elm", kind="paper", at=now, by=clerk)
    page = text_of(desk.get(f"{IDEAS}{liked.pk}/change/"))
    assert "<dt>browser</dt><dd>1</dd><dt>on paper</dt><dd>1</dd>" in page


def test_the_list_counts_all_supports_in_one_query(liked: Any, client: Client) -> None:
    press(client, liked, "give")
    client.get("/ideas/")
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/ideas/")
        asked.append(len(queries))
        for idea in factories.Idea.create_batch(10, state="published", call=liked.call):
            press(client, idea, "give")
    assert asked[0] == asked[1] <= 12
