"""Addresses left before there was a link to confirm them: mails went to them, and they are not purged now."""

from typing import Any

from django.db import migrations
from django.db.models import F


def confirm(apps: Any, _editor: Any) -> None:
    Contact = apps.get_model("engagement", "Contact")
    Contact.objects.filter(confirmed_at__isnull=True).exclude(email="").update(confirmed_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("engagement", "0009_ideas_are_turned")]

    operations = [migrations.RunPython(confirm, migrations.RunPython.noop, elidable=True)]
