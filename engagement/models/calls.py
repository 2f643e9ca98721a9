"""Invitations to take part, the themes they ask about, and the meetings where ideas were gathered."""

from datetime import date, datetime
from typing import NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import querysets
from engagement.localized import LocalizedTextField, localized
from engagement.privacy import classes


class Theme(models.Model):
    class Kind(models.TextChoices):
        FOCUS_AREA = "focus_area", _("focus area")
        PILLAR = "pillar", _("pillar")
        ENABLER = "enabler", _("structural enabler")
        VALUE = "value", _("value")

    key = models.SlugField(_("key"), unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.FOCUS_AREA)
    label = LocalizedTextField(_("label"), blank=False)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("part of")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    field_classes = classes(public="id key kind label parent order active")

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("theme")
        verbose_name_plural = _("themes")

    def __str__(self) -> str:
        return localized(self.label) or self.key


class Step(NamedTuple):
    """A planned date of an invitation, in words; `past` once its day is over."""

    day: date
    label: dict[str, str]
    past: bool


class Call(models.Model):
    class Kind(models.TextChoices):
        IDEA_BOX = "idea_box", _("idea box (residents)")
        INNOVATION = "innovation", _("call for innovation (businesses)")
        IN_REACH = "in_reach", _("in-reach (staff only)")
        CHALLENGE = "challenge", _("challenge")

    class Moderation(models.TextChoices):
        BEFORE = "before", _("staff publish each idea")
        AFTER = "after", _("ideas are public at once")
        FLAGGED = "flagged", _("staff read first what is flagged, the rest is public at once")

    class Supports(models.TextChoices):
        NONE = "none", _("no")
        TOKEN = "token", _("once a browser")
        CONFIRMED = "confirmed", _("once a confirmed e-mail address")

    class Notes(models.TextChoices):
        NONE = "none", _("no")
        HELD = "held", _("yes, staff publish each note")
        AFTER = "after", _("yes, notes are public at once")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.IDEA_BOX)
    slug = models.SlugField(_("short name in addresses"), unique=True)
    title = LocalizedTextField(_("title"), blank=False)
    intro = LocalizedTextField(_("what is asked"))
    consent = LocalizedTextField(_("consent text"), help_text=_("How what people send will be used."))
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    cutoff_at = models.DateTimeField(
        _("cut-off of this round"),
        null=True,
        blank=True,
        help_text=_("What comes later waits for the next round and is told so at once."),
    )
    planned_dates = models.JSONField(
        _("planned dates"), default=list, blank=True, help_text=_("What happens when, shown to residents.")
    )
    judging_questions = models.JSONField(_("questions by which answers are judged"), default=list, blank=True)
    questions = models.JSONField(_("extra questions asked"), default=list, blank=True)
    moderation = models.CharField(
        _("moderation"), max_length=10, choices=Moderation.choices, default=Moderation.BEFORE
    )
    supports = models.CharField(
        _("residents may support ideas"),
        max_length=10,
        choices=Supports.choices,
        default=Supports.NONE,
        help_text=_("Supports tell how many care; they never enter a score unless the scoring rules say so."),
    )
    notes = models.CharField(
        _("residents may add notes"),
        max_length=10,
        choices=Notes.choices,
        default=Notes.NONE,
        help_text=_("One note a person on an idea: no threads."),
    )
    word_list = models.TextField(
        _("words that are looked at first"),
        blank=True,
        help_text=_("One a line. A text with one of them waits for staff, and says why."),
    )
    appeal_days = models.PositiveSmallIntegerField(
        _("days to appeal"),
        null=True,
        blank=True,
        help_text=_("How long a sender may ask for a refusal to be looked at again. Empty: no appeal."),
    )
    asks_phone = models.BooleanField(_("asks for a phone number to call back"), default=False)
    themes = models.ManyToManyField(Theme, blank=True, verbose_name=_("themes"))
    created_at = models.DateTimeField(_("made"))
    version = models.PositiveIntegerField(default=1)

    objects = querysets.CallQuerySet.as_manager()

    field_classes = classes(
        public="id kind slug title intro consent opens_at closes_at cutoff_at planned_dates "
        "judging_questions questions moderation supports notes appeal_days asks_phone themes",
        internal="created_at version word_list",
    )

    class Meta:
        ordering = ["-opens_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        permissions = [("manage_call", "Can make and change invitations")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__isnull=True) | models.Q(closes_at__gt=models.F("opens_at")),
                name="call_closes_after_it_opens",
            )
        ]

    def __str__(self) -> str:
        return localized(self.title) or self.slug

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at and (self.closes_at is None or at < self.closes_at)

    @property
    def is_public(self) -> bool:
        """In-reach calls are for staff: residents neither see nor answer them."""
        return self.kind != self.Kind.IN_REACH

    def steps(self, at: datetime) -> list[Step]:
        """The planned dates in order, as seen on that day; what is no date is passed over."""
        today = timezone.localdate(at)
        steps = []
        for step in self.planned_dates:
            try:
                day = date.fromisoformat(step["date"])
            except (KeyError, TypeError, ValueError):
                continue
            steps.append(Step(day, step.get("label") or step.get("what") or {}, day < today))
        return sorted(steps, key=lambda step: step.day)

    def next_step(self, at: datetime) -> Step | None:
        """The first planned date that is not past."""
        return next((step for step in self.steps(at) if not step.past), None)


class Meeting(models.Model):
    class Kind(models.TextChoices):
        OPEN = "open_meeting", _("open meeting")
        CO_CREATION = "co_creation_day", _("co-creation day")
        WORKSHOP = "workshop", _("workshop")
        INTERVIEW = "interview", _("interview")
        VALIDATION = "validation_session", _("validation session")

    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("invitation")
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    title = LocalizedTextField(_("title"), blank=False)
    date = models.DateField(_("date"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    district = models.ForeignKey(
        "engagement.District", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("district")
    )
    attendance = models.PositiveIntegerField(_("people who came"), null=True, blank=True)

    field_classes = classes(public="id call kind title date place district attendance")

    class Meta:
        ordering = ["-date"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")

    def __str__(self) -> str:
        return f"{localized(self.title)} ({self.date})"
