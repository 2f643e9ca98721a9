"""The meeting kit: a link for one meeting, by which a volunteer without an account types in what was said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.calls import Meeting
from engagement.models.people import User
from engagement.models.submissions import Idea
from engagement.privacy import classes


class MeetingLink(models.Model):
    """Opens the kit of one meeting until it ends. Signed from the nonce; ending it ends the link."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="links")
    nonce = models.CharField(max_length=32)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField(_("ends"))
    head_count = models.PositiveIntegerField(_("people counted in the room"), null=True, blank=True)

    field_classes = classes(personal="nonce", internal="id meeting made_at made_by ends_at head_count")

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("meeting link")
        verbose_name_plural = _("meeting links")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("made_at")), name="meeting_link_ends_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.ends_at:%Y-%m-%d %H:%M}"


class MeetingLine(models.Model):
    """One sticky note, typed in by the link: the idea that it became, and the hands raised for it."""

    link = models.ForeignKey(MeetingLink, on_delete=models.CASCADE, related_name="lines")
    idea = models.OneToOneField(Idea, on_delete=models.CASCADE, related_name="meeting_line")
    hands = models.PositiveIntegerField(_("hands or dots for it"), default=0)
    at = models.DateTimeField(_("when"))

    field_classes = classes(public="hands", internal="id link idea at")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("line of a meeting")
        verbose_name_plural = _("lines of meetings")

    def __str__(self) -> str:
        return f"{self.link_id} {self.idea_id}"
