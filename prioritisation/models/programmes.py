"""One strategic planning exercise, who works on it, and the scoring rules it goes by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.models import Call, User
from engagement.privacy import classes
from prioritisation import querysets
from prioritisation.workflow import Role


class Programme(models.Model):
    slug = models.SlugField(_("short name in addresses"), unique=True)
    title = LocalizedTextField(_("title"), blank=False)
    intro = LocalizedTextField(_("what it is for"))
    body = LocalizedTextField(
        _("who decides"), help_text=_("The body in whose name decisions are published.")
    )
    calls = models.ManyToManyField(Call, blank=True, related_name="programmes", verbose_name=_("invitations"))
    places = models.PositiveIntegerField(
        _("how many are to be chosen"),
        null=True,
        blank=True,
        help_text=_("The line in the ranking, e.g. 70."),
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)
    second_person = models.BooleanField(
        _("a second person publishes"),
        default=True,
        help_text=_("Off, whoever prepared the decisions may publish them, and the plan says so."),
    )
    created_at = models.DateTimeField(_("made"))
    version = models.PositiveIntegerField(default=1)

    objects = querysets.ProgrammeQuerySet.as_manager()

    field_classes = classes(
        public="id slug title intro body calls places starts_on ends_on second_person",
        internal="created_at version",
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        permissions = [("manage_programme", "Can make programmes and run them")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="programme_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return localized(self.title) or self.slug


class Membership(models.Model):
    """What one member of staff is in one programme. Nobody sees a programme without one."""

    ROLES = [
        (Role.MANAGER, _("programme manager")),
        (Role.ASSESSOR, _("assessor")),
        (Role.PUBLISHER, _("publisher")),
        (Role.ANALYST, _("analyst")),
    ]
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=ROLES)

    field_classes = classes(internal="id programme user role")

    class Meta:
        ordering = ["programme", "role", "user"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["programme", "user", "role"], name="one_membership_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class PolicyVersion(models.Model):
    """The scoring rules of a programme at one time, as data. Immutable once approved."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="policy_versions")
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("rules"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    source = models.CharField(_("taken from"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = querysets.PolicyVersionQuerySet.as_manager()

    field_classes = classes(
        public="id programme number document sha256 source approved_at",
        internal="created_at created_by approved_by version",
    )

    class Meta:
        ordering = ["programme", "-number"]
        verbose_name = _("scoring rules")
        verbose_name_plural = _("scoring rules")
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_policy_a_number"),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True, approved_by__isnull=True)
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
                name="policy_approved_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} · {_('rules')} {self.number}"


class ChecklistItem(models.Model):
    """A step of a programme that has a date: what is to be done by when, and who ticked it off."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="checklist")
    key = models.SlugField(
        _("standard step"), blank=True, help_text=_("Which facts stand beside it; empty for an own step.")
    )
    label = LocalizedTextField(_("what is to be done"), blank=False)
    due_on = models.DateField(_("by"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = querysets.ChecklistQuerySet.as_manager()

    field_classes = classes(internal="id programme key label due_on order done_at done_by version")

    class Meta:
        ordering = ["programme", "order", "due_on", "pk"]
        verbose_name = _("step of the checklist")
        verbose_name_plural = _("checklist")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="checklist_done_at_and_by",
            )
        ]

    def __str__(self) -> str:
        return localized(self.label)
