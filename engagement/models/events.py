"""The timeline: one appended line for everything that happens, and the reasons a city gives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement import querysets
from engagement.localized import LocalizedTextField, localized
from engagement.models.people import User
from engagement.models.reports import Report
from engagement.models.submissions import Idea
from engagement.privacy import classes


class Reason(models.Model):
    """A standard reason for an action, with the text that residents get unless staff write another."""

    class Action(models.TextChoices):
        DECLINE = "decline", _("decline an idea")
        CORRECTION = "ask_correction", _("ask for a correction")
        PASS_ON = "pass_on", _("pass an idea on")
        CLOSE = "close", _("close a problem report")

    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    code = models.SlugField(_("code"))
    label = LocalizedTextField(_("label"), blank=False)
    text = LocalizedTextField(_("standard text"))
    eligible = models.BooleanField(
        _("still counts as an idea"),
        default=True,
        help_text=_("Off for tests, advertising and texts sent twice: they are counted apart."),
    )
    hides_text = models.BooleanField(
        _("hides the text"), default=False, help_text=_("The page says why, without the text.")
    )
    active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    field_classes = classes(public="id action code label text eligible hides_text active order")

    class Meta:
        ordering = ["action", "order", "code"]
        verbose_name = _("standard reason")
        verbose_name_plural = _("standard reasons")
        constraints = [models.UniqueConstraint(fields=["action", "code"], name="one_reason_a_code")]

    def __str__(self) -> str:
        return localized(self.label) or self.code


class Event(models.Model):
    """One append-only line: who did what, when, why, and whether residents may read it."""

    class Actor(models.TextChoices):
        RESIDENT = "resident", _("sender")
        STAFF = "staff", _("staff")
        SYSTEM = "system", _("Winnow")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField(_("when"))
    actor = models.CharField(_("who"), max_length=10, choices=Actor.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(_("what"), max_length=40)
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    text = LocalizedTextField(_("public text"))
    note = models.TextField(_("internal note"), blank=True)
    link = models.CharField(_("see also"), max_length=300, blank=True)
    public = models.BooleanField(_("public"), default=True)

    objects = querysets.EventQuerySet.as_manager()

    field_classes = classes(
        public="id idea report at actor verb from_state to_state reason text link", internal="by note public"
    )

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["verb", "at"], name="event_by_verb")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, report__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=False),
                name="event_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=models.Q(actor="staff", by__isnull=False) | ~models.Q(actor="staff"),
                name="staff_event_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
