"""What every model keeps to: each field sorted, no hidden logic, states as in the tables of moves."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from engagement import workflow
from engagement.models import Idea, Report
from prioritisation import workflow as funnel_workflow
from prioritisation.models import Initiative, Membership, Round

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = [
    model
    for app in ("engagement", "prioritisation")
    for model in apps.get_app_config(app).get_models(include_auto_created=False)
]


def test_there_are_models() -> None:
    assert len(MODELS) > 20


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_each_field_is_public_personal_or_internal(model: Any) -> None:
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)}
    sorted_into = model.field_classes
    listed = [*sorted_into.public, *sorted_into.personal, *sorted_into.internal]
    assert sorted(listed) == sorted(fields)


def test_links_between_models_hold_nothing_but_the_link() -> None:
    for app in ("engagement", "prioritisation"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model._meta.auto_created:
                assert all(field.is_relation or field.primary_key for field in model._meta.fields)


@pytest.mark.parametrize(
    ("states", "choices"),
    [
        (workflow.IdeaState, Idea.State),
        (workflow.ReportState, Report.State),
        (funnel_workflow.InitiativeState, Initiative.State),
        (funnel_workflow.RoundState, Round.State),
    ],
)
def test_states_are_those_of_the_table_of_moves(states: Any, choices: Any) -> None:
    assert [state.value for state in states] == list(choices.values)


def test_roles_are_those_of_the_workflow() -> None:
    assert {role for role, _label in Membership.ROLES} == set(funnel_workflow.Role)


def test_saving_and_deleting_hold_no_logic_of_their_own() -> None:
    found = []
    for app in ("engagement", "prioritisation"):
        for path in [*(ROOT / app / "models").rglob("*.py"), ROOT / app / "querysets.py"]:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "full_clean"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert found == []
