"""Rows that let services do without broker and cache: mail to send, work to do, numbers to give out."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement import querysets
from engagement.models.contacts import Contact
from engagement.models.people import Department, User
from engagement.models.persons import Person
from engagement.models.reports import Report
from engagement.models.submissions import Idea
from engagement.privacy import classes


class Notice(models.Model):
    """A mail that is due. Its text is made when it is sent: no working link is ever stored."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("not sent: undone")

    kind = models.CharField(_("kind"), max_length=60)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("department")
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True)
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True)
    context = models.JSONField(default=dict, blank=True)
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    message_id = models.CharField(_("message id"), max_length=200, unique=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    history = models.JSONField(
        default=list, blank=True, help_text=_("What staff did with it, line by line: when, what, who.")
    )

    objects = querysets.NoticeQuerySet.as_manager()

    field_classes = classes(
        internal="id kind contact user department person idea report context language state message_id "
        "attempts next_try_at lease_until last_error created_at sent_at history"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [models.Index(fields=["state", "next_try_at"], name="notice_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False, user=None, department=None, person=None)
                | models.Q(contact=None, user__isnull=False, department=None, person=None)
                | models.Q(contact=None, user=None, department__isnull=False, person=None)
                | models.Q(contact=None, user=None, department=None, person__isnull=False),
                name="notice_to_exactly_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Job(models.Model):
    """Long work: written by a service, claimed by a worker, watched on a page."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    progress = models.PositiveIntegerField(_("done so far"), default=0)
    total = models.PositiveIntegerField(_("in all"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(
        _("its file is kept until"),
        null=True,
        blank=True,
        help_text=_("Then the file is removed, the row stays."),
    )
    history = models.JSONField(
        default=list, blank=True, help_text=_("What happened to it, line by line: when, what, who.")
    )

    objects = querysets.JobQuerySet.as_manager()

    field_classes = classes(
        internal="id kind state parameters progress total result error attempts lease_until heartbeat_at by "
        "created_at finished_at expires_at history"
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["state", "kind"], name="job_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    def began_at(self) -> datetime | None:
        """When the attempt that is running, or that was the last, began."""
        for line in reversed(self.history):
            if line["what"] in {"start", "resume"}:
                return datetime.fromisoformat(line["at"])
        return None


class Counter(models.Model):
    """The last number given out in a series and year; moved by a conditional update."""

    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    value = models.PositiveIntegerField(default=0)

    field_classes = classes(internal="id series year value")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="one_counter_a_series_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.value}"


class RateLimit(models.Model):
    """How often something was tried in a window of time, under a salted hash of who tried."""

    key = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    field_classes = classes(internal="id key window count")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_count_a_window")]
        indexes = [models.Index(fields=["window"], name="rate_limit_window")]

    def __str__(self) -> str:
        return f"{self.window:%H:%M} {self.count}"


class Heartbeat(models.Model):
    """When a worker was last seen alive: what /healthz tells."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    field_classes = classes(internal="id name at")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
