"""Mails: what each says, in whose language, and that one that fails keeps no other from leaving."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement import emails, links, services, tasks
from engagement.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db

STEP = [{"date": "2026-06-15", "label": {"en": "Ideas are worked up", "fr": "Les idées sont travaillées"}}]
TO_STAFF = {"engagement.import_done", "engagement.export_done", "engagement.referral_asked"} | {
    "engagement.department_reports"
}
TO_PEOPLE = {"engagement.person_link", "engagement.person_news"}
TEXT = {"en": "The province runs these buses.", "fr": "La province exploite ces autobus."}


def idea_notice(now: datetime, kind: str, *, language: str = "en", **idea: Any) -> Notice:
    contact = factories.Contact(language=language)
    call = factories.Call(planned_dates=STEP)
    record = factories.Idea(contact=contact, call=call, language=language, **idea)
    notice = services.queue_notice(
        kind=f"engagement.{kind}", at=now, contact=contact, idea=record, context={"text": TEXT}
    )
    assert notice is not None
    return notice


def report_notice(now: datetime, kind: str) -> Notice:
    contact = factories.Contact()
    report = factories.Report(contact=contact, expected_at=now + timedelta(days=10))
    notice = services.queue_notice(
        kind=f"engagement.{kind}", at=now, contact=contact, report=report, context={"text": TEXT}
    )
    assert notice is not None
    return notice


def both_texts(message: Any) -> tuple[str, str]:
    return str(message.body), str(message.alternatives[0].content)


@pytest.mark.parametrize("kind", sorted(set(emails.KINDS) - TO_STAFF - TO_PEOPLE))
def test_every_mail_gives_the_number_the_private_link_and_the_code(now: datetime, kind: str) -> None:
    name = kind.partition(".")[2]
    notice = report_notice(now, name) if name.startswith("report") else idea_notice(now, name)
    record = notice.idea or notice.report
    assert record is not None
    message = emails.compose(notice, now)
    assert record.reference in message.subject
    for text in both_texts(message):
        assert links.tracking_url(record, "en") in text
        assert links.tracking_code(record) in text
        assert record.reference in text
        assert TEXT["en"] in text
    assert "<" not in message.body.replace(f"<{record.reference}>", "")
    assert message.body.count("\n\n\n") == 0
    assert not re.search(r"<p>\s*</p>", both_texts(message)[1])


def test_every_kind_that_a_service_queues_has_a_mail() -> None:
    from engagement.workflow import IDEA_MOVES, REPORT_MOVES, RESIDENT, Move

    def told(move: Move) -> bool:
        return move.public and move.who != RESIDENT

    expected = {f"engagement.idea_{verb}" for verb, move in IDEA_MOVES.items() if told(move)}
    expected |= {f"engagement.report_{verb}" for verb, move in REPORT_MOVES.items() if told(move)}
    assert expected <= set(emails.KINDS)


def test_the_private_link_of_a_mail_opens_the_page(now: datetime, client: Client) -> None:
    notice = idea_notice(now, "idea_received")
    link = re.search(r"http://[^\s]+/t/[^\s]+", emails.compose(notice, now).body)
    assert link is not None
    page = client.get(link.group().partition("8000")[2])
    assert page.status_code == 200
    assert notice.idea is not None
    assert notice.idea.reference in page.content.decode()


def test_the_next_step_is_named_with_its_date(now: datetime) -> None:
    for text in both_texts(emails.compose(idea_notice(now, "idea_publish"), now)):
        assert "Ideas are worked up, June 15, 2026" in text


@pytest.mark.parametrize(
    "idea",
    [{"state": "declined"}, {"state": "passed_on"}, {"outcome": "in_plan"}, {"after_cutoff": True}],
    ids=str,
)
def test_no_date_of_the_invitation_stands_where_it_is_not_what_comes_next(
    now: datetime, idea: dict[str, Any]
) -> None:
    for text in both_texts(emails.compose(idea_notice(now, "idea_reopen", **idea), now)):
        assert "Ideas are worked up" not in text
        assert "Next step" not in text


def test_the_last_day_to_send_is_no_step_for_who_has_sent(now: datetime) -> None:
    notice = idea_notice(now, "idea_received")
    assert notice.idea is not None
    call = notice.idea.call
    call.planned_dates = [{"date": "2026-05-20", "label": {"en": "Last day to send an idea"}}, *STEP]
    call.closes_at = now.replace(day=21, hour=3)  # still the 20th where the city is
    call.save()
    assert "Next step: Ideas are worked up, June 15, 2026." in emails.compose(notice, now).body
    step = call.next_step(now)
    assert step is not None
    assert step.label["en"] == "Last day to send an idea", "it is one for everybody else"


def test_a_mail_after_the_last_date_says_that_it_is_late(now: datetime) -> None:
    later = now + timedelta(days=60)
    for text in both_texts(emails.compose(idea_notice(now, "idea_reopen"), later)):
        assert "We are late: the last date that we gave, June 15, 2026, is past" in text
    new = idea_notice(now, "idea_received", received_at=later)
    assert "late" not in emails.compose(new, later).body, "nothing was promised to who sent it since"


def test_a_reader_of_french_gets_french_reasons_dates_and_page(now: datetime) -> None:
    notice = idea_notice(now, "idea_publish", language="fr")
    message = emails.compose(notice, now)
    for text in both_texts(message):
        assert TEXT["fr"] in text
        assert TEXT["en"] not in text
        assert "15 juin 2026" in text
        assert "/fr/t/" in text
    assert message.extra_headers["Content-Language"] == "fr"


def test_what_came_after_the_cut_off_is_told_that_it_waits(now: datetime) -> None:
    late = emails.compose(idea_notice(now, "idea_received", after_cutoff=True), now)
    in_time = emails.compose(idea_notice(now, "idea_received"), now)
    assert "waits for the next one" in late.body
    assert "waits for the next one" not in in_time.body


def test_a_report_names_the_date_it_should_be_dealt_with(now: datetime) -> None:
    assert "May 14, 2026" in emails.compose(report_notice(now, "report_received"), now).body


def test_a_report_whose_date_is_past_is_said_to_be_late(now: datetime) -> None:
    notice = report_notice(now, "report_update")
    in_time, late = emails.compose(notice, now), emails.compose(notice, now + timedelta(days=20))
    for text in both_texts(late):
        assert "We had planned to have dealt with it by May 14, 2026. It is late" in text
    assert "late" not in in_time.body


def test_a_joined_idea_names_the_other_and_its_public_page(now: datetime, moderator: Any) -> None:
    original = factories.Idea(state="published")
    idea = factories.Idea(call=original.call, contact=factories.Contact())
    services.link_duplicate(idea=idea, original=original, by=moderator, at=now)
    message = emails.compose(Notice.objects.get(), now)
    assert f"together as {original.reference}" in message.body
    assert reverse("engagement:idea_detail", args=[original.reference]) in message.body


def test_a_title_cannot_add_headers_nor_markup(now: datetime) -> None:
    nasty = "Bus\r\nBcc: all@city.example\n<script>alert(1)</script> & more"
    notice = idea_notice(now, "idea_publish", title=nasty)
    message = emails.compose(notice, now)
    sent = message.message()
    assert "Bcc" not in sent
    assert "\n" not in message.subject
    text, html = both_texts(message)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "& more" in text


def test_a_public_page_is_named_only_when_there_is_one(now: datetime) -> None:
    public = idea_notice(now, "idea_publish", state="published")
    private = idea_notice(now, "idea_decline", state="declined", eligible=False)
    assert "which you may share" in emails.compose(public, now).body
    assert "which you may share" not in emails.compose(private, now).body


def test_the_outbox_is_sent_once_each_under_its_message_id(now: datetime) -> None:
    notices = [idea_notice(now, "idea_received"), idea_notice(now, "idea_publish")]
    tasks.send_notices()
    tasks.send_notices()
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [
        notice.message_id for notice in notices
    ]
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_one_that_cannot_be_written_is_marked_and_the_others_leave(now: datetime) -> None:
    unknown = idea_notice(now, "idea_vanish")
    good = idea_notice(now, "idea_received")
    sent = services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: now)
    assert sent == 1
    unknown.refresh_from_db()
    good.refresh_from_db()
    assert good.state == "sent"
    assert unknown.state == "waiting"
    assert "no mail is written for notices of the kind engagement.idea_vanish" in unknown.last_error
    assert unknown.next_try_at > now


def test_a_mail_that_never_works_is_given_up_and_listed(now: datetime) -> None:
    idea_notice(now, "idea_vanish")
    clock = now
    for _ in range(20):
        services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda at=clock: at)
        clock += timedelta(days=1)
    assert Notice.objects.failed().get().attempts == 8


def test_a_mail_server_that_breaks_down_loses_nothing(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.mail.backends import locmem

    idea_notice(now, "idea_received")
    idea_notice(now, "idea_publish")
    real = locmem.EmailBackend.send_messages
    calls: list[int] = []

    def breaks_at_first(self: Any, messages: Any) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionResetError("the server hung up")
        return real(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", breaks_at_first)
    services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: now)
    assert len(mail.outbox) == 1
    waiting = Notice.objects.get(state="waiting")
    assert "the server hung up" in waiting.last_error
    services.deliver_notices(
        app="engagement", compose=emails.compose, clock=lambda: now + timedelta(minutes=3)
    )
    assert len(mail.outbox) == 2
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "filesystem://localhost"])
def test_without_a_broker_an_idea_is_taken_and_its_mail_leaves_later(
    url: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from celery import Celery

    blocked = tmp_path / "blocked"
    blocked.write_text("")
    away = Celery("away", broker=url, set_as_current=False)
    away.conf.broker_transport_options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "data_folder_in": str(blocked),
        "data_folder_out": str(blocked),
        "max_retries": 0,
    }
    asked: list[bool] = []

    def ask(**options: Any) -> None:
        asked.append(True)
        away.send_task("engagement.send_notices", **options)

    monkeypatch.setattr(tasks.send_notices, "apply_async", ask)
    monkeypatch.setattr(tasks, "_broker_failed_at", 0.0)
    call = factories.Call(opens_at=timezone.now() - timedelta(days=1))
    path = reverse("engagement:idea_new", args=[call.slug])
    for number in range(2):
        form = {"problem": f"The bench {number} is gone, and I rest there.", "email": "resident@mail.example"}
        assert client.post(path, form).status_code == 303
    assert asked == [True], "after it failed, the broker is left in peace for a while"
    assert Notice.objects.filter(state="waiting").count() == 2
    tasks.send_notices()
    assert len(mail.outbox) == 2


def test_who_imported_is_told_the_counts(now: datetime) -> None:
    counts = {"name": "ideas & more.csv", "read": 12, "created": 9, "already_there": 2, "refused": 1}
    notice = services.queue_notice(
        kind="engagement.import_done", at=now, user=factories.User(), context={"job": 1, **counts}
    )
    assert notice is not None
    message = emails.compose(notice, now)
    assert message.subject == "Your import of ideas & more.csv is done"
    assert "9 new ideas were taken in" in message.body
    assert "Records read: 12. There already: 2. Refused: 1." in message.body
    assert "/admin/engagement/job/1/change/" in message.body
    assert "ideas &amp; more.csv" in both_texts(message)[1]


def test_the_list_of_failed_mails_names_no_address(now: datetime) -> None:
    notice = services.queue_notice(kind="engagement.idea_received", at=now, contact=factories.Contact())
    assert notice is not None
    services.mark_failed(notice=notice, error="{'ana@mail.example': (550, b'no such user')}", at=now)
    notice.refresh_from_db()
    assert "550" in notice.last_error
    assert "ana@" not in notice.last_error


def test_a_mail_that_another_worker_took_over_is_not_sent_twice(now: datetime) -> None:
    """The first worker hangs for longer than its lease on the mail before."""
    idea_notice(now, "idea_received")
    idea_notice(now, "idea_publish")
    first, second = services.claim_notices(at=now, app="engagement")
    later = now + timedelta(minutes=6)
    services.mark_sent(notice=first, at=later)
    sent = services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: later)
    assert (sent, len(mail.outbox)) == (1, 1)
    assert not services.notices.hold_notice(notice=second, at=later)
    services.mark_failed(notice=second, error="timed out", at=later)
    assert Notice.objects.get(pk=second.pk).state == "sent"
