"""Did we understand you? Who is asked, who may answer until when, and who reads what of the answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from engagement import links
from engagement.models import Idea, Notice, Person
from engagement.services import Refused, erase_sender, withdraw_idea
from engagement.services.persons import everything_about
from prioritisation import emails, services
from prioritisation.models import IdeaLink, Initiative, Round, Understanding
from prioritisation.services.understanding import published_answers
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db

WHY = "I meant the evenings. Call me at 514 555 0134."


@pytest.fixture
def city(now: datetime) -> dict[str, Any]:
    return scene.make_city(now)


@pytest.fixture
def initiative(city: dict[str, Any], now: datetime) -> Initiative:
    made: Initiative = scene.work_up(city, now, [[0, 1]])[0]
    return made


def page(idea: Idea, initiative: Initiative, language: str = "") -> str:
    address = f"/t/{idea.reference}/{links.tracking_token(idea)}/understood/{initiative.reference}/"
    return f"/{language}{address}" if language else address


def asked(idea: Idea) -> Understanding:
    return Understanding.objects.get(link__idea=idea)


def answer(client: Client, idea: Idea, initiative: Initiative, said: str, why: str = WHY) -> Any:
    return client.post(page(idea, initiative), {"answer": said, "why": why})


# --- Who is asked -----------------------------------------------------------------------------------


def test_each_sender_is_asked_once_when_the_initiative_is_ready(
    city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    assert Understanding.objects.count() == 2
    Notice.objects.update(state="sent")
    for verb in ("back_to_draft", "mark_ready"):
        initiative.refresh_from_db()
        services.move_initiative(initiative=initiative, verb=verb, by=city["manager"], at=now)
    assert Understanding.objects.count() == 2


def test_who_sent_two_of_its_ideas_is_asked_about_one(city: dict[str, Any], now: datetime) -> None:
    first, second = city["ideas"][0], city["ideas"][1]
    second.contact.email = first.contact.email.upper()
    second.contact.save()
    scene.work_up(city, now, [[0, 1]])
    assert [one.link.idea for one in Understanding.objects.all()] == [first]


def test_an_idea_out_of_a_file_has_nobody_to_ask(city: dict[str, Any], now: datetime) -> None:
    Idea.objects.filter(pk=city["ideas"][0].pk).update(channel="import", contact=None)
    scene.work_up(city, now, [[0]])
    assert not Understanding.objects.exists()


def test_an_idea_that_comes_later_is_asked_about_too(
    city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    services.link_ideas(initiative=initiative, ideas=[city["ideas"][2]], by=city["manager"], at=now)
    assert asked(city["ideas"][2]).answer == ""


def test_only_who_agreed_to_be_told_gets_a_mail(city: dict[str, Any], now: datetime) -> None:
    told, silent = city["ideas"][0], city["ideas"][1]
    silent.contact.updates_consent_at = None
    silent.contact.save()
    initiative = scene.work_up(city, now, [[0, 1]])[0]
    notice = Notice.objects.get(kind="prioritisation.understood")
    assert notice.contact == told.contact
    message = emails.compose(notice, now)
    for text in (message.body, str(message.alternatives[0].content)):
        assert page(told, initiative) in text
        assert initiative.shown_title in text
    assert asked(silent).asked_at == now


def test_the_senders_answer_comes_next_and_until_when(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    """Not a date of the invitation, on the page or in the mail; that comes after it."""
    idea = city["ideas"][0]
    private = f"/t/{idea.reference}/{links.tracking_token(idea)}/"
    idea.call.planned_dates = [{"date": "2190-03-01", "label": {"en": "The council decides", "fr": "Vote"}}]
    idea.call.save()
    notice = Notice.objects.get(kind="prioritisation.understood", idea=idea)
    assert "counts until the assessment is over" in emails.compose(notice, now).body
    round = services.prepare_round(
        programme=city["programme"],
        policy_version=city["version"],
        stage="plan",
        initiatives=[initiative],
        panel=city["assessors"],
        by=city["manager"],
        at=now,
        seed=7,
    )
    Round.objects.filter(pk=round.pk).update(due_at=now + timedelta(days=9))
    body = emails.compose(notice, now).body
    assert "Please answer by May 13, 2026" in body
    assert "The council decides" not in body
    assert "May 13" not in emails.compose(notice, now + timedelta(days=30)).body
    said = client.get(private).content.decode()
    assert "The assessors meant to be done by May 13, 2026 and are not yet" in said
    assert "After that: The council decides, March 1, 2190." in said
    assert "Next step:</strong> The council decides" not in said
    Round.objects.filter(pk=round.pk).update(due_at=datetime(2189, 1, 2, 17, tzinfo=UTC))
    assert "Merci de répondre d’ici le 2 janvier 2189" in client.get(f"/fr{private}").content.decode()
    answer(client, idea, initiative, "yes", "")
    assert "Next step:</strong> The council decides, March 1, 2190" in client.get(private).content.decode()


# --- The page and its answer --------------------------------------------------------------------------


def test_the_private_page_asks_and_keeps_the_answer(
    client: Client, city: dict[str, Any], initiative: Initiative
) -> None:
    idea = city["ideas"][0]
    private = f"/t/{idea.reference}/{links.tracking_token(idea)}/"
    assert page(idea, initiative) in client.get(private).content.decode()
    shown = client.get(page(idea, initiative))
    assert "no-store" in shown["Cache-Control"]
    assert "Need 0" in shown.content.decode()
    done = answer(client, idea, initiative, "partly")
    assert (done.status_code, done["Location"]) == (303, f"{private}?done=understood")
    assert "Your answer: partly" in client.get(private).content.decode()
    answer(client, idea, initiative, "yes", "")
    assert (asked(idea).answer, asked(idea).why) == ("yes", "")


def test_others_read_no_telephone_number(
    client: Client, city: dict[str, Any], initiative: Initiative
) -> None:
    answer(client, city["ideas"][0], initiative, "no")
    assert "514" not in asked(city["ideas"][0]).why
    assert asked(city["ideas"][0]).why.startswith("I meant the evenings.")


@pytest.mark.parametrize(
    ("said", "why", "told"),
    [
        ("", "", "Choose one of the answers."),
        ("maybe", "", "Select a valid choice"),
        ("no", " ", "Tell us in a few words"),
        ("no", "\u200b\u200b", "Tell us in a few words"),
        ("partly", "", "Tell us in a few words"),
        ("yes", "x" * 2001, "at most 2000 characters"),
    ],
)
def test_a_wrong_answer_changes_nothing_and_says_why(
    client: Client, city: dict[str, Any], initiative: Initiative, said: str, why: str, told: str
) -> None:
    refused = answer(client, city["ideas"][0], initiative, said, why)
    assert refused.status_code == 422
    assert told in refused.content.decode()
    assert asked(city["ideas"][0]).answer == ""


def test_only_the_ideas_own_link_opens_its_question(
    client: Client, city: dict[str, Any], initiative: Initiative
) -> None:
    mine, other, outside = city["ideas"][0], city["ideas"][1], city["ideas"][2]
    forged = page(mine, initiative).replace(links.tracking_token(mine), links.tracking_token(other))
    assert client.get(forged).status_code == 404
    assert client.get(page(outside, initiative)).status_code == 404
    answer(client, other, initiative, "no", "Only I know this.")
    for address in (page(mine, initiative), f"/ideas/{other.reference}/", f"/ideas/{mine.reference}/"):
        assert "Only I know this." not in client.get(address).content.decode()


def test_answers_end_with_the_assessment(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    idea = city["ideas"][0]
    scene.run_round(city, now, [initiative], lambda _index: 3)
    late = answer(client, idea, initiative, "no")
    assert late.status_code == 422
    assert "The assessment is over" in late.content.decode()
    with pytest.raises(Refused):
        services.answer_understanding(asked=asked(idea), answer="no", why="", at=now)
    assert "<form" not in client.get(page(idea, initiative)).content.decode().partition("<main")[2]


def test_a_mail_that_waits_is_taken_back_with_the_readiness(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    idea = city["ideas"][0]
    mails = Notice.objects.filter(kind="prioritisation.understood")
    assert {one.state for one in mails} == {"waiting"}
    initiative.refresh_from_db()
    services.move_initiative(initiative=initiative, verb="back_to_draft", by=city["manager"], at=now)
    assert {one.state for one in mails.all()} == {"cancelled"}
    assert not Understanding.objects.exists()
    initiative.refresh_from_db()
    services.move_initiative(initiative=initiative, verb="mark_ready", by=city["manager"], at=now)
    assert mails.filter(state="waiting").count() == 2
    mails.update(state="sent")
    services.move_initiative(initiative=initiative, verb="back_to_draft", by=city["manager"], at=now)
    Initiative.objects.filter(pk=initiative.pk).update(summary={"en": "CONFIDENTIAL"})
    shown = client.get(page(idea, initiative)).content.decode()
    assert "CONFIDENTIAL" not in shown
    assert "Staff are writing the initiative anew" in shown
    assert answer(client, idea, initiative, "yes").status_code == 422


def test_who_took_the_idea_back_or_was_erased_is_not_asked(city: dict[str, Any], now: datetime) -> None:
    gone, erased, there = city["ideas"][:3]
    made = services.work_up(
        programme=city["programme"],
        ideas=[gone, erased, there],
        by=city["manager"],
        at=now,
        values={"title": {"en": "T"}, "need": {"en": "N"}, "owner": factories.Department()},
    )
    withdraw_idea(idea=gone, at=now)
    erase_sender(idea=erased, at=now, keep_text=True)
    services.move_initiative(initiative=made, verb="mark_ready", by=city["manager"], at=now)
    assert [one.link.idea for one in Understanding.objects.all()] == [there]


def test_after_closing_nobody_is_asked_any_more(
    city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    scene.run_round(city, now, [initiative], lambda _index: 3)
    initiative.refresh_from_db()
    services.link_ideas(initiative=initiative, ideas=[city["ideas"][2]], by=city["manager"], at=now)
    assert not Understanding.objects.filter(link__idea=city["ideas"][2]).exists()


# --- Who reads it -----------------------------------------------------------------------------------


def test_staff_and_assessors_read_the_answers_without_names(
    client: Client, city: dict[str, Any], initiative: Initiative
) -> None:
    idea = city["ideas"][0]
    answer(client, idea, initiative, "no", "I meant the evenings.")
    client.force_login(factories.User(is_staff=True, is_superuser=True))
    detail = client.get(reverse("admin:prioritisation_initiative_change", args=[initiative.pk]))
    text = detail.content.decode()
    assert "2 senders were asked." in text
    assert "I meant the evenings." in text
    assert idea.contact.email not in text
    listed = reverse("admin:prioritisation_initiative_changelist")
    assert initiative.reference in client.get(f"{listed}?understood=doubt").content.decode()
    assert initiative.reference not in client.get(f"{listed}?understood=silent").content.decode()


def test_counting_many_initiatives_takes_one_query(
    city: dict[str, Any], now: datetime, django_assert_num_queries: Any
) -> None:
    made = scene.work_up(city, now, [[0, 1], [2], [3, 4, 5]])
    with django_assert_num_queries(1):
        found = services.understood(made)
    assert [found[one.pk]["asked"] for one in made] == [2, 1, 3]


def test_a_plan_publishes_the_sum_and_nothing_of_one_initiative(
    client: Client, city: dict[str, Any], now: datetime
) -> None:
    many, few = scene.work_up(city, now, [[0, 1, 2], [3, 4]])
    for number, said in enumerate(("yes", "partly", "no")):
        answer(client, city["ideas"][number], many, said)
    answer(client, city["ideas"][3], few, "no")
    round = scene.run_round(city, now, [many, few], lambda _index: 3)
    factories.Reason()
    services.draft_decisions(round=round, by=city["manager"], at=now)
    services.save_plan(
        programme=city["programme"], slug="plan", title={"en": "Plan"}, intro={}, by=city["manager"], at=now
    )
    version = services.publish_round(round=round, by=city["publisher"], at=now)
    document = version.document
    assert document["understood"] == {"asked": 5, "yes": 1, "partly": 1, "no": 2, "silent": 1}
    assert all("understood" not in one for one in document["initiatives"])
    assert "evenings" not in str(document)
    told = client.get(f"/api/v1/plans/{version.plan.slug}").json()
    assert told["understood"] == document["understood"]
    shown = client.get(f"/plans/{version.plan.slug}/").content.decode()
    assert "5 senders were asked." in shown


def test_of_two_answers_a_plan_publishes_nothing(
    client: Client, city: dict[str, Any], now: datetime, django_assert_num_queries: Any
) -> None:
    made = scene.work_up(city, now, [[0, 1], [2]])
    for number in (0, 2):
        answer(client, city["ideas"][number], made[min(number, 1)], "yes", "")
    with django_assert_num_queries(1):
        assert published_answers(made) is None
    answer(client, city["ideas"][1], made[0], "no")
    assert published_answers(made) == {"asked": 3, "yes": 2, "partly": 0, "no": 1, "silent": 0}


# --- The sender's own data -----------------------------------------------------------------------------


def test_the_senders_words_are_copied_and_go_with_the_sender(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    idea = city["ideas"][0]
    answer(client, idea, initiative, "no", "I meant the evenings.")
    person = Person.objects.create(
        email=idea.contact.email, language="en", nonce="1" * 32, confirmed_at=now, created_at=now
    )
    idea.contact.confirmed_at = now
    idea.contact.save()
    assert "I meant the evenings." in str(everything_about(person))
    erase_sender(idea=idea, at=now + timedelta(days=1), keep_text=True)
    assert (asked(idea).answer, asked(idea).why) == ("no", "")


def test_words_go_with_a_withdrawal(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    idea = city["ideas"][0]
    answer(client, idea, initiative, "no", "I meant the evenings.")
    withdraw_idea(idea=idea, at=now)
    assert (asked(idea).answer, asked(idea).why) == ("no", "")
    assert answer(client, idea, initiative, "yes").status_code == 422


def test_an_idea_taken_out_takes_its_question_along_and_the_timeline_keeps_the_answer(
    client: Client, city: dict[str, Any], initiative: Initiative, now: datetime
) -> None:
    answer(client, city["ideas"][0], initiative, "no", "I meant the evenings.")
    services.unlink_ideas(initiative=initiative, ideas=[city["ideas"][0]], by=city["manager"], at=now)
    assert IdeaLink.objects.count() == Understanding.objects.count() == 1
    assert initiative.events.get(verb="unlink_idea").note == f"{city['ideas'][0].reference} (no)"
