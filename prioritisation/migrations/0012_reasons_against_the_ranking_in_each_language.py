"""Why it was decided against the ranking: one text a language. What stands there is in the city's first one."""

from django.conf import settings
from django.db import migrations

import engagement.localized


def in_the_first_language(apps, schema_editor):
    decisions = apps.get_model("prioritisation", "Decision").objects.using(schema_editor.connection.alias)
    for key, words in decisions.exclude(override_reason="").values_list("pk", "override_reason"):
        decisions.filter(pk=key).update(override_texts={settings.LANGUAGE_CODE: words})


def in_one_line(apps, schema_editor):
    decisions = apps.get_model("prioritisation", "Decision").objects.using(schema_editor.connection.alias)
    for key, texts in decisions.values_list("pk", "override_texts"):
        words = texts.get(settings.LANGUAGE_CODE) or next(iter(texts.values()), "")
        decisions.filter(pk=key).update(override_reason=words[:500])


class Migration(migrations.Migration):
    dependencies = [("prioritisation", "0011_draws_called_off_after_drawing")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="override_texts",
            field=engagement.localized.LocalizedTextField(
                verbose_name="why against the ranking", help_text="Needed when the ranking says otherwise."
            ),
        ),
        migrations.RunPython(in_the_first_language, in_one_line, elidable=True),
        migrations.RemoveField(model_name="decision", name="override_reason"),
        migrations.RenameField(
            model_name="decision", old_name="override_texts", new_name="override_reason"
        ),
    ]
