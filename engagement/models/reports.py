"""Problem reports (Open311 "service requests") and the services they are sent to."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement import querysets
from engagement.localized import LocalizedTextField, localized
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
    questions = models.JSONField(_("questions"), default=list, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    private = models.BooleanField(_("reports are not shown in public"), default=False)
    active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    field_classes = classes(
        public="id code name group keywords description notice target_days questions department active order",
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

    objects = querysets.ReportQuerySet.as_manager()

    field_classes = classes(
        public="id reference service state language channel whole_city district address latitude longitude "
        "cell received_at changed_at public_description expected_at closed_at parent",
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

    @property
    def is_public(self) -> bool:
        hidden = (ReportState.WITHDRAWN, ReportState.AS_IDEA)
        return self.state not in hidden and not self.service.private


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
