"""Followed to delivery at the desk: where managers and departments tell each step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from engagement import links
from engagement.models import Event, Notice, User
from prioritisation import emails, services
from prioritisation.models import DeliveryStep, PlanVersion
from tests import factories
from tests.prioritisation import followed
from tests.prioritisation.followed import Followed
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db
WORDS = {"text_en": "Two crews are at work.", "text_fr": "Deux équipes sont à l’œuvre."}
LIST = "/admin/prioritisation/delivery/"


@pytest.fixture
def city(db: Any) -> Followed:
    return followed.make(timezone.now() - timedelta(days=30))


@pytest.fixture
def desk(city: Followed) -> Client:
    return signed_in(city.manager)


def step_of(city: Followed, verb: str, n: int = 0, **typed: Any) -> tuple[str, dict[str, Any]]:
    initiative = city.get(n)
    return f"{LIST}{initiative.reference}/{verb}/", {"version": initiative.version, **WORDS, **typed}


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


def test_a_manager_looks_at_the_mail_tells_and_undoes(city: Followed, desk: Client) -> None:
    day = timezone.localdate() + timedelta(days=90)
    address, typed = step_of(city, "start_delivery", expected_on=str(day))
    page = desk.post(address, {**typed, "_preview": "1"})
    (shown,) = [one["mail"] for one in page.context["preview"]["mails"]]
    assert shown.count == 2
    assert not DeliveryStep.objects.exists(), "looking changes nothing"
    for idea in city.ideas[:2]:
        assert links.tracking_token(idea) not in page.content.decode()
        assert links.tracking_code(idea) not in page.content.decode()
    assert desk.post(address, typed).status_code == 302
    notice = Notice.objects.filter(kind="prioritisation.delivery").order_by("pk")[0]
    sent = emails.compose(notice, notice.next_try_at)
    assert shown.subject == sent.subject
    secrets = {links.tracking_url(city.ideas[0], "en"): "(the sender’s private link)"}
    secrets[links.tracking_code(city.ideas[0])] = "(code)"
    said = str(sent.body)
    for secret, words in secrets.items():
        said = said.replace(secret, words)
    assert shown.text == said
    one = desk.get(f"{LIST}I-000/")
    assert "Undo the last step" in text_of(one)
    assert "m.." not in text_of(one), "an hour ends with a period of its own: p.m."
    undone = desk.post(f"{LIST}I-000/undo/", {"version": city.get().version}, follow=True)
    assert "nobody was told" in text_of(undone)
    assert city.get().delivery == ""
    assert not Event.objects.public().filter(verb="follow_up").exists()


def test_a_department_tells_of_its_own_and_does_not_learn_who_left_an_address(city: Followed) -> None:
    user = factories.staff("roads", permissions=["engagement.answer_referral"])
    User.objects.filter(pk=user.pk).update(department=city.owner)
    client = signed_in(User.objects.get(pk=user.pk))
    assert len(client.get(LIST).context["rows"]) == 4
    address, typed = step_of(city, "start_delivery")
    preview = client.post(address, {**typed, "_preview": "1"}).context["preview"]
    assert preview["mails"] == []
    assert [str(words) for words, _n in preview["silent"]] == [
        "The sender is told, where there is an address."
    ]
    assert client.post(address, typed).status_code == 302
    assert city.get().delivery == "started"
    other = factories.staff("parks", permissions=["engagement.answer_referral"])
    User.objects.filter(pk=other.pk).update(department=factories.Department())
    stranger = signed_in(User.objects.get(pk=other.pk))
    assert stranger.get(LIST).context["rows"] == []
    for page in (f"{LIST}I-000/", address):
        assert stranger.get(page).status_code == 404
    assert stranger.post(address, typed).status_code == 404
    assert stranger.post(f"{LIST}I-000/undo/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"expected_on": "2001-01-01"}, "expected_on"),
        ({"expected_on": "soon"}, "expected_on"),
        ({"expected_on": "0000-99-99"}, "expected_on"),
        ({"text_en": "a" * 1001}, "text"),
        ({"version": "9999999"}, None),
        ({"version": "x"}, "version"),
    ],
)
def test_what_cannot_be_told_is_said_beside_its_field_and_kept(
    typed: dict[str, str], field: str | None, city: Followed, desk: Client
) -> None:
    address, sent = step_of(city, "start_delivery", **typed)
    answer = desk.post(address, sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field or "__all__"]
    assert WORDS["text_fr"] in answer.content.decode()
    assert not DeliveryStep.objects.exists()


def test_a_step_of_another_state_leads_back(city: Followed, desk: Client) -> None:
    address, typed = step_of(city, "deliver")
    assert "look again" in text_of(desk.post(address, typed, follow=True))
    assert desk.get(f"{LIST}I-000/vanish/").status_code == 404
    assert desk.get(f"{LIST}I-004/").status_code == 404, "the plan does not hold it"
    assert not DeliveryStep.objects.exists()


def test_who_was_told_of_anothers_step_sends_theirs_again_as_it_was_typed(
    city: Followed, desk: Client
) -> None:
    address, typed = step_of(city, "start_delivery")
    at = timezone.now() - timedelta(minutes=1)
    services.report_progress(initiative=city.get(), text={"en": "Nearly."}, by=city.manager, at=at)
    refused = desk.post(address, typed)
    assert refused.status_code == 422
    assert "was changed by somebody else" in text_of(refused)
    found = re.search(r'name="version" value="(\d+)"', refused.content.decode())
    assert found is not None
    assert desk.post(address, {**typed, "version": found[1]}).status_code == 302
    assert city.get().delivery == "started"


def test_the_list_is_filtered_and_the_desk_says_what_is_late_or_silent(
    city: Followed, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    past = timezone.localdate() - timedelta(days=1)
    act: dict[str, Any] = {"by": city.manager, "at": timezone.now() - timedelta(days=9)}
    services.start_delivery(initiative=city.get(0), expected_on=past, **act)
    services.start_delivery(initiative=city.get(1), **act)
    services.drop_initiative(initiative=city.get(1), text={"en": "No money."}, **act)

    def shown(asked: str) -> list[str]:
        return [row["initiative"].reference for row in desk.get(LIST, {"state": asked}).context["rows"]]

    assert shown("late") == shown("started") == ["I-000"]
    assert (shown("dropped"), shown("planned"), shown("delivered")) == (["I-001"], ["I-002", "I-003"], [])
    assert shown("nonsense") == shown("") == ["I-000", "I-002", "I-003", "I-001"]
    assert shown("silent") == []
    with django_assert_max_num_queries(12):
        desk.get(LIST)
    cards = text_of(desk.get("/admin/"))
    assert "1 initiative of the plan is late" in cards
    assert "without news" not in cards
    PlanVersion.objects.update(published_at=timezone.now() - timedelta(days=91))
    assert shown("silent") == ["I-002", "I-003"]
    assert "2 initiatives of the plan are without news for 90 days" in text_of(desk.get("/admin/"))


def test_a_sender_of_two_ideas_is_one_mail_in_the_preview_and_not_counted_as_silent(
    city: Followed, desk: Client
) -> None:
    for idea, email in zip(city.ideas[:2], ("Ann@mail.example", "ann@mail.example"), strict=True):
        assert idea.contact is not None
        idea.contact.email = email
        idea.contact.save()
    address, typed = step_of(city, "start_delivery")
    preview = desk.post(address, {**typed, "_preview": "1"}).context["preview"]
    assert [one["mail"].count for one in preview["mails"]] == [1]
    assert preview["silent"] == []


def test_the_menu_leads_there_who_works_ideas_up_or_for_a_department(city: Followed) -> None:
    assert not city.manager.has_perm("prioritisation.work_up_initiative")
    works_up = factories.staff("works-up", permissions=["prioritisation.work_up_initiative"])
    member = factories.staff("member", permissions=["engagement.answer_referral"])
    User.objects.filter(pk=member.pk).update(department=city.owner)
    colleague = factories.staff("colleague")
    User.objects.filter(pk=colleague.pk).update(department=city.owner)
    for user, led in ((city.manager, False), (works_up, True), (member, True), (colleague, False)):
        assert (f'href="{LIST}"' in signed_in(user).get("/admin/").content.decode()) is led, user
