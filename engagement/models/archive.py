"""Files of the 311 archive: the only manifest of what lies in the folder beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement import querysets
from engagement.models.people import User
from engagement.privacy import classes


class ArchiveFile(models.Model):
    """One file of past problem reports, taken in whole: kept + refused = rows.

    The file in the archive's folder is named by `sha256`, the hash of what was imported, and never changed.
    What this table does not name is not there; what is not yet or no longer visible is not read.
    """

    sha256 = models.CharField(_("fingerprint"), max_length=64, unique=True)
    name = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("format"), max_length=40)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    source = models.CharField(_("where it comes from"), max_length=300, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    kept = models.PositiveIntegerField(_("kept"))
    refused = models.PositiveIntegerField(_("refused"))
    reasons = models.JSONField(_("why refused"), default=dict, blank=True)
    notes = models.JSONField(_("to know"), default=dict, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    first_at = models.DateTimeField(_("from"), null=True, blank=True)
    last_at = models.DateTimeField(_("to"), null=True, blank=True)
    imported_at = models.DateTimeField(_("imported"))
    imported_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by whom")
    )
    removed_at = models.DateTimeField(
        _("removed"), null=True, blank=True, help_text=_("The file itself goes a day later.")
    )

    objects = querysets.ArchiveFileQuerySet.as_manager()

    field_classes = classes(
        public="id sha256 name format licence source rows kept refused reasons notes size first_at last_at "
        "imported_at removed_at",
        internal="imported_by",
    )

    class Meta:
        ordering = ["-imported_at", "-pk"]
        verbose_name = _("file of past problem reports")
        verbose_name_plural = _("files of past problem reports")
        permissions = [("import_report", "Can import past problem reports")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rows=models.F("kept") + models.F("refused")),
                name="archive_kept_and_refused",
            )
        ]

    def __str__(self) -> str:
        return self.name
