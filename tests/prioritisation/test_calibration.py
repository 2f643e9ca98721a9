"""Calibration: who sees whose scores and when, agreement before and after, and anchors in clearer words."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import services
from prioritisation.models import Assessment, Assignment, Event, Programme, Round
from prioritisation.policies import catalogue, schema
from tests import factories, panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    return panels.make(now, initiatives=3, assessors=4)


@pytest.fixture
def round(panel: panels.Panel) -> Round:
    """Two initiatives for everyone and one more; nobody has scored."""
    opened = panel.open(per_initiative=4)
    first = [one.pk for one in panel.initiatives[:2]]
    opened.entries.filter(initiative__in=first).update(calibration=True)
    return opened


def give(panel: panels.Panel, round: Round, person: int, level: float, note: str = "", **kwargs: Any) -> None:
    """One assessor's scores for both initiatives for everyone."""
    for one in Assignment.objects.of(panel.assessors[person]).filter(
        entry__round=round, entry__calibration=True
    ):
        services.save_assessment(
            assignment=one,
            scores=dict.fromkeys(panels.CRITERIA, level),
            notes={"strategy": note} if note else {},
            by=panel.assessors[person],
            at=panel.now,
            submit=True,
            **kwargs,
        )


def page(client: Client, user: Any, round: Round, reference: str = "") -> Any:
    client.force_login(user)
    tail = f"{reference}/" if reference else ""
    return client.get(f"/admin/prioritisation/round/{round.pk}/calibration/{tail}")


