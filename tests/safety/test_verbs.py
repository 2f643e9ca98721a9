"""Every verb of the desk, by every role: on its own page and as an action of the list."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction

from engagement.models import Idea, Note, Report
from prioritisation.models import Initiative
from tests.safety.places import build
from tests.safety.table import MANAGERS, TRIAGE
from tests.safety.test_matrix import PEOPLE, let_in, sign_in

pytestmark = pytest.mark.django_db

REPORTS = "moderator, administrator"
VERBS: dict[Any, dict[str, str]] = {
    Idea: {
        TRIAGE: "publish schedule unschedule decline ask_correction pass_on link_duplicate unlink_duplicate "
        "split take_as_report take_back",
        MANAGERS: "reopen",
    },
    Note: {TRIAGE: "publish hide"},
    Report: {f"{REPORTS}, department": "start update close reopen", REPORTS: "take_as_idea take_back"},
    Initiative: {
        MANAGERS: "mark_ready back_to_draft record_agreement link_ideas unlink_idea split merge set_aside "
        "reopen link_evidence",
    },
}
"""Who may use which verb. A verb without a line fails the test. Ideas and reports are the whole city's, but a
department's member has its own reports alone (this one is); an initiative is its programme's."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("model", VERBS, ids=lambda model: model.__name__)
def test_every_verb_by_every_role(model: Any, now: datetime) -> None:
    city = build(now)
    clients = sign_in(city, PEOPLE)
    name = model._meta.model_name
    record = city.records[name]
    record.refresh_from_db()
    listed = f"/admin/{model._meta.app_label}/{name}/"
    chosen = f"selected={record.pk}:{record.version}"
    may = {verb: who for who, verbs in VERBS[model].items() for verb in verbs.split()}
    verbs = [verb.name for verb in admin.site._registry[model].verbs]
    assert set(verbs) == set(may)
    wrong = []
    for verb in verbs:
        allowed = {one.strip() for one in may[verb].split(",")}
        for who in PEOPLE:
            client, _cookies = clients[who]
            mine = who.removeprefix("another programme's ") if model is not Initiative else who
            page = client.get(f"{listed}do/{verb}/?{chosen}")
            if let_in(page) != (mine in allowed) and not (page.status_code == 302 and mine not in allowed):
                wrong.append(f"{who}: {verb} gives {page.status_code}")
            with transaction.atomic():
                data = {"action": verb, "_selected_action": [record.pk], "select_across": "0"}
                asked = client.post(f"{listed}?state=all", data)
                text = asked.content.decode()
                opened = f"/do/{verb}/" in text and getattr(record, "reference", str(record)) in text
                transaction.set_rollback(True)
            if opened and mine not in allowed:
                wrong.append(f"{who}: {verb} opens as an action of the list")
    assert not wrong, "\n".join(wrong)
