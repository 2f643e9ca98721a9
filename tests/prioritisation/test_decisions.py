"""Decisions: drafted, edited one by one and together, pending until a second person publishes them."""

from typing import Any

import pytest

from engagement.emails import preview
from engagement.models import Idea, Notice
from engagement.services import Refused
from prioritisation import services
from prioritisation.models import Assessment, Decision, Event, Initiative, Plan, PlanVersion
from prioritisation.workflow import RoundState
from tests import panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    """A closed round of seven with four places: 1, 2, then three in a tie across the line, then two out."""
    return panels.make(now, initiatives=7)


CLEAR = [5, 4, 4, 3, 2, 1, 0]
TIED = [5, 4, 3, 3, 3, 2, 1]


def named(panel: panels.Panel) -> None:
    services.save_plan(
        programme=panel.programme, slug="plan", title={"en": "The plan"}, by=panel.manager, at=panel.now
    )


def edit(panel: panels.Panel, round: Any, index: int, **changes: Any) -> Any:
    reference = panel.initiatives[index].reference
    current = round.decisions.filter(initiative=panel.initiatives[index]).first()
    values = {
        "outcome": "set_aside",
        "reason": "below_line",
        "text_en": "Others scored higher.",
        "text_fr": "D’autres ont mieux fait.",
        "version": current.version if current else 0,
        "action": "save",
    }
    return signed_in(panel.manager).post(address("decision", round, reference), {**values, **changes})


def test_drafts_follow_the_ranking_and_leave_ties_to_people(panel: panels.Panel) -> None:
    round = panel.closed(TIED)
    client = signed_in(panel.manager)
    assert "7 initiatives are not decided" in words(client.get(address("decisions", round)))
    page = words(client.post(address("decisions_draft", round), follow=True))
    assert "4 decisions drafted" in page
    assert "3 initiatives are not decided" in page
    drafted = round.decisions.get(initiative=panel.initiatives[6])
    assert (drafted.outcome, drafted.reason, set(drafted.text)) == ("set_aside", "below_line", {"en", "fr"})
    assert "weighed most against it" in page
    assert client.post(address("decisions_draft", round)).status_code == 302
    assert round.decisions.count() == 4


