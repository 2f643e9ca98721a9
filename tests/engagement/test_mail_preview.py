"""The mail before it leaves: what staff are shown is what the sender gets, and nothing happens by looking."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import emails, links, services
from engagement.models import Event, Idea, Notice, Person, Report
from tests import factories

pytestmark = pytest.mark.django_db
TEXT = {"text_en": "Because of the <bridge>.", "text_fr": "À cause du pont."}
Case = tuple[str, dict[str, str]]
"""The address that the form is sent to, and what is typed."""


@pytest.fixture
def staff(db: Any) -> Any:
    return factories.staff("desk", superuser=True)


@pytest.fixture
def desk(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def sender(language: str = "en", **values: Any) -> Any:
    return factories.Contact(language=language, updates_consent_at=factories.OPENED, **values)


def an_idea(language: str = "en", **values: Any) -> Idea:
    return factories.Idea(language=language, contact=sender(language), **values)


def do(record: Idea | Report, verb: str, **typed: str) -> Case:
    record.refresh_from_db()
    page = "idea" if isinstance(record, Idea) else "report"
    selected = f"{record.pk}:{record.version}"
    return f"/admin/engagement/{page}/do/{verb}/", {"selected": selected, "note": "", **typed}


def with_reason(record: Idea | Report, verb: str, **typed: str) -> Case:
    return do(record, verb, reason=factories.Reason(action=verb).code, **TEXT, **typed)


def passed_on(language: str, staff: Any, at: Any) -> Any:
    idea = an_idea(language)
    services.pass_on_idea(
        idea=idea,
        department=factories.Department(email="parks@city.example"),
        reason=factories.Reason(action="pass_on").code,
        text={"en": "To the parks."},
        by=staff,
        at=at,
    )
    return idea


def asked_again(language: str, at: Any) -> Idea:
    idea = an_idea(language, call=factories.Call(appeal_days=30_000))
    services.decline_idea(
        idea=idea,
        reason=factories.Reason(action="decline").code,
        text={"en": "No."},
        by=factories.staff("x", superuser=True),
        at=at,
    )
    services.appeal(idea=idea, text="Look again.", at=at)
    return idea


def decided(language: str, staff: Any, at: Any, outcome: str) -> Case:
    idea = asked_again(language, at)
    typed = {"outcome": outcome, "note": "", "version": str(idea.version), **TEXT}
    return f"/admin/engagement/appeal/{idea.appeals.get().pk}/decide/", typed


def joined(language: str, staff: Any, at: Any) -> Idea:
    idea = an_idea(language, state="published")
    services.link_duplicate(idea=idea, original=an_idea(call=idea.call, state="published"), by=staff, at=at)
    return idea


def join(language: str, staff: Any, at: Any) -> Case:
    idea = an_idea(language, state="published")
    original = an_idea("fr", call=idea.call, state="published")
    return do(idea, "link_duplicate", original=str(original.pk), find=original.reference)


def answer(language: str, staff: Any, at: Any) -> Case:
    referral = passed_on(language, staff, at).referrals.get()
    return f"/admin/engagement/referral/{referral.pk}/answer/", {"answer_en": "Done.", "answer_fr": ""}


def as_report(language: str, staff: Any, at: Any) -> Case:
    service = factories.ReportService()
    return do(an_idea(language, state="published"), "take_as_report", service=str(service.pk))


def idea_back(language: str, staff: Any, at: Any) -> Case:
    idea = an_idea(language, state="published")
    services.take_as_report(idea=idea, service=factories.ReportService(), by=staff, at=at)
    return do(idea, "take_back")


def a_report(language: str = "en", **values: Any) -> Report:
    return factories.Report(language=language, contact=sender(language), **values)


def report_back(language: str, staff: Any, at: Any) -> Case:
    report = a_report(language)
    services.take_as_idea(report=report, call=factories.Call(), by=staff, at=at)
    return do(report, "take_back")


def declined(language: str, staff: Any, at: Any) -> Idea:
    idea = an_idea(language)
    reason = factories.Reason(action="decline").code
    return services.decline_idea(idea=idea, reason=reason, text={"en": "No."}, by=staff, at=at)


def closed(language: str, staff: Any, at: Any) -> Report:
    reason = factories.Reason(action="close").code
    return services.close_report(
        report=a_report(language), reason=reason, text={"en": "OK."}, by=staff, at=at
    )


CASES: dict[str, Callable[[str, Any, Any], Case]] = {
    "idea_publish": lambda language, staff, at: do(an_idea(language), "publish"),
    "idea_decline": lambda language, staff, at: with_reason(an_idea(language), "decline"),
    "idea_ask_correction": lambda language, staff, at: with_reason(an_idea(language), "ask_correction"),
    "idea_pass_on": lambda language, staff, at: with_reason(an_idea(language), "pass_on", to="outside"),
    "referral_asked": lambda language, staff, at: with_reason(
        an_idea(language), "pass_on", to=str(factories.Department(email="roads@city.example").pk)
    ),
    "idea_link_duplicate": join,
    "idea_joined_by": join,
    "idea_unlink_duplicate": lambda language, staff, at: do(joined(language, staff, at), "unlink_duplicate"),
    "idea_reopen": lambda language, staff, at: do(declined(language, staff, at), "reopen"),
    "idea_grant_appeal": lambda language, staff, at: decided(language, staff, at, "granted"),
    "idea_refuse_appeal": lambda language, staff, at: decided(language, staff, at, "refused"),
    "idea_answer": answer,
    "idea_split": lambda language, staff, at: do(
        an_idea(language, problem="The bench is gone.\n\nThe lamp is dark."),
        "split",
        part_1="The bench is gone.",
        part_2="The lamp is dark.",
        boxes="4",
    ),
    "idea_take_as_report": as_report,
    "idea_take_back": idea_back,
    "report_take_as_idea": lambda language, staff, at: do(
        a_report(language), "take_as_idea", call=str(factories.Call().pk)
    ),
    "report_take_back": report_back,
    "report_start": lambda language, staff, at: do(a_report(language), "start"),
    "report_update": lambda language, staff, at: do(a_report(language), "update", **TEXT),
    "report_close": lambda language, staff, at: with_reason(a_report(language), "close"),
    "report_reopen": lambda language, staff, at: do(closed(language, staff, at), "reopen"),
}
BY_OTHERS = {
    "department_reports",
    "idea_received",
    "report_received",
    "person_link",
    "person_news",
    "import_done",
    "export_done",
}
WITH_A_PLAN = {"idea_outcome"}


def test_every_mail_that_staff_cause_is_among_the_cases() -> None:
    names = {kind.removeprefix("engagement.") for kind in emails.KINDS}
    assert names - BY_OTHERS - WITH_A_PLAN == set(CASES)


def without_secrets(notice: Notice, text: str, language: str) -> str:
    """The mail as it left, with words where the sender's own link and code and a new page's address stood."""
    record = notice.idea or notice.report
    assert record is not None
    french = language == "fr"
    question = "(la page de cette question)" if french else "(the page of this question)"
    text = re.sub(r"https?://\S+/referral/\d+/change/", question, text)
    words = "(le lien privé de l’expéditeur)" if french else "(the sender’s private link)"
    text = text.replace(links.tracking_url(record, language), words)
    return text.replace(links.tracking_code(record), "(code)")


def state_of_all() -> Any:
    return (
        list(Idea.objects.order_by("pk").values()),
        list(Report.objects.order_by("pk").values()),
        list(Notice.objects.order_by("pk").values("pk", "state")),
        Event.objects.count(),
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", sorted(CASES))
def test_what_is_shown_is_what_is_sent(kind: str, language: str, desk: Client, staff: Any, now: Any) -> None:
    address, typed = CASES[kind](language, staff, now)
    before = state_of_all()
    seen = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    page = desk.post(address, {**typed, "_preview": "1"})
    assert page.status_code == 200
    assert state_of_all() == before, "looking changes nothing"
    shown = {one["mail"].kind: one["mail"] for one in page.context["preview"]["mails"]}
    assert desk.post(address, typed).status_code == 302
    sent = {notice.kind: notice for notice in Notice.objects.filter(pk__gt=seen)}
    assert set(shown) == set(sent)
    assert f"engagement.{kind}" in sent
    for name, notice in sent.items():
        message = emails.compose(notice, notice.next_try_at)
        assert shown[name].subject == message.subject
        assert shown[name].text == without_secrets(notice, str(message.body), notice.language)


def test_a_script_gets_the_mail_alone_and_never_the_private_link(desk: Client) -> None:
    idea = an_idea("fr", state="received")
    address, typed = with_reason(idea, "decline")
    answer = desk.post(address, {**typed, "_preview": "part"})
    text = answer.content.decode()
    assert "<html" not in text
    assert "À cause du pont." in text
    assert links.tracking_token(idea) not in text
    assert links.tracking_code(idea) not in text
    assert "no-store" in answer["Cache-Control"]
    assert desk.post(address, {**typed, "reason": "", "_preview": "part"}).status_code == 422


def test_the_page_keeps_what_was_typed_and_shows_it_in_the_mail(desk: Client) -> None:
    address, typed = with_reason(an_idea(), "decline")
    text = desk.post(address, {**typed, "note": "Ask Kim.", "_preview": "1"}).content.decode()
    assert "Ask Kim." in text
    assert text.count("Because of the &lt;bridge&gt;.") == 2, "in the box and in the mail"
    assert Idea.objects.get().state == "received"


def test_a_reason_without_a_text_shows_its_standard_text(desk: Client) -> None:
    reason = factories.Reason(action="decline", text={"en": "Not a matter of the city."})
    address, typed = do(an_idea(), "decline", reason=reason.code, text_en="", text_fr="")
    page = desk.post(address, {**typed, "_preview": "1"})
    assert "Not a matter of the city." in page.context["preview"]["mails"][0]["mail"].text


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        (None, "left no contact"),
        ({"email": "", "phone": "1"}, "left no e-mail address"),
        ({"updates_consent_at": None}, "did not ask to be told"),
    ],
)
def test_it_is_said_when_no_mail_leaves_and_why(contact: Any, said: str, desk: Client) -> None:
    values = (
        None if contact is None else factories.Contact(**{"updates_consent_at": factories.OPENED} | contact)
    )
    address, typed = do(factories.Idea(contact=values), "publish")
    text = desk.post(address, {**typed, "_preview": "1"}).content.decode()
    assert said in text
    assert 'class="w-mail"' not in text
    desk.post(address, typed)
    assert not Notice.objects.exists()


def test_an_address_that_nobody_confirmed_is_said(desk: Client) -> None:
    address, typed = do(factories.Idea(contact=sender(confirmed_at=None)), "publish")
    assert "not confirmed yet" in desk.post(address, {**typed, "_preview": "1"}).content.decode()


def test_a_step_that_nobody_is_told_says_so(desk: Client) -> None:
    hour = timezone.localtime() + timedelta(days=2)
    address, typed = do(an_idea(), "schedule", hour=f"{hour:%Y-%m-%dT%H:%M}")
    assert "not told to anybody" in desk.post(address, {**typed, "_preview": "1"}).content.decode()


def test_who_follows_is_counted_by_how_often_they_hear(desk: Client, now: Any) -> None:
    idea = an_idea(state="published")
    for number, rhythm in enumerate(("daily", "daily", "weekly")):
        person = Person.objects.create(
            email=f"p{number}@mail.example",
            language="en",
            nonce=str(number),
            created_at=now,
            confirmed_at=now,
            told_until=now,
            rhythm=rhythm,
        )
        services.follow(person=person, record=idea, at=now)
    address, typed = with_reason(idea, "pass_on", to="outside")
    page = desk.post(address, {**typed, "_preview": "1"})
    assert page.context["preview"]["people"] == 3
    text = " ".join(page.content.decode().split())
    assert "3 people who follow it hear of it: 2 with their daily mail, 1 with their weekly mail." in text


def test_of_many_one_example_a_kind_and_language_and_the_number(desk: Client) -> None:
    ideas = [an_idea(), an_idea(), an_idea("fr"), factories.Idea(contact=None)]
    reason = factories.Reason(action="decline")
    selected = ",".join(f"{idea.pk}:{idea.version}" for idea in ideas)
    typed = {"selected": selected, "note": "", "reason": reason.code, **TEXT}
    page = desk.post("/admin/engagement/idea/do/decline/", {**typed, "_preview": "1"})
    mails = [one["mail"] for one in page.context["preview"]["mails"]]
    assert sorted((mail.language, mail.count) for mail in mails) == [("en", 2), ("fr", 1)]
    assert [n for _words, n in page.context["preview"]["silent"]] == [1]
    assert set(Idea.objects.values_list("state", flat=True)) == {"received"}


def test_what_would_be_refused_is_refused_in_the_preview(desk: Client) -> None:
    idea = an_idea()
    address, typed = do(idea, "publish")
    Idea.objects.filter(pk=idea.pk).update(version=idea.version + 1)
    page = desk.post(address, {**typed, "_preview": "1"})
    assert page.context["preview"] is None
    assert "was changed by somebody else" in page.content.decode()


def test_who_may_not_do_it_sees_no_mail() -> None:
    client = Client()
    client.force_login(factories.staff("reader", permissions=["engagement.view_idea"]))
    address, typed = do(an_idea(), "publish")
    assert client.post(address, {**typed, "_preview": "part"}).status_code == 403


# --- What of the sender's own words and address staff may see -------------------------------------------

TITLE, MASKED = "A bench, call 514 555 0134", "A bench, call [removed]"


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_title_is_shown_as_everybody_may_read_it(language: str, hidden: bool, desk: Client) -> None:
    idea = an_idea(language, title=TITLE, public_title=MASKED, text_hidden=hidden)
    for verb in ("decline", "pass_on"):
        reason = factories.Reason(action=verb, hides_text=hidden).code
        address, typed = do(idea, verb, reason=reason, to="outside", **TEXT)
        page = desk.post(address, {**typed, "_preview": "1"})
        text = page.context["preview"]["mails"][0]["mail"].text
        assert "514 555" not in text
        assert (MASKED in text) is not hidden
        assert (idea.reference if hidden else MASKED) in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_department_reads_the_same_whether_or_not_there_is_an_address(
    language: str, staff: Any, now: Any
) -> None:
    parks = factories.Department(email="parks@city.example")
    member = factories.staff("gardener", permissions=["engagement.answer_referral"])
    member.department = parks
    member.save()
    client = Client()
    client.force_login(member)
    shown = set()
    for contact in (
        None,
        sender(),
        sender("fr", confirmed_at=None),
        factories.Contact(updates_consent_at=None),
    ):
        idea = factories.Idea(title=TITLE, public_title=MASKED, contact=contact)
        reason = factories.Reason(action="pass_on").code
        referral = services.pass_on_idea(
            idea=idea, department=parks, reason=reason, text={"en": "Yours."}, by=staff, at=now
        )
        page = f"{'/fr' if language == 'fr' else ''}/admin/engagement/referral/{referral.pk}/answer/"
        answer = client.post(page, {"answer_en": "Done.", "answer_fr": "", "_preview": "part"})
        assert answer.status_code == 200
        shown.add(" ".join(answer.content.decode().split()))
    told = {
        "en": "The sender is told, where there is an address.",
        "fr": "L’expéditeur est informé s’il a laissé une adresse.",
    }
    assert len(shown) == 1
    assert told[language] in shown.pop()


def test_who_triages_is_shown_the_mail_with_the_answer(desk: Client, staff: Any, now: Any) -> None:
    address, typed = answer("en", staff, now)
    mails = desk.post(address, {**typed, "_preview": "1"}).context["preview"]["mails"]
    assert [one["mail"].kind for one in mails] == ["engagement.idea_answer"]
