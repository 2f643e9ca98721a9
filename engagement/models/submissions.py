"""Ideas: a resident's own words, never rewritten by staff, only masked or withdrawn."""

import secrets
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement import querysets
from engagement.localized import LocalizedTextField
from engagement.models.calls import Call, Meeting, Step, Theme
from engagement.models.contacts import Contact
from engagement.models.people import User
from engagement.models.places import District
from engagement.privacy import classes
from engagement.workflow import OPEN_IDEA_STATES, PUBLIC_IDEA_STATES, IdeaState

ROTATIONS = 2**31 - 1
"""Keys of the rotation lie from 0 up to here."""


def random_rotation() -> int:
    return secrets.randbelow(ROTATIONS)


class Submission(models.Model):
    """What ideas and problem reports share: a reference, a place, a sender, a state."""

    class Channel(models.TextChoices):
        WEB = "web", _("web form")
        MEETING = "meeting", _("meeting")
        PAPER = "paper", _("paper")
        PHONE = "phone", _("phone")
        IN_PERSON = "in_person", _("at a counter")
        IMPORT = "import", _("imported file")
        API = "api", _("another system")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    language = models.CharField(_("language"), max_length=8)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.choices, default=Channel.WEB)
    whole_city = models.BooleanField(_("the whole city"), default=False)
    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("district")
    )
    address = models.CharField(_("address or place"), max_length=300, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    cell = models.CharField(_("map cell"), max_length=16, blank=True, help_text=_("H3, resolution 9"))
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("contact")
    )
    received_at = models.DateTimeField(_("received"))
    changed_at = models.DateTimeField(_("last change"))
    nonce = models.CharField(max_length=32)
    form_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    claimed_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in hand with"),
    )
    claimed_until = models.DateTimeField(_("in hand until"), null=True, blank=True)
    search = models.TextField(editable=False, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference


class Idea(Submission):
    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("idea", "received")
        PUBLISHED = "published", _("published")
        CORRECTION = "correction", _("waiting for a correction")
        DUPLICATE = "duplicate", _("joined with a similar idea")
        PASSED_ON = "passed_on", _("passed on")
        SPLIT = "split", _("split into several ideas")
        AS_REPORT = "as_report", _("handled as a problem report")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("idea", "withdrawn")

    class Outcome(models.TextChoices):
        """What a plan made of an idea, best first."""

        IN_PLAN = "in_plan", _("in the plan")
        SET_ASIDE = "set_aside", _("in an initiative that was set aside")
        WORKED_UP = "worked_up", _("being worked up")

    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="ideas", verbose_name=_("invitation")
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ideas",
        verbose_name=_("meeting"),
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=IdeaState.RECEIVED)
    title = models.CharField(_("title as sent"), max_length=200)
    problem = models.TextField(_("problem as sent"), max_length=8000)
    proposal = models.TextField(_("proposal as sent"), max_length=8000, blank=True)
    public_title = models.CharField(_("title"), max_length=200)
    public_problem = models.TextField(_("what is the problem, and for whom?"))
    public_proposal = models.TextField(_("what could help?"), blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    confidential_answers = models.JSONField(_("confidential answers"), default=dict, blank=True)
    themes = models.ManyToManyField(Theme, blank=True, related_name="ideas", verbose_name=_("themes"))
    eligible = models.BooleanField(
        _("counts as an idea"),
        default=True,
        help_text=_("Tests, advertising and the same text sent twice do not."),
    )
    text_hidden = models.BooleanField(_("text not shown"), default=False)
    after_cutoff = models.BooleanField(_("waits for the next round"), default=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    publish_at = models.DateTimeField(
        _("to be published"), null=True, blank=True, help_text=_("Checked, and public from this hour on.")
    )
    publish_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    split_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("quoted from"),
        help_text=_("The letter that holds several ideas, of which this is one."),
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    outcome_text = LocalizedTextField(_("why"))
    outcome_link = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    rotation = models.IntegerField(
        default=random_rotation,
        editable=False,
        help_text=_("By chance, once: lists turn through it by the day, so that no idea is always last."),
    )

    objects = querysets.IdeaQuerySet.as_manager()

    field_classes = classes(
        public="id reference call meeting state language channel whole_city district address latitude "
        "longitude cell received_at changed_at public_title public_problem public_proposal answers themes "
        "published_at outcome outcome_text outcome_link split_from",
        personal="title problem proposal confidential_answers contact nonce search",
        internal="eligible text_hidden after_cutoff form_key source_key rotation claimed_by claimed_until "
        "publish_at publish_by version",
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        indexes = [
            models.Index(fields=["state", "-received_at", "-id"], name="idea_by_state"),
            models.Index(fields=["call", "state", "-received_at", "-id"], name="idea_by_call"),
            models.Index(fields=["-published_at", "-id"], name="idea_by_publication"),
            # Holds all that the public list asks of 20,000 ideas before it reads the texts of twenty.
            models.Index(
                fields=["-received_at", "-id", "eligible", "state", "published_at", "call"],
                name="idea_public_newest_first",
            ),
            models.Index(
                fields=["rotation", "id", "eligible", "state", "published_at", "call"],
                name="idea_by_rotation",
            ),
            models.Index(fields=["district", "-published_at"], name="idea_by_district"),
            models.Index(
                fields=["publish_at"],
                condition=models.Q(publish_at__isnull=False),
                name="idea_to_be_published",
            ),
            # Few rows are in hand at a time: a clerk's own is found without going through the queue.
            models.Index(
                fields=["claimed_by", "claimed_until"],
                condition=models.Q(claimed_until__isnull=False),
                name="idea_in_hand",
            ),
        ]
        permissions = [
            ("triage_idea", "Can publish, decline, link and pass on ideas"),
            ("reopen_idea", "Can reopen a decided idea"),
            ("type_in_idea", "Can type in ideas from meetings, paper and phone"),
            ("import_idea", "Can import ideas from files"),
            ("export_idea", "Can export ideas"),
            ("translate_idea", "Can put a translation beside an idea"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="idea_point_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__isnull=True, publish_by__isnull=True)
                | models.Q(publish_at__isnull=False, publish_by__isnull=False),
                name="idea_publish_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(split_from__isnull=True) | ~models.Q(split_from=models.F("id")),
                name="idea_not_quoted_from_itself",
            ),
        ]

    @property
    def is_public(self) -> bool:
        """Has this idea a public page? The same sentence as `IdeaQuerySet.public`."""
        shown = self.state in PUBLIC_IDEA_STATES or (
            self.state == IdeaState.WITHDRAWN and self.published_at is not None
        )
        return shown and self.call.is_public and self.eligible

    @property
    def shows_text(self) -> bool:
        return not self.text_hidden and self.state != IdeaState.WITHDRAWN

    def next_step(self, at: datetime) -> Step | None:
        """The invitation's next date while the city owes an answer; its last one, past, when that is late.

        The day on which the invitation closes is not one: it is for those who have not sent yet.
        Nothing where the sender has the next move, where the answer is there, where the idea waits for
        another round than these dates are of, and where it came after all of them: nothing was promised then.
        """
        waits = self.state in OPEN_IDEA_STATES - {IdeaState.CORRECTION} or self.state == IdeaState.DUPLICATE
        answered = self.outcome in (self.Outcome.IN_PLAN, self.Outcome.SET_ASIDE)
        if not waits or answered or self.after_cutoff:
            return None
        closes = timezone.localdate(self.call.closes_at) if self.call.closes_at else None
        steps = [step for step in self.call.steps(at) if step.day != closes]
        coming = next((step for step in steps if not step.past), None)
        last = steps[-1] if steps and steps[-1].day >= timezone.localdate(self.received_at) else None
        return coming or last


class IdeaRevision(models.Model):
    """An earlier wording by the sender, kept when a correction is sent in."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    problem = models.TextField(_("problem"))
    proposal = models.TextField(_("proposal"), blank=True)
    replaced_at = models.DateTimeField(_("replaced"))

    field_classes = classes(personal="title problem proposal", internal="id idea number replaced_at")

    class Meta:
        ordering = ["idea", "number"]
        verbose_name = _("earlier wording")
        verbose_name_plural = _("earlier wordings")
        constraints = [models.UniqueConstraint(fields=["idea", "number"], name="one_revision_a_number")]

    def __str__(self) -> str:
        return f"{self.idea_id}.{self.number}"


class SimilarLink(models.Model):
    """Says that `idea` asks for the same as `original`. Both texts stay; undoing keeps the row."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="links_to_original")
    original = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="duplicates")
    state_before = models.CharField(max_length=20)
    linked_at = models.DateTimeField(_("linked"))
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = querysets.SimilarLinkQuerySet.as_manager()

    field_classes = classes(
        public="idea original linked_at", internal="id state_before linked_by undone_at undone_by"
    )

    class Meta:
        verbose_name = _("link to a similar idea")
        verbose_name_plural = _("links to similar ideas")
        constraints = [
            models.UniqueConstraint(
                fields=["idea"], condition=models.Q(undone_at__isnull=True), name="one_original_an_idea"
            ),
            models.CheckConstraint(
                condition=~models.Q(idea=models.F("original")), name="not_its_own_duplicate"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="link_undone_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea_id} = {self.original_id}"


class Support(models.Model):
    """One person for one idea. Who it is stands only as a salted hash, so that nobody can be listed."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed e-mail")
        TOKEN = "token", _("browser")
        PAPER = "paper", _("on paper")

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="supports")
    voter = models.CharField(max_length=64, help_text=_("Keyed hash of the e-mail address or token."))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = querysets.SupportQuerySet.as_manager()

    field_classes = classes(personal="voter", internal="id idea kind given_at withdrawn_at")

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        constraints = [models.UniqueConstraint(fields=["idea", "voter"], name="one_support_a_person")]

    def __str__(self) -> str:
        return f"{self.idea_id} {self.kind}"


class Photo(models.Model):
    """A picture sent with an idea or a problem report, or of a meeting's wall.

    The file is private; a view checks who may see it. Where staff blacked something out, everybody else
    sees the `redacted` copy.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, blank=True, related_name="photos")
    report = models.ForeignKey(
        "engagement.Report", on_delete=models.CASCADE, null=True, blank=True, related_name="photos"
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, null=True, blank=True, related_name="photos"
    )
    file = models.FileField(_("file"), upload_to="photos/")
    redacted = models.FileField(_("file with black boxes"), upload_to="photos/", blank=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    caption = models.CharField(_("what it shows"), max_length=300, blank=True)
    boxes_at = models.DateTimeField(_("black boxes changed"), null=True, blank=True)
    boxes_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("black boxes changed by"),
    )
    rights_confirmed_at = models.DateTimeField(_("sender may share it"), null=True, blank=True)
    added_at = models.DateTimeField(_("added"))

    field_classes = classes(
        public="id width height",
        personal="file caption",
        internal="redacted boxes_at boxes_by idea report meeting rights_confirmed_at added_at",
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea__isnull=False, report__isnull=True, meeting__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=False, meeting__isnull=True)
                | models.Q(idea__isnull=True, report__isnull=True, meeting__isnull=False),
                name="photo_of_exactly_one",
            )
        ]

    def __str__(self) -> str:
        return f"{_('photo')} {self.pk}"
