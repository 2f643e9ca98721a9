"""Script in every public field: forms are read out of their own pages, and what they take stays text."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from engagement import emails, services
from engagement.models import Idea, Note, Report
from engagement.views import limits
from tests import factories
from tests.safety import table
from tests.safety.public_forms import FREE, build

pytestmark = pytest.mark.django_db

# Longer than what the random signs of a form are ever equal to.
SCRIPT = "zz-typed\"'><script>zz_run()</script><img src=x onerror=zz_run()>{{ 7|add:'42' }}{% now %} &#60;b>"
RAW = re.compile(r"""zz-typed["'>]|<script>zz|<img src=x""")
SCRIPT_ALONE = {"engagement:idea_similar"}
"""Takes a text from a page's script, and has no form of its own."""


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "over", lambda *_asked, **_named: False)


def raw_in(answer: Any) -> list[str]:
    """What of the script stands in an answer as it was typed, where a browser would run it."""
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return []
    # Between the tags of a feed a quotation mark ends nothing.
    found = re.compile("<script>zz|<img src=x") if "xml" in kind else RAW
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return found.findall(text.decode())


def test_every_public_form_is_in_the_table() -> None:
    """What the forms of these pages lead to is all that takes a form from everybody: a new one is missed."""
    city = build()
    targets = {f"engagement:{resolve(form.action).url_name}" for _client, form in city.all_forms()}
    listed = {name for name in table.POST[table.EVERYBODY].split() if name.startswith("engagement:")}
    assert targets | SCRIPT_ALONE | {"engagement:call_list"} == listed


def test_script_in_every_public_field_stays_text() -> None:
    city = build()
    wrong, fields = [], 0
    for client, form in list(city.all_forms()):
        every = [form.sent(SCRIPT)]
        every += [form.sent(SCRIPT, into=one.name) for one in form.controls if one.name]
        fields += sum(one.kind in FREE for one in form.controls)
        for values in every:
            for press in form.presses:
                with transaction.atomic():
                    answer = client.post(form.action, {**values, **press}, follow=True)
                    wrong += [(form.page, form.action, found) for found in raw_in(answer)]
                    assert answer.status_code < 500, form.action
                    transaction.set_rollback(True)
    assert wrong == []
    assert fields > 40


def test_script_that_was_sent_is_text_wherever_it_is_read_again() -> None:
    city = build()
    for client, form in list(city.all_forms()):
        if "erase" not in form.action and "withdraw" not in form.action:
            client.post(form.action, {**form.sent(SCRIPT), "personal_ok": "1", "similar_seen": "1"})
    assert Idea.objects.filter(problem__contains="zz_run").exists()
    assert Report.objects.filter(description__contains="zz_run").exists()
    assert Note.objects.filter(text__contains="zz_run").exists()
    later = timezone.now() + timedelta(hours=1)
    services.deliver_notices(app="engagement", compose=emails.compose, clock=lambda: later)
    wrong = []
    for message in mail.outbox:
        html = [body for body, kind in message.alternatives if kind == "text/html"]
        wrong += [(message.subject, found) for body in html for found in RAW.findall(body)]
    desk = Client()
    desk.force_login(factories.staff("root", superuser=True))
    for reader, address in [
        *((Client(), one) for one in public_addresses()),
        *((desk, a) for a in staff_addresses()),
    ]:
        answer = reader.get(address)
        assert answer.status_code in {200, 302}, (address, answer.status_code)
        wrong += [(address, found) for found in raw_in(answer)]
    assert wrong == []


def public_addresses() -> list[str]:
    ideas = [f"/ideas/{one.reference}/" for one in Idea.objects.public()]
    reports = [f"/reports/{one.reference}/" for one in Report.objects.public()]
    lists = [
        "/",
        "/ideas/",
        "/ideas/?q=script",
        "/ideas/feed/",
        "/ideas/map/",
        "/ideas/map.geojson",
        "/calls/box/",
    ]
    asked = [
        f"/ideas/?q={SCRIPT}",
        f"/report/?q={SCRIPT}",
        f"/track/?reference={SCRIPT}",
        f"/ideas/feed/?q={SCRIPT}",
    ]
    return [*lists, *asked, "/api/v1/ideas", "/calls/box/sheet/", *ideas, *reports]


def staff_addresses() -> list[str]:
    found = []
    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label != "engagement":
            continue
        found.append(
            reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            + ("?state=all" if model in {Idea, Report} else "")
        )
        for row in model._default_manager.all()[:30]:
            found.append(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))
    return [*found, "/admin/"]
