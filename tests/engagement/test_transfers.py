"""An idea as a problem report and back: one thing sent in, with one page, one sender, one erasure."""

from typing import Any

import pytest

from engagement import emails, links, services
from engagement.models import Contact, Idea, Notice, Photo, Report, Transfer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(now: Any) -> Any:
    idea = factories.Idea(
        state="published", contact=factories.Contact(), address="12 Elm", proposal="Mend it.", language="fr"
    )
    Photo.objects.create(idea=idea, file="photos/one.jpg", width=1, height=1, added_at=now)
    return idea


def test_it_goes_along_whole_and_comes_back_as_public_as_before(idea: Any, now: Any, moderator: Any) -> None:
    contact, service = idea.contact, factories.ReportService(target_days=5)
    report = services.take_as_report(idea=idea, service=service, by=moderator, at=now)
    assert (report.address, report.language, report.received_at) == ("12 Elm", "fr", idea.received_at)
    assert "Mend it." in report.description
    idea, report = Idea.objects.get(), Report.objects.get()
    assert (idea.state, idea.eligible, idea.contact, idea.photos.count()) == ("as_report", False, None, 0)
    assert (report.state, report.contact, report.photos.count()) == ("received", contact, 1)
    services.take_back_idea(idea=idea, by=moderator, at=now)
    idea, report = Idea.objects.get(), Report.objects.get()
    assert (idea.state, idea.eligible, idea.contact, idea.photos.count()) == ("published", True, contact, 1)
    assert (report.state, report.contact, report.photos.count()) == ("as_idea", None, 0)
    again = services.take_as_report(idea=idea, by=moderator, at=now)
    assert (again, again.service, Transfer.objects.count()) == (report, service, 1)


def test_a_report_becomes_an_idea_and_either_end_changes_it_back(now: Any, moderator: Any) -> None:
    report = factories.Report(
        state="in_progress", contact=factories.Contact(), description="Call 514 555 0199"
    )
    report.public_description = "Call [phone]"
    report.save()
    idea = services.take_as_idea(report=report, call=factories.Call(), by=moderator, at=now)
    assert (idea.state, idea.problem, idea.public_problem) == (
        "received",
        "Call 514 555 0199",
        "Call [phone]",
    )
    assert "514 555" not in idea.public_title + idea.title + idea.search
    services.take_back_report(report=report, by=moderator, at=now)
    idea.refresh_from_db()
    assert (report.state, idea.state, idea.eligible) == ("received", "as_report", False)
    services.take_as_idea(report=report, by=moderator, at=now)
    idea.refresh_from_db()
    report.refresh_from_db()
    assert (report.state, idea.state, idea.eligible) == ("as_idea", "received", True)


def test_the_first_change_asks_into_what(idea: Any, now: Any, moderator: Any) -> None:
    for service in (None, factories.ReportService(active=False)):
        with pytest.raises(services.Refused) as refusal:
            services.take_as_report(idea=idea, service=service, by=moderator, at=now)
        assert refusal.value.field == "service"
    with pytest.raises(services.Refused) as refusal:
        services.take_as_idea(report=factories.Report(), by=moderator, at=now)
    assert refusal.value.field == "call"
    assert not Transfer.objects.exists()


def test_what_was_promised_not_to_be_shown_becomes_no_public_idea(now: Any, moderator: Any) -> None:
    report = factories.Report(service=factories.ReportService(private=True))
    with pytest.raises(services.Refused) as refusal:
        services.take_as_idea(report=report, call=factories.Call(), by=moderator, at=now)
    assert refusal.value.field == "call"
    inside = services.take_as_idea(report=report, call=factories.Call(kind="in_reach"), by=moderator, at=now)
    assert not Idea.objects.public().filter(pk=inside.pk).exists()


def test_what_staff_said_among_themselves_becomes_no_public_report(now: Any, moderator: Any) -> None:
    idea = factories.Idea(call=factories.Call(kind="in_reach"))
    with pytest.raises(services.Refused) as refusal:
        services.take_as_report(idea=idea, service=factories.ReportService(), by=moderator, at=now)
    assert refusal.value.field == "service"
    private = factories.ReportService(private=True)
    assert not services.take_as_report(idea=idea, service=private, by=moderator, at=now).is_public


