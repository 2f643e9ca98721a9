"""Gives each idea that was there already a key of its own to be turned by: a column's default is one for all."""

from typing import Any

from django.db import migrations

from engagement.models.submissions import random_rotation

BATCH = 1000


def turn(apps: Any, _editor: Any) -> None:
    Idea = apps.get_model("engagement", "Idea")
    batch = []
    for idea in Idea.objects.only("pk").iterator(BATCH):
        idea.rotation = random_rotation()
        batch.append(idea)
        if len(batch) == BATCH:
            Idea.objects.bulk_update(batch, ["rotation"])
            batch = []
    Idea.objects.bulk_update(batch, ["rotation"])


class Migration(migrations.Migration):
    dependencies = [("engagement", "0008_residents_side")]

    operations = [migrations.RunPython(turn, migrations.RunPython.noop, elidable=True)]
