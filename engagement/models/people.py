"""Staff, and the departments they work in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.privacy import classes


class Department(models.Model):
    code = models.SlugField(_("code"), unique=True)
    name = LocalizedTextField(_("name"), blank=False)
    email = models.EmailField(_("shared mailbox"), blank=True)
    active = models.BooleanField(_("in use"), default=True)
    reports_told_at = models.DateTimeField(_("last told of its problem reports"), null=True, editable=False)

    field_classes = classes(public="id code name active", internal="email reports_told_at")

    class Meta:
        ordering = ["code"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return localized(self.name) or self.code


class User(AbstractUser):
    """A member of staff who signs in. Residents have no account."""

    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("department")
    )
    language = models.CharField(_("language"), max_length=8, blank=True)

    field_classes = classes(
        personal="username first_name last_name email last_login",
        internal="id password is_superuser is_staff is_active date_joined department language groups "
        "user_permissions",
    )

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")

    def __str__(self) -> str:
        return self.get_full_name() or self.username
