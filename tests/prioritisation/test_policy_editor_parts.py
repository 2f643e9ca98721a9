# ruff: noqa: F811 - fixtures of another module, by their names
"""The editor's further parts: minimums, counted figures, teams, groups, themes, time frames, the mix."""

import copy
from datetime import datetime
from typing import Any

import pytest

from engagement.services import Refused
from prioritisation import services
from prioritisation.forms.policy_changes import PARTS, pruned, rearranged, renamed
from prioritisation.forms.policy_editor import PolicyForm
from prioritisation.models import BudgetLine
from prioritisation.policies import catalogue, schema
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation import scene
from tests.prioritisation.test_admin_policies import (  # noqa: F401 - fixtures
    as_sent,
    desk,
    html,
    manager,
    page,
    programme,
    version,
)

pytestmark = pytest.mark.django_db


def press(client: Any, version: Any, document: dict[str, Any], wanted: str, **typed: str) -> dict[str, Any]:
    answer = client.post(page(version, "edit/"), as_sent(document) | typed | {"_do": wanted})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.context["form"].document
    return found


def test_a_criterion_for_a_minimum_gets_it_right_there(desk: Any, version: Any) -> None:
    sent = as_sent(version.document) | {"criteria-0-kind": "gate"}
    answer = desk.post(page(version, "edit/"), sent)
    said = html(answer)
    assert answer.status_code == 422
    assert said.count('name="gates-4-minimum"') == 1, "one field, beside its criterion"
    document = answer.context["form"].document
    assert "points" not in document["criteria"][0]
    saved = desk.post(page(version, "edit/"), as_sent(document) | {"gates-4-minimum": "2"})
    assert saved.status_code == 302, html(saved)
    version.refresh_from_db()
    policy = schema.parse(version.document)
    gate = policy.gates[4]
    assert (gate.criterion, gate.minimum, policy.criteria[0].use) == ("enabling", 2, "gate")
    back = desk.post(page(version, "edit/"), as_sent(version.document) | {"criteria-0-kind": "benefit"})
    assert 'id="id_criteria-0-points_error"' in html(back), "its points are asked for again"


def test_with_such_a_criterion_its_condition_goes_too(desk: Any, version: Any) -> None:
    count = len(version.document["gates"])
    document = press(desk, version, version.document, "none", **{"criteria-0-kind": "gate"})
    assert len(document["gates"]) == count + 1
    document = press(desk, version, document, "criteria-0-remove", **{f"gates-{count}-minimum": "2"})
    assert document["gates"] == version.document["gates"]


def test_a_counted_figure_has_its_table(desk: Any, version: Any) -> None:
    sent = as_sent(version.document) | {"criteria-2-source": "measured"}
    answer = desk.post(page(version, "edit/"), sent)
    assert answer.status_code == 422
    sent = as_sent(answer.context["form"].document) | {
        "criteria-2-figure": "supports",
        "criteria-2-value_points": "0: 0\n100: 1",
    }
    assert desk.post(page(version, "edit/"), sent).status_code == 302
    version.refresh_from_db()
    assert schema.parse(version.document).criterion("citizens").value_points == ((0, 0), (100, 1))


def test_teams_and_groups_without_script(desk: Any, version: Any) -> None:
    labels = {"teams-0-label_en": "Finance", "teams-0-label_fr": "Finances", "teams-0-key": "finance"}
    document = press(desk, version, version.document, "teams-add")
    document = press(desk, version, document, "groups-add", **labels, **{"criteria-3-team": ""})
    typed = {
        "groups-0-label_en": "Seniors",
        "groups-0-label_fr": "Aînés",
        "groups-0-points-citizens": "75",
        "groups-0-points-time": "25",
        "criteria-3-team": "finance",
    }
    answer = desk.post(page(version, "edit/"), as_sent(document) | typed | {"_do": "none"})
    assert ">75%</output>" in html(answer)
    saved = desk.post(page(version, "edit/"), as_sent(answer.context["form"].document))
    assert saved.status_code == 302, html(saved)
    version.refresh_from_db()
    policy = schema.parse(version.document)
    assert [one.key for one in policy.asked_of("finance")] == ["return"]
    assert policy.group_weights() == [[0, 0, 0.75, 0, 0.25]]


