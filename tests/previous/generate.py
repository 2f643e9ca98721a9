"""Writes the two dumps beside this file: a small invented city, made by the code of an earlier landing.

    git worktree add ../earlier COMMIT && cd ../earlier      (with an environment for it)
    WINNOW_VAR=$(mktemp -d) python /path/to/tests/previous/generate.py sqlite > COMMIT.sqlite.sql
    createdb earlier && DATABASE_URL=postgresql://postgres@127.0.0.1/earlier WINNOW_VAR=$(mktemp -d) \
        python /path/to/tests/previous/generate.py postgresql > COMMIT.postgresql.sql

It runs in the earlier checkout and with its factories and services. Every table has a row at least.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402

NOW = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)


def fill() -> None:
    from engagement import services
    from prioritisation.services.setup import install_city
    from tests import factories
    from tests.prioritisation import scene

    install_city()
    city = scene.make_city(NOW)
    scene.publish(city, NOW)
    # The factories number for themselves; the counters go on after them.
    services.next_references(series="", year=2026, count=50)
    services.next_references(series="R", year=2026, count=50)
    report = services.submit_report(
        service=factories.ReportService(),
        draft=services.ReportDraft(
            description="The lamp at the corner is dark.",
            language="en",
            place=services.Place(latitude=45.05, longitude=-78.95),
            sender=services.Sender(name="Ottilie Brackenshaw", email="ottilie@mail.example"),
        ),
        at=NOW,
    )
    services.submit_idea(
        call=city["call"],
        draft=services.IdeaDraft(
            problem="The bench at the pond is gone.",
            language="fr",
            sender=services.Sender(email="odile@mail.example", wants_updates=True),
        ),
        at=NOW,
    )
    services.withdraw_report(report=report, at=NOW + timedelta(hours=1))


def fill_what_is_empty() -> None:
    """One row in each table of ours that still has none, with plain values for every field."""
    for app in ("engagement", "prioritisation"):
        for model in apps.get_app_config(app).get_models():
            if not model._default_manager.exists():
                model._default_manager.create(**_values(model))
    for app in ("engagement", "prioritisation"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.many_to_many:
                between = field.remote_field.through
                if between._meta.auto_created and not between.objects.exists():
                    links = getattr(model._default_manager.first(), field.name)
                    links.add(*field.related_model._default_manager.all()[:1])


def _values(model: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.null or field.has_default():
            continue
        made[field.name] = _value(field)
    names = {field.name for field in model._meta.concrete_fields}
    if {"idea", "report"} <= names and "idea" not in made:
        made["idea"] = apps.get_model("engagement.Idea").objects.first()
    if {"contact", "user"} <= names and "contact" not in made:
        made["contact"] = apps.get_model("engagement.Contact").objects.first()
    return made


def _value(field: Any) -> Any:
    if field.is_relation:
        # Not the same one twice, as in "a link between two ideas".
        rows = field.related_model._default_manager
        return rows.last() if field.name in ("original", "other", "excludes", "target") else rows.first()
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.JSONField):
        return {"en": "A", "fr": "A"}
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, (models.IntegerField, models.FloatField, models.DecimalField)):
        return 1
    if field.choices:
        return field.flatchoices[0][0]
    return "photos/earlier.jpg" if isinstance(field, models.FileField) else "earlier"


def dump_sqlite() -> None:
    connection.ensure_connection()
    for line in connection.connection.iterdump():
        print(line)


def dump_postgresql() -> None:
    url = os.environ["DATABASE_URL"]
    done = subprocess.run(
        [
            "pg_dump",
            "--inserts",
            "--rows-per-insert=200",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            url,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in done.stdout.splitlines():
        # search_path is left as a connection has it; the rest is chatter.
        if line and not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\")):
            print(line)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    fill()
    fill_what_is_empty()
    {"sqlite": dump_sqlite, "postgresql": dump_postgresql}[sys.argv[1]]()
