"""What residents say about what others sent, and how they answer the city back."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.localized import LocalizedTextField
from engagement.models.people import User
from engagement.models.persons import Person
from engagement.models.reports import Report
from engagement.models.submissions import Idea
from engagement.privacy import classes
from engagement.workflow import IdeaState, NoteState


class Note(models.Model):
    """One person's remark on one idea: no thread, no answer to an answer.

    Who wrote it stands as the same salted hash as a support, so that one person has one note. What is
    shown is the masked text; what was sent stays with the moderators.
    """

    class Kind(models.TextChoices):
        ME_TOO = "me_too", _("this concerns me too")
        FACT = "fact", _("a fact")
        OBJECTION = "objection", _("an objection")

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("note", "waits for staff")
        PUBLISHED = "published", pgettext_lazy("note", "published")
        HIDDEN = "hidden", pgettext_lazy("note", "hidden")
        WITHDRAWN = "withdrawn", pgettext_lazy("note", "withdrawn")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="notes", verbose_name=_("idea"))
    voter = models.CharField(max_length=64, help_text=_("Keyed hash of the e-mail address or token."))
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("text as sent"), max_length=1000)
    public_text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=NoteState.HELD)
    sent_at = models.DateTimeField(_("sent"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = LocalizedTextField(_("why it is hidden"))
    answer = models.TextField(_("what its author answered"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        public="id idea kind public_text language sent_at",
        personal="voter person text answer",
        internal="state decided_at decided_by why answered_at version",
    )

    class Meta:
        ordering = ["sent_at", "pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        permissions = [("moderate_note", "Can publish and hide notes, and handle reports of abuse")]
        indexes = [models.Index(fields=["state", "sent_at", "id"], name="note_by_state")]
        constraints = [models.UniqueConstraint(fields=["idea", "voter"], name="one_note_a_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.sent_at:%Y-%m-%d %H:%M}"


class AbuseReport(models.Model):
    """Somebody says that a text or a note should not stand there, and why."""

    class Reason(models.TextChoices):
        PERSONAL = "personal", _("it tells something about a person")
        INSULT = "insult", _("it insults or threatens")
        ADVERTISING = "advertising", _("it is advertising")
        FALSE = "false", _("it is false")
        OTHER = "other", _("something else")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("left as it is")
        HIDDEN = "hidden", _("hidden")

    idea = models.ForeignKey(
        Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="abuse_reports"
    )
    note = models.ForeignKey(
        Note, on_delete=models.CASCADE, null=True, blank=True, related_name="abuse_reports"
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    text = models.TextField(_("in their words"), max_length=1000, blank=True)
    at = models.DateTimeField(_("when"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    field_classes = classes(personal="text", internal="id idea note reason at outcome handled_at handled_by")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("report of abuse")
        verbose_name_plural = _("reports of abuse")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, note__isnull=True)
                | models.Q(idea__isnull=True, note__isnull=False),
                name="abuse_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True, handled_by__isnull=True, outcome="")
                | (models.Q(handled_at__isnull=False, handled_by__isnull=False) & ~models.Q(outcome="")),
                name="abuse_handled_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.at:%Y-%m-%d}"


PERSONAL_WORDS = {
    "email": _("an e-mail address"),
    "phone": _("a phone number"),
    "card": _("a card number"),
    "sin": _("a social insurance number"),
}
"""What `privacy.find_personal` finds, in words."""


class Flag(models.Model):
    """Why a text waits for a moderator: always said, never a silent block."""

    class Kind(models.TextChoices):
        HONEYPOT = "honeypot", _("the invisible field was filled in")
        QUICK = "quick", _("sent faster than anybody types")
        LINKS = "links", _("holds links")
        VELOCITY = "velocity", _("many texts from one network")
        NEAR_DUPLICATE = "near_duplicate", _("nearly the same as another text")
        WORD = "word", _("holds a word of the invitation's list")
        PERSONAL = "personal", _("holds personal data")
        ABUSE = "abuse", _("readers reported it")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="flags")
    note = models.ForeignKey(Note, on_delete=models.CASCADE, null=True, blank=True, related_name="flags")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, null=True, blank=True, related_name="flags")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    raised_at = models.DateTimeField(_("raised"))

    field_classes = classes(internal="id idea note report kind detail raised_at")

    class Meta:
        ordering = ["raised_at", "pk"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, note__isnull=True, report__isnull=True)
                | models.Q(idea__isnull=True, note__isnull=False, report__isnull=True)
                | models.Q(idea__isnull=True, note__isnull=True, report__isnull=False),
                name="flag_of_exactly_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.idea_id or self.note_id or self.report_id}"

    @property
    def detail_in_words(self) -> str:
        """What stands beside the kind: which personal data by their names, not by their keys."""
        if self.kind != self.Kind.PERSONAL:
            return self.detail
        return ", ".join(str(PERSONAL_WORDS.get(one, one)) for one in self.detail.split(", "))


class Appeal(models.Model):
    """A sender asks for a refusal to be looked at again; somebody else than who refused decides."""

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("the refusal is taken back")
        REFUSED = "refused", _("the refusal stands")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="appeals", verbose_name=_("idea"))
    text = models.TextField(_("why, in the sender's words"), max_length=4000)
    asked_at = models.DateTimeField(_("asked"))
    refused_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text=_("Who refused the idea.")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    reason = LocalizedTextField(_("reason"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        public="outcome reason decided_at",
        personal="text",
        internal="id idea asked_at refused_by decided_by version",
    )

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        permissions = [("decide_appeal", "Can decide appeals")]
        constraints = [
            models.UniqueConstraint(
                fields=["idea"], condition=models.Q(decided_at__isnull=True), name="one_open_appeal_an_idea"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (models.Q(decided_at__isnull=False, decided_by__isnull=False) & ~models.Q(outcome="")),
                name="appeal_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("refused_by")),
                name="appeal_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id} {self.asked_at:%Y-%m-%d}"


class AppealWindow(NamedTuple):
    """Until when a refusal may be appealed, who refused, and the appeal that was made of it."""

    until: datetime
    refused_by: User
    last: Appeal | None


def appeal_window(idea: Idea) -> AppealWindow | None:
    """Of a declined idea whose invitation knows appeals; to the end of the last day, as people count."""
    days = idea.call.appeal_days
    if not days or idea.state != IdeaState.DECLINED:
        return None
    refusal = idea.events.standing().filter(verb="decline").select_related("by").order_by("at", "pk").last()
    if refusal is None or refusal.by is None:
        return None
    day = timezone.localdate(refusal.at) + timedelta(days=days)
    until = timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
    last = Appeal.objects.filter(idea=idea, asked_at__gte=refusal.at).order_by("asked_at", "pk").last()
    return AppealWindow(until, refusal.by, last)


class Translation(models.Model):
    """An idea in another language, put beside the sender's words by staff, never over them."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8)
    title = models.CharField(_("title"), max_length=200)
    problem = models.TextField(_("problem"))
    proposal = models.TextField(_("proposal"), blank=True)
    by_machine = models.BooleanField(_("made by a machine"), default=False)
    earlier_wording = models.BooleanField(
        _("made from an earlier wording"),
        default=False,
        help_text=_("The sender corrected the words since."),
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(
        public="idea language title problem proposal by_machine earlier_wording made_at",
        internal="id made_by",
    )

    class Meta:
        ordering = ["language"]
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["idea", "language"], name="one_translation_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.idea_id} {self.language}"
