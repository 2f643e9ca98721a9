"""Where an idea went on, as its page at the desk shows it: to whom, as what, out of which letter."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from engagement import services
from engagement.models import Call, Idea, Report, Support, other_half
from engagement.workflow import ALL_REPORTS, IdeaState


def planned(at: datetime) -> str:
    """When it becomes public, where the city is."""
    return _("to be published %(when)s") % {"when": date_format(timezone.localtime(at), "DATETIME_FORMAT")}


def onward_facts(request: HttpRequest, idea: Idea) -> dict[str, Any]:
    referrals = list(idea.referrals.select_related("department", "asked_by", "answered_by", "idea"))
    return {
        "planned": planned(idea.publish_at) if idea.publish_at else "",
        "referrals": [
            {
                "referral": referral,
                "may_answer": _may_answer(request, idea, referral) and referral is referrals[-1],
            }
            for referral in referrals
        ],
        "pair": pair_fact(request, idea),
        "parts": list(idea.parts.order_by("pk")) if idea.state == IdeaState.SPLIT else [],
        "letter": idea.split_from,
        "supporters": supporters(idea),
    }


def pair_fact(request: HttpRequest, record: Idea | Report) -> dict[str, Any] | None:
    """The problem report that an idea is one with, or the other way round.

    With the way to its page for who sees all of these: a department may not.
    """
    other = other_half(record)
    if other is None:
        return None
    of_report = isinstance(other, Report)
    page = "admin:engagement_report_change" if of_report else "admin:engagement_idea_change"
    opens = request.user.has_perm(ALL_REPORTS if of_report else "engagement.view_idea")
    heading = _("The same as a problem report") if of_report else _("The same as an idea")
    return {"record": other, "heading": heading, "url": reverse(page, args=[other.pk]) if opens else ""}


def _may_answer(request: HttpRequest, idea: Idea, referral: Any) -> bool:
    open_still = referral.answered_at is None and idea.state == IdeaState.PASSED_ON
    return open_still and services.may_answer(request.user, referral)  # type: ignore[arg-type]


def supporters(idea: Idea) -> list[tuple[Any, int]]:
    """How many support the idea and those joined with it, by how we know; nothing where nobody can."""
    if idea.call.supports == Call.Supports.NONE:
        return []
    found: Any = Idea.objects.filter(pk=idea.pk).with_supporters().get()
    counts = [(kind.label, getattr(found, f"supporters_{kind.value}")) for kind in Support.Kind]
    return counts if idea.is_public or any(count for _how, count in counts) else []
