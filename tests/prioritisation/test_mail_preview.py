"""This app's mails before they leave: shown is what is sent, without what is the sender's alone."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from engagement import links
from engagement.models import Idea, Notice
from prioritisation import emails, services
from prioritisation.models import Initiative, Plan, Understanding
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db
TITLE, MASKED = "A bench, call 514 555 0134", "A bench, call [removed]"


@pytest.fixture
def city(now: datetime) -> dict[str, Any]:
    return scene.make_city(now)


@pytest.fixture
def client(db: Any) -> Client:
    client = Client()
    client.force_login(factories.staff("desk", superuser=True))
    return client


def draft(city: dict[str, Any], now: datetime, idea: Idea) -> Initiative:
    made: Initiative = services.work_up(
        programme=city["programme"],
        ideas=[idea],
        by=city["manager"],
        at=now,
        values={
            "title": {"en": "Benches", "fr": "Des bancs"},
            "need": {"en": "Rest", "fr": "Repos"},
            "owner": factories.Department(),
            "timeframe_months": 6,
        },
    )
    return made


def ready(initiative: Initiative) -> tuple[str, dict[str, str]]:
    selected = f"{initiative.pk}:{initiative.version}"
    return "/admin/prioritisation/initiative/do/mark_ready/", {"selected": selected}


def in_language(idea: Idea, language: str, **values: Any) -> Idea:
    """The idea of somebody who reads that language."""
    assert idea.contact is not None
    idea.contact.language = language
    idea.contact.save()
    Idea.objects.filter(pk=idea.pk).update(language=language, **values)
    return Idea.objects.get(pk=idea.pk)


def without_secrets(idea: Idea, initiative: Initiative, text: str, language: str) -> str:
    """The mail as it left, with words where the sender's own pages and code stood."""
    words = "(le lien privé de l’expéditeur)" if language == "fr" else "(the sender’s private link)"
    for line in text.splitlines():
        for word in line.split():
            if f"/understood/{initiative.reference}/" in word:
                text = text.replace(word, words)
    text = text.replace(links.tracking_url(idea, language), words)
    return text.replace(links.tracking_code(idea), "(code)")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_shown_is_what_is_sent_but_for_the_secrets(
    language: str, client: Client, city: dict[str, Any], now: datetime
) -> None:
    idea = in_language(city["ideas"][0], language)
    initiative = draft(city, now, idea)
    address, typed = ready(initiative)
    page = client.post(address, {**typed, "_preview": "1"})
    assert page.status_code == 200
    assert not Understanding.objects.exists(), "looking changes nothing"
    assert links.tracking_token(idea) not in page.content.decode()
    assert links.tracking_code(idea) not in page.content.decode()
    (shown,) = [one["mail"] for one in page.context["preview"]["mails"]]
    assert shown.language == language
    assert client.post(address, typed).status_code == 302
    notice = Notice.objects.get(kind="prioritisation.understood")
    sent = emails.compose(notice, notice.next_try_at)
    assert links.tracking_token(idea) in sent.body
    assert (shown.subject, shown.text) == (
        sent.subject,
        without_secrets(idea, initiative, str(sent.body), language),
    )


@pytest.mark.parametrize("hidden", [False, True])
def test_the_title_is_shown_as_everybody_may_read_it(
    hidden: bool, client: Client, city: dict[str, Any], now: datetime
) -> None:
    idea = in_language(city["ideas"][0], "en", title=TITLE, public_title=MASKED, text_hidden=hidden)
    address, typed = ready(draft(city, now, idea))
    (one,) = client.post(address, {**typed, "_preview": "1"}).context["preview"]["mails"]
    assert "514 555" not in one["mail"].text
    assert (MASKED in one["mail"].text) is not hidden
    assert f"“{idea.reference if hidden else MASKED}”" in one["mail"].text


def test_a_publisher_reads_no_telephone_number(city: dict[str, Any], now: datetime) -> None:
    shown, hidden = city["ideas"][:2]
    in_language(shown, "en", title=TITLE, public_title=MASKED)
    in_language(hidden, "fr", title=TITLE, public_title=MASKED, text_hidden=True)
    made = scene.work_up(city, now, [[0, 1]])
    round = scene.run_round(city, now, made, lambda index: 3)
    services.draft_decisions(round=round, by=city["manager"], at=now)
    Plan.objects.create(programme=city["programme"], slug="plan", created_at=now)
    found = services.rehearse_publication(round=round, by=city["publisher"], at=now)
    texts = {mail.reference: mail.text for mail in found["examples"]}
    assert "514 555" not in "".join(texts.values())
    assert MASKED in texts[shown.reference]
    assert f"« {hidden.reference} »".replace(" ", "\u00a0") in texts[hidden.reference]
