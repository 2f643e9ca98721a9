"""The timeline of programmes, initiatives, rounds and plans: one appended line for everything."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField
from engagement.models import User
from engagement.privacy import classes
from prioritisation.models.decisions import Plan
from prioritisation.models.initiatives import Initiative
from prioritisation.models.programmes import Programme
from prioritisation.models.rounds import Round


class Event(models.Model):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="events")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.CASCADE, null=True, blank=True, related_name="events"
    )
    round = models.ForeignKey(Round, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(_("what"), max_length=40)
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    text = LocalizedTextField(_("public text"))
    note = models.TextField(_("internal note"), blank=True)
    public = models.BooleanField(_("public"), default=False)

    field_classes = classes(
        public="id programme initiative round plan at verb from_state to_state reason text",
        internal="by note public",
    )

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["initiative", "at"], name="event_by_initiative")]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
