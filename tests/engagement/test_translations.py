"""A translation stands beside the sender's words, never over them, and goes where they go."""

import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from engagement import exports, links, services
from engagement.models import Idea, Translation
from engagement.services.ideas import IdeaDraft
from prioritisation.models import IdeaLink
from tests import factories

pytestmark = pytest.mark.django_db

SPANISH = {
    "language": "es",
    "title": "Bancos a la sombra",
    "public_title": "Bancos a la sombra",
    "problem": "Los mayores no tienen donde sentarse.",
    "public_problem": "Los mayores no tienen donde sentarse.",
}
ENGLISH = services.Beside(
    language="en", title="Shaded benches", problem="Older people have nowhere to sit. Call 514-555-0199."
)


@pytest.fixture
def translator(db: Any) -> Any:
    return factories.staff(
        "translator",
        permissions=["engagement.view_idea", "engagement.translate_idea", "engagement.triage_idea"],
    )


@pytest.fixture
def idea(translator: Any) -> Idea:
    """A public idea in Spanish with an English translation by the city's staff."""
    made: Idea = factories.Idea(state="published", published_at=factories.NOW, **SPANISH)
    services.translate_idea(idea=made, words=ENGLISH, by=translator, at=factories.NOW)
    return Idea.objects.get(pk=made.pk)


def page(client: Any, idea: Idea, language: str = "") -> str:
    return str(client.get(f"{language}/ideas/{idea.reference}/").content.decode())


def test_the_original_comes_first_each_in_its_own_language(client: Any, idea: Idea) -> None:
    shown = page(client, idea)
    original, beside = shown.index("Los mayores"), shown.index("Older people")
    assert original < shown.index("Translation by the city’s staff</h2>") < beside
    assert 'lang="es"' in shown[original - 40 : original]
    assert 'lang="en"' in shown[beside - 40 : beside]
    assert "From Spanish into English" in shown
    assert "A person made it" in shown
    assert "translator" not in shown, "who translated is for staff"


def test_who_reads_in_another_language_opens_the_translation(client: Any, idea: Idea) -> None:
    shown = page(client, idea, "/fr")
    assert "Traduction par le personnel de la ville" in shown
    assert 'id="translation-title"' not in shown
    assert '<details class="translation">' in shown


def test_it_is_masked_as_the_words_are(idea: Idea) -> None:
    assert "555" not in idea.translations.get().problem


def test_the_list_and_its_search_use_the_readers_language_and_say_so(
    client: Any, idea: Idea, django_assert_max_num_queries: Any
) -> None:
    client.get("/ideas/?q=shaded")
    with django_assert_max_num_queries(12):
        found = client.get("/ideas/?q=shaded").content.decode()
    assert "Shaded benches</a>" in found
    assert "Translation by the city’s staff. Sent as:" in found
    assert '<span lang="es" dir="auto">Bancos a la sombra</span>' in found
    other = client.get("/fr/ideas/?q=shaded").content.decode()
    assert "Bancos a la sombra</a>" in other
    assert "Shaded" not in other


def test_translations_cost_the_list_no_query_each(client: Any, translator: Any, idea: Idea) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get("/ideas/")
    with CaptureQueriesContext(connection) as one:
        client.get("/ideas/")
    for _n in range(5):
        other = factories.Idea(state="published", published_at=factories.NOW, call=idea.call, **SPANISH)
        services.translate_idea(idea=other, words=ENGLISH, by=translator, at=factories.NOW)
    client.get("/ideas/")
    with CaptureQueriesContext(connection) as six:
        client.get("/ideas/")
    assert len(six) <= len(one)


def test_the_api_and_the_export_carry_the_same(client: Any, idea: Idea) -> None:
    told = client.get(reverse("api-idea", args=[idea.reference])).json()
    assert told["problem"] == SPANISH["problem"], "never over them"
    [row] = list(exports.IDEAS.rows([idea.pk], None, factories.NOW))
    [given] = told["translations"]
    made = translation_of(row["translations"])
    assert {**made, "made_at": ""} == {**given, "made_at": ""}
    assert set(given) == {
        *("language", "title", "problem", "proposal", "by_machine", "earlier_wording", "made_at")
    }
    listed = client.get(reverse("api-ideas")).json()["results"][0]
    assert listed["translations"] == told["translations"]


def translation_of(exported: Any) -> dict[str, Any]:
    [(language, said)] = json.loads(json.dumps(exported)).items()
    return {"language": language, **said}


def test_a_corrected_wording_marks_it_as_older_until_it_is_made_anew(translator: Any, client: Any) -> None:
    idea = factories.Idea(state="correction", **SPANISH)
    services.translate_idea(idea=idea, words=ENGLISH, by=translator, at=factories.NOW)
    draft = IdeaDraft(problem="Los mayores quieren sombra.", title="Sombra", language="es")
    services.resend_idea(idea=idea, draft=draft, at=factories.NOW)
    assert idea.translations.get().earlier_wording
    services.publish_idea(idea=idea, by=translator, at=factories.NOW)
    assert "Made from an earlier wording" in page(client, idea)
    assert Idea.objects.matching("shaded").get() == idea, "found still"
    assert Idea.objects.matching("quieren").get() == idea
    services.translate_idea(idea=idea, words=ENGLISH, by=translator, at=factories.NOW)
    assert "Made from an earlier wording" not in page(client, idea)


def test_it_goes_when_the_sender_takes_the_idea_back(client: Any, idea: Idea) -> None:
    services.withdraw_idea(idea=idea, at=factories.NOW)
    assert not Translation.objects.exists()
    assert not Idea.objects.matching("shaded").exists()
    assert not Idea.objects.matching("mayores").exists()
    assert "Shaded" not in page(client, idea)


