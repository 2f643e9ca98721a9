"""One assessment of a set of initiatives by assessors under frozen scoring rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.models import User
from engagement.privacy import classes
from prioritisation import querysets
from prioritisation.models.initiatives import Initiative, InitiativeRevision
from prioritisation.models.programmes import PolicyVersion, Programme
from prioritisation.workflow import RoundState


class Round(models.Model):
    class State(models.TextChoices):
        PREPARING = RoundState.PREPARING.value, _("being prepared")
        OPEN = RoundState.OPEN.value, _("open")
        CLOSED = RoundState.CLOSED.value, _("closed")
        DECIDED = RoundState.DECIDED.value, _("decided")

    class Severity(models.TextChoices):
        """What is done about strict and lenient assessors (METHOD 5.7)."""

        OFF = "off", _("not looked at")
        BESIDE = "beside", _("shown beside the ranking")
        USED = "used", _("used in the ranking")

    class Disclosure(models.TextChoices):
        """What of the figures is published with the plan, so that anyone can work the ranking out again."""

        SUMS = "sums", _("means and spreads of each criterion")
        SCORES = "scores", _("every score, under letters drawn for this round")

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("programme")
    )
    number = models.PositiveIntegerField(_("number"))
    title = LocalizedTextField(_("title"))
    stage = models.SlugField(_("stage"), help_text=_("The stage of the funnel that this round decides."))
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, verbose_name=_("scoring rules")
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=RoundState.PREPARING)
    per_initiative = models.PositiveSmallIntegerField(_("assessors an initiative"), default=3)
    top_up = models.PositiveSmallIntegerField(
        _("more assessors near the line"),
        default=0,
        help_text=_("How many more read the half of the initiatives that lies nearest the line."),
    )
    severity = models.CharField(
        _("strict and lenient assessors"), max_length=10, choices=Severity.choices, default=Severity.BESIDE
    )
    severity_reason = models.CharField(_("why it is used in the ranking"), max_length=500, blank=True)
    disclosure = models.CharField(
        _("figures to be published"), max_length=10, choices=Disclosure.choices, default=Disclosure.SUMS
    )
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = querysets.RoundQuerySet.as_manager()

    field_classes = classes(
        public="id programme number title stage policy_version state per_initiative top_up severity "
        "severity_reason disclosure places seed opened_at due_at closed_at decided_at",
        internal="created_at version",
    )

    class Meta:
        ordering = ["programme", "-number"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_round_a_number"),
            models.CheckConstraint(condition=models.Q(per_initiative__gte=1), name="round_has_assessors"),
            models.CheckConstraint(
                condition=~models.Q(severity="used") | ~models.Q(severity_reason=""),
                name="round_severity_used_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return localized(self.title) or f"{self.programme} · {_('round')} {self.number}"


class Entry(models.Model):
    """An initiative in a round, with the wording that its assessors read."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="entries")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="entries")
    revision = models.ForeignKey(InitiativeRevision, on_delete=models.PROTECT, null=True, related_name="+")
    calibration = models.BooleanField(
        _("for everyone"),
        default=False,
        help_text=_("The whole panel scores it, to compare how it reads the scale."),
    )
    figures = models.JSONField(
        _("figures"),
        null=True,
        blank=True,
        help_text=_("What was measured, as it stood when the round opened."),
    )

    field_classes = classes(internal="id round initiative revision calibration figures")

    class Meta:
        ordering = ["round", "initiative"]
        verbose_name = _("initiative in a round")
        verbose_name_plural = _("initiatives in rounds")
        constraints = [models.UniqueConstraint(fields=["round", "initiative"], name="one_entry_a_round")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.initiative_id}"


class GateCheck(models.Model):
    """What staff found on one gate for one initiative: a "no", missing information, or a waiver."""

    class Verdict(models.TextChoices):
        FAIL = "fail", _("no")
        NEEDS_INFORMATION = "needs_information", _("needs information")
        WAIVED = "waived", _("waived")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="gate_checks")
    gate = models.SlugField(_("gate"))
    verdict = models.CharField(_("finding"), max_length=20, choices=Verdict.choices)
    reason = models.CharField(
        _("reason"),
        max_length=50,
        blank=True,
        help_text=_("Code of a reason in the scoring rules; needed for “no” and for a waiver."),
    )
    text = LocalizedTextField(_("public text"), blank=False)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(internal="id entry gate verdict reason text at by")

    class Meta:
        verbose_name = _("finding on a gate")
        verbose_name_plural = _("findings on gates")
        constraints = [models.UniqueConstraint(fields=["entry", "gate"], name="one_finding_a_gate")]

    def __str__(self) -> str:
        return f"{self.gate}: {self.verdict}"