def test_others_are_seen_once_the_own_are_handed_in_and_two_others_have(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    reference = panel.initiatives[0].reference
    reader = panel.assessors[0]
    give(panel, round, 1, 5, "zz-only-a-note")
    assert page(client, reader, round, reference).status_code == 302  # own ones are missing
    give(panel, round, 0, 1)
    assert page(client, reader, round, reference).status_code == 302  # one other would have a name
    assert "Krippendorff" not in page(client, reader, round).content.decode()
    give(panel, round, 2, 4)
    text = page(client, reader, round, reference).content.decode()
    assert "zz-only-a-note" in text
    for person in panel.assessors:
        shown = re.sub(r'(?s)<div id="user-tools">.*?</div>', "", text)
        assert person.username not in shown
    assert "Krippendorff" in page(client, reader, round).content.decode()


def test_who_declared_a_conflict_does_not_see_that_initiative(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    for person in range(4):
        give(panel, round, person, 2 + person % 2)
    aside = Assignment.objects.of(panel.assessors[0]).get(entry__initiative=panel.initiatives[0])
    Assignment.objects.filter(pk=aside.pk).update(conflict_at=panel.now)
    assert page(client, panel.assessors[0], round, panel.initiatives[0].reference).status_code == 302
    assert page(client, panel.assessors[0], round, panel.initiatives[1].reference).status_code == 200


def test_only_initiatives_for_everyone_have_a_page(client: Client, panel: panels.Panel, round: Round) -> None:
    panel.score(round, lambda index: 3)
    assert page(client, panel.assessors[0], round, panel.initiatives[2].reference).status_code == 404


def test_who_left_the_panel_sees_nothing_more(client: Client, panel: panels.Panel, round: Round) -> None:
    panel.score(round, lambda index: 3)
    assert page(client, panel.assessors[0], round).status_code == 200
    round.panel.filter(user=panel.assessors[0]).update(left_at=panel.now)
    assert page(client, panel.assessors[0], round).status_code == 403


def test_staff_wait_for_closing_and_the_manager_sees_who_is_due(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    panel.score(round, lambda index: 3, notes="zz-note")
    reference = panel.initiatives[0].reference
    assert page(client, panel.analyst, round).status_code == 403
    assert page(client, panel.manager, round, reference).status_code == 302
    assert "All have handed these in" in page(client, panel.manager, round).content.decode()
    Assessment.objects.filter(assignment__assessor=panel.assessors[0]).update(submitted_at=None)
    due = page(client, panel.manager, round).content.decode()
    assert "Who still has some of these" in due
    assert str(panel.assessors[0]) in due
    assert str(panel.assessors[1]) not in due
    panel.close(round)
    for person in (panel.manager, panel.analyst):
        assert "zz-note" not in page(client, person, round, reference).content.decode()  # all gave the same
        assert page(client, person, round, reference).status_code == 200


def test_the_page_asks_as_often_for_a_large_panel_as_for_a_small_one(client: Client, now: datetime) -> None:
    def asked(assessors: int) -> int:
        made = panels.make(now, initiatives=3, assessors=assessors)
        opened = made.open(per_initiative=3)
        opened.entries.filter(initiative__in=[one.pk for one in made.initiatives[:2]]).update(
            calibration=True
        )
        page(client, made.manager, opened)
        with CaptureQueriesContext(connection) as found:
            said = page(client, made.manager, opened).content.decode()
        assert said.count('<tr><th scope="row">assessor') >= 3
        return len(found)

    few = asked(3)
    User.objects.update(username=Concat("username", Value("-before")))  # the names are taken again
    Programme.objects.update(slug="before")
    assert asked(12) == few


def test_letters_differ_from_page_to_page_and_cannot_be_worked_out_from_the_seed(
    panel: panels.Panel, round: Round, settings: Any
) -> None:
    people = [one.pk for one in panel.assessors]
    pages = [
        tuple(sorted(services.calibration.letters_for(round, page, people).items())) for page in range(20)
    ]
    assert len(set(pages)) > 5
    before = services.calibration.letters_for(round, 1, people)
    Round.objects.filter(pk=round.pk).update(seed=round.seed + 1)
    round.refresh_from_db()
    assert services.calibration.letters_for(round, 1, people) == before
    drawn = set()
    for key in range(12):
        settings.SECRET_KEY = f"another-{key}"
        drawn.add(tuple(sorted(services.calibration.letters_for(round, 1, people).items())))
    assert len(drawn) > 1


def test_a_team_sees_its_own_criteria_and_its_own_people(
    panel: panels.Panel, round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One person of another team would be known by the criteria that have no score."""
    for person in range(4):
        give(panel, round, person, person)
    policy = schema.parse(panel.version.document)
    entry = services.calibration_entries(round)[0]
    asked = {"": policy.assessed_criteria()[1:], "money": policy.assessed_criteria()[:1]}
    monkeypatch.setattr(schema.Policy, "asked_of", lambda self, team: asked[team])
    round.panel.filter(user=panel.assessors[3]).update(team="money")
    seen = services.columns(round, entry, reader=panel.assessors[0], policy=policy)
    assert seen is not None
    assert sorted(one.scores["strategy"] or 0 for one in seen) == [0, 1, 2]
    assert services.columns(round, entry, reader=panel.assessors[3], policy=policy) is None


def test_first_scores_stay_when_the_scores_change(client: Client, panel: panels.Panel, round: Round) -> None:
    for person, level in enumerate((0, 5, 3, 3)):
        give(panel, round, person, level)
    give(panel, round, 0, 3)
    give(panel, round, 1, 3)
    kept = Assessment.objects.filter(assignment__assessor=panel.assessors[0]).values_list(
        "first_scores", "scores"
    )
    assert list(kept) == [([0] * 4, [3] * 4)] * 2
    text = page(client, panel.assessors[0], round).content.decode()
    assert "The panel reads the scale differently" in text  # at first
    assert "The panel mostly agrees" in text  # now
    one = page(client, panel.assessors[0], round, panel.initiatives[0].reference).content.decode()
    assert "was 0" in one
    assert "was 5" in one


def test_a_draft_has_no_first_scores(panel: panels.Panel, round: Round) -> None:
    one = Assignment.objects.of(panel.assessors[0]).filter(entry__round=round)[0]
    services.save_assessment(
        assignment=one, scores={"strategy": 2}, by=panel.assessors[0], at=panel.now, submit=False
    )
    assert Assessment.objects.get(assignment=one).first_scores is None


# Clearer words ------------------------------------------------------------------------------------------

WORDS = {"en": "Serves the strategy and nothing else", "fr": "Sert la stratégie et rien d’autre"}


def clarify(panel: panels.Panel, round: Round, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "criterion": "strategy",
        "level": 5.0,
        "text": WORDS,
        "reason": "read in two ways",
        "by": panel.manager,
        "at": panel.now + timedelta(days=1),
    }
    return services.clarify_anchor(round=round, **{**values, **changes})


def test_a_clarified_anchor_makes_a_version_that_the_result_names(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    panel.score(round, lambda index: 3)
    before = dict(Assessment.objects.values_list("pk", "scores"))
    clarify(panel, round)
    assert round.policy_version.number == panel.version.number + 1
    assert round.policy_version.approved_by == panel.manager
    assert dict(Assessment.objects.values_list("pk", "scores")) == before
    assert Event.objects.filter(verb="clarify_anchor", round=round, public=True).count() == 1
    panel.version.refresh_from_db()
    assert WORDS["en"] not in str(panel.version.document)
    own = Assignment.objects.of(panel.assessors[0]).filter(entry__round=round)[0]
    client.force_login(panel.assessors[0])
    for address in (f"{own.pk}/", f"round/{round.pk}/strategy/"):
        text = client.get(f"/admin/prioritisation/assess/{address}").content.decode()
        assert WORDS["en"] in text
        assert "In clearer words since May 5, 2026" in text
    panel.close(round)
    result = services.latest_result(round)
    assert result.policy_version == round.policy_version
    assert result.inputs["policy"] == round.policy_version.sha256


def test_clarifying_is_refused_with_a_reason_and_changes_nothing(panel: panels.Panel, round: Round) -> None:
    for changes, error in (
        ({"by": panel.analyst}, Refused),
        ({"reason": " "}, Refused),
        ({"text": {"en": "One language"}}, Refused),
        ({"criterion": "no-such"}, Refused),
        ({"level": 2.5}, Refused),
        ({"version": round.version + 1}, Stale),
    ):
        with pytest.raises(error):
            clarify(panel, round, **changes)
    clarify(panel, round)
    with pytest.raises(Refused):
        clarify(panel, round)  # the same words again
    assert panel.programme.policy_versions.count() == 2
    panel.close(round)
    with pytest.raises(Refused):
        clarify(panel, round, text={**WORDS, "en": "Too late"})


def test_a_refusal_stands_in_the_form_with_the_text_kept(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    client.force_login(panel.manager)
    address = f"/admin/prioritisation/round/{round.pk}/clarify/strategy/5/"
    sent = {"text_en": "zz-typed", "text_fr": "", "reason": "why", "version": round.version}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "zz-typed" in answer.content.decode()
    answer = client.post(address, {**sent, "text_fr": "zz-tapé"})
    assert answer.status_code == 302
    assert client.get(address.replace("/5/", "/9/")).status_code == 404


@pytest.mark.parametrize("key", [one.key for one in catalogue.shipped()])
def test_same_meaning_looks_past_words_and_at_nothing_else(key: str) -> None:
    document = catalogue.load(key)
    policy = schema.parse(document)
    other = catalogue.load(key)
    other["criteria"][0]["label"]["en"] += " (said better)"
    assert schema.same_meaning(policy, schema.parse(other))
    scored = next(one for one in document["criteria"] if one.get("points"))
    place = document["criteria"].index(scored)
    for change in ("points", "gates", "reasons", "scale"):
        other = catalogue.load(key)
        if change == "points":
            other["criteria"][place]["points"] += 1
        elif change == "scale":
            other["rankable"] = {"coverage": 0.51, "weight": 0.49}
        elif not other.get(change):
            continue
        else:
            other[change] = other[change][1:]
        try:
            changed = schema.parse(other)
        except schema.PolicyError:
            continue
        assert not schema.same_meaning(policy, changed)


def test_the_list_costs_the_same_for_many_initiatives(
    client: Client, now: datetime, django_assert_max_num_queries: Any
) -> None:
    panel = panels.make(now, initiatives=10, assessors=4)
    round = panel.open(per_initiative=4)
    round.entries.update(calibration=True)
    panel.score(round, lambda index: index % 6)
    client.force_login(panel.assessors[0])
    with django_assert_max_num_queries(60):
        client.get(f"/admin/prioritisation/round/{round.pk}/calibration/")


def test_rules_that_clearer_words_replaced_still_tell_the_round_that_went_by_them(
    client: Client, panel: panels.Panel, round: Round
) -> None:
    first = clarify(panel, round)
    second = clarify(
        panel, round, level=0.0, text={"en": "Nothing at all", "fr": "Rien"}, at=panel.now + timedelta(days=2)
    )
    spare = services.adopt_policy(
        programme=panel.programme,
        document=catalogue.load("montreal-2015") | {"key": "spare"},
        by=panel.manager,
        at=panel.now,
    )

    def told(version: Any) -> list[tuple[int, Any, Any]]:
        return [(one.round.pk, one.until, one.after) for one in services.rounds_of_rules(version)]

    assert told(panel.version) == [(round.pk, first.at, first.policy_version.number)]
    assert told(first.policy_version) == [(round.pk, second.at, second.policy_version.number)]
    assert told(second.policy_version) == [(round.pk, None, None)]
    assert told(spare) == []
    panel.manager.user_permissions.add(*factories.permissions_named("prioritisation.view_policyversion"))
    client.force_login(panel.manager)
    page_of = f"/admin/prioritisation/policyversion/{panel.version.pk}/change/"
    said = client.get(page_of).content.decode()
    assert "no round yet" not in said
    assert f"then version {first.policy_version.number}, a level in clearer words" in said
    assert "Locked" in said
