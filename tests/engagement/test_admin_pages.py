"""Staff pages besides triage: problem reports, invitations, typing in, imports, mails, accounts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement import emails, links, services
from engagement.models import Call, Event, Idea, Job, Meeting, Notice, Report, Theme
from engagement.services.imports import refused_path
from engagement.tasks import run_jobs
from tests import factories

pytestmark = pytest.mark.django_db


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    return str(response.content.decode())


def who(*permissions: str) -> Client:
    return sign_in(factories.staff("somebody", permissions=[f"engagement.{name}" for name in permissions]))


def test_staff_change_the_language_where_they_are() -> None:
    here = "/admin/engagement/report/?state=all"
    page = html(who("view_report").get(here))
    assert f'<a href="/fr{here}" lang="fr" hreflang="fr">Français</a>' in page


# Problem reports --------------------------------------------------------------------------------


def test_reports_are_started_closed_with_a_reason_and_opened_again() -> None:
    client = who("view_report", "handle_report")
    factories.Reason(action="close", code="fixed", text={"en": "It is mended."})
    report, other = factories.Report(), factories.Report(state="closed")
    page = html(client.get("/admin/engagement/report/"))
    assert report.reference in page
    assert other.reference not in page
    detail = f"/admin/engagement/report/{report.pk}/change/"
    assert report.description in html(client.get(detail))
    for verb, data in (
        ("start", {}),
        ("close", {"reason": "fixed", "text_en": "A new lamp is up."}),
        ("reopen", {"note": "dark again"}),
    ):
        address = reverse("admin:engagement_report_do", args=[verb])
        report.refresh_from_db()
        sent = client.post(address, {"selected": f"{report.pk}:{report.version}", "next": detail, **data})
        assert sent["Location"] == detail, html(sent)
    report.refresh_from_db()
    assert report.state == "received"
    assert list(Event.objects.filter(report=report).values_list("verb", flat=True)) == [
        "start",
        "close",
        "reopen",
    ]
    assert Event.objects.get(report=report, verb="close").text == {"en": "A new lamp is up."}


def test_reports_may_be_seen_without_handling_them() -> None:
    client, report = who("view_report"), factories.Report()
    assert client.get(f"/admin/engagement/report/{report.pk}/change/").status_code == 200
    address = reverse("admin:engagement_report_do", args=["start"])
    assert client.post(address, {"selected": f"{report.pk}:1"}).status_code == 403
    assert Report.objects.get().state == "received"


# Invitations and meetings -----------------------------------------------------------------------


def call_form(**values: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "kind": "innovation",
        "slug": "firms",
        "title_en": "Test something with us",
        "title_fr": "Essayez avec nous",
        "opens_at": "2026-01-05T09:00",
        "closes_at": "2026-09-01T17:00",
        "moderation": "before",
    }
    for rows in ("dates", "judging", "questions"):
        form |= {f"{rows}-TOTAL_FORMS": "5", f"{rows}-INITIAL_FORMS": "0"}
    form |= {f"questions-{n}-datatype": "text" for n in range(5)}
    return {**form, **values}


ADD = "/admin/engagement/call/add/"


def test_an_invitation_is_made_with_dates_and_questions() -> None:
    client, theme = who("manage_call"), factories.Theme()
    sent = client.post(
        ADD,
        call_form(
            themes=[theme.pk],
            **{
                "dates-1-date": "2026-09-01",
                "dates-1-label_en": "Last day",
                "dates-0-date": "2026-10-01",
                "dates-0-label_en": "You have an answer",
                "judging-0-text_en": "Does it help many?",
                "questions-0-label_en": "At what price?",
                "questions-0-confidential": "on",
                "questions-2-label_en": "How large?",
                "questions-2-datatype": "singlevaluelist",
                "questions-2-values": "Small | Petit\nxl = Large | Grand",
            },
        ),
    )
    assert sent.status_code == 302, html(sent)
    call = Call.objects.get()
    assert (call.title, list(call.themes.all())) == (
        {"en": "Test something with us", "fr": "Essayez avec nous"},
        [theme],
    )
    assert [row["date"] for row in call.planned_dates] == ["2026-09-01", "2026-10-01"]
    assert call.judging_questions == [{"en": "Does it help many?"}]
    assert [(one["key"], one["confidential"]) for one in call.questions] == [
        ("at-what-price", True),
        ("how-large", False),
    ]
    assert call.questions[1]["values"] == [
        {"key": "small", "label": {"en": "Small", "fr": "Petit"}},
        {"key": "xl", "label": {"en": "Large", "fr": "Grand"}},
    ]
    page = html(client.get(f"/admin/engagement/call/{call.pk}/change/"))
    assert "xl = Large | Grand" in page
    assert 'value="at-what-price"' in page
    assert "See its public page" in page


def test_rows_are_kept_changed_and_removed() -> None:
    client = who("manage_call")
    call = factories.Call(
        judging_questions=[{"en": "One?"}, {"en": "Two?"}],
        questions=[{"key": "size", "label": {"en": "Size?"}, "datatype": "text"}],
    )
    address = f"/admin/engagement/call/{call.pk}/change/"
    form = call_form(
        version="1",
        slug=call.slug,
        **{
            "judging-INITIAL_FORMS": "2",
            "judging-0-text_en": "One?",
            "judging-0-DELETE": "on",
            "judging-1-text_en": "Two?",
            "questions-INITIAL_FORMS": "1",
            "questions-0-key": "size",
            "questions-0-label_en": "How large is it?",
        },
    )
    assert client.post(address, form).status_code == 302
    call.refresh_from_db()
    assert call.judging_questions == [{"en": "Two?"}]
    assert [(one["key"], one["label"]) for one in call.questions] == [("size", {"en": "How large is it?"})]


def test_errors_of_an_invitation_stand_beside_their_fields_and_nothing_is_lost() -> None:
    client = who("manage_call")
    factories.Call(slug="firms")
    wrong = {
        "closes_at": "2025-01-01T09:00",
        "intro_en": "Long thought about.",
        "dates-0-label_en": "No date",
    }
    answer = client.post(ADD, call_form(**wrong))
    page = html(answer)
    assert answer.status_code == 200
    assert "Long thought about." in page
    assert "already exists" in page
    assert 'id="id_dates-0-date_error"' in page
    assert Call.objects.count() == 1


def test_the_second_editor_of_an_invitation_is_told() -> None:
    client, call = who("manage_call"), factories.Call()
    Call.objects.filter(pk=call.pk).update(version=2)
    form = call_form(version="1", slug=call.slug, intro_en="My words")
    page = html(client.post(f"/admin/engagement/call/{call.pk}/change/", form))
    assert "Somebody else changed this invitation" in page
    assert "My words" in page
    call.refresh_from_db()
    assert call.intro == {}


def test_who_may_only_look_sees_an_invitation_without_a_form() -> None:
    client, call = who("view_call"), factories.Call()
    page = client.get(f"/admin/engagement/call/{call.pk}/change/")
    assert page.status_code == 200
    assert 'name="slug"' not in html(page)
    assert client.post(f"/admin/engagement/call/{call.pk}/change/", call_form()).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_meeting_is_written_down() -> None:
    client, call = who("manage_call"), factories.Call()
    form = {"call": call.pk, "kind": "workshop", "title_en": "At the library", "date": "2026-02-01"}
    assert client.post("/admin/engagement/meeting/add/", {**form, "attendance": "31"}).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.attendance, str(meeting)) == (31, "At the library (2026-02-01)")
    client.post(f"/admin/engagement/meeting/{meeting.pk}/change/", {**form, "attendance": "32"})
    meeting.refresh_from_db()
    assert meeting.attendance == 32


# Typing in --------------------------------------------------------------------------------------

TYPE_IN = "/admin/engagement/idea/type-in/"


def typed(call: Call, **values: Any) -> dict[str, Any]:
    return {
        "call": call.pk,
        "channel": "paper",
        "language": "fr",
        "received": timezone.localdate().isoformat(),
        "problem": "Pas d’abri à l’arrêt.",
        "form_key": "k1",
        **values,
    }


def test_a_new_pile_begins_on_paper_and_a_wish_for_another_way_is_kept(clerk: Any) -> None:
    client = sign_in(clerk)
    assert '<option value="paper" selected' in html(client.get(TYPE_IN))
    assert '<option value="phone" selected' in html(client.get(TYPE_IN, {"channel": "phone"}))


def test_save_and_next_keeps_the_pile_and_shows_the_code_once(clerk: Any) -> None:
    client, call, district = sign_in(clerk), factories.Call(), factories.District()
    sent = client.post(TYPE_IN, typed(call, where=district.code))
    assert sent.status_code == 302, html(sent)
    idea = Idea.objects.get()
    assert (idea.channel, idea.language, idea.district) == ("paper", "fr", district)
    assert Event.objects.get().by == clerk
    page = html(client.get(sent["Location"]))
    assert idea.reference in page
    assert links.tracking_code(idea) in page
    assert f'<option value="{call.pk}" selected' in page
    assert '<option value="paper" selected' in page
    assert '<option value="fr" selected' in page
    assert f'<option value="{district.code}" selected' in page
    assert "Pas d’abri" not in page
    other = sign_in(factories.staff("other", permissions=["engagement.type_in_idea"]))
    assert links.tracking_code(idea) not in html(other.get(sent["Location"]))


def test_a_double_post_is_one_idea(clerk: Any) -> None:
    client, call = sign_in(clerk), factories.Call()
    for _time in range(2):
        client.post(TYPE_IN, typed(call))
    assert Idea.objects.count() == 1
    client.post(TYPE_IN, typed(call, problem="Another one"))
    assert Idea.objects.count() == 2


def test_a_meeting_is_made_with_its_first_idea_and_kept_for_the_next(clerk: Any) -> None:
    client, call = sign_in(clerk), factories.Call()
    without = client.post(TYPE_IN, typed(call, channel="meeting"))
    assert "Choose the meeting" in html(without)
    new = {"new_title": "At the library", "new_date": "2026-02-01", "new_attendance": "20"}
    lost = client.post(TYPE_IN, typed(call, channel="meeting", problem=" ", **new))
    assert "At the library" in html(lost)
    assert not Meeting.objects.exists()
    sent = client.post(TYPE_IN, typed(call, channel="meeting", **new))
    meeting = Meeting.objects.get()
    assert Idea.objects.get().meeting == meeting
    assert f"meeting={meeting.pk}" in sent["Location"]


def test_what_came_earlier_is_dated_then(clerk: Any) -> None:
    client = sign_in(clerk)
    day = timezone.localdate() - timedelta(days=9)
    cutoff = timezone.now() - timedelta(days=5)
    client.post(TYPE_IN, typed(factories.Call(cutoff_at=cutoff), received=day.isoformat()))
    idea = Idea.objects.get()
    assert timezone.localdate(idea.received_at) == day
    assert not idea.after_cutoff
    assert "typed in" in Event.objects.get().note
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = client.post(TYPE_IN, typed(factories.Call(), received=tomorrow.isoformat()))
    assert "in the future" in html(answer)
    assert "Pas d’abri" in html(answer)


def test_consents_and_confidential_answers_are_typed_in(clerk: Any) -> None:
    call = factories.Call(questions=[{"key": "price", "label": {"en": "Price?"}, "confidential": True}])
    client = sign_in(clerk)
    assert "Price?" in html(client.get(TYPE_IN, {"call": call.pk}))
    client.post(
        TYPE_IN, typed(call, email="ana@mail.example", wants_updates="on", name="Ana", answer_price="A lot")
    )
    idea = Idea.objects.get()
    assert idea.contact is not None
    assert (idea.contact.name, idea.contact.questions_consent_at) == ("Ana", None)
    assert idea.contact.updates_consent_at is not None
    assert (idea.answers, idea.confidential_answers) == ({}, {"price": "A lot"})
    assert Notice.objects.get().kind == "engagement.idea_received"


def test_typing_in_needs_its_permission_and_the_desk_shows_the_way(moderator: Any, clerk: Any) -> None:
    assert sign_in(moderator).get(TYPE_IN).status_code == 403
    assert sign_in(moderator).post(TYPE_IN, typed(factories.Call())).status_code == 403
    desk = html(sign_in(clerk).get("/admin/"))
    assert TYPE_IN in desk
    assert "/admin/engagement/idea/import/" in desk
    assert TYPE_IN not in html(sign_in(moderator).get("/admin/"))


# Import -----------------------------------------------------------------------------------------

IMPORT = "/admin/engagement/idea/import/"


def upload(content: bytes = b"id,text\n1,No shade\n2,\n", name: str = "ideas.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def asked(call: Call, **values: Any) -> dict[str, Any]:
    return {"call": call.pk, "file": upload(), "language": "en", "state": "received", **values}


def test_an_import_waits_for_the_worker_and_then_tells(clerk: Any) -> None:
    client = sign_in(clerk)
    sent = client.post(IMPORT, asked(factories.Call()))
    assert sent.status_code == 302, html(sent)
    assert "No worker is running" in html(client.get(sent["Location"]))
    services.beat_heart(name="worker", at=timezone.now())
    assert "Waiting for the worker" in html(client.get(sent["Location"]))
    assert not Idea.objects.exists()
    run_jobs()
    assert Idea.objects.get().problem == "No shade"
    assert Event.objects.get().by == clerk
    page = html(client.get(sent["Location"]))
    assert "References" in page
    assert "It has no text in column" in page
    job = Job.objects.get()
    download = client.get(reverse("admin:engagement_job_file", args=[job.pk, "refused"]))
    assert b"no text" in b"".join(download.streaming_content)
    notice = Notice.objects.get()
    assert (notice.kind, notice.user) == ("engagement.import_done", clerk)
    body = str(emails.compose(notice, timezone.now()).body)
    assert "1 new idea was taken in from ideas.csv" in body
    assert "Refused: 1" in body


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"file": upload(b"")}, "empty"),
        ({"file": upload(b"a,b\n1,2\n")}, "No column could be recognized"),
        ({"file": upload(b"%PDF-1.7 ...", "x.csv")}, "PDF"),
        ({"mapping": "problem=nonsense"}, "There is no column"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_at_once(clerk: Any, values: dict[str, Any], words: str) -> None:
    answer = sign_in(clerk).post(IMPORT, asked(factories.Call(), **values))
    assert answer.status_code == 200
    assert words in html(answer)
    assert not Job.objects.exists()


def test_a_file_that_breaks_later_fails_its_job_in_words(clerk: Any) -> None:
    client = sign_in(clerk)
    sent = client.post(IMPORT, asked(factories.Call()))
    job = Job.objects.get()
    refused_path(job).unlink(missing_ok=True)  # of another test's job, which had the same number
    Job.objects.filter(pk=job.pk).update(parameters={**job.parameters, "mapping": {"problem": "gone"}})
    run_jobs()
    job.refresh_from_db()
    assert (job.state, Idea.objects.count()) == ("failed", 0)
    page = html(client.get(sent["Location"]))
    assert "Nothing was imported." in page
    assert "There is no column “gone”" in page
    assert not refused_path(job).exists()


def test_jobs_are_seen_by_who_asked_and_by_who_may_see_all(clerk: Any, moderator: Any) -> None:
    job = Job.objects.create(kind="engagement.import_ideas", by=moderator, created_at=factories.NOW)
    address = f"/admin/engagement/job/{job.pk}/change/"
    assert sign_in(clerk).get(address).status_code == 404
    assert sign_in(moderator).get(address).status_code in {403, 404}
    assert who("view_job").get(address).status_code == 200


def test_importing_needs_its_permission(moderator: Any) -> None:
    client = sign_in(moderator)
    assert client.get(IMPORT).status_code == 403
    assert client.post(IMPORT, asked(factories.Call())).status_code == 403


# Mails, reference data, accounts ----------------------------------------------------------------


def test_a_failed_mail_is_sent_again_by_who_may(administrator: Any) -> None:
    notice = services.queue_notice(
        kind="engagement.idea_received", at=factories.NOW, contact=factories.Contact(), idea=factories.Idea()
    )
    assert notice is not None
    Notice.objects.filter(pk=notice.pk).update(state="failed", last_error="no such host", attempts=8)
    address = reverse("admin:engagement_notice_again", args=[notice.pk])
    assert who("view_notice").post(address).status_code == 403
    client = sign_in(administrator)
    page = html(client.get(f"/admin/engagement/notice/{notice.pk}/change/"))
    assert "no such host" in page
    assert notice.contact is not None
    assert notice.contact.email not in page + html(client.get("/admin/engagement/notice/"))
    client.post(address)
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("waiting", 0)
    Notice.objects.filter(pk=notice.pk).update(state="failed")
    chosen = {"action": "send_again", "_selected_action": [notice.pk], "index": "0"}
    client.post("/admin/engagement/notice/", chosen)
    notice.refresh_from_db()
    assert notice.state == "waiting"


def test_reference_data_is_edited_in_both_languages_and_never_deleted(administrator: Any) -> None:
    client = sign_in(administrator)
    form = {"key": "shade", "kind": "value", "label_en": "Shade", "label_fr": "Ombre", "order": "1"}
    sent = client.post("/admin/engagement/theme/add/", {**form, "active": "on"})
    assert sent.status_code == 302, html(sent)
    theme = Theme.objects.get()
    assert theme.label == {"en": "Shade", "fr": "Ombre"}
    assert client.post(f"/admin/engagement/theme/{theme.pk}/delete/", {"post": "yes"}).status_code == 403
    for model in ("district", "department", "reportservice", "reason"):
        assert client.get(f"/admin/engagement/{model}/add/").status_code == 200
        assert client.get(f"/admin/engagement/{model}/").status_code == 200
    assert not LogEntry.objects.exists()


def test_only_administrators_touch_accounts(administrator: Any) -> None:
    almost = who("change_user", "view_user", "add_user")
    for address in ("/admin/engagement/user/", "/admin/engagement/user/add/", "/admin/auth/group/"):
        assert almost.get(address).status_code == 403
        assert sign_in(administrator).get(address).status_code == 200
    client = sign_in(administrator)
    password = {"password1": "sesame-sesame-1", "password2": "sesame-sesame-1", "usable_password": "true"}
    sent = client.post("/admin/engagement/user/add/", {"username": "ana", **password})
    assert sent.status_code == 302, html(sent)
    assert client.get(sent["Location"]).status_code == 200
    assert client.get("/admin/auth/group/add/").status_code == 200
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "model",
    ["idea", "report", "call", "meeting", "job", "notice", "theme", "district", "reason", "user"],
)
def test_pages_keep_to_the_strict_policy(administrator: Any, model: str) -> None:
    factories.Idea(), factories.Report(), factories.Theme(), factories.Reason(), factories.District()
    client = sign_in(administrator)
    for query in ("", "?q=none-at-all"):
        page = html(client.get(f"/admin/engagement/{model}/{query}"))
        assert "<style" not in page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)


@pytest.mark.parametrize("name", ["opens_at", "closes_at", "cutoff_at"])
def test_the_last_day_of_the_calendar_is_an_error_beside_its_field(name: str) -> None:
    answer = who("manage_call").post(ADD, call_form(**{name: "9999-12-31T23:59"}))
    assert answer.status_code == 200
    assert f'id="id_{name}_error"' in html(answer)


@pytest.mark.parametrize("model", ["department", "district", "theme", "reportservice", "call"])
def test_beside_every_code_stands_what_it_may_hold(administrator: Any, model: str) -> None:
    page = html(sign_in(administrator).get(f"/admin/engagement/{model}/add/"))
    assert "Letters, digits and hyphens, without spaces." in page
