"""What a programme's page tells: where it stands, and what waits to be done next. Read only."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from engagement.models import Idea
from prioritisation import plan_documents, services
from prioritisation.admin.working_up import not_worked_up
from prioritisation.models import Assignment, Decision, Initiative, Programme, Round
from prioritisation.workflow import InitiativeState, RoundState

FORMATS = ("csv", "xlsx", "json", "geojson")


@dataclass(frozen=True)
class Step:
    """Something that waits: how many of what, and where it is done. Nothing waiting is said too."""

    count: int
    text: str
    url: str
    action: Any


def picture(programme: Programme) -> Any:
    """The funnel as it stands now, for {% funnel_picture %}; None while nothing was received."""
    counted = services.count_funnel(programme)
    if not counted["received"]:
        return None
    units = {"ideas": _("eligible ideas"), "initiatives": _("initiatives")}
    return plan_documents.funnel_in(get_language() or "en", counted, units)


def next_steps(request: HttpRequest, programme: Programme) -> list[Step]:
    """In the order of the work. A step whose page this person may not see is told, not linked."""
    ideas = Idea.objects.filter(call__programmes=programme)
    states = Counter(
        Initiative.objects.filter(programme=programme).order_by().values_list("state", flat=True)
    )
    pages = request.user.has_perm("engagement.view_idea")
    initiatives = reverse("admin:prioritisation_initiative_changelist") + f"?programme={programme.pk}"
    idea_list = reverse("admin:engagement_idea_changelist")
    to_triage = ideas.waiting().count()
    loose = not_worked_up(Idea.objects.published(), programme).count()
    draft, ready = states[InitiativeState.DRAFT], states[InitiativeState.READY]
    steps = [
        Step(
            to_triage,
            ngettext("idea waits for a first decision", "ideas wait for a first decision", to_triage),
            f"{idea_list}?worked_up=no-{programme.pk}" if pages else "",
            gettext_lazy("Decide on them"),
        ),
        Step(
            loose,
            ngettext(
                "published idea is in no initiative yet", "published ideas are in no initiative yet", loose
            ),
            f"{idea_list}?state=published&worked_up=no-{programme.pk}" if pages else "",
            gettext_lazy("Work them up"),
        ),
        Step(
            draft,
            ngettext("initiative is a draft", "initiatives are drafts", draft),
            f"{initiatives}&state__exact=draft",
            gettext_lazy("Finish them"),
        ),
        Step(
            ready,
            ngettext("initiative is ready and not decided", "initiatives are ready and not decided", ready),
            f"{initiatives}&state__exact=ready",
            gettext_lazy("See them"),
        ),
    ]
    return steps + [_round_step(one) for one in _rounds_under_way(programme)]


def _rounds_under_way(programme: Programme) -> list[Round]:
    waiting = (RoundState.PREPARING, RoundState.OPEN, RoundState.CLOSED)
    return list(programme.rounds.filter(state__in=waiting).order_by("number"))


def _round_step(round: Round) -> Step:
    """One round: how many assessments are handed in, or how many decisions wait. Never a score."""
    url = _round_url(round)
    if round.state == RoundState.OPEN:
        asked = Assignment.objects.without_conflict().filter(entry__round=round)
        total = asked.count()
        left = asked.to_do().count()
        text = _("of %(total)d assessments are handed in: %(round)s") % {"total": total, "round": round}
        return Step(total - left, text, url, gettext_lazy("See how far it is"))
    if round.state == RoundState.CLOSED:
        pending = Decision.objects.pending().filter(round=round).count()
        text = ngettext(
            "decision waits to be published: %(round)s",
            "decisions wait to be published: %(round)s",
            pending,
        )
        return Step(pending, text % {"round": round}, url, gettext_lazy("Decide and publish"))
    entries = round.entries.count()
    text = ngettext("initiative is in %(round)s", "initiatives are in %(round)s", entries)
    return Step(entries, text % {"round": round}, url, gettext_lazy("Prepare and open it"))


def _round_url(round: Round) -> str:
    return reverse("admin:prioritisation_round_change", args=(round.pk,))


def exports(programme: Programme) -> list[tuple[str, str]]:
    """The staff's file of the published plan, in each format; nothing before a plan is published."""
    if not hasattr(programme, "plan") or not programme.plan.versions.exists():
        return []
    name = "prioritisation:staff_export"
    return [(kind.upper(), reverse(name, args=(programme.slug, kind))) for kind in FORMATS]
