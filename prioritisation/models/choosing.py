"""What staff try out before deciding: own selections under rules, and residents' ballots from a file."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import User
from engagement.privacy import classes
from prioritisation.models.decisions import Result
from prioritisation.models.rounds import Round


class Scenario(models.Model):
    """A selection being built for a round: the rules it goes by, and what staff ticked. Nothing is decided.

    `rules` is read by `prioritisation.portfolios`; `selection` lists references. Adopting makes a `Result`.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(_("name"), max_length=200)
    rules = models.JSONField(_("rules"), default=dict)
    selection = models.JSONField(_("own selection"), default=list)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("last change"))
    result = models.OneToOneField(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="scenario",
        verbose_name=_("result"),
    )
    version = models.PositiveIntegerField(default=1)

    field_classes = classes(
        internal="id round name rules selection made_at made_by changed_at result version"
    )

    class Meta:
        ordering = ["round", "-changed_at"]
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [models.UniqueConstraint(fields=["round", "name"], name="one_scenario_a_name")]

    def __str__(self) -> str:
        return self.name


class BallotFile(models.Model):
    """Residents' approval ballots on a shortlist with costs, as they came in a file. No voter has a name."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="ballot_files")
    name = models.CharField(_("name of the file"), max_length=255)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    content = models.JSONField(_("content"))
    voters = models.PositiveIntegerField(_("voters"))
    refused = models.PositiveIntegerField(_("refused ballots"), default=0)
    made_at = models.DateTimeField(_("read"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    field_classes = classes(public="id round name sha256 voters refused made_at", internal="content made_by")

    class Meta:
        ordering = ["round", "-pk"]
        verbose_name = _("file of ballots")
        verbose_name_plural = _("files of ballots")
        constraints = [models.UniqueConstraint(fields=["round", "sha256"], name="one_ballot_file_a_round")]

    def __str__(self) -> str:
        return self.name