@pytest.mark.parametrize("keep_text", [True, False])
def test_erasing_keeps_it_only_with_the_text(idea: Idea, keep_text: bool) -> None:
    services.erase_sender(idea=idea, at=factories.NOW, keep_text=keep_text)
    assert Translation.objects.exists() == keep_text
    assert Idea.objects.matching("shaded").exists() == keep_text


def test_it_goes_with_words_kept_long_enough(idea: Idea) -> None:
    from datetime import timedelta

    Idea.objects.filter(pk=idea.pk).update(state="declined", text_hidden=True)
    services.purge_expired(at=factories.NOW + timedelta(days=731))
    assert not Translation.objects.exists()


def test_a_hidden_text_hides_it_everywhere(client: Any, translator: Any, idea: Idea) -> None:
    Idea.objects.filter(pk=idea.pk).update(text_hidden=True)
    assert "Older people" not in page(client, idea)
    assert client.get(reverse("api-idea", args=[idea.reference])).status_code == 404
    with pytest.raises(services.Refused):
        services.translate_idea(
            idea=Idea.objects.get(pk=idea.pk), words=ENGLISH, by=translator, at=factories.NOW
        )


def test_it_keeps_an_event_and_does_not_stop_undoing(translator: Any) -> None:
    idea = factories.Idea(state="received", **SPANISH)
    services.publish_idea(idea=idea, by=translator, at=factories.NOW)
    services.translate_idea(idea=idea, words=ENGLISH, by=translator, at=factories.NOW)
    event = idea.events.get(verb="translate")
    assert (event.public, event.by, event.note) == (False, translator, "es → en")
    services.undo_move(record=idea, by=translator, at=factories.NOW)
    idea.refresh_from_db()
    assert idea.state == "received"
    assert idea.translations.exists()
    services.remove_translation(idea=idea, language="en", by=translator, at=factories.NOW)
    assert not idea.translations.exists()
    assert not Idea.objects.matching("shaded").exists()


def test_who_may_not_translate_is_refused(moderator: Any, client: Any) -> None:
    idea = factories.Idea(**SPANISH)
    with pytest.raises(services.Refused):
        services.translate_idea(idea=idea, words=ENGLISH, by=moderator, at=factories.NOW)
    client.force_login(moderator)
    assert client.get(f"/admin/engagement/idea/{idea.pk}/translation/en/").status_code == 403
    assert "/translation/" not in client.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()


def posted(idea: Idea, **changed: str) -> dict[str, str]:
    return {
        "version": str(idea.version),
        "sent_in": "es",
        "title": "Shaded benches",
        "problem": "Older people have nowhere to sit.",
        "how": "machine",
        **changed,
    }


def test_at_the_desk_it_is_written_replaced_and_taken_away(client: Any, translator: Any) -> None:
    idea = factories.Idea(state="published", published_at=factories.NOW, **{**SPANISH, "language": "en"})
    client.force_login(translator)
    at, detail = (
        f"/admin/engagement/idea/{idea.pk}/translation/en/",
        f"/admin/engagement/idea/{idea.pk}/change/",
    )
    assert at in client.get(detail).content.decode()
    same = client.post(at, posted(idea, sent_in="en"))
    assert same.status_code == 422
    assert "Say in which they wrote" in same.content.decode()
    assert "Older people have nowhere to sit." in same.content.decode(), "what was typed is kept"
    assert client.post(at, posted(idea)).status_code == 302
    idea.refresh_from_db()
    assert (idea.language, idea.translations.get().by_machine) == ("es", True)
    assert "A machine made it" in page(client, idea)
    shown = client.get(detail).content.decode()
    assert "by a machine" in shown
    assert client.post(at, posted(idea, title="Benches", how="hand")).status_code == 302
    assert idea.translations.get().title == "Benches"
    idea.refresh_from_db()
    assert client.post(at, {"version": str(idea.version), "_remove": "1"}).status_code == 302
    assert not idea.translations.exists()


def test_of_two_translators_the_second_is_told(client: Any, translator: Any) -> None:
    idea = factories.Idea(**SPANISH)
    client.force_login(translator)
    at = f"/admin/engagement/idea/{idea.pk}/translation/en/"
    assert client.post(at, posted(idea)).status_code == 302
    second = client.post(at, posted(idea, title="Others"))
    assert second.status_code == 422
    assert "was changed by somebody else" in second.content.decode()
    assert "Others" in second.content.decode()
    assert idea.translations.get().title == "Shaded benches"


def test_addresses_of_an_idea_in_a_language_without_pages_lead_somewhere(client: Any, idea: Idea) -> None:
    assert client.get(links.public_path(idea)).status_code == 200
    assert client.get(links.tracking_path(idea)).status_code == 200


def test_the_sender_reads_it_on_the_private_page(client: Any, idea: Idea) -> None:
    with translation.override("en"):
        assert "Older people" in client.get(links.tracking_path(idea, "en")).content.decode()


def test_initiatives_show_it_with_their_ideas(client: Any, administrator: Any, idea: Idea) -> None:
    initiative = factories.Initiative()
    IdeaLink.objects.create(idea=idea, initiative=initiative, linked_at=factories.NOW)
    client.force_login(administrator)
    shown = client.get(f"/admin/prioritisation/initiative/{initiative.pk}/change/").content.decode()
    assert "Older people" in shown
    assert "Los mayores" in shown
    services.withdraw_idea(idea=idea, at=factories.NOW)
    shown = client.get(f"/admin/prioritisation/initiative/{initiative.pk}/change/").content.decode()
    assert "mayores" not in shown
