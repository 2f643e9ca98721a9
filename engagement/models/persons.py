"""Residents known by an address that they confirmed: no account, no password."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.reports import Report
from engagement.models.submissions import Idea
from engagement.privacy import classes


class Person(models.Model):
    """One address. What it follows hangs on it, and how often it wants to hear of that.

    Written when a link is mailed, confirmed when the link is used; one that nobody confirmed is purged.
    Links to it are signed from its nonce: a new one ends them all.
    """

    class Rhythm(models.TextChoices):
        INSTANT = "instant", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", _("not at all")

    email = models.EmailField(_("e-mail"), unique=True, help_text=_("In lower case."))
    language = models.CharField(_("language"), max_length=8)
    rhythm = models.CharField(
        _("how often to tell"), max_length=10, choices=Rhythm.choices, default=Rhythm.DAILY
    )
    confirmed_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True)
    told_until = models.DateTimeField(
        _("told until"), null=True, blank=True, help_text=_("What happened before was in a mail.")
    )
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField(_("since"))

    field_classes = classes(
        personal="email nonce", internal="id language rhythm confirmed_at told_until created_at"
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["rhythm", "told_until"], name="person_to_be_told")]

    def __str__(self) -> str:
        return f"{_('person')} {self.pk}"


class Follow(models.Model):
    """Somebody wants to hear what becomes of an idea or a problem report. Ending it deletes the row."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="follows")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="follows")
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, null=True, blank=True, related_name="follows"
    )
    since = models.DateTimeField(_("since"))

    field_classes = classes(personal="person", internal="id idea report since")

    class Meta:
        verbose_name = _("followed record")
        verbose_name_plural = _("followed records")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, report__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=False),
                name="follow_of_exactly_one",
            ),
            models.UniqueConstraint(fields=["person", "idea"], name="one_follow_an_idea"),
            models.UniqueConstraint(fields=["person", "report"], name="one_follow_a_report"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.idea_id or self.report_id}"
