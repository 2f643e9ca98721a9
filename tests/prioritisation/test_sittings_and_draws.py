"""Sittings, second looks, draws by lot, departments’ replies: what services allow, and what they refuse."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.services import Refused, Stale
from prioritisation import lots, services
from prioritisation.models import Draw, Event, GateCheck
from prioritisation.workflow import Role
from tests import factories, panels
from tests.staff_pages import address, signed_in, words

TIED = [5, 4, 3, 3, 3, 2, 1]


@pytest.fixture
def panel(db: Any, now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


@pytest.fixture
def round(panel: panels.Panel) -> Any:
    """Closed: ranks 1, 2, then three tied across a line of four places, then two below it."""
    opened = panel.open()
    panel.score(opened, lambda index: TIED[index])
    services.close_round(round=opened, by=panel.manager, at=panel.now)
    services.draft_decisions(round=opened, by=panel.manager, at=panel.now)
    return opened


def sitting(panel: panels.Panel, **changes: Any) -> Any:
    values = {"body": {"en": "Executive committee"}, "held_on": panel.now.date(), "resolution": "CE26 0412"}
    return services.save_sitting(
        programme=panel.programme, by=panel.manager, at=panel.now, **{**values, **changes}
    )


def announce(panel: panels.Panel, round: Any) -> Draw:
    return services.announce_draw(
        round=round,
        basis=services.TIED,
        seed_rule={"en": "The lottery of 12 May"},
        by=panel.manager,
        at=panel.now,
    )


def decide(panel: panels.Panel, round: Any, index: int, **changes: Any) -> Any:
    values = {"outcome": "set_aside", "reason": "below_line", "text": {"en": "No."}}
    return services.save_decision(
        round=round,
        initiative=panel.initiatives[index],
        by=panel.manager,
        at=panel.now,
        **{**values, **changes},
    )


# Draws ------------------------------------------------------------------------------------------------


@given(st.text(max_size=20), st.sets(st.text(min_size=1, max_size=10), max_size=12), st.randoms())
def test_the_order_is_redone_with_a_hash_tool_and_from_any_list(seed: str, among: set[str], r: Any) -> None:
    shuffled = sorted(among)
    r.shuffle(shuffled)
    drawn = lots.order(seed, shuffled)
    assert sorted(drawn) == sorted(among)
    assert drawn == lots.order(seed, among)
    by_hand = [hashlib.sha256((seed + " " + one).encode()).hexdigest() for one in drawn]
    assert by_hand == sorted(by_hand)


def test_who_is_drawn_among_and_for_how_many_places_is_not_chosen(panel: Any, round: Any) -> None:
    draw = announce(panel, round)
    assert draw.among == sorted(one.reference for one in panel.initiatives[2:5])
    assert draw.places == 2


def test_the_seed_decides_and_the_decisions_name_the_draw(panel: Any, round: Any) -> None:
    draw = announce(panel, round)
    services.draw_lots(draw=draw, seed=" 12 44\n61 ", by=panel.manager, at=panel.now + timedelta(days=1))
    assert draw.seed == "12 44 61"
    assert draw.order == lots.order("12 44 61", draw.among)
    outcomes = {one.initiative.reference: one.outcome for one in draw.decisions.all()}
    assert [outcomes[one] for one in draw.order] == ["advance", "advance", "set_aside"]
    assert not services.undecided(round).exists()
    lost = panel.programme.initiatives.get(reference=draw.order[2])
    with pytest.raises(Refused, match="Say why"):
        services.save_decision(
            round=round, initiative=lost, outcome="advance", by=panel.manager, at=panel.now
        )


def test_nothing_moves_between_announcing_and_drawing(panel: Any, round: Any) -> None:
    decide(panel, round, 2, text={"en": "Decided before."})
    draw = announce(panel, round)
    assert services.undecided(round).count() == 3, "what was drafted before is taken back"
    assert services.draft_decisions(round=round, by=panel.manager, at=panel.now) == 0
    with pytest.raises(Refused, match="a draw is announced"):
        decide(panel, round, 2)
    with pytest.raises(Refused, match="one draw a round"):
        announce(panel, round)
    services.draw_lots(draw=draw, seed="7", by=panel.manager, at=panel.now)
    with pytest.raises(Stale):
        services.draw_lots(draw=draw, seed="8", by=panel.manager, at=panel.now)
    with pytest.raises(Stale):
        services.cancel_draw(draw=draw, reason={"en": "No."}, by=panel.manager, at=panel.now)
    with pytest.raises(Refused, match="one draw a round"):
        announce(panel, round)


def test_a_draw_for_places_that_the_ranking_no_longer_has_is_not_made(panel: Any, round: Any) -> None:
    """The same three are equal across the line of three places: one is free, not two."""
    draw = announce(panel, round)
    services.adopt_result(round=round, changes={"places": 3}, reason="Three.", by=panel.manager, at=panel.now)
    assert services.equals(round, services.TIED) == (draw.among, 1)
    with pytest.raises(Refused, match="ranking changed"):
        services.draw_lots(draw=draw, seed="7", by=panel.manager, at=panel.now)


def test_a_draw_is_called_off_with_its_reason_and_stays_on_record(panel: Any, round: Any) -> None:
    draw = announce(panel, round)
    with pytest.raises(Refused, match="Say why"):
        services.cancel_draw(draw=draw, reason={"en": "  "}, by=panel.manager, at=panel.now)
    services.cancel_draw(draw=draw, reason={"en": "Wrong day."}, by=panel.manager, at=panel.now)
    assert Event.objects.filter(verb="cancel_draw", public=True).get().text == {"en": "Wrong day."}
    with pytest.raises(Stale):
        services.draw_lots(draw=draw, seed="7", by=panel.manager, at=panel.now)
    assert announce(panel, round).pk != draw.pk


def test_a_draw_needs_equals_a_rule_and_a_manager(panel: Any, round: Any) -> None:
    common: dict[str, Any] = {"round": round, "at": panel.now}
    with pytest.raises(Refused, match="which number"):
        services.announce_draw(basis=services.TIED, seed_rule={"en": " "}, by=panel.manager, **common)
    for person in (panel.publisher, panel.analyst, panel.assessors[0]):
        with pytest.raises(Refused, match="not allowed"):
            services.announce_draw(basis=services.TIED, seed_rule={"en": "x"}, by=person, **common)
    draw = announce(panel, round)
    for seed in ("", "  ", "x" * 201, "a\x00b"):
        with pytest.raises(Refused, match="Enter the seed"):
            services.draw_lots(draw=draw, seed=seed, by=panel.manager, at=panel.now)


def test_nothing_is_drawn_where_nobody_is_equal_at_the_line(panel: Any) -> None:
    opened = panel.open()
    panel.score(opened, lambda index: max(0, 5 - index))
    panel.close(opened)
    with pytest.raises(Refused, match="nobody is equal"):
        announce(panel, opened)


# Sittings and second looks ----------------------------------------------------------------------------


def test_looking_through_needs_another_person_and_falls_with_a_change(panel: Any, round: Any) -> None:
    every = list(round.decisions.select_related("initiative__programme", "round"))
    done, refused = services.check_decisions(decisions=every, by=panel.manager, at=panel.now)
    assert (done, len(refused)) == (0, len(every))
    done, refused = services.check_decisions(decisions=every, by=panel.publisher, at=panel.now)
    assert (done, refused) == (len(every), [])
    changed = decide(panel, round, 6, text={"en": "Other words."})
    assert changed.checked_at is None
    assert round.decisions.filter(checked_at__isnull=False).count() == len(every) - 1
    done, refused = services.check_decisions(decisions=every[:1], by=panel.publisher, at=panel.now)
    assert done == 0, "seen at an older version"
    with pytest.raises(Refused):
        services.check_decisions(decisions=every, by=panel.analyst, at=panel.now)


def test_many_decisions_get_a_sitting_at_once_and_lose_their_second_look(panel: Any, round: Any) -> None:
    held = sitting(panel)
    every = list(round.decisions.select_related("initiative__programme", "round"))
    services.check_decisions(decisions=every, by=panel.publisher, at=panel.now)
    every = list(round.decisions.select_related("initiative__programme", "round"))
    done, refused = services.set_sitting(decisions=every, sitting=held, by=panel.manager, at=panel.now)
    assert (done, refused) == (len(every), [])
    assert not round.decisions.exclude(meeting=held, checked_at=None).exists()


def test_who_sets_a_sitting_prepared_the_decision_and_does_not_look_it_through(
    panel: Any, round: Any
) -> None:
    other = factories.staff("other-manager")
    factories.member(panel.programme, other, Role.MANAGER)
    every = list(round.decisions.select_related("initiative__programme", "round"))
    services.set_sitting(decisions=every[:1], sitting=sitting(panel), by=other, at=panel.now)
    (changed,) = round.decisions.filter(pk=every[0].pk).select_related("initiative__programme", "round")
    assert changed.prepared_by == other
    done, refused = services.check_decisions(decisions=[changed], by=other, at=panel.now)
    assert (done, len(refused)) == (0, 1)


def test_a_sitting_that_is_not_there_is_not_taken_for_none(client: Any, panel: Any, round: Any) -> None:
    held = sitting(panel)
    one = round.decisions.select_related("initiative__programme", "round").first()
    services.set_sitting(decisions=[one], sitting=held, by=panel.manager, at=panel.now)
    one.refresh_from_db()
    client.force_login(panel.manager)

    def send(chosen: str) -> Any:
        sent = {"action": "sitting", "sitting": chosen, "selected": f"{one.pk}:{one.version}"}
        return client.post(f"/admin/prioritisation/round/{round.pk}/decisions/", sent)

    for unknown in ("987654", "x", "-1", str(10**30)):
        answer = send(unknown)
        assert answer.status_code == 422, unknown
        assert "This sitting is not there any more" in answer.content.decode()
        assert "checked" in answer.content.decode()  # what was ticked stays so
        one.refresh_from_db()
        assert one.meeting == held
    assert send("").status_code == 302
    one.refresh_from_db()
    assert one.meeting is None


def test_a_sitting_of_another_programme_or_to_come_is_refused(panel: Any, round: Any) -> None:
    other = services.save_programme(
        by=panel.manager, at=panel.now, values={"slug": "o", "title": {"en": "O"}}, calls=[]
    )
    strange = services.save_sitting(
        programme=other, body={"en": "B"}, held_on=date(2026, 1, 1), by=panel.manager, at=panel.now
    )
    with pytest.raises(Refused, match="another programme"):
        decide(panel, round, 6, meeting=strange)
    for index in (2, 3):
        decide(panel, round, index, outcome="advance", text={})
    decide(panel, round, 4)
    decide(panel, round, 6, meeting=sitting(panel, held_on=panel.now.date() + timedelta(days=2)))
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=panel.now)
    with pytest.raises(Refused, match="not been held yet"):
        services.publish_round(round=round, by=panel.publisher, at=panel.now)
    round.refresh_from_db()
    assert round.state == "closed"


def test_only_a_decision_against_the_ranking_overrides_it(panel: Any, round: Any) -> None:
    assert decide(panel, round, 6, override_reason={"en": "No need to say so."}).override_reason == {}
    over = decide(panel, round, 6, outcome="advance", override_reason={"en": "A bylaw asks for it."})
    assert (over.override_reason, over.rank, over.prepared_by) == (
        {"en": "A bylaw asks for it."},
        7,
        panel.manager,
    )


# Replies ----------------------------------------------------------------------------------------------


def test_the_department_replies_masked_within_1000_characters_before_publication(
    panel: Any, round: Any
) -> None:
    decision = round.decisions.get(initiative=panel.initiatives[6])
    owner = decision.initiative.owner
    somebody = factories.User(department=owner)
    assert list(services.replies_open_to(somebody))
    assert not services.replies_open_to(panel.manager)
    common: dict[str, Any] = {"decision": decision, "at": panel.now}
    for stranger in (panel.manager, factories.User(department=factories.Department())):
        with pytest.raises(Refused, match="Only the department"):
            services.save_reply(text={"en": "We differ."}, by=stranger, **common)
    gone = factories.User(department=owner, is_active=False)
    with pytest.raises(Refused, match="Only the department"):
        services.save_reply(text={"en": "We differ."}, by=gone, **common)
    with pytest.raises(Refused, match="At most 1000"):
        services.save_reply(text={"en": "x" * 1001}, by=somebody, **common)
    words = {"en": "Ask ann@mail.example. " + "x" * 900, "fr": "é" * 1000}
    services.save_reply(text=words, by=somebody, **common)
    assert "ann@mail.example" not in decision.reply["en"]
    assert decision.reply["fr"] == "é" * 1000
    with pytest.raises(Stale):
        services.save_reply(text={"en": "Later"}, by=somebody, version=1, **common)
    services.save_reply(text={}, by=somebody, **common)
    assert (decision.reply, decision.reply_by) == ({}, None)


def test_a_reply_leaves_the_second_look_standing(panel: Any, round: Any) -> None:
    decision = round.decisions.select_related("initiative__programme").get(initiative=panel.initiatives[6])
    services.check_decisions(decisions=[decision], by=panel.publisher, at=panel.now)
    decision.refresh_from_db()
    somebody = factories.User(department=decision.initiative.owner)
    services.save_reply(decision=decision, text={"en": "We differ."}, by=somebody, at=panel.now)
    assert decision.checked_by == panel.publisher


# Conditions -------------------------------------------------------------------------------------------


def test_a_no_and_a_waiver_have_a_reason_of_the_rules_and_a_text(panel: Any) -> None:
    opened = panel.open()
    entry = opened.entries.get(initiative=panel.initiatives[0])
    gate = "powers"
    common: dict[str, Any] = {"entry": entry, "gate": gate, "by": panel.manager, "at": panel.now}
    with pytest.raises(Refused, match="Choose a reason"):
        services.check_gate(verdict="waived", text={"en": "T"}, reason="because", **common)
    with pytest.raises(Refused, match="public"):
        services.check_gate(verdict="fail", text={}, **common)
    services.check_gate(verdict="fail", text={"en": "T"}, reason="under_way", **common)
    panel.score(opened, lambda index: 6 - index if index else 5)
    panel.close(opened)
    services.draft_decisions(round=opened, by=panel.manager, at=panel.now)
    assert opened.decisions.get(initiative=panel.initiatives[0]).reason == "under_way"
    assert GateCheck.objects.get().reason == "under_way"


# The pages --------------------------------------------------------------------------------------------


def test_a_sitting_is_written_down_and_given_to_those_ticked(panel: Any, round: Any) -> None:
    client = signed_in(panel.manager)
    assert client.post(address("sittings", round), {"body_en": "", "version": 0}).status_code == 422
    sent = {"body_en": "City council", "held_on": "2026-05-04", "resolution": "CM26 1", "version": 0}
    assert client.post(address("sittings", round), sent).status_code == 302
    held = panel.programme.decision_meetings.get()
    assert "CM26 1" in words(client.get(address("sittings", round)))
    assert "CM26 1" in client.get(address("sitting", round, held.pk)).content.decode()
    selected = [f"{one.pk}:{one.version}" for one in round.decisions.all()]
    sent = {"action": "sitting", "sitting": held.pk, "selected": selected}
    assert client.post(address("decisions", round), sent).status_code == 302
    assert not round.decisions.exclude(meeting=held).exists()
    nobody = client.post(address("decisions", round), {"action": "sitting", "sitting": held.pk})
    assert (nobody.status_code, "Tick the decisions first." in words(nobody)) == (422, True)
    eyes = signed_in(panel.publisher)
    assert "Second pair of eyes" in words(eyes.get(address("decisions", round)))
    selected = [f"{one.pk}:{one.version}" for one in round.decisions.all()]
    assert (
        eyes.post(address("decisions", round), {"action": "check", "selected": selected}).status_code == 302
    )
    assert not round.decisions.filter(checked_at=None).exists()
    assert (
        client.post(address("decisions", round), {"action": "check", "selected": selected}).status_code == 409
    )
    shown = words(client.get(address("decision", round, panel.initiatives[6].reference)))
    assert "Looked through by" in shown


def test_a_draw_is_announced_in_public_and_drawn_on_its_page(panel: Any, round: Any, client: Any) -> None:
    staff = signed_in(panel.manager)
    sent = {"action": "announce", "announce-basis": "tied", "announce-seed_rule_en": "Lottery of 12 May"}
    assert staff.post(address("lots", round), {**sent, "announce-seed_rule_en": ""}).status_code == 422
    assert staff.post(address("lots", round), sent).status_code == 302
    public = words(client.get("/programmes/plan/draws/"))
    assert "Lottery of 12 May" in public
    assert all(one.reference in public for one in panel.initiatives[2:5])
    assert "A draw by lot is announced" in words(client.get("/plans/"))
    draw = Draw.objects.get()
    seed = {"action": "draw", "draw-seed": "12 44", "draw-version": draw.version}
    assert signed_in(panel.publisher).post(address("lots", round), seed).status_code == 403
    assert staff.post(address("lots", round), seed).status_code == 302
    again = staff.post(address("lots", round), seed)
    assert (again.status_code, "drawn, or the draw was called off" in words(again)) == (422, True)
    public = client.get("/fr/programmes/plan/draws/").content.decode()
    assert lots.lot("12 44", panel.initiatives[2].reference) in public
    assert "Tirages au sort" in public


def test_a_department_finds_its_decisions_and_no_others(panel: Any, round: Any) -> None:
    decision = round.decisions.select_related("initiative").get(initiative=panel.initiatives[6])
    somebody = factories.staff("owner")
    somebody.department = decision.initiative.owner
    somebody.save()
    client = signed_in(somebody)
    assert decision.initiative.reference in words(client.get("/admin/prioritisation/replies/"))
    page = f"/admin/prioritisation/replies/{decision.pk}/"
    long = client.post(page, {"text_en": "x" * 1001, "version": decision.version})
    assert (long.status_code, "At most 1000" in words(long)) == (422, True)
    assert client.post(page, {"text_en": "We differ.", "version": decision.version}).status_code == 302
    assert signed_in(panel.manager).get("/admin/prioritisation/replies/").status_code == 403
    stranger = factories.staff("stranger")
    stranger.department = factories.Department()
    stranger.save()
    assert signed_in(stranger).get(page).status_code == 404
