"""Whoever prepares does not look through or publish: decisions, their sittings, amendments."""

from typing import Any

import pytest

from engagement.services import Refused
from prioritisation import services
from prioritisation.models import DecisionMeeting, PlanVersion
from prioritisation.workflow import Role
from tests import factories, panels
from tests.prioritisation.test_deciding_limits import panel, ready, round
from tests.staff_pages import address, signed_in, words

__all__ = ["panel", "round"]


@pytest.fixture
def both(panel: panels.Panel) -> Any:
    """Somebody who is manager and publisher: what they may do must not add up."""
    somebody = factories.member(panel.programme, factories.staff("both"), Role.MANAGER)
    return factories.member(panel.programme, somebody, Role.PUBLISHER)


def sitting(panel: panels.Panel, by: Any, **changes: Any) -> DecisionMeeting:
    values = {"body": {"en": "City council"}, "held_on": panel.now.date(), "resolution": "CM-7"}
    return services.save_sitting(programme=panel.programme, by=by, at=panel.now, **{**values, **changes})


def named(panel: panels.Panel, round: Any, by: Any) -> DecisionMeeting:
    """Every decision is the manager's, and names a sitting that `by` wrote last."""
    ready(panel, round, 0, 1)
    held = sitting(panel, panel.manager)
    services.set_sitting(decisions=round.decisions.all(), sitting=held, by=panel.manager, at=panel.now)
    return sitting(panel, by, sitting=held, resolution="CM-8")


def test_only_who_prepares_writes_a_sitting(panel: panels.Panel, round: Any) -> None:
    with pytest.raises(Refused, match="not allowed"):
        sitting(panel, panel.publisher)
    held = sitting(panel, panel.manager, stood_aside="Councillor C. Nguyen")
    for reader in (panel.publisher, panel.analyst):
        client = signed_in(reader)
        url = f"{address('sittings', round)}{held.pk}/"
        page = words(client.get(url))
        assert "Councillor C. Nguyen" in page
        assert "Who writes a sitting prepares" not in page
        assert client.post(url, {"body_en": "Mine", "held_on": "2026-01-01"}).status_code == 403
    assert "Who writes a sitting prepares" in words(signed_in(panel.manager).get(url))


