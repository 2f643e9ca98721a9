"""What became of an initiative since the plan was published: one appended row a step."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField
from engagement.models import User
from engagement.privacy import classes
from prioritisation import querysets
from prioritisation.models.initiatives import Initiative


class DeliveryStep(models.Model):
    """Started, delivered, dropped, or news in between: in public words, with the date of what is next.

    `expected_on`: by when it begins (while planned) or is done (once started). A row never changes, but for
    being undone before anybody was told.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="delivery_steps")
    verb = models.CharField(_("what"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=Initiative.Delivery.choices)
    text = LocalizedTextField(_("public text"))
    expected_on = models.DateField(_("date of the next step"), null=True, blank=True)
    missed_on = models.DateField(
        _("date that was missed"), null=True, blank=True, help_text=_("Promised before, and past by then.")
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = querysets.DeliveryStepQuerySet.as_manager()

    field_classes = classes(
        public="id initiative verb state text expected_on missed_on at", internal="by undone_at undone_by"
    )

    class Meta:
        ordering = ["initiative", "at", "pk"]
        verbose_name = _("step of carrying out")
        verbose_name_plural = _("steps of carrying out")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="delivery_step_undone_at_and_by",
            )
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.verb} {self.at:%Y-%m-%d}"
