"""The public API: what it says, what it never says, and that nothing asked of it breaks it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from pytest_django import DjangoAssertNumQueries
from rest_framework import serializers

from config.wsgi import application
from engagement import services as engagement
from engagement.api.ideas import IdeaSerializer
from engagement.models import Idea, Translation
from prioritisation import services
from prioritisation.api.serializers import InitiativeSerializer
from prioritisation.models import Initiative, PlanVersion
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = "Fall in the dark by the river"


def references(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["reference"] for one in answer.json()["results"]]


# --- What never goes out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": "received"},
        {"state": "correction"},
        {"state": "withdrawn"},
        {"state": "published", "eligible": False},
        {"state": "declined", "text_hidden": True},
        {"state": "published", "kind": "in_reach"},
    ],
    ids=lambda values: "-".join(str(value) for value in values.values()),
)
def test_what_is_not_public_never_appears(client: Client, hidden: dict[str, Any]) -> None:
    kind = hidden.pop("kind", "idea_box")
    idea = factories.Idea(title=WORDS, call=factories.Call(kind=kind), **hidden)
    seen = factories.Idea(state="published")
    assert references(client.get("/api/v1/ideas")) == [seen.reference]
    assert references(client.get("/api/v1/ideas?q=river")) == []
    assert client.get(f"/api/v1/ideas/{idea.reference}").status_code == 404


def test_an_idea_goes_out_without_its_sender(client: Client) -> None:
    contact = factories.Contact(name="Ann Onym", email="ann@mail.example", phone="514 555 0188")
    idea = factories.Idea(
        state="published",
        contact=contact,
        title="Call 514 555 0188",
        public_title="Call [phone]",
        problem="My number is 514 555 0188.",
        public_problem="My number is [phone].",
        confidential_answers={"turnover": "secret"},
        address="12 Home Street",
    )
    answer = client.get(f"/api/v1/ideas/{idea.reference}")
    for personal in ("Ann", "ann@", "0188", "secret", "12 Home Street", idea.nonce):
        assert personal not in answer.content.decode()
    assert answer.json()["title"] == "Call [phone]"


def test_every_field_of_an_idea_is_classed_public() -> None:
    classed = Idea.field_classes.public
    fields = IdeaSerializer().fields
    assert set(fields.pop("translations").child.fields) <= set(Translation.field_classes.public)
    for name, field in fields.items():
        source = field.source.split(".")[0]
        assert source in classed, f"{name} reads {source}"
    assert IdeaSerializer.Meta.fields != serializers.ALL_FIELDS


def test_every_field_of_an_initiative_is_public() -> None:
    fields = Initiative.field_classes
    for name in InitiativeSerializer().fields:
        assert name not in fields.personal | fields.internal, name


def test_a_document_has_nothing_that_the_api_would_hide(plan: PlanVersion, client: Client) -> None:
    """What is published is what the API says, no more and no less."""
    told = client.get("/api/v1/plans/the-plan/initiatives").json()["results"]
    live = {one["reference"]: one.pop("delivery") for one in told}
    assert told == plan.document["initiatives"]
    # How far each is today is told beside the document, and of nothing that the plan does not hold.
    planned = {"state": "planned", "expected_on": None, "late": False}
    assert live == {one["reference"]: planned if one["outcome"] == "advance" else None for one in told}


def test_how_far_it_is_today_is_told_and_leaves_the_published_document_alone(
    plan: PlanVersion, client: Client, city: dict[str, Any]
) -> None:
    manager, now = city["manager"], timezone.now()
    started, dropped = (Initiative.objects.get(pk=one.pk) for one in city["initiatives"][:2])
    day = now.date() - timedelta(days=2)
    services.start_delivery(initiative=started, by=manager, at=now - timedelta(days=9), expected_on=day)
    services.drop_initiative(initiative=dropped, text={"en": "No money."}, by=manager, at=now)
    told = client.get(f"/api/v1/plans/the-plan/initiatives/{started.reference}").json()["delivery"]
    assert told == {"state": "started", "expected_on": str(day), "late": True}
    counts = client.get("/api/v1/plans/the-plan").json()["delivery"]
    assert counts == {"planned": 2, "started": 1, "delivered": 0, "dropped": 1, "late": 1, "all": 4}
    for asked, found in {"late": [started], "dropped": [dropped], "delivered": []}.items():
        answer = client.get(f"/api/v1/plans/the-plan/initiatives?delivery={asked}")
        assert references(answer) == [one.reference for one in found]
    assert client.get("/api/v1/plans/the-plan/initiatives?delivery=great").status_code == 400
    kept = PlanVersion.objects.get(pk=plan.pk)
    assert (kept.document, kept.sha256) == (plan.document, plan.sha256)
    assert "delivery" not in json.dumps(kept.document)


# --- What it says ---------------------------------------------------------------------------------


def test_an_idea_tells_what_became_of_it(client: Client, plan: PlanVersion, city: dict[str, Any]) -> None:
    told = client.get(f"/api/v1/ideas/{city['ideas'][1].reference}").json()
    assert told["outcome"] == "in_plan"
    assert "Initiative 0" in told["outcome_text"]["en"]
    assert told["outcome_link"].startswith("/plans/the-plan/")
    assert told["call"] == city["call"].slug


def test_filters_narrow_the_ideas(client: Client, now: datetime) -> None:
    theme, district = factories.Theme(key="snow"), factories.District(code="north")
    one = factories.Idea(
        state="published", district=district, search=" neige rue", received_at=now, outcome="in_plan"
    )
    one.themes.add(theme)
    two = factories.Idea(state="declined", received_at=now - timedelta(days=3))
    for query, found in {
        "theme=snow": [one],
        "district=north": [one],
        "state=declined": [two],
        "outcome=in_plan": [one],
        "q=Neige": [one],
        f"call={two.call.slug}": [two],
        "received_after=2026-05-04": [one],
        "received_before=2026-05-03": [two],
        "received_after=2026-05-01&received_before=2026-05-04": [one, two],
        "theme=none": [],
    }.items():
        assert references(client.get(f"/api/v1/ideas?{query}")) == [idea.reference for idea in found], query


@pytest.mark.parametrize(
    "query",
    ["state=received", "outcome=great", "received_after=yesterday", "received_before=0001-01-01", "q=%00"],
)
def test_what_cannot_be_asked_is_400_in_json(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/ideas?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()


def test_pages_follow_each_other_without_gaps(client: Client, now: datetime) -> None:
    made = [factories.Idea(state="published", received_at=now) for _ in range(7)]
    found: list[str] = []
    path = "/api/v1/ideas?page_size=3"
    while path:
        answer = client.get(path)
        found += references(answer)
        path = answer.json()["next"]
    assert found == [idea.reference for idea in reversed(made)]


@pytest.mark.parametrize(("size", "given"), [("", 50), ("?page_size=9999", 200), ("?page_size=x", 50)])
def test_page_size_has_a_limit(client: Client, size: str, given: int) -> None:
    call = factories.Call()
    for _ in range(201):
        factories.Idea(state="published", call=call)
    assert len(references(client.get(f"/api/v1/ideas{size}"))) == given


def test_plans_and_their_funnel(client: Client, plan: PlanVersion) -> None:
    (one,) = client.get("/api/v1/plans").json()["results"]
    assert (one["slug"], one["received"], one["chosen"], one["version"]) == ("the-plan", 13, 4, 1)
    detail = client.get("/api/v1/plans/the-plan").json()
    assert {key: detail[key] for key in one} == one
    assert detail["second_person"] is True
    assert sum(criterion["weight"] or 0 for criterion in detail["rules"]["criteria"]) == pytest.approx(1)
    funnel = client.get("/api/v1/plans/the-plan/funnel").json()
    assert funnel == plan.document["funnel"]
    for stage in funnel["stages"]:
        assert stage["in"] == stage["out"] + stage["waiting"]
        assert stage["out"] == stage["onward"] + sum(reason["count"] for reason in stage["reasons"])
    assert sum(funnel["ideas_by_outcome"].values()) == funnel["stages"][0]["in"]


def test_filters_narrow_the_initiatives(client: Client, plan: PlanVersion) -> None:
    path = "/api/v1/plans/the-plan/initiatives"
    everything = references(client.get(path))
    assert len(everything) == 7
    for query, count in {
        "outcome=advance": 4,
        "outcome=set_aside": 3,
        "theme=mobility": 3,
        "district=east": 6,
        "timeframe=short": 1,
        "owner=none": 0,
        "outcome=advance&theme=mobility": 2,
    }.items():
        found = references(client.get(f"{path}?{query}"))
        assert len(found) == count, query
        assert found == [one for one in everything if one in found], "the order stays"
    assert client.get(f"{path}?outcome=won").status_code == 400
    assert client.get(f"{path}/{everything[0]}").json()["reference"] == everything[0]


def test_what_is_not_there_is_404_in_json(client: Client, plan: PlanVersion) -> None:
    for path in (
        "ideas/2026-99999",
        "plans/none",
        "plans/none/funnel",
        "plans/none/initiatives",
        "plans/the-plan/initiatives/I2026-99999",
        "ideas?page=99",
        "ideas/",
        "no/such/thing",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer["Content-Type"] == "application/json"
        assert "detail" in answer.json()


def test_an_unpublished_plan_is_not_there(client: Client, city: dict[str, Any], now: datetime) -> None:
    services.save_plan(
        programme=city["programme"], slug="draft", title={"en": "Draft"}, by=city["manager"], at=now
    )
    assert client.get("/api/v1/plans").json()["count"] == 0
    assert client.get("/api/v1/plans/draft").status_code == 404


def test_any_site_may_read_and_nobody_may_write(client: Client, db: Any) -> None:
    answer = client.get("/api/v1/ideas", headers={"origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/v1/ideas/none")["Access-Control-Allow-Origin"] == "*"
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/ideas").status_code == 405


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("ideas?page_size=200&q=bus", 3),
        ("plans", 2),
        ("plans/the-plan", 1),
        ("plans/the-plan/funnel", 1),
        ("plans/the-plan/initiatives?page_size=200", 1),
    ],
)
def test_answers_cost_few_queries(
    client: Client,
    plan: PlanVersion,
    path: str,
    queries: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get("/api/v1/plans")  # the visitor's first request of a window makes the row that counts them
    counting = 2
    with django_assert_max_num_queries(queries + counting):
        assert client.get(f"/api/v1/{path}").status_code == 200


def test_a_withdrawn_idea_leaves_the_api_at_once(
    client: Client, plan: PlanVersion, city: dict[str, Any], now: datetime
) -> None:
    idea = Idea.objects.get(pk=city["ideas"][3].pk)
    engagement.withdraw_idea(idea=idea, at=now)
    assert client.get(f"/api/v1/ideas/{idea.reference}").status_code == 404


# --- Its description ------------------------------------------------------------------------------


def test_the_schema_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    told = capsys.readouterr().out
    for path in ("/api/v1/ideas/{reference}:", "/api/v1/plans/{slug}/initiatives/{reference}:"):
        assert path in told


def test_the_documentation_page_keeps_to_the_content_policy(client: Client, db: Any) -> None:
    page = client.get(reverse("api-docs"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert "https://" not in text.replace("https://elsewhere", "")
    assert client.get(f"{reverse('api-docs')}?script=").status_code == 200


PLAIN = {"Accept-Encoding": "identity"}
OPERATIONS = [
    "/api/v1/ideas",
    "/api/v1/ideas/{reference}",
    "/api/v1/plans",
    "/api/v1/plans/{slug}",
    "/api/v1/plans/{slug}/funnel",
    "/api/v1/plans/{slug}/initiatives",
    "/api/v1/plans/{slug}/initiatives/{reference}",
]


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """A whole WSGI request closes the database connection at its end; that of a test has to stay."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def described() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/schema", application)


