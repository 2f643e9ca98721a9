"""Where things are."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.privacy import classes


class District(models.Model):
    code = models.SlugField(_("code"), unique=True)
    name = LocalizedTextField(_("name"), blank=False)
    boundary = models.JSONField(_("boundary"), null=True, blank=True, help_text=_("GeoJSON, WGS84"))
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    quintile = models.PositiveSmallIntegerField(
        _("deprivation quintile"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 = least deprived, 5 = most deprived"),
    )
    active = models.BooleanField(_("in use"), default=True)

    field_classes = classes(public="id code name boundary population quintile active")

    class Meta:
        ordering = ["code"]
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quintile__isnull=True) | models.Q(quintile__range=(1, 5)),
                name="district_quintile_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return localized(self.name) or self.code
