"""Problem reports (Open311 "service requests") and the services they are sent to."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement import querysets
from engagement.localized import LocalizedTextField, localized
from engagement.models.calls import Step
from engagement.models.people import Department
from engagement.models.submissions import Idea, Submission
from engagement.privacy import classes
from engagement.workflow import IdeaState, ReportState


class ReportService(models.Model):
    """A kind of problem that can be reported (an Open311 service)."""

    code = models.SlugField(_("code"), unique=True)
    name = LocalizedTextField(_("name"), blank=False)
    group = LocalizedTextField(_("group"))
    keywords = models.CharField(_("keywords"), max_length=300, blank=True)
    description = LocalizedTextField(_("description"))
    notice = LocalizedTextField(_("notice"), help_text=_("Shown first, e.g. in an emergency call 911."))
    target_days = models.PositiveSmallIntegerField(_("target, in days"), null=True, blank=True)
    working_days = models.BooleanField(
        _("counts working days"), default=False, help_text=_("Without weekends and the city's holidays.")
    )
    questions = models.JSONField(_("questions"), default=list, blank=True)
    nearby_metres = models.PositiveIntegerField(
        _("similar reports are looked for within, in metres"), default=100
    )
    nearby_days = models.PositiveSmallIntegerField(
        _("similar reports are looked for back to, in days"), default=60
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    private = models.BooleanField(_("reports are not shown in public"), default=False)
    active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    field_classes = classes(
        public="id code name group keywords description notice target_days working_days questions "
        "nearby_metres nearby_days department active order",
        internal="private",
    )

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("report service")
        verbose_name_plural = _("report services")

    def __str__(self) -> str:
        return localized(self.name) or self.code


class Report(Submission):
    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("problem report", "received")
        IN_PROGRESS = "in_progress", _("in progress")
        CLOSED = "closed", pgettext_lazy("problem report", "closed")
        AS_IDEA = "as_idea", _("taken as an idea")
        WITHDRAWN = "withdrawn", pgettext_lazy("problem report", "withdrawn")

    service = models.ForeignKey(
        ReportService, on_delete=models.PROTECT, related_name="reports", verbose_name=_("report service")
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=ReportState.RECEIVED)
    description = models.TextField(_("description as sent"), max_length=4000)
    public_description = models.TextField(_("description"))
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    expected_at = models.DateTimeField(_("expected by"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("problem report", "closed"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("first report of the same")
    )
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("routed to"),
        help_text=_("By the rules of routing; empty: the department of the report service."),
    )

    objects = querysets.ReportQuerySet.as_manager()

    field_classes = classes(
        public="id reference service state language channel whole_city district address latitude longitude "
        "cell received_at changed_at public_description expected_at closed_at parent department",
        personal="description answers contact nonce search",
        internal="form_key claimed_by claimed_until version",
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("problem report")
        verbose_name_plural = _("problem reports")
        permissions = [
            ("handle_report", "Can handle problem reports"),
            ("export_report", "Can export problem reports"),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at", "-id"], name="report_by_state"),
            models.Index(fields=["service", "-received_at", "-id"], name="report_by_service"),
            # Holds all that the public list asks of 20,000 reports before it reads the texts of twenty.
            models.Index(fields=["-received_at", "-id", "state", "service"], name="report_newest_first"),
            # What is open near a point, however many are open elsewhere; and a part of the map.
            models.Index(fields=["service", "state", "latitude", "longitude"], name="report_open_by_place"),
            models.Index(fields=["latitude", "longitude"], name="report_by_place"),
            models.Index(
                fields=["claimed_by", "claimed_until"],
                condition=models.Q(claimed_until__isnull=False),
                name="report_in_hand",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="report_point_whole_and_on_earth",
            )
        ]

    def is_with(self, department: int | None) -> bool:
        """Does this department have it: by the rules of routing, else by its report service?"""
        return department is not None and department == (self.department_id or self.service.department_id)

    @property
    def is_public(self) -> bool:
        hidden = (ReportState.WITHDRAWN, ReportState.AS_IDEA)
        return self.state not in hidden and not self.service.private

    def next_step(self, at: datetime) -> Step | None:
        """By when it is expected to be dealt with, while it is open; past when that is late."""
        if self.expected_at is None or self.state not in (ReportState.RECEIVED, ReportState.IN_PROGRESS):
            return None
        day = timezone.localdate(self.expected_at)
        return Step(day, {}, day < timezone.localdate(at))


class MeToo(models.Model):
    """One more person with the same problem, instead of one more report. Who it is stands as a hash."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="me_toos")
    voter = models.CharField(max_length=64, help_text=_("Keyed hash of the e-mail address or token."))
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    field_classes = classes(personal="voter", internal="id report given_at withdrawn_at")

    class Meta:
        verbose_name = _("person with the same problem")
        verbose_name_plural = _("people with the same problem")
        constraints = [models.UniqueConstraint(fields=["report", "voter"], name="one_me_too_a_person")]

    def __str__(self) -> str:
        return f"{self.report_id}"


class Holiday(models.Model):
    """A day on which the city does not work."""

    date = models.DateField(_("date"), unique=True)
    name = LocalizedTextField(_("name"), blank=False)

    field_classes = classes(public="id date name")

    class Meta:
        ordering = ["date"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")

    def __str__(self) -> str:
        return f"{self.date} {localized(self.name)}"


class RoutingRule(models.Model):
    """To which department a problem report goes: the first rule in order that fits."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)
    service = models.ForeignKey(
        ReportService,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("report service"),
        help_text=_("Empty: every one."),
    )
    district = models.ForeignKey(
        "engagement.District",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("district"),
        help_text=_("Empty: every one."),
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, verbose_name=_("department"))
    active = models.BooleanField(_("in use"), default=True)

    field_classes = classes(internal="id order service district department active")

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")

    def __str__(self) -> str:
        return f"{self.order}: {self.department}"


class Transfer(models.Model):
    """An idea and a problem report that are one thing sent in: staff took the one for the other.

    Both rows keep their reference and link; whichever is not in the state `as_report` or `as_idea` is the
    one that goes on.
    """

    idea = models.OneToOneField("engagement.Idea", on_delete=models.CASCADE, related_name="transfer")
    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="transfer")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        "engagement.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("by whom")
    )

    field_classes = classes(internal="id idea report at by")

    class Meta:
        verbose_name = _("idea as problem report")
        verbose_name_plural = _("ideas as problem reports")

    def __str__(self) -> str:
        return f"{self.idea_id} = {self.report_id}"


def going_on(record: Idea | Report) -> Idea | Report:
    """The one of a pair with which staff go on; the record itself where it is no half of anything."""
    if record.state not in (IdeaState.AS_REPORT, ReportState.AS_IDEA):
        return record
    return other_half(record) or record


def other_half(record: Idea | Report) -> Idea | Report | None:
    """The problem report that is one with an idea, or the idea that is one with a problem report."""
    if isinstance(record, Report):
        ideas = Transfer.objects.filter(report=record).select_related("idea__call", "idea__district")
        return next((transfer.idea for transfer in ideas), None)
    reports = Transfer.objects.filter(idea=record).select_related("report__service", "report__district")
    return next((transfer.report for transfer in reports), None)
