"""A programme with ideas and one initiative, who manages it, and a stranger."""

from typing import Any

import pytest
from django.test import Client

from engagement.models import Idea
from prioritisation.models import Initiative
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation.initiatives.pages import PERMISSIONS, make, sign_in


@pytest.fixture
def manager() -> Any:
    return factories.staff("manager", permissions=PERMISSIONS)


@pytest.fixture
def programme(manager: Any) -> Any:
    programme = factories.Programme()
    programme.calls.add(factories.Call())
    factories.member(programme, manager, Role.MANAGER)
    return programme


@pytest.fixture
def ideas(programme: Any) -> list[Idea]:
    return factories.Idea.create_batch(4, call=programme.calls.get(), state="published")


@pytest.fixture
def desk(manager: Any) -> Client:
    return sign_in(manager)


@pytest.fixture
def initiative(programme: Any, ideas: list[Idea], manager: Any) -> Initiative:
    return make(programme, ideas[:2], manager)


@pytest.fixture
def stranger() -> Client:
    """The manager of another programme."""
    user = factories.staff("stranger", permissions=PERMISSIONS)
    factories.member(factories.Programme(), user, Role.MANAGER)
    return sign_in(user)