def test_who_may_only_triage_needs_no_right_on_reports(idea: Any, now: Any) -> None:
    triager = factories.staff("triager", permissions=["engagement.triage_idea"])
    report = services.take_as_report(idea=idea, service=factories.ReportService(), by=triager, at=now)
    services.take_back_idea(idea=idea, by=triager, at=now)
    services.take_as_report(idea=idea, by=triager, at=now)
    report.refresh_from_db()
    with pytest.raises(services.Refused) as refusal:
        services.take_as_idea(report=report, by=triager, at=now)
    assert refusal.value.code == "forbidden"


def test_nothing_is_changed_back_over_what_happened_to_the_other_half(
    idea: Any, now: Any, moderator: Any
) -> None:
    report = services.take_as_report(idea=idea, service=factories.ReportService(), by=moderator, at=now)
    services.withdraw_report(report=report, at=now)
    with pytest.raises(services.Refused):
        services.take_back_idea(idea=idea, by=moderator, at=now)
    idea.refresh_from_db()
    assert idea.state == "as_report"


def test_an_answered_or_joined_idea_stays_one(idea: Any, now: Any, moderator: Any) -> None:
    follower = factories.Idea(call=idea.call)
    services.link_duplicate(idea=follower, original=idea, by=moderator, at=now)
    answered = factories.Idea(state="published", outcome="in_plan")
    for one in (idea, answered):
        with pytest.raises(services.Refused):
            services.take_as_report(idea=one, service=factories.ReportService(), by=moderator, at=now)
    services.unlink_duplicate(idea=follower, by=moderator, at=now)
    services.take_as_report(idea=idea, service=factories.ReportService(), by=moderator, at=now)
    with pytest.raises(services.Refused):
        services.link_duplicate(idea=follower, original=idea, by=moderator, at=now)


@pytest.mark.parametrize("end", ["idea", "report"])
@pytest.mark.parametrize("keep_text", [True, False])
def test_erasing_either_erases_both(
    idea: Any, now: Any, moderator: Any, end: str, keep_text: bool, django_capture_on_commit_callbacks: Any
) -> None:
    nonces = {idea.nonce}
    report = services.take_as_report(idea=idea, service=factories.ReportService(), by=moderator, at=now)
    nonces.add(report.nonce)
    if end == "idea":
        services.erase_sender(idea=idea, at=now, keep_text=keep_text)
    else:
        services.erase_report_sender(report=report, at=now, keep_text=keep_text)
    assert not Contact.objects.exists()
    assert Photo.objects.exists() is keep_text
    idea, report = Idea.objects.get(), Report.objects.get()
    assert not nonces & {idea.nonce, report.nonce}
    assert bool(idea.problem) is bool(report.description) is keep_text
    assert (idea.contact, report.contact) == (None, None)


def test_one_mail_tells_the_sender_and_its_link_is_the_one_they_have(
    idea: Any, now: Any, moderator: Any
) -> None:
    service = factories.ReportService(name={"en": "Street light", "fr": "Lampadaire"})
    report = services.take_as_report(idea=idea, service=service, by=moderator, at=now)
    message = emails.compose(Notice.objects.get(), now)
    assert report.reference in message.body
    assert "Street light" in message.body
    assert links.tracking_token(idea) in message.body
    services.take_back_idea(idea=idea, by=moderator, at=now)
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["engagement.idea_take_as_report", "engagement.idea_take_back"]


@pytest.mark.parametrize("end", ["idea", "report"])
def test_what_its_sender_took_out_does_not_come_back_with_the_report(
    idea: Any, now: Any, moderator: Any, end: str
) -> None:
    """The report's row keeps words of the first change, from before the sender was asked to correct them."""
    report = services.take_as_report(idea=idea, service=factories.ReportService(), by=moderator, at=now)
    services.take_back_idea(idea=idea, by=moderator, at=now)
    code = factories.Reason(action="ask_correction").code
    services.ask_correction(idea=idea, by=moderator, at=now, reason=code)
    without_names = services.IdeaDraft(problem="Somebody parks on the lawn.", language="fr")
    services.resend_idea(idea=idea, draft=without_names, at=now)
    if end == "idea":
        services.take_as_report(idea=idea, by=moderator, at=now)
    else:
        report.refresh_from_db()
        services.take_back_report(report=report, by=moderator, at=now)
    report.refresh_from_db()
    assert report.description == report.public_description == "Somebody parks on the lawn."
    assert "lawn" in report.search
    assert "mend" not in report.search
