"""Potential projects that staff worked up from ideas."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.localized import LocalizedTextField, localized
from engagement.models import Department, District, Idea, Theme, User
from engagement.privacy import classes
from prioritisation import querysets
from prioritisation.models.programmes import Programme
from prioritisation.workflow import DeliveryState, InitiativeState, is_late


class Initiative(models.Model):
    class State(models.TextChoices):
        DRAFT = InitiativeState.DRAFT.value, _("draft")
        READY = InitiativeState.READY.value, _("ready for assessment")
        CHOSEN = InitiativeState.CHOSEN.value, _("chosen")
        SET_ASIDE = InitiativeState.SET_ASIDE.value, _("set aside")
        MERGED = InitiativeState.MERGED.value, _("merged into another")

    class Kind(models.TextChoices):
        SERVICE = "service", _("service")
        PILOT = "pilot", _("pilot")
        RULE = "rule", _("policy or by-law")
        PROJECT = "project", _("project")

    class Delivery(models.TextChoices):
        PLANNED = DeliveryState.PLANNED.value, pgettext_lazy("one initiative", "planned")
        STARTED = DeliveryState.STARTED.value, pgettext_lazy("one initiative", "started")
        DELIVERED = DeliveryState.DELIVERED.value, pgettext_lazy("one initiative", "delivered")
        DROPPED = DeliveryState.DROPPED.value, pgettext_lazy("one initiative", "dropped")

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="initiatives", verbose_name=_("programme")
    )
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=InitiativeState.DRAFT)
    title = LocalizedTextField(_("title"), blank=False)
    need = LocalizedTextField(_("need"), help_text=_("The problem in one sentence."))
    need_of = LocalizedTextField(_("whose need it is"))
    need_evidence = LocalizedTextField(_("what shows the need"))
    summary = LocalizedTextField(_("what would be done"))
    who_gains = LocalizedTextField(_("who gains"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.PROJECT)
    whole_city = models.BooleanField(_("the whole city"), default=False)
    districts = models.ManyToManyField(District, blank=True, related_name="+", verbose_name=_("districts"))
    owner = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="initiatives",
        verbose_name=_("owner department"),
    )
    owner_agreed_at = models.DateTimeField(_("owner agreed"), null=True, blank=True)
    owner_agreed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_agreement = models.CharField(
        _("how the owner agreed"),
        max_length=300,
        blank=True,
        help_text=_("Who said so, when, in which letter."),
    )
    champion = models.CharField(_("champion"), max_length=200, blank=True)
    timeframe_months = models.PositiveSmallIntegerField(_("months to carry out"), null=True, blank=True)
    effort = models.PositiveSmallIntegerField(
        _("effort, 1 to 5"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    risk = models.PositiveSmallIntegerField(
        _("risk, 0 to 5"), null=True, blank=True, validators=[MaxValueValidator(5)]
    )
    quick_win = models.BooleanField(_("quick win"), default=False)
    foundational = models.BooleanField(_("others build on it"), default=False)
    ideas = models.ManyToManyField(Idea, through="IdeaLink", related_name="initiatives")
    themes = models.ManyToManyField(Theme, through="ThemeImpact", related_name="initiatives")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    delivery = models.CharField(
        _("carrying out"),
        max_length=10,
        choices=Delivery.choices,
        blank=True,
        help_text=_("Of the newest step; empty while it is planned."),
    )
    expected_on = models.DateField(_("date of the next step"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("last change"))
    search = models.TextField(editable=False, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = querysets.InitiativeQuerySet.as_manager()

    field_classes = classes(
        public="id programme reference state title need need_of need_evidence summary who_gains kind "
        "whole_city districts owner timeframe_months quick_win foundational ideas themes merged_into "
        "delivery expected_on",
        personal="champion",
        internal="owner_agreed_at owner_agreed_by owner_agreement effort risk created_at changed_at search "
        "version",
    )

    class Meta:
        ordering = ["reference"]
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        permissions = [("work_up_initiative", "Can work up initiatives")]
        indexes = [models.Index(fields=["programme", "state", "reference"], name="initiative_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(effort__isnull=True) | models.Q(effort__range=(1, 5)),
                name="initiative_effort_1_to_5",
            ),
            models.CheckConstraint(
                condition=models.Q(risk__isnull=True) | models.Q(risk__range=(0, 5)),
                name="initiative_risk_0_to_5",
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_into__isnull=False)
                | (~models.Q(state="merged") & models.Q(merged_into__isnull=True)),
                name="initiative_merged_names_into_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {localized(self.title)}"

    @property
    def shown_title(self) -> str:
        """The title in the reader's language, or in any other that is there."""
        return localized(self.title)

    def assessed_until(self) -> date | None:
        """By when the panel of its newest round means to be done; None where nothing was fixed. One query."""
        due = self.entries.order_by("-round_id").values_list("round__due_at", flat=True).first()
        return timezone.localdate(due) if due else None

    @property
    def delivery_state(self) -> DeliveryState:
        """How far it is carried out. It says something only of what a published plan holds."""
        return DeliveryState(self.delivery or DeliveryState.PLANNED)

    def is_late(self, today: date) -> bool:
        return is_late(self.delivery, self.expected_on, today)


