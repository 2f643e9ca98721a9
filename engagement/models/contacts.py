"""The personal data of who sent something, in a table of its own, so that it can be purged alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.privacy import classes


class Contact(models.Model):
    """One sender of one submission. Two submissions by one person are two contacts: what one consent
    covers never spills over to the other."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8)
    updates_consent_at = models.DateTimeField(_("agreed to be told what happens"), null=True, blank=True)
    questions_consent_at = models.DateTimeField(_("agreed to be asked questions"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"))

    field_classes = classes(
        personal="name email phone",
        internal="id language updates_consent_at questions_consent_at confirmed_at created_at",
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [("export_contact", "Can export contacts")]

    def __str__(self) -> str:
        return f"{_('contact')} {self.pk}"

    @property
    def silent_because(self) -> str:
        """Why no mail tells this sender what becomes of it: `no_address`, `no_wish`; empty where one does."""
        if not self.email:
            return "no_address"
        return "" if self.updates_consent_at is not None else "no_wish"