def test_people_decide_a_tie_one_after_the_other(panel: panels.Panel) -> None:
    round = panel.closed(TIED)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    answer = edit(panel, round, 2, outcome="advance", reason="", text_en="", text_fr="", action="next")
    assert answer["Location"] == address("decision", round, panel.initiatives[3].reference)
    assert round.decisions.get(initiative=panel.initiatives[2]).outcome == "advance"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"text_en": " ", "text_fr": ""}, "Write what the public will read."),
        ({"outcome": "merge", "reason": "merged"}, "Choose the initiative that it goes into."),
        ({"outcome": "advance"}, "Say why you decide against it."),
        ({"outcome": "vanish"}, "Select a valid choice"),
        ({"reason": "because"}, "Select a valid choice"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_and_kept(
    panel: panels.Panel, changes: dict[str, Any], said: str
) -> None:
    round = panel.closed(CLEAR)
    answer = edit(panel, round, 6, **{"text_fr": "Un texte écrit avec soin.", **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    if "text_fr" not in changes:
        assert "Un texte écrit avec soin." in answer.content.decode()
    assert not round.decisions.exists()


def test_deciding_against_the_ranking_keeps_the_rank_it_overrides(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    assert (
        edit(panel, round, 6, outcome="advance", override_reason_en="Council resolution 12").status_code
        == 302
    )
    made = round.decisions.get()
    assert (made.outcome, made.rank, made.override_reason) == ("advance", 7, {"en": "Council resolution 12"})
    assert "Council resolution 12" in words(signed_in(panel.manager).get(address("decisions", round)))


def test_words_drafted_for_leaving_it_out_are_not_kept_when_it_goes_on(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    drafted = round.decisions.get(initiative=panel.initiatives[6])
    assert drafted.text
    common = {"round": round, "initiative": panel.initiatives[6], "by": panel.manager, "at": panel.now}
    made = services.save_decision(
        **common, outcome="advance", text=drafted.text, override_reason={"en": "Urgent."}
    )
    assert made.text == {}
    own = services.save_decision(
        **common, outcome="advance", text={"en": "Now"}, override_reason={"en": "Urgent."}
    )
    assert own.text == {"en": "Now"}


def test_merging_names_what_it_goes_into(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    goal = panel.initiatives[0]
    assert edit(panel, round, 6, outcome="merge", reason="merged", merge_into=goal.pk).status_code == 302
    assert round.decisions.get().merge_into == goal
    itself = edit(panel, round, 5, outcome="merge", reason="merged", merge_into=panel.initiatives[5].pk)
    assert itself.status_code == 422


def test_the_standard_text_is_filled_in_without_script(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    answer = edit(panel, round, 6, text_en="", text_fr="", reason="outside_powers", action="fill")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The city does not have the power to do this." in page
    assert "La Ville n’a pas le pouvoir" in page
    assert '<option value="outside_powers" selected' in page or 'value="outside_powers"' in page
    assert not round.decisions.exists()


def test_the_second_of_two_editors_is_told(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    assert edit(panel, round, 6, version=1, text_en="First").status_code == 302
    late = edit(panel, round, 6, version=1, text_en="Second")
    assert late.status_code == 422
    assert "Somebody else changed this decision" in late.content.decode()
    assert "Second" in late.content.decode()
    assert 'name="version" value="2"' in late.content.decode()
    assert round.decisions.get(initiative=panel.initiatives[6]).text["en"] == "First"


def test_a_text_for_several_is_all_or_listed(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    aside = list(round.decisions.filter(outcome="set_aside").order_by("pk"))
    client = signed_in(panel.manager)
    selected = [f"{one.pk}:{one.version}" for one in aside]
    edit(panel, round, 6, text_en="Changed meanwhile")
    answer = client.post(
        address("decisions", round) + "?outcome=set_aside", {"selected": selected, "text_en": "One text"}
    )
    assert answer.status_code == 409
    assert "2 done, 1 not:" in words(answer)
    assert panel.initiatives[6].reference in words(answer)
    assert answer.content.decode().count(" checked") == 1
    texts = {one.initiative_id: one.text["en"] for one in round.decisions.filter(outcome="set_aside")}
    assert sorted(texts.values()) == ["Changed meanwhile", "One text", "One text"]
    assert all(one.text["fr"] for one in round.decisions.filter(outcome="set_aside"))
    fresh = [f"{one.pk}:{one.version}" for one in round.decisions.filter(outcome="set_aside")]
    done = client.post(
        address("decisions", round) + "?outcome=set_aside", {"selected": fresh, "text_en": "Again"}
    )
    assert done["Location"].endswith("?outcome=set_aside")


def test_bulk_texts_touch_nothing_of_other_rounds_and_need_a_selection(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    client = signed_in(panel.manager)
    for selected in ([], ["999:1"], ["x:y"], ["1"]):
        answer = client.post(address("decisions", round), {"selected": selected, "text_en": "Nobody"})
        assert answer.status_code in (302, 422)
    assert not any("Nobody" in one.text.values() for one in Decision.objects.all())


def test_the_publisher_sees_what_will_happen_and_nothing_has_happened(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    named(panel)
    before = (Notice.objects.count(), Event.objects.count(), PlanVersion.objects.count())
    page = words(signed_in(panel.publisher).get(address("publish", round)))
    assert "go on 4" in page
    assert "No room in the plan 3" in page
    assert "mails to authors 7" in page
    assert "Prepared by: manager." in page
    assert "The funnel as it will be" in page
    assert (Notice.objects.count(), Event.objects.count(), PlanVersion.objects.count()) == before
    assert not Decision.objects.published().exists()
    assert not Idea.objects.exclude(outcome="").exists()
    assert set(Initiative.objects.values_list("state", flat=True)) == {"ready"}
    round.refresh_from_db()
    assert round.state == RoundState.CLOSED


def test_publishing_does_what_was_shown(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    client = signed_in(panel.publisher)
    unnamed = words(client.get(address("publish", round)))
    assert "Give the plan a name first." in unnamed
    client.post(
        address("publish", round),
        {"action": "plan", "title_en": "The plan", "slug": "the-plan", "version": 0},
    )
    assert Plan.objects.get().slug == "the-plan"
    round.refresh_from_db()
    seen = client.get(address("publish", round))
    shown = [one["mail"] for one in seen.context["mail_preview"]["mails"]]
    before = Notice.objects.count()
    pressed = {"action": "publish", "version": round.version}
    answer = client.post(address("publish", round), pressed, follow=True)
    assert "“The plan” is public: version 1" in words(answer)
    assert Notice.objects.count() == before + 7
    assert sum(mail.count for mail in shown) == 7
    sent = {notice.idea.reference: notice for notice in Notice.objects.all() if notice.idea}
    for mail in shown:
        message = preview(sent[mail.reference], sent[mail.reference].next_try_at)
        assert (mail.subject, mail.text) == (message.subject, message.body)
    assert 'href="/plans/the-plan/"' in answer.content.decode()
    again = client.post(address("publish", round), pressed)
    assert again["Location"] == address("published", round)
    assert PlanVersion.objects.count() == 1


@pytest.mark.parametrize("reason", ["undecided", "second_person", "forbidden", "stale"])
def test_what_may_not_be_published_is_refused_in_words(panel: panels.Panel, reason: str) -> None:
    round = panel.closed(TIED if reason == "undecided" else CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    named(panel)
    person, version = panel.publisher, round.version
    if reason == "second_person":
        panels.factories.member(panel.programme, panel.manager, "publisher")
        person = panel.manager
    elif reason == "forbidden":
        person = panel.manager
    elif reason == "stale":
        version -= 1
    answer = signed_in(person).post(address("publish", round), {"action": "publish", "version": version})
    assert answer.status_code == (403 if reason == "forbidden" else 422)
    expected = {
        "undecided": "3 initiatives are not decided yet",
        "second_person": "Another person has to publish them",
        "stale": "Somebody else published this round",
    }.get(reason, "")
    assert expected in answer.content.decode()
    assert not PlanVersion.objects.exists()


def test_published_decisions_are_shown_and_closed(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    named(panel)
    services.publish_round(round=round, by=panel.publisher, at=panel.now)
    client = signed_in(panel.manager)
    page = client.get(address("decisions", round)).content.decode()
    assert 'name="selected"' not in page
    assert "published" in page
    one = round.decisions.select_related("initiative").get(initiative=panel.initiatives[6])
    told = client.get(address("decision", round, one.initiative.reference)).content.decode()
    assert one.get_outcome_display() in told
    assert one.text["en"] in told, "what was decided stands on its page"
    answer = edit(panel, round, 6, text_en="Rewriting history")
    assert answer.status_code == 422
    assert round.decisions.get(initiative=panel.initiatives[6]).text["en"] != "Rewriting history"


def test_the_list_does_not_grow_in_queries(panel: panels.Panel, django_assert_max_num_queries: Any) -> None:
    round = panel.closed(CLEAR)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    client = signed_in(panel.manager)
    with django_assert_max_num_queries(17):
        client.get(address("decisions", round))


def test_a_plan_shows_figures_of_the_newest_ranking_alone(panel: panels.Panel) -> None:
    """Those of the one before, beside them, would tell the score that left."""
    round = panel.open(per_initiative=4)
    panel.score(round, lambda index: CLEAR[index])
    own = Assessment.objects.filter(assignment__entry__initiative=panel.initiatives[0]).order_by("pk")
    first = own[0]
    Assessment.objects.filter(pk=first.pk).update(scores=[0, 0, 0, 0])
    panel.close(round)
    named(panel)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    services.strike_assessments(
        round=round, assignments=[first.assignment], reason="A cousin's firm.", by=panel.manager, at=panel.now
    )
    published = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    reference = panel.initiatives[0].reference
    entry = next(one for one in published.document["initiatives"] if one["reference"] == reference)
    figures = next(
        one for one in published.document["figures"]["initiatives"] if one["reference"] == reference
    )
    assert entry["score"]["points"] == pytest.approx(100 * figures["utility"], abs=0.05)
    assert (entry["rank"], entry["score"]["reviews"]) == (figures["rank"], 3)


def test_a_draft_that_the_newest_ranking_contradicts_is_not_published(panel: panels.Panel) -> None:
    round = panel.closed(CLEAR)
    named(panel)
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    services.adopt_result(round=round, changes={"places": 3}, reason="Three.", by=panel.manager, at=panel.now)
    with pytest.raises(Refused, match=panel.initiatives[3].reference):
        services.publish_round(round=round, by=panel.publisher, at=panel.now)
    edit(panel, round, 3, outcome="advance", reason="", override_reason_en="Promised long ago.")
    published = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    entry = next(
        one for one in published.document["initiatives"] if one["reference"] == panel.initiatives[3].reference
    )
    assert entry["override"] == {"reason": {"en": "Promised long ago."}, "rank": 4, "places": 3}
