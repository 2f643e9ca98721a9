"""Addresses of the pages of initiatives, and what is sent to them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from engagement.models import Idea
from prioritisation import services
from prioritisation.models import Initiative
from tests import factories

LIST = "/admin/prioritisation/initiative/"
IDEAS = "/admin/engagement/idea/"
START = "/admin/prioritisation/initiative/start/"
PERMISSIONS = [
    "engagement.view_idea",
    "engagement.triage_idea",
    "prioritisation.view_initiative",
    "prioritisation.work_up_initiative",
]


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    return str(response.content.decode())


def detail(initiative: Initiative) -> str:
    return f"{LIST}{initiative.pk}/change/"


def edit(initiative: Initiative) -> str:
    return f"{LIST}{initiative.pk}/edit/"


def do(verb: str) -> str:
    return reverse("admin:prioritisation_initiative_do", args=[verb])


def selected(*records: Any) -> str:
    return ",".join(f"{record.pk}:{record.version}" for record in records)


def make(programme: Any, ideas: list[Idea], by: Any, **values: Any) -> Initiative:
    titled = {
        "title": {"en": "Shelters at stops", "fr": "Des abris aux arrêts"},
        "need": {"en": "People wait in the rain."},
        **values,
    }
    return services.work_up(programme=programme, ideas=ideas, by=by, at=factories.NOW, values=titled)