class InitiativeRevision(models.Model):
    """The text and figures as they stood, so that a score can be tied to what was read."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    field_classes = classes(internal="id initiative number content made_at made_by")

    class Meta:
        ordering = ["initiative", "number"]
        verbose_name = _("wording of an initiative")
        verbose_name_plural = _("wordings of initiatives")
        constraints = [models.UniqueConstraint(fields=["initiative", "number"], name="one_wording_a_number")]

    def __str__(self) -> str:
        return f"{self.initiative_id}.{self.number}"


class IdeaLink(models.Model):
    """This idea went into that initiative (n:m)."""

    idea = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="initiative_links")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="idea_links")
    linked_at = models.DateTimeField(_("linked"))
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    field_classes = classes(public="id idea initiative linked_at", internal="linked_by")

    class Meta:
        verbose_name = _("idea in an initiative")
        verbose_name_plural = _("ideas in initiatives")
        constraints = [models.UniqueConstraint(fields=["idea", "initiative"], name="one_link_an_idea")]

    def __str__(self) -> str:
        return f"{self.idea_id} -> {self.initiative_id}"


class Understanding(models.Model):
    """Did we understand you? Asked of an idea's sender when an initiative is worked up from it."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        PARTLY = "partly", _("partly")
        NO = "no", _("no")

    link = models.OneToOneField(IdeaLink, on_delete=models.CASCADE, related_name="understanding")
    asked_at = models.DateTimeField(_("asked"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, blank=True)
    why = models.TextField(_("why, in the sender's words"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    field_classes = classes(public="answer", personal="why", internal="id link asked_at answered_at")

    class Meta:
        verbose_name = _("answer to “did we understand you?”")
        verbose_name_plural = _("answers to “did we understand you?”")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answer="")
                | (models.Q(answered_at__isnull=False) & ~models.Q(answer="")),
                name="understanding_answered_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.answer}"


class ThemeImpact(models.Model):
    """How much an initiative does for a theme: 1 some, 2 clear, 3 main."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="theme_impacts")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+", verbose_name=_("theme"))
    impact = models.PositiveSmallIntegerField(
        _("impact"), choices=[(1, _("some")), (2, _("clear")), (3, _("main"))], default=2
    )

    field_classes = classes(public="id initiative theme impact")

    class Meta:
        ordering = ["-impact", "theme"]
        verbose_name = _("theme with impact")
        verbose_name_plural = _("themes with impact")
        constraints = [
            models.UniqueConstraint(fields=["initiative", "theme"], name="one_impact_a_theme"),
            models.CheckConstraint(condition=models.Q(impact__range=(1, 3)), name="theme_impact_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.theme_id} {self.impact}"


class CostLine(models.Model):
    class Kind(models.TextChoices):
        CAPITAL = "capital", _("capital")
        OPERATING = "operating", _("operating, a year")

    class Funding(models.TextChoices):
        SECURED = "secured", _("secured")
        SOUGHT = "sought", _("sought")
        NONE = "none", _("none yet")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="cost_lines")
    label = LocalizedTextField(_("what for"))
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CAPITAL)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    funding = models.CharField(_("funding"), max_length=10, choices=Funding.choices, default=Funding.NONE)

    field_classes = classes(public="id initiative label amount kind year funding")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("cost line")
        verbose_name_plural = _("cost lines")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="cost_not_negative")]

    def __str__(self) -> str:
        return f"{self.amount}"


class FactCheck(models.Model):
    """The owner department read cost, months and place of an initiative, and said whether they are right.

    It holds for the wording that was read: a later change of the facts asks for it again.
    """

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        CORRECTED = "corrected", _("corrected")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="fact_checks")
    revision = models.ForeignKey(InitiativeRevision, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(_("finding"), max_length=10, choices=Verdict.choices)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(internal="id initiative revision verdict note at by")

    class Meta:
        ordering = ["initiative", "at"]
        verbose_name = _("check of the facts")
        verbose_name_plural = _("checks of the facts")

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.verdict}"


class Relation(models.Model):
    """One initiative needs another one, or shuts it out."""

    class Kind(models.TextChoices):
        REQUIRES = "requires", _("requires")
        EXCLUDES = "excludes", _("excludes")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    other = models.ForeignKey(
        Initiative, on_delete=models.CASCADE, related_name="related_from", verbose_name=_("other initiative")
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(public="id initiative kind other", internal="made_at made_by")

    class Meta:
        ordering = ["initiative", "kind", "other"]
        verbose_name = _("relation of initiatives")
        verbose_name_plural = _("relations of initiatives")
        constraints = [
            models.UniqueConstraint(fields=["initiative", "kind", "other"], name="one_relation_a_pair"),
            models.CheckConstraint(
                condition=~models.Q(initiative=models.F("other")), name="relation_of_two_initiatives"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.kind} {self.other_id}"
