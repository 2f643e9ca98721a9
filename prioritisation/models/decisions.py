"""What was computed, what was decided, and what was published. Nothing here is ever changed in silence."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.localized import LocalizedTextField, localized
from engagement.models import Idea, User
from engagement.privacy import classes
from prioritisation import querysets
from prioritisation.models.initiatives import Initiative
from prioritisation.models.programmes import PolicyVersion, Programme
from prioritisation.models.rounds import Round
from prioritisation.workflow import Outcome


class Result(models.Model):
    """Something computed and kept: its inputs, their hash, and what came out (METHOD 5.14). Immutable.

    `parent` is the result that this one was made to replace, `reason` why: an adopted what-if, a conflict of
    interest that came to light after closing.
    """

    class Kind(models.TextChoices):
        RANKING = "ranking", _("ranking")
        PORTFOLIO = "portfolio", _("portfolio")
        BALLOTS = "ballots", _("residents’ ballots")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="results")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.RANKING)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    inputs = models.JSONField(_("inputs"))
    inputs_sha256 = models.CharField(_("fingerprint of the inputs"), max_length=64)
    seed = models.PositiveBigIntegerField(_("seed"))
    code_version = models.CharField(_("version of Winnow"), max_length=40)
    numpy_version = models.CharField(
        _("version of numpy"),
        max_length=20,
        blank=True,
        help_text=_("Random draws are the same under the same one."),
    )
    output = models.JSONField(_("output"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    field_classes = classes(
        public="id round kind parent reason policy_version inputs_sha256 seed code_version numpy_version "
        "made_at",
        internal="inputs output made_by",
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("result")
        verbose_name_plural = _("results")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class DecisionMeeting(models.Model):
    """The sitting in which decisions were taken: which body, when, by which resolution, and who stood aside.

    Names are those of people in a public office, and are published.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="decision_meetings", verbose_name=_("programme")
    )
    body = LocalizedTextField(_("body"), blank=False)
    held_on = models.DateField(_("date"))
    resolution = models.CharField(_("resolution"), max_length=100, blank=True)
    present = models.TextField(_("present"), blank=True)
    stood_aside = models.TextField(
        _("stood aside"), blank=True, help_text=_("Who took no part in which decision, and why.")
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    earlier_writers = models.ManyToManyField(User, related_name="+", blank=True)
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        public="id programme body held_on resolution present stood_aside",
        internal="made_at made_by earlier_writers version",
    )

    class Meta:
        ordering = ["-held_on", "-pk"]
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")

    def __str__(self) -> str:
        return f"{localized(self.body)} {self.held_on}"


class Draw(models.Model):
    """A draw by lot among equals. Its seed is announced before anybody can know what comes out of it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="draws")
    among = models.JSONField(_("among"), help_text=_("References of the initiatives, in their order."))
    places = models.PositiveIntegerField(_("places"))
    seed_rule = LocalizedTextField(
        _("where the seed comes from"),
        help_text=_("A number that nobody can choose, such as the lottery of a named day to come."),
    )
    seed = models.CharField(_("seed"), max_length=200, blank=True)
    announced_at = models.DateTimeField(_("announced"))
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("drawn"), null=True, blank=True)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.JSONField(_("order drawn"), default=list, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = LocalizedTextField(_("why it was cancelled"))
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        public="id round among places seed_rule seed announced_at drawn_at order cancelled_at cancel_reason",
        internal="announced_by drawn_by cancelled_by version",
    )

    class Meta:
        ordering = ["round", "pk"]
        verbose_name = _("draw by lot")
        verbose_name_plural = _("draws by lot")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(drawn_at__isnull=True, drawn_by__isnull=True)
                | models.Q(drawn_at__isnull=False, drawn_by__isnull=False),
                name="draw_drawn_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | models.Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="draw_cancelled_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.pk}"


class Decision(models.Model):
    """One gate's outcome for one initiative. Pending until published together with the others."""

    OUTCOMES = [
        (Outcome.ADVANCE, _("goes on")),
        (Outcome.HOLD, _("held over")),
        (Outcome.SET_ASIDE, _("set aside")),
        (Outcome.MERGE, _("merged")),
    ]
    round = models.ForeignKey(
        Round,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("round"),
    )
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("initiative")
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=OUTCOMES)
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    text = LocalizedTextField(_("public text"))
    merge_into = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("into")
    )
    result = models.ForeignKey(
        Result, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    rank = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    override_reason = LocalizedTextField(
        _("why against the ranking"), help_text=_("Needed when the ranking says otherwise.")
    )
    meeting = models.ForeignKey(
        DecisionMeeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("sitting"),
    )
    stood_aside = models.CharField(_("stood aside"), max_length=500, blank=True)
    draw = models.ForeignKey(
        Draw,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("draw by lot"),
    )
    reply = LocalizedTextField(
        _("the department’s reply"), help_text=_("At most 1,000 characters; printed beside the decision.")
    )
    reply_at = models.DateTimeField(_("replied"), null=True, blank=True)
    reply_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prepared_at = models.DateTimeField(_("prepared"))
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    earlier_writers = models.ManyToManyField(User, related_name="+", blank=True)
    checked_at = models.DateTimeField(_("looked through"), null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = querysets.DecisionQuerySet.as_manager()

    field_classes = classes(
        public="id round initiative outcome reason text merge_into rank override_reason meeting stood_aside "
        "draw reply published_at",
        internal="result reply_at reply_by prepared_at prepared_by earlier_writers checked_at checked_by "
        "published_by version",
    )

    class Meta:
        ordering = ["round", "rank", "initiative"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        permissions = [("publish_decision", "Can publish decisions and plans")]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "initiative"],
                condition=models.Q(round__isnull=False),
                name="one_decision_a_round",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True, published_by__isnull=True)
                | models.Q(published_at__isnull=False, published_by__isnull=False),
                name="decision_published_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_at__isnull=True, checked_by__isnull=True)
                | models.Q(checked_at__isnull=False, checked_by__isnull=False),
                name="decision_checked_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="advance") | ~models.Q(reason=""), name="leaving_needs_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.outcome}"


