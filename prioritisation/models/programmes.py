"""One strategic planning exercise, who works on it, and the scoring rules it goes by."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.models import Call, Department, User
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
    second_approver = models.BooleanField(
        _("a second person approves the scoring rules"),
        default=False,
        help_text=_("On, nobody approves rules that they wrote or changed themselves."),
    )
    created_at = models.DateTimeField(_("made"))
    version = models.PositiveIntegerField(default=1)

    objects = querysets.ProgrammeQuerySet.as_manager()

    field_classes = classes(
        public="id slug title intro body calls places starts_on ends_on second_person second_approver",
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


class BudgetLine(models.Model):
    """How much there is of one kind of money, in one year or in all; a part may be kept back."""

    class Kind(models.TextChoices):
        CAPITAL = "capital", _("capital")
        OPERATING = "operating", _("operating, a year")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="budget_lines")
    label = LocalizedTextField(_("name"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CAPITAL)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    reserve = models.PositiveSmallIntegerField(
        _("kept back, %"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("For what cannot be foreseen yet."),
    )
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(public="id programme label kind year amount reserve", internal="version")

    class Meta:
        ordering = ["programme", "year", "kind", "pk"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_not_negative"),
            models.CheckConstraint(condition=models.Q(reserve__lte=100), name="budget_reserve_within_100"),
        ]

    def __str__(self) -> str:
        return localized(self.label) or f"{self.kind} {self.year or ''}".strip()


class Capacity(models.Model):
    """How much a department can carry in a programme: the most initiatives, the most points of effort."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="capacities")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    initiatives = models.PositiveIntegerField(_("initiatives at most"), null=True, blank=True)
    effort = models.PositiveIntegerField(_("points of effort at most"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(internal="id programme department initiatives effort version")

    class Meta:
        ordering = ["programme", "department"]
        verbose_name = _("capacity of a department")
        verbose_name_plural = _("capacities of departments")
        constraints = [
            models.UniqueConstraint(fields=["programme", "department"], name="one_capacity_a_department")
        ]

    def __str__(self) -> str:
        return f"{self.department}"
