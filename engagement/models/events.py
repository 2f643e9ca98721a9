"""The timeline: one appended line for everything that happens, and the reasons a city gives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement import querysets
from engagement.localized import LocalizedTextField, localized
from engagement.models.people import Department, User
from engagement.models.reports import Report
from engagement.models.submissions import Idea
from engagement.privacy import classes


class Reason(models.Model):
    """A standard reason for an action, with the text that residents get unless staff write another."""

    class Action(models.TextChoices):
        DECLINE = "decline", _("decline an idea")
        CORRECTION = "ask_correction", _("ask for a correction")
        PASS_ON = "pass_on", _("pass an idea on")
        CLOSE = "close", _("close a problem report")

    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    code = models.SlugField(_("code"))
    label = LocalizedTextField(_("label"), blank=False)
    text = LocalizedTextField(_("standard text"))
    eligible = models.BooleanField(
        _("still counts as an idea"),
        default=True,
        help_text=_("Off for tests, advertising and texts sent twice: they are counted apart."),
    )
    hides_text = models.BooleanField(
        _("hides the text"), default=False, help_text=_("The page says why, without the text.")
    )
    active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    field_classes = classes(public="id action code label text eligible hides_text active order")

    class Meta:
        ordering = ["action", "order", "code"]
        verbose_name = _("standard reason")
        verbose_name_plural = _("standard reasons")
        constraints = [models.UniqueConstraint(fields=["action", "code"], name="one_reason_a_code")]

    def __str__(self) -> str:
        return localized(self.label) or self.code


class Event(models.Model):
    """One append-only line: who did what, when, why, and whether residents may read it."""

    class Actor(models.TextChoices):
        RESIDENT = "resident", _("sender")
        STAFF = "staff", _("staff")
        SYSTEM = "system", _("Winnow")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField(_("when"))
    actor = models.CharField(_("who"), max_length=10, choices=Actor.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(_("what"), max_length=40)
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    text = LocalizedTextField(_("public text"))
    note = models.TextField(_("internal note"), blank=True)
    link = models.CharField(_("see also"), max_length=300, blank=True)
    public = models.BooleanField(_("public"), default=True)
    before = models.JSONField(default=dict, blank=True, help_text=_("What the move changed, as it was."))
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by"
    )

    objects = querysets.EventQuerySet.as_manager()

    field_classes = classes(
        public="id idea report at actor verb from_state to_state reason text link",
        internal="by note public before undoes",
    )

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["verb", "at"], name="event_by_verb")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, report__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=False),
                name="event_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=models.Q(actor="staff", by__isnull=False) | ~models.Q(actor="staff"),
                name="staff_event_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class Referral(models.Model):
    """An idea that was passed on: to whom, and what they answered."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="referrals")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    running_plan = models.BooleanField(
        _("the plan that is being carried out"),
        default=False,
        help_text=_("Something under way does this already."),
    )
    asked_at = models.DateTimeField(_("passed on"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = LocalizedTextField(_("answer"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = querysets.ReferralQuerySet.as_manager()

    field_classes = classes(
        public="id idea department running_plan asked_at answer answered_at", internal="asked_by answered_by"
    )

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        permissions = [("answer_referral", "Can answer ideas that were passed on to the own department")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False, running_plan=False)
                | models.Q(department__isnull=True, running_plan=True),
                name="referral_to_exactly_one",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="referral_answered_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id} -> {self.department or _('plan')}"


class LegalHold(models.Model):
    """While it stands nothing of the record is erased or purged: a court or an access request needs it."""

    idea = models.ForeignKey(
        Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="legal_holds"
    )
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, null=True, blank=True, related_name="legal_holds"
    )
    reason = models.TextField(_("why"), max_length=2000)
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by whom"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = querysets.LegalHoldQuerySet.as_manager()

    field_classes = classes(internal="id idea report reason since by lifted_at lifted_by")

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        permissions = [("hold_record", "Can put records on legal hold and lift it")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, report__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=False),
                name="hold_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea or self.report} {self.since:%Y-%m-%d}"


class Erasure(models.Model):
    """The register of what was erased or taken back: which record, when, how much; never what it said.

    It is read again after an old backup was restored, so that what was erased since is erased again, and what
    was taken back is not public again.
    """

    class What(models.TextChoices):
        SENDER = "sender", _("sender")
        ALL = "all", _("sender and text")
        WITHDRAWN = "withdrawn", _("taken back by its sender")

    reference = models.CharField(_("reference"), max_length=20, db_index=True)
    what = models.CharField(_("what was erased"), max_length=10, choices=What.choices)
    at = models.DateTimeField(_("when"))

    field_classes = classes(internal="id reference what at")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [models.UniqueConstraint(fields=["reference", "what"], name="erased_once")]

    def __str__(self) -> str:
        return f"{self.reference} {self.what}"