class PanelMember(models.Model):
    """Somebody asked to assess in a round, and how many initiatives at most."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="panel")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="panels")
    capacity = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    team = models.SlugField(
        _("team"), blank=True, help_text=_("Whose criteria are asked; empty: those of no team.")
    )
    letter = models.CharField(
        _("letter"), max_length=3, blank=True, help_text=_("Drawn at opening, kept by nobody but this row.")
    )
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    left_at = models.DateTimeField(_("left the panel"), null=True, blank=True)
    left_reason = models.CharField(_("why"), max_length=300, blank=True)

    field_classes = classes(
        internal="id round user capacity team letter reminded_at left_at", personal="left_reason"
    )

    class Meta:
        ordering = ["round", "user"]
        verbose_name = _("panel member")
        verbose_name_plural = _("panel members")
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="one_seat_a_round")]

    def __str__(self) -> str:
        return str(self.user)


class Assignment(models.Model):
    """This assessor is asked about that initiative. A conflict of interest takes it out, with its reason."""

    class Origin(models.TextChoices):
        """Why this person is asked about this initiative."""

        FIRST = "first", _("first distribution")
        CALIBRATION = "calibration", _("for everyone")
        BY_HAND = "by_hand", _("chosen by hand")
        REPLACEMENT = "replacement", _("in place of another")
        TOP_UP = "top_up", _("near the line")
        OPINION = "opinion", _("further opinion")
        CONNECTION = "connection", _("to connect the panel")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="assignments")
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField(_("place in the queue"))
    origin = models.CharField(_("why asked"), max_length=12, choices=Origin.choices, default=Origin.FIRST)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    skipped_at = models.DateTimeField(_("put off"), null=True, blank=True)
    conflict_at = models.DateTimeField(_("conflict declared"), null=True, blank=True)
    conflict_reason = models.CharField(_("why"), max_length=300, blank=True)

    objects = querysets.AssignmentQuerySet.as_manager()

    field_classes = classes(
        internal="id entry assessor position origin asked_at skipped_at conflict_at",
        personal="conflict_reason",
    )

    class Meta:
        ordering = ["position"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["entry", "assessor"], name="one_assessor_initiative_round")
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.assessor_id}"


class Assessment(models.Model):
    """One assessor's scores for one initiative in one round.

    `scores` follows the scored criteria of the round's rules, in their order: a number, or null where
    nothing was given. `missing` says why for each null that has a reason: {"return": "cannot_judge"}.
    `first_scores` is what was handed in the first time: how the scale was read before the panel compared.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="assessment")
    scores = models.JSONField(_("scores"))
    first_scores = models.JSONField(_("scores first handed in"), null=True, blank=True)
    missing = models.JSONField(_("without a score"), default=dict, blank=True)
    notes = models.JSONField(_("notes"), default=dict, blank=True)
    confidence = models.PositiveSmallIntegerField(_("confidence"), null=True, blank=True)
    revision = models.ForeignKey(InitiativeRevision, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(_("begun"))
    saved_at = models.DateTimeField(_("saved"))
    submitted_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = querysets.AssessmentQuerySet.as_manager()

    field_classes = classes(
        internal="id assignment scores first_scores missing confidence revision started_at saved_at "
        "submitted_at version",
        personal="notes",
    )

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")

    def __str__(self) -> str:
        return f"{self.assignment_id}"


class Discussion(models.Model):
    """What the panel agreed on after talking about an initiative that it scored far apart."""

    class Verdict(models.TextChoices):
        KEEP = "keep", _("the scores stand")
        RESCORE = "rescore", _("to be scored again")
        MERGE = "merge", _("to be merged with another")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="discussions")
    verdict = models.CharField(_("agreed"), max_length=10, choices=Verdict.choices)
    reason = models.CharField(_("why"), max_length=1000)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(internal="id entry verdict reason at by")

    class Meta:
        ordering = ["entry", "at"]
        verbose_name = _("discussion")
        verbose_name_plural = _("discussions")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="discussion_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.verdict}"


class Clarification(models.Model):
    """An anchor put in clearer words while the round was open: rules that differ in words alone took over."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="clarifications")
    criterion = models.SlugField(_("criterion"))
    level = models.FloatField(_("level"))
    before = LocalizedTextField(_("as it was"))
    after = LocalizedTextField(_("as it is"), blank=False)
    reason = models.CharField(_("why"), max_length=500)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(
        public="id round criterion level before after reason policy_version at", internal="by"
    )

    class Meta:
        ordering = ["round", "at"]
        verbose_name = _("clarified anchor")
        verbose_name_plural = _("clarified anchors")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="clarification_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.level:g}"


class EvidenceLink(models.Model):
    """What problem reports say about an initiative: of which services, in which period, within its area.

    `services` are names of services as the archive has them. The area is the initiative's own. A removed link
    stays: what rounds froze of it was read.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="evidence_links")
    services = models.JSONField(_("report services"), default=list)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"))
    note = LocalizedTextField(_("what it shows"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = querysets.EvidenceLinkQuerySet.as_manager()

    field_classes = classes(
        public="id initiative services from_date to_date note",
        internal="made_at made_by removed_at removed_by version",
    )

    class Meta:
        ordering = ["initiative", "pk"]
        verbose_name = _("evidence from problem reports")
        verbose_name_plural = _("evidence from problem reports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_date__gte=models.F("from_date")), name="evidence_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
                name="evidence_removed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.from_date} - {self.to_date}"


class EvidenceFigures(models.Model):
    """The figures as they stood when a round was opened: what its assessors read, whatever comes later."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="evidence")
    link = models.ForeignKey(EvidenceLink, on_delete=models.CASCADE, related_name="frozen")
    figures = models.JSONField(_("figures"))
    archive = models.CharField(
        _("from which files"), max_length=64, help_text=_("Hash of the fingerprints of all files read.")
    )
    frozen_at = models.DateTimeField(_("as of"))

    field_classes = classes(public="id round link figures archive frozen_at")

    class Meta:
        verbose_name = _("evidence in a round")
        verbose_name_plural = _("evidence in rounds")
        constraints = [models.UniqueConstraint(fields=["round", "link"], name="evidence_frozen_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.link_id}"