def test_themes_time_frames_and_the_mix(desk: Any, version: Any) -> None:
    document = press(desk, version, version.document, "bands-add")
    assert document["bands"][2]["to_months"] == 48
    assert document["bands"][3]["from_months"] == 49
    names = {"bands-3-label_en": "Far", "bands-3-label_fr": "Loin", "bands-0-key": "soon"}
    sent = as_sent(document) | names | {"mix-0-shares-time-frame-4": "5", "mix-0-tolerance": "0,1"}
    saved = desk.post(page(version, "edit/"), sent)
    assert saved.status_code == 302, html(saved)
    version.refresh_from_db()
    (mix,) = schema.parse(version.document).mix
    assert mix.tolerance == 0.1
    assert mix.shares["soon"] == pytest.approx(26 / 75), "a rule follows the short name it goes by"
    document = press(desk, version, version.document, "mix-add")
    document = press(desk, version, document, "none", **{"mix-1-rule": "criterion_shares"})
    document = press(desk, version, document, "mix-1-groups-add")
    assert document["mix"][1]["groups"] == [{"key": "part-1"}]
    assert press(desk, version, document, "mix-1-groups-0-remove")["mix"][1]["groups"] == []


@pytest.mark.parametrize("key", [one.key for one in catalogue.shipped()])
def test_nothing_idle_is_in_shipped_rules_and_every_part_is_shown(key: str) -> None:
    document = catalogue.load(key)
    assert pruned(document) == document
    assert renamed(document, document) == document
    form = PolicyForm(document=document, version=1)
    for part in PARTS:
        assert len(form.parts(part)) == len(document.get(part, []))


@pytest.mark.parametrize(
    "points", ["inf", "-inf", "nan", "1e999", "-5", "0", "x" * 5000, "<script>", "9" * 400]
)
def test_no_points_break_the_page(desk: Any, version: Any, points: str) -> None:
    sent = as_sent(version.document) | {"criteria-0-points": points}
    answer = desk.post(page(version, "edit/"), sent | {"_do": "groups-add"})
    assert answer.status_code == 200
    assert "<script>" not in html(answer).replace("<script src", "")
    saved = desk.post(page(version, "edit/"), sent)
    assert saved.status_code == (302 if points == "0" else 422)


def test_thousands_of_criteria_and_doubled_names_are_refused_in_words() -> None:
    many = catalogue.load("montreal-2015")
    many["criteria"] = [copy.deepcopy(many["criteria"][0]) for _ in range(10_000)]
    with pytest.raises(schema.PolicyError) as told:
        schema.parse(many)
    reasons = {fault.reason for fault in told.value.faults}
    assert "has more than 200 entries" in reasons
    assert "is used twice: “enabling”" in reasons
    assert len(told.value.faults) < 1000


def test_a_taken_out_entry_inside_the_mix_never_breaks() -> None:
    document = catalogue.load("montreal-2015")
    for wanted in ("mix-9-groups-add", "mix-x-groups-add", "mix-0-groups-9-remove", "mix-0-groups-x"):
        assert rearranged(document, wanted)["bands"] == document["bands"]


# Warnings and approval ------------------------------------------------------------------------------


def test_points_whose_range_changed_are_stale_until_they_are_set_again(desk: Any, version: Any) -> None:
    words = "The worst or the best end of “Time needed to implement” changed"
    assert words not in html(desk.get(page(version, "edit/")))
    sent = as_sent(version.document) | {"criteria-4-value_points": "0: 1\n24: 0.5\n120: 0"}
    assert desk.post(page(version, "edit/"), sent).status_code == 302
    version.refresh_from_db()
    assert words in html(desk.get(page(version, "change/")))
    assert (
        desk.post(
            page(version, "edit/"), as_sent(version.document, 2) | {"criteria-4-points": "80"}
        ).status_code
        == 302
    )
    assert words not in html(desk.get(page(version, "change/")))


