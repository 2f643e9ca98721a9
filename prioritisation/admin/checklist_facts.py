"""What Winnow can tell about the standard steps of a checklist. Facts beside a step; they tick nothing."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import Idea, Referral
from prioritisation.admin.working_up import not_worked_up
from prioritisation.models import Assignment, Decision, PlanVersion, Programme, Round
from prioritisation.workflow import InitiativeState, RoundState


def of(programme: Programme, keys: set[str]) -> dict[str, str]:
    """A sentence for each of the standard steps in `keys`; none where there is nothing to tell."""
    return {key: tell(programme) for key, tell in _TELLERS.items() if key in keys}


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _rules(programme: Programme) -> str:
    """The version that the newest round goes by, and one approved since that none goes by yet."""
    approved = programme.policy_versions.approved().order_by("-number").first()
    if approved is None or approved.approved_at is None:
        return _("No scoring rules are approved yet.")
    said = {"n": approved.number, "day": _day(approved.approved_at)}
    round = programme.rounds.select_related("policy_version").order_by("-number").first()
    if round is None:
        return _("Version %(n)d was approved on %(day)s.") % said
    told = _("%(round)s goes by version %(n)d.") % {"round": round, "n": round.policy_version.number}
    if approved.number <= round.policy_version.number:
        return told
    return f"{told} " + _("Version %(n)d was approved on %(day)s; no round goes by it yet.") % said


def _triage(programme: Programme) -> str:
    count = Idea.objects.filter(call__programmes=programme).waiting().count()
    if not count:
        return _("No idea waits for a first decision.")
    told = ngettext(
        "%(n)d idea still waits for a first decision.", "%(n)d ideas still wait for a first decision.", count
    )
    return told % {"n": count}


def _referrals(programme: Programme) -> str:
    asked = Referral.objects.filter(idea__call__programmes=programme)
    count, total = asked.unanswered().count(), asked.count()
    if not total:
        return _("No idea was passed on with a question.")
    told = ngettext(
        "%(n)d of %(total)d ideas passed on has no answer yet.",
        "%(n)d of %(total)d ideas passed on have no answer yet.",
        count,
    )
    return told % {"n": count, "total": total}


def _work_up(programme: Programme) -> str:
    loose = not_worked_up(Idea.objects.published(), programme).count()
    drafts = programme.initiatives.filter(state=InitiativeState.DRAFT).count()
    ideas = ngettext(
        "%(n)d published idea is in no initiative.", "%(n)d published ideas are in no initiative.", loose
    ) % {"n": loose}
    told = ngettext("%(n)d initiative is a draft.", "%(n)d initiatives are drafts.", drafts) % {"n": drafts}
    return f"{ideas} {told}"


def _agreement(programme: Programme) -> str:
    counted = programme.initiatives.filter(
        state__in=(InitiativeState.DRAFT, InitiativeState.READY, InitiativeState.CHOSEN)
    ).aggregate(all=Count("pk"), agreed=Count("pk", filter=Q(owner_agreed_at__isnull=False)))
    return _("%(agreed)d of %(all)d initiatives have their owner’s agreement.") % counted


def _newest(programme: Programme) -> Round | None:
    return programme.rounds.order_by("-number").first()


def _open_round(programme: Programme) -> str:
    round = _newest(programme)
    if round is None:
        return _("No round is prepared yet.")
    if round.opened_at is None:
        return _("%(round)s is prepared and not open.") % {"round": round}
    return _("%(round)s was opened on %(day)s.") % {"round": round, "day": _day(round.opened_at)}


def _assess(programme: Programme) -> str:
    round = _newest(programme)
    if round is None or round.opened_at is None:
        return _("No round is open.")
    asked = Assignment.objects.without_conflict().filter(entry__round=round)
    total = asked.count()
    said = {"done": total - asked.to_do().count(), "total": total, "round": round}
    if round.state == RoundState.OPEN:
        return _("%(round)s is open, %(done)d of %(total)d assessments are handed in.") % said
    return _("%(round)s is closed, %(done)d of %(total)d assessments were handed in.") % said


def _decide(programme: Programme) -> str:
    round = _newest(programme)
    if round is None or round.state in (RoundState.PREPARING, RoundState.OPEN):
        return _("No round is closed yet.")
    count = Decision.objects.filter(round=round).count()
    said = {"n": count, "all": round.entries.count()}
    return _("%(n)d of %(all)d initiatives have a decision.") % said


def _publish(programme: Programme) -> str:
    newest = PlanVersion.objects.filter(plan__programme=programme).order_by("-number").first()
    if newest is None:
        return _("Nothing is published yet.")
    return _("Version %(n)d was published on %(day)s.") % {
        "n": newest.number,
        "day": _day(newest.published_at),
    }


_TELLERS: dict[str, Callable[[Programme], str]] = {
    "rules": _rules,
    "triage": _triage,
    "referrals": _referrals,
    "work_up": _work_up,
    "agreement": _agreement,
    "open_round": _open_round,
    "assess": _assess,
    "decide": _decide,
    "publish": _publish,
}
