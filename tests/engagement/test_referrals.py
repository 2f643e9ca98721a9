"""Passing on: who is asked, who may answer, what the sender and the department are told."""

from datetime import timedelta
from typing import Any

import pytest

from engagement import emails, links, services
from engagement.models import Event, Notice, Referral
from tests import factories

pytestmark = pytest.mark.django_db

ANSWER = {"en": "We plant them in May.", "fr": ""}


@pytest.fixture
def parks() -> Any:
    return factories.Department(email="parks@city.example")


def passed_on(by: Any, now: Any, **to: Any) -> Any:
    idea = factories.Idea(contact=factories.Contact())
    reason = factories.Reason(action="pass_on").code
    return services.pass_on_idea(idea=idea, by=by, at=now, reason=reason, **to)


def member(department: Any) -> Any:
    user = factories.staff(f"in-{department.code}", permissions=["engagement.answer_referral"])
    user.department = department
    user.save()
    return user


def test_it_goes_to_one_department_or_to_the_plan(now: Any, moderator: Any, parks: Any) -> None:
    with pytest.raises(services.Refused) as refusal:
        passed_on(moderator, now, department=parks, running_plan=True)
    assert refusal.value.field == "to"
    with pytest.raises(services.Refused):
        passed_on(moderator, now, department=factories.Department(active=False))
    assert passed_on(moderator, now, running_plan=True).department is None
    assert passed_on(moderator, now) is None, "somebody outside the city answers nothing here"
    assert Referral.objects.count() == 1


def test_the_department_is_told_without_the_sender(now: Any, moderator: Any, parks: Any) -> None:
    referral = passed_on(moderator, now, department=parks)
    notice = Notice.objects.get(kind="engagement.referral_asked")
    message = emails.compose(notice, now)
    assert message.to == ["parks@city.example"]
    text = message.body + str(message.alternatives[0].content)
    assert f"/admin/engagement/referral/{referral.pk}/" in text
    for secret in (
        links.tracking_token(referral.idea),
        links.tracking_code(referral.idea),
        referral.idea.contact.email,
    ):
        assert secret not in text
    mailbox_less = passed_on(moderator, now, department=factories.Department())
    assert not Notice.objects.filter(idea=mailbox_less.idea, department__isnull=False).exists()


def test_a_hidden_text_is_named_by_its_reference(now: Any, moderator: Any, parks: Any) -> None:
    referral = passed_on(moderator, now, department=parks)
    title = referral.idea.public_title
    notice = Notice.objects.get(kind="engagement.referral_asked")
    assert title in emails.compose(notice, now).body
    notice.idea.text_hidden = True
    message = emails.compose(notice, now)
    assert title not in message.body + str(message.alternatives[0].content)
    assert referral.idea.reference in message.body


def test_only_those_who_were_asked_or_may_triage_answer(now: Any, moderator: Any, parks: Any) -> None:
    of_parks, of_others = member(parks), member(factories.Department())
    plain = factories.User(department=parks)
    referral, to_plan = (
        passed_on(moderator, now, department=parks),
        passed_on(moderator, now, running_plan=True),
    )
    for one, by in ((referral, of_others), (referral, plain), (to_plan, of_parks)):
        with pytest.raises(services.Refused) as refusal:
            services.answer_referral(referral=one, answer=ANSWER, by=by, at=now)
        assert refusal.value.code == "forbidden"
    services.answer_referral(referral=to_plan, answer=ANSWER, by=moderator, at=now)
    answered = services.answer_referral(referral=referral, answer=ANSWER, by=of_parks, at=now)
    assert (answered.answer, answered.answered_by) == ({"en": "We plant them in May."}, of_parks)
    event = Event.objects.get(idea=referral.idea, verb="answer")
    assert (event.text, event.public) == ({"en": "We plant them in May."}, True)
    assert Notice.objects.filter(kind="engagement.idea_answer").count() == 2
    with pytest.raises(services.Stale):
        services.answer_referral(referral=referral, answer=ANSWER, by=of_parks, at=now)
    with pytest.raises(services.Refused) as refusal:
        services.answer_referral(referral=referral, answer={"en": " "}, by=of_parks, at=now)
    assert refusal.value.field == "answer"


def test_what_was_asked_elsewhere_since_waits_for_no_answer(now: Any, administrator: Any, parks: Any) -> None:
    first = passed_on(administrator, now, department=parks)
    idea = first.idea
    services.reopen_idea(idea=idea, by=administrator, at=now)
    with pytest.raises(services.Refused):
        services.answer_referral(referral=first, answer=ANSWER, by=administrator, at=now)
    second = services.pass_on_idea(
        idea=idea, by=administrator, at=now, reason="not_city", department=factories.Department()
    )
    assert second is not None
    assert list(Referral.objects.unanswered()) == [second]
    with pytest.raises(services.Stale):
        services.answer_referral(referral=first, answer=ANSWER, by=administrator, at=now)


def test_undoing_leaves_neither_question_nor_mail(now: Any, moderator: Any, parks: Any) -> None:
    idea = passed_on(moderator, now, department=parks).idea
    services.undo_move(record=idea, by=moderator, at=now + timedelta(minutes=1))
    assert not Referral.objects.exists()
    assert set(Notice.objects.filter(idea=idea).values_list("state", flat=True)) == {"cancelled"}
