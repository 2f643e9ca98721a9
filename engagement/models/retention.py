"""How long what is kept, as data, and the register of what was removed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.privacy import classes


class RetentionRule(models.Model):
    """One kind of personal data: from when it is counted, and after how many days it goes."""

    kind = models.SlugField(_("what"), unique=True)
    days = models.PositiveIntegerField(_("kept for, in days"))
    active = models.BooleanField(_("in use"), default=True)

    field_classes = classes(public="id kind days active")

    class Meta:
        ordering = ["kind"]
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        permissions = [("set_retention", "Can change how long personal data is kept")]

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"


class Removal(models.Model):
    """What a rule removed: which kind, how many, when; never what it said."""

    kind = models.SlugField(_("what"))
    count = models.PositiveIntegerField(_("how many"))
    days = models.PositiveIntegerField(_("kept for, in days"))
    at = models.DateTimeField(_("when"))

    field_classes = classes(internal="id kind count days at")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("removal")
        verbose_name_plural = _("removals")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