class Plan(models.Model):
    """What a programme published. Its versions are what readers see; the newest is the plan."""

    programme = models.OneToOneField(
        Programme, on_delete=models.PROTECT, related_name="plan", verbose_name=_("programme")
    )
    slug = models.SlugField(_("short name in addresses"), unique=True)
    title = LocalizedTextField(_("title"), blank=False)
    intro = LocalizedTextField(_("introduction"))
    created_at = models.DateTimeField(_("made"))
    version = models.PositiveIntegerField(default=1)

    objects = querysets.PlanQuerySet.as_manager()

    field_classes = classes(public="id programme slug title intro", internal="created_at version")

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return localized(self.title) or self.slug


class PlanVersion(models.Model):
    """One published state of a plan: a document that never changes, and its hash."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("document"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = querysets.PlanVersionQuerySet.as_manager()

    field_classes = classes(
        public="id plan number document sha256 published_at", internal="published_by approved_by"
    )

    class Meta:
        ordering = ["plan", "-number"]
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_plan_version_a_number")]

    def __str__(self) -> str:
        return f"{self.plan} {self.number}"


class PlanText(models.Model):
    """The salted digest of one idea's public text as it stood when a version was published.

    The version's document holds only digests. Erasing an idea deletes its salt: checking then says
    "withdrawn", and nobody can test guesses against the digest.
    """

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="texts")
    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="+")
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)

    field_classes = classes(internal="id plan_version idea salt", public="digest")

    class Meta:
        verbose_name = _("digest of a text in a plan")
        verbose_name_plural = _("digests of texts in plans")
        constraints = [
            models.UniqueConstraint(fields=["plan_version", "idea"], name="one_text_a_plan_version")
        ]

    def __str__(self) -> str:
        return f"{self.plan_version_id} {self.idea_id}"


class Amendment(models.Model):
    """What the council changed in a published plan: what goes in, what comes out, and why.

    `changes` is `[{"reference", "outcome": "advance" | "set_aside", "reason": text by language}]`. A draft is
    adopted with the sitting's resolution and vote, and then makes a version of the plan.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="amendments")
    base = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="amendments")
    changes = models.JSONField(_("changes"), default=list)
    meeting = models.ForeignKey(
        DecisionMeeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name=_("sitting"),
    )
    vote = models.CharField(_("vote"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    earlier_writers = models.ManyToManyField(User, related_name="+", blank=True)
    adopted_at = models.DateTimeField(_("adopted"), null=True, blank=True)
    adopted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published = models.OneToOneField(
        PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="amendment"
    )
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        public="id plan base changes meeting vote adopted_at published",
        internal="made_at made_by earlier_writers adopted_by version",
    )

    class Meta:
        ordering = ["plan", "-pk"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(adopted_at__isnull=True, adopted_by__isnull=True, published__isnull=True)
                | models.Q(adopted_at__isnull=False, adopted_by__isnull=False, published__isnull=False),
                name="amendment_adopted_at_by_and_published",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.pk}"