def test_budget_lines_and_a_scored_cost_are_told_together(
    desk: Any,
    programme: Any,
    manager: Any,
) -> None:
    document = catalogue.load("montreal-2015")
    document["mix"] = []
    version = services.adopt_policy(programme=programme, document=document, by=manager, at=factories.NOW)
    assert "Cost would count twice" not in html(desk.get(page(version, "edit/")))
    BudgetLine.objects.create(programme=programme, label={}, amount=1)
    assert "Cost would count twice" in html(desk.get(page(version, "edit/")))


def test_points_without_their_ends_are_saved_but_never_approved(
    desk: Any,
    version: Any,
) -> None:
    sent = as_sent(version.document)
    sent |= {f"criteria-0-swing-best_{code}": "" for code in ("en", "fr")}
    assert desk.post(page(version, "edit/"), sent).status_code == 302
    answer = desk.post(page(version, "approve/"), {"version": "2", "sure": "on"})
    assert answer.status_code == 422
    assert "Say in words what is worst and what is best" in html(answer)
    version.refresh_from_db()
    assert version.approved_at is None


def test_where_a_second_person_is_asked_for_no_writer_approves(
    desk: Any,
    version: Any,
    programme: Any,
    manager: Any,
) -> None:
    programme.__class__.objects.filter(pk=programme.pk).update(second_approver=True)
    other, publisher = factories.staff("other"), factories.staff("publisher")
    factories.member(programme, other, Role.MANAGER)
    factories.member(programme, publisher, Role.PUBLISHER)
    version.refresh_from_db()
    changed = services.save_policy(
        policy_version=version, document=version.document, by=other, at=factories.NOW
    )
    changed = changed.__class__.objects.get(pk=changed.pk)
    for writer in (manager, other):
        with pytest.raises(Refused, match="somebody else"):
            services.approve_policy(policy_version=changed, by=writer, at=factories.NOW)
    services.approve_policy(policy_version=changed, by=publisher, at=factories.NOW)
    assert changed.__class__.objects.get(pk=changed.pk).approved_by == publisher


def test_criteria_scored_alike_are_named_to_managers_once_the_round_is_closed(
    city: dict[str, Any], now: datetime
) -> None:
    made = scene.work_up(city, now, [[index] for index in range(8)])
    assert services.scored_alike(city["programme"]) == []
    scene.run_round(city, now, made, lambda index: index % 6)
    found = services.scored_alike(city["programme"])
    assert ("enabling", "strategy") in {(one.first, one.second) for one in found}
    policy = schema.parse(city["version"].document)
    told = [one.reason for one in schema.warnings(policy, alike=found, language="en")]
    words = "“Impact on enabling infrastructure” and “Contribution to strategic objectives” got much the same"
    assert any(words in one and "8 initiatives" in one and "correlation 1.00" in one for one in told)


def test_correlation_needs_enough_initiatives_and_something_that_varies() -> None:
    rising = [float(n) for n in range(8)]
    assert schema.much_alike({"a": rising[:7], "b": rising[:7]}) == []
    assert schema.much_alike({"a": rising, "b": [3.0] * 8}) == []
    assert schema.much_alike({"a": rising, "b": rising[::-1]}) == []
    assert schema.much_alike({"a": [*rising, None], "b": [*rising, 5.0]})[0].initiatives == 8


def test_a_criterion_never_changes_for_a_round_that_opened_with_it(
    city: dict[str, Any], now: datetime
) -> None:
    made = scene.work_up(city, now, [[0], [1]])
    round = scene.run_round(city, now, made, lambda index: index)
    held = city["version"]
    held.refresh_from_db()
    changed = copy.deepcopy(held.document)
    changed["criteria"][0]["points"] = 1
    with pytest.raises(Refused, match="no longer change"):
        services.save_policy(policy_version=held, document=changed, by=city["manager"], at=now)
    again = services.adopt_policy(programme=city["programme"], document=changed, by=city["manager"], at=now)
    round.refresh_from_db()
    assert again.pk != round.policy_version_id
    assert round.policy_version.sha256 == schema.digest(catalogue.load("montreal-2015"))
