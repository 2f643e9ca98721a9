"""Ideas that are alike beside the one at the desk: with the score and why, joined with one press."""

from typing import Any

import pytest

from engagement import services
from engagement.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db

WORDS = {
    "title": "A roof at the bus stop on Foundry Road",
    "public_title": "A roof at the bus stop on Foundry Road",
    "public_problem": "There is no roof at the bus stop and people wait in the rain.",
}


def test_an_idea_like_it_has_its_score_and_is_joined_and_parted_with_one_press_each(
    client: Any, moderator: Any
) -> None:
    call = factories.Call()
    original = factories.Idea(call=call, state="published", **WORDS)
    idea = factories.Idea(
        call=call, **{**WORDS, "public_problem": "No roof at the bus stop. I wait in rain."}
    )
    other = factories.Idea(call=call, public_title="Trees", public_problem="The square is hot in July.")
    client.force_login(moderator)
    page = client.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    panel = page.split('id="similar-title"')[1].split("</section>")[0]
    assert original.reference in panel
    assert other.reference not in panel
    assert "% " in panel or "%." in panel
    assert "Words in both" in panel
    sent = {"selected": f"{idea.pk}:{idea.version}", "original": str(original.pk)}
    assert client.post("/admin/engagement/idea/do/link_duplicate/", sent).status_code == 302
    idea.refresh_from_db()
    assert (idea.state, idea.links_to_original.get().original) == ("duplicate", original)
    client.post("/admin/engagement/idea/undo/", {"selected": f"{idea.pk}:{idea.version}"})
    idea.refresh_from_db()
    assert idea.state == "received"


def test_what_was_withdrawn_is_not_beside_it(client: Any, moderator: Any) -> None:
    call = factories.Call()
    gone = factories.Idea(call=call, **WORDS)
    idea = factories.Idea(call=call, **WORDS)
    services.refresh_similar()
    services.withdraw_idea(idea=gone, at=factories.NOW)
    client.force_login(moderator)
    page = client.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    assert gone.reference not in page


def test_both_senders_are_told_and_neither_once_it_is_undone(moderator: Any) -> None:
    call = factories.Call()
    asked = {"updates_consent_at": factories.NOW}
    original = factories.Idea(call=call, state="published", contact=factories.Contact(**asked))
    idea = factories.Idea(call=call, contact=factories.Contact(**asked))
    services.link_duplicate(idea=idea, original=original, by=moderator, at=factories.NOW)
    mails = Notice.objects.filter(state="waiting")
    assert sorted(mails.values_list("kind", "idea")) == [
        ("engagement.idea_joined_by", original.pk),
        ("engagement.idea_link_duplicate", idea.pk),
    ]
    services.undo_move(record=idea, by=moderator, at=factories.NOW)
    assert not mails.all().exists()
