"""The ranking: nothing before closing, for anybody; after it every figure, and no assessor's name."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver

from prioritisation import ranked_rows, services
from prioritisation.models import Assessment, Initiative, Result
from prioritisation.policies import catalogue, schema
from tests import panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db
NEW = ("compare", "what_if", "adopt", "results")


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


def test_nothing_is_readable_before_closing_not_even_for_administrators(
    panel: panels.Panel, administrator: Any
) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    reference = panel.initiatives[0].reference
    people = (panel.manager, panel.publisher, panel.analyst, panel.assessors[0], administrator)
    for person in people:
        client = signed_in(person)
        for name in ("ranking", "method", "decisions", "publish", "published", *NEW):
            assert client.get(address(name, round)).status_code in (403, 404), (person, name)
        for name in ("ranked", "decision"):
            assert client.get(address(name, round, reference)).status_code in (403, 404), (person, name)
        for query in ("?o=1", "?o=-5", "?entries__assignments__assessment__scores=5", "?all="):
            answer = client.get(f"/admin/prioritisation/round/{query}", follow=True)
            assert "scores" not in words(answer)
    assert not Result.objects.exists()


def test_no_admin_list_api_or_export_knows_scores(panel: panels.Panel) -> None:
    """The models that hold scores have no page of their own, and no public address names them."""
    names = {"assessment", "assignment", "entry", "result"}
    registered = {model._meta.model_name for model in admin.site._registry}
    assert not names & registered
    routes = " ".join(str(pattern) for pattern in get_resolver().url_patterns)
    assert "assessment" not in routes
    assert {model._meta.model_name for model in apps.get_app_config("prioritisation").get_models()} >= names


def test_a_list_cannot_be_filtered_by_what_others_gave(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5)
    client = signed_in(panel.manager)
    for lookup in ("results__output__icontains=5", "entries__assignments__assessment__scores__0=5"):
        answer = client.get(f"/admin/prioritisation/round/?{lookup}")
        assert answer.status_code in (302, 400), lookup


def test_rows_come_in_order_with_the_line_and_ties_said(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: [5, 4, 3, 3, 3, 2, 1][index])
    panel.close(round)
    page = words(signed_in(panel.analyst).get(address("ranking", round)))
    assert "7 initiatives ranked" in page
    assert "3 initiatives tied across the line of 4 places: people decide" in page
    assert page.index("Initiative 1") < page.index("tied across") < page.index("Initiative 2")
    assert page.index("Initiative 4") < page.index("The line: 4 places") < page.index("Initiative 5")
    assert page.count("tied ") >= 3
    assert services.latest_result(round).inputs_sha256[:12] in page


def test_missing_scores_show_coverage_and_bounds_and_unranked_ones_stand_apart(
    panel: panels.Panel, now: Any
) -> None:
    Initiative.objects.filter(pk=panel.initiatives[0].pk).update(timeframe_months=None)
    round = panel.open()
    panel.score(round, lambda index: 4)
    for assessment in Assessment.objects.filter(assignment__entry__initiative=panel.initiatives[1]):
        Assessment.objects.filter(pk=assessment.pk).update(scores=[None, None, 4, 4])
    panel.close(round)
    page = words(signed_in(panel.manager).get(address("ranking", round)))
    assert "2 need assessment" in page
    assert "80% of the weight is known; between 64.0 and 84.0 points" in page
    assert "60% of the weight is known" in page
    detail = words(signed_in(panel.manager).get(address("ranked", round, panel.initiatives[1].reference)))
    assert "not ranked" in detail


def test_failed_conditions_are_told_in_words(panel: panels.Panel, now: Any) -> None:
    round = panel.open()
    entry = round.entries.get(initiative=panel.initiatives[2])
    services.check_gate(
        entry=entry, gate="powers", verdict="fail", text={"en": "No."}, by=panel.manager, at=now
    )
    panel.score(round, lambda index: 4)
    panel.close(round)
    page = words(signed_in(panel.manager).get(address("ranking", round)))
    assert "1 did not meet a condition" in page
    assert "Within the city’s powers, not met" in page


def test_filters_say_what_they_hide_and_keep_the_ranks(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.manager)
    owner = panel.initiatives[0].owner
    assert owner is not None
    assert "hidden" not in words(client.get(address("ranking", round), {"owner": owner.code}))
    nobody = words(client.get(address("ranking", round), {"owner": "nobody", "theme": "' OR 1=1"}))
    assert "7 of 7 are hidden by the filters" in nobody


def test_notes_come_by_letter_and_no_name_of_the_panel_is_shown(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 3, notes="Needs a <b>clearer</b> estimate")
    panel.close(round)
    for person in (panel.manager, panel.publisher, panel.analyst):
        answer = signed_in(person).get(address("ranked", round, panel.initiatives[0].reference))
        page = answer.content.decode()
        assert "Needs a &lt;b&gt;clearer&lt;/b&gt; estimate" in page
        assert "<b>A:</b>" in page
        assert not any(user.username in words(answer) for user in panel.assessors)


def test_the_method_page_says_weights_and_recomputes(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.analyst)
    page = words(client.get(address("method", round)))
    assert page.count("20%") >= 5
    assert "the same list" in page
    result = services.latest_result(round)
    tampered = json.loads(json.dumps(result.output))
    tampered["rows"][0]["rank"] = 2
    Result.objects.filter(pk=result.pk).update(output=tampered)
    assert "came out differently" in words(client.get(address("method", round)))


def test_the_number_of_queries_does_not_depend_on_the_rows(
    panel: panels.Panel, django_assert_max_num_queries: Any
) -> None:
    panel.work_up(13)
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.manager)
    with django_assert_max_num_queries(12):
        page = client.get(address("ranking", round))
    assert page.content.decode().count('scope="row"') == 20


def test_more_than_five_criteria_share_the_last_tone() -> None:
    policy = schema.parse(catalogue.load("montreal-2015"))
    assert [part.keys for part in ranked_rows.parts(policy)] == [
        ("enabling",),
        ("strategy",),
        ("citizens",),
        ("return",),
        ("time",),
    ]
    document = catalogue.load("montreal-2015")
    copy = json.loads(json.dumps(document))
    extra = [{**one, "key": f"{one['key']}_2", "points": 10} for one in copy["criteria"][:2]]
    copy["criteria"] += extra
    found = ranked_rows.parts(schema.parse(copy))
    assert len(found) == 5
    assert found[-1].label is None
    assert sum(len(part.keys) for part in found) == 7


def test_anonymous_visitors_are_asked_to_sign_in(panel: panels.Panel) -> None:
    round = panel.open()
    panel.close(round)
    assert Client().get(address("ranking", round))["Location"].startswith("/admin/login/")


def test_sorting_views_and_files_by_address(panel: panels.Panel, django_assert_max_num_queries: Any) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.analyst)
    plain = client.get(address("ranking", round)).content.decode()
    assert 'aria-sort="ascending"' in plain
    assert "Ranks gained" not in plain
    turned = client.get(address("ranking", round), {"sort": "rank", "direction": "desc"}).content.decode()
    assert 'aria-sort="descending"' in turned
    assert turned.index("Initiative 5") < turned.index("Initiative 1<")
    for sort in ("p_noise", "spread", "part_0", "no_such", "__class__"):
        with django_assert_max_num_queries(12):
            answer = client.get(address("ranking", round), {"sort": sort, "show": "figures", "page": "x"})
        assert answer.status_code == 200
        assert "Ranks gained" in words(answer)
    for source in ("idea_box", "reports", "in_reach", "nonsense"):
        assert client.get(address("ranking", round), {"source": source}).status_code == 200
    assert "7 of 7 are hidden" in words(client.get(address("ranking", round), {"source": "in_reach"}))
    csv = b"".join(client.get(f"/admin/prioritisation/round/{round.pk}/ranking-file/csv/")).decode()
    assert csv.count("\n") == 8
    assert "p_noise" in csv.splitlines()[0]
    assert not any(user.username in csv for user in panel.assessors)
    assert client.get(f"/admin/prioritisation/round/{round.pk}/ranking-file/pdf/").status_code == 404
    assert client.get(f"/admin/prioritisation/round/{round.pk}/ranking-file/xlsx/").status_code == 200


def test_two_are_compared_in_words(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.analyst)
    first, second = panel.initiatives[0].reference, panel.initiatives[3].reference
    page = words(client.get(address("compare", round), {"with": [first, second]}))
    assert f"{first} comes before {second} in 100 of 100 cases" in page
    assert "What tells them apart" in page
    for asked in ([first, "I-nothing"], [first, first], ["<b>", "x" * 5000]):
        assert client.get(address("compare", round), {"with": asked}).status_code == 422
    assert client.get(address("compare", round)).status_code == 200


def test_two_are_ticked_in_the_list_and_compared(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    client = signed_in(panel.publisher)
    listed = client.get(address("ranking", round)).content.decode()
    three = [one.reference for one in panel.initiatives[:3]]
    assert all(f'name="with" value="{one}"' in listed for one in three)
    page = words(client.get(address("compare", round), {"with": three}))
    assert "1 more was ticked; the first two are compared." in page
    assert "What tells them apart" in page
    assert "What tells them apart" in words(
        client.get(address("compare", round), {"with": [three[0].lower(), three[1]]})
    )
    asked = words(client.get(address("compare", round), {"with": three[:1]}))
    assert "type two numbers" in asked
    assert (
        f'value="{three[0]}"' in client.get(address("compare", round), {"with": three[:1]}).content.decode()
    )


def test_the_weights_shown_are_those_of_the_list_and_come_to_100(panel: panels.Panel) -> None:
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    thirds = {"strategy": 1 / 3, "citizens": 1 / 3, "return": 1 / 3, "time": 0, "enabling": 0}
    services.adopt_result(
        round=round, changes={"weights": thirds}, reason="Three", by=panel.manager, at=panel.now
    )
    client = signed_in(panel.analyst)
    page = client.get(f"{address('ranking', round)}{panel.initiatives[0].reference}/")
    shown = {one.criterion.key: one.weight for one in page.context["figures"] if one.weight is not None}
    assert shown == {"strategy": 34, "citizens": 33, "return": 33, "time": 0, "enabling": 0}
    how = client.get(address("method", round)).context["how"]
    assert sum(weight for _one, weight in how.criteria) == pytest.approx(100)


def test_who_is_strict_is_the_managers_alone(panel: panels.Panel, now: Any) -> None:
    panel.work_up(20)
    round = panel.open()
    panel.score(round, lambda index: 5 - index % 6)
    panel.close(round)
    assert "Only the programme’s manager sees this" in words(
        signed_in(panel.manager).get(address("method", round))
    )
    for person in (panel.publisher, panel.analyst):
        page = words(signed_in(person).get(address("method", round)))
        assert "Only the programme’s manager sees this" not in page
        assert "than colleagues on the same initiatives" not in page
