"""What was taken back is in the register, walls have black boxes, search knows masked words."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from engagement.text import fold


def only_masked_words_are_searched(apps, _editor):
    """What imports put into the search was what was sent: of those with something to mask, it is made anew."""
    Idea = apps.get_model("engagement", "Idea")
    imported = Idea.objects.filter(channel="import").exclude(search="").exclude(state="withdrawn")
    masked = imported.exclude(
        problem=models.F("public_problem"), proposal=models.F("public_proposal"), title=models.F("public_title")
    )
    for idea in masked.prefetch_related("translations").iterator(chunk_size=500):
        shown = [idea.public_title, idea.public_problem, idea.public_proposal]
        beside = [text for one in idea.translations.all() for text in (one.title, one.problem, one.proposal)]
        words = " ".join((idea.reference, *shown, *(text for text in beside if text)))
        Idea.objects.filter(pk=idea.pk).update(search=f" {fold(words)}")


class Migration(migrations.Migration):

    dependencies = [
        ('engagement', '0013_reports_are_browsed'),
    ]

    operations = [
        migrations.AddField(
            model_name='photo',
            name='boxes_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='black boxes changed'),
        ),
        migrations.AddField(
            model_name='photo',
            name='boxes_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='black boxes changed by'),
        ),
        migrations.AlterField(
            model_name='erasure',
            name='what',
            field=models.CharField(choices=[('sender', 'sender'), ('all', 'sender and text'), ('withdrawn', 'taken back by its sender')], max_length=10, verbose_name='what was erased'),
        ),
        migrations.RunPython(only_masked_words_are_searched, migrations.RunPython.noop, elidable=True),
    ]