@pytest.mark.usefixtures("kept_connection")
def test_every_address_is_described(db: Any) -> None:
    paths = [result.ok().path for result in described().get_all_operations()]
    assert [path for path in paths if path != "/api/v1/schema"] == OPERATIONS


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("path", OPERATIONS)
def test_nothing_that_is_asked_breaks_it(path: str, plan: PlanVersion, city: dict[str, Any]) -> None:
    factories.Idea(state="passed_on", call=city["call"], received_at=datetime(2026, 2, 1, tzinfo=UTC))

    @given(case=described()[path]["GET"].as_strategy())
    @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.validate_response(
            case.call(headers=PLAIN),
            checks=[
                schemathesis.checks.not_a_server_error,
                schemathesis.checks.content_type_conformance,
                schemathesis.checks.response_schema_conformance,
                schemathesis.checks.status_code_conformance,
            ],
        )

    ask()


@pytest.mark.usefixtures("kept_connection")
def test_real_answers_follow_the_description(plan: PlanVersion, city: dict[str, Any]) -> None:
    """Answers with something in them, which made-up addresses seldom reach."""
    known = {"slug": "the-plan", "reference": city["ideas"][0].reference}
    for path in OPERATIONS:
        if "initiatives/{reference}" in path:
            known["reference"] = city["initiatives"][0].reference
        operation = described()[path]["GET"]
        parameters = {name: value for name, value in known.items() if f"{{{name}}}" in path}
        case = operation.Case(path_parameters=parameters)
        response = case.call(headers=PLAIN)
        assert response.status_code == 200, path
        case.validate_response(response, checks=[schemathesis.checks.response_schema_conformance])


def test_nobody_finds_out_a_masked_number_by_guessing(client: Client, now: datetime) -> None:
    call = factories.Call(moderation="after")
    draft = engagement.IdeaDraft(problem="Call me on 514 555 0188 about the lamp.", language="en")
    idea = engagement.submit_idea(call=call, draft=draft, at=now)
    assert references(client.get("/api/v1/ideas?q=lamp")) == [idea.reference]
    assert references(client.get("/api/v1/ideas?q=514")) == []