def test_who_wrote_the_sitting_neither_looks_through_nor_publishes(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    named(panel, round, both)
    page = signed_in(both).get(address("publish", round)).content.decode()
    assert "You wrote down a sitting that these decisions name." in page
    assert str(both) in page
    with pytest.raises(Refused, match="You wrote down a sitting"):
        services.publish_round(round=round, by=both, at=panel.now)
    done, refused = services.check_decisions(decisions=round.decisions.all(), by=both, at=panel.now)
    assert (done, len(refused)) == (0, 7)
    services.publish_round(round=round, by=panel.publisher, at=panel.now)
    assert PlanVersion.objects.get().document["second_person"] is True


def test_where_one_person_may_do_both_the_plan_says_so(panel: panels.Panel, round: Any, both: Any) -> None:
    named(panel, round, both)
    round.programme.second_person = False
    round.programme.save()
    services.publish_round(round=round, by=both, at=panel.now)
    assert PlanVersion.objects.get().document["second_person"] is False


def test_who_wrote_its_sitting_does_not_adopt_an_amendment(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    ready(panel, round, 0, 1)
    version = services.publish_round(round=round, by=panel.publisher, at=panel.now)
    draft = services.start_amendment(plan=version.plan, by=panel.manager, at=panel.now)
    out = {
        "reference": panel.initiatives[0].reference,
        "outcome": "set_aside",
        "reason": {"en": "Too dear."},
    }
    draft = services.save_amendment(
        amendment=draft,
        changes=[out],
        meeting=sitting(panel, both),
        vote="7 to 4",
        by=panel.manager,
        at=panel.now,
    )
    with pytest.raises(Refused, match="You wrote down the sitting"):
        services.adopt_amendment(amendment=draft, by=both, at=panel.now)
    assert services.adopt_amendment(amendment=draft, by=panel.publisher, at=panel.now).number == 2


def test_of_own_decisions_one_sentence_tells(panel: panels.Panel, round: Any) -> None:
    ready(panel, round, 0, 1)
    chosen = [f"{one.pk}:{one.version}" for one in round.decisions.all()]
    answer = signed_in(panel.manager).post(
        address("decisions", round), {"action": "check", "selected": chosen}
    )
    said = [str(one) for one in answer.context["form"].non_field_errors()]
    assert said[0] == "0 done, 7 not:"
    assert len(said) == 2
    assert said[1].endswith("and 2 more: You prepared it or its sitting: another person looks it through.")
    assert said[1].count("-") == 5, "five are named"


def test_the_date_of_a_sitting_stands_in_its_box_in_every_language(panel: panels.Panel, round: Any) -> None:
    held = sitting(panel, panel.manager)
    for language in ("", "/fr"):
        page = signed_in(panel.manager).get(
            f"{language}/admin/prioritisation/round/{round.pk}/sittings/{held.pk}/"
        )
        assert f'value="{panel.now.date():%Y-%m-%d}"' in page.content.decode()


def anew(round: Any) -> list[Any]:
    return list(round.decisions.select_related("initiative__programme", "round", "meeting"))


def refuses_both_doors(panel: panels.Panel, round: Any, somebody: Any, why: str) -> None:
    """Neither looked through nor published by them, and the page names them; another person may."""
    page = signed_in(somebody).get(address("publish", round)).content.decode()
    assert str(somebody) in page
    assert "You are among them" in page
    assert services.check_decisions(decisions=anew(round), by=somebody, at=panel.now)[0] == 0
    with pytest.raises(Refused, match=why):
        services.publish_round(round=round, by=somebody, at=panel.now)
    assert services.check_decisions(decisions=anew(round), by=panel.publisher, at=panel.now)[0] == 7


def prepared_alone(panel: panels.Panel, round: Any, by: Any) -> None:
    ready(panel, round, 0, 1)
    round.decisions.update(prepared_by=by)


def test_a_sitting_named_by_another_hides_nobody_who_prepared(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    prepared_alone(panel, round, both)
    held = sitting(panel, panel.manager)
    services.set_sitting(decisions=anew(round), sitting=held, by=panel.manager, at=panel.now)
    refuses_both_doors(panel, round, both, "You prepared some")
    round.programme.second_person = False
    round.programme.save()
    services.publish_round(round=round, by=both, at=panel.now)
    assert PlanVersion.objects.get().document["second_person"] is False


def test_decisions_saved_anew_by_another_hide_nobody_who_prepared(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    prepared_alone(panel, round, both)
    done, _refused = services.save_texts(decisions=anew(round), text={}, by=panel.manager, at=panel.now)
    assert done == 7
    refuses_both_doors(panel, round, both, "You prepared some")


def test_a_sitting_saved_anew_by_another_hides_nobody_who_wrote_it(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    held = named(panel, round, both)
    sitting(panel, panel.manager, sitting=held, resolution="CM-8")
    refuses_both_doors(panel, round, both, "You wrote down a sitting")


@pytest.mark.parametrize("second_person", [True, False])
def test_an_amendment_and_its_sitting_saved_anew_by_another_hide_nobody_who_wrote_them(
    panel: panels.Panel, round: Any, both: Any, second_person: bool
) -> None:
    ready(panel, round, 0, 1)
    plan = services.publish_round(round=round, by=panel.publisher, at=panel.now).plan
    reference = panel.initiatives[0].reference
    change = {"reference": reference, "outcome": "set_aside", "reason": {"en": "Too dear."}}
    common = {"changes": [change], "vote": "7 to 4", "at": panel.now}
    held = sitting(panel, panel.manager)
    draft = services.start_amendment(plan=plan, by=panel.manager, at=panel.now)
    draft = services.save_amendment(amendment=draft, meeting=held, by=both, **common)
    draft = services.save_amendment(amendment=draft, meeting=held, by=panel.manager, **common)
    if second_person:
        with pytest.raises(Refused, match="You prepared this amendment"):
            services.adopt_amendment(amendment=draft, by=both, at=panel.now)
        by = panel.publisher
    else:
        panel.programme.second_person = False
        panel.programme.save()
        by = both
    adopted = services.adopt_amendment(amendment=draft, by=by, at=panel.now)
    assert adopted.document["second_person"] is second_person


def test_an_amendments_sitting_saved_anew_by_another_hides_nobody_who_wrote_it(
    panel: panels.Panel, round: Any, both: Any
) -> None:
    ready(panel, round, 0, 1)
    plan = services.publish_round(round=round, by=panel.publisher, at=panel.now).plan
    reference = panel.initiatives[0].reference
    change = {"reference": reference, "outcome": "set_aside", "reason": {"en": "Too dear."}}
    held = sitting(panel, both)
    sitting(panel, panel.manager, sitting=held, resolution="CM-8")
    draft = services.start_amendment(plan=plan, by=panel.manager, at=panel.now)
    draft = services.save_amendment(
        amendment=draft, changes=[change], meeting=held, vote="7 to 4", by=panel.manager, at=panel.now
    )
    with pytest.raises(Refused, match="You wrote down the sitting"):
        services.adopt_amendment(amendment=draft, by=both, at=panel.now)
