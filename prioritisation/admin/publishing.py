"""What a round's publication will show, the plan's name, and the button for a second person."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement.admin import previews, refusals
from engagement.desk_pages import add_page
from engagement.localized import localized
from engagement.services import Refused
from engagement.tasks import nudge_mail
from prioritisation import plan_documents, services
from prioritisation.admin.decisions import counts
from prioritisation.admin.finding import find_round, job_page, me, show
from prioritisation.forms.decisions import PlanForm
from prioritisation.forms.rounds import PublishForm
from prioritisation.models import Decision, Plan, PlanVersion, Round
from prioritisation.policies import schema
from prioritisation.workflow import Outcome, Role, RoundState


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will go out, the name of the plan, and the button."""
    round = find_round(request, pk, readable=True)
    if round.state == RoundState.DECIDED:
        return HttpResponseRedirect(reverse("admin:prioritisation_published", args=(round.pk,)))
    plan = Plan.objects.filter(programme=round.programme).first()
    action = request.POST.get("action") if request.method == "POST" else None
    plan_form = PlanForm(request.POST if action == "plan" else None, initial=_plan_as_it_is(plan, round))
    sent = request.POST if action in ("publish", "rehearse") else None
    limits = services.limits_passed(round)
    over = bool(limits.over) and action == "publish"
    form = PublishForm(sent, initial={"version": round.version}, over=over)
    if action == "plan":
        round = find_round(request, pk, Role.MANAGER, Role.PUBLISHER, readable=True)
        if plan_form.is_valid() and _save_plan(request, round, plan_form):
            return HttpResponseRedirect(reverse("admin:prioritisation_publish", args=(round.pk,)))
    if action in ("publish", "rehearse"):
        roles = (Role.PUBLISHER,) if action == "publish" else (Role.PUBLISHER, Role.MANAGER)
        round = find_round(request, pk, *roles, readable=True)
        if form.is_valid() and (answer := _set_going(request, round, form, action)):
            return answer
    failed = bool(form.errors or plan_form.errors)
    return show(
        request,
        "publish",
        _("Publish"),
        status=422 if failed else 200,
        round=round,
        form=form,
        plan_form=plan_form,
        error_form=plan_form if plan_form.errors else form,
        plan=plan,
        limits=limits,
        **_preview(request, round, plan),
    )


def _plan_as_it_is(plan: Plan | None, round: Round) -> dict[str, Any]:
    if plan is None:
        return {"title": round.programme.title, "slug": round.programme.slug, "version": 0}
    return {"title": plan.title, "slug": plan.slug, "intro": plan.intro, "version": plan.version}


def _save_plan(request: HttpRequest, round: Round, form: PlanForm) -> bool:
    try:
        services.save_plan(programme=round.programme, by=me(request), at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        refusals.tell(form, refusal)
        return False
    messages.success(request, _("The plan’s name is saved. Nothing is public yet."))
    return True


def _set_going(request: HttpRequest, round: Round, form: PublishForm, action: str) -> HttpResponse | None:
    """Publishes, or has the worker publish or work out the preview; nothing where it was refused."""
    common: dict[str, Any] = {"round": round, "by": me(request), "at": timezone.now()}
    common["version"] = form.cleaned_data["version"]
    try:
        if action == "rehearse":
            return job_page(services.queue_rehearsal(**common))
        common["over_reason"] = form.cleaned_data["over_reason"]
        if services.takes_long(round):
            return job_page(services.queue_publication(**common))
        services.publish_round(**common)
    except Refused as refusal:
        refusals.tell(form, refusal)
        return None
    nudge_mail()
    return HttpResponseRedirect(reverse("admin:prioritisation_published", args=(round.pk,)))


def _preview(request: HttpRequest, round: Round, plan: Plan | None) -> dict[str, Any]:
    """What publishing would do, and what is in its way; both in words."""
    pending = (
        Decision.objects.pending().filter(round=round)
        | Decision.objects.pending().filter(round__isnull=True, initiative__programme=round.programme_id)
    ).distinct()
    named = pending.select_related("prepared_by", "meeting__made_by")
    every = list(named.prefetch_related("earlier_writers", "meeting__earlier_writers"))
    preparers = {one.prepared_by for one in every} | {one.meeting.made_by for one in every if one.meeting}
    preparers |= {writer for one in every for writer in one.earlier_writers.all()}
    preparers |= {writer for one in every if one.meeting for writer in one.meeting.earlier_writers.all()}
    policy = schema.parse(round.policy_version.document)
    labels = {one.code: dict(one.label) for one in policy.reasons}
    reasons = Counter(one.reason for one in every if one.outcome != Outcome.ADVANCE)
    found: dict[str, Any] = {
        "chosen": sum(one.outcome == Outcome.ADVANCE for one in every),
        "reasons": [(labels.get(code, {"en": code}), count) for code, count in reasons.most_common()],
        "preparers": sorted(map(str, preparers)),
        "mine": me(request) in preparers,
        "total": len(every),
        "looked_through": sum(one.checked_at is not None for one in every),
        "without_sitting": sum(one.meeting_id is None for one in every),
        "undecided_count": services.undecided(round).count(),
        "obstacle": None,
        "rehearsal": None,
    }
    try:
        services.check_publishable(round=round, by=me(request))
    except Refused as refusal:
        found["obstacle"] = refusal
    if not found["undecided_count"]:
        found |= _rehearsal(request, round)
    # The mails name the plan's address: without a name they would show another than they have in the end.
    if plan is not None and (mails := (found["rehearsal"] or {}).get("examples")):
        found["mail_preview"] = previews.mails_in_words(mails)
    return found


def _rehearsal(request: HttpRequest, round: Round) -> dict[str, Any]:
    """What readers will see: worked out at once, or of a large round by the worker when asked to."""
    found: dict[str, Any] = {}
    if services.takes_long(round):
        found["by_worker"] = True
        found["job"] = services.job_at_work(round, services.REHEARSE, services.PUBLISH)
        found["rehearsal"] = services.rehearsed(round)
    else:
        try:
            found["rehearsal"] = services.rehearse_publication(round=round, by=me(request), at=timezone.now())
        except Refused:
            return {}  # an analyst looks on; the counts above are enough
    if found["rehearsal"]:
        found["funnel"] = _picture(found["rehearsal"]["funnel"])
    return found


def _picture(funnel: dict[str, Any]) -> Any:
    units = {"ideas": _("eligible ideas"), "initiatives": _("initiatives")}
    drawn = plan_documents.funnel_in(get_language() or "en", funnel, units)
    last = funnel["stages"][-1]
    drawn["outcome"] = ngettext("initiative chosen", "initiatives chosen", last["onward"])
    return drawn


@require_safe
def published(request: HttpRequest, pk: int) -> HttpResponse:
    round = find_round(request, pk, readable=True)
    version = (
        PlanVersion.objects.filter(plan__programme=round.programme, published_at=round.decided_at)
        .select_related("plan")
        .first()
        if round.decided_at
        else None
    )
    if version is None:
        return HttpResponseRedirect(reverse("admin:prioritisation_publish", args=(round.pk,)))
    decided = list(round.decisions.published())
    return show(
        request,
        "published",
        _("Published"),
        round=round,
        plan_version=version,
        newest=version.plan.versions.order_by("-number")[0],
        plan_name=localized(version.plan.title),
        counts=counts(decided),
    )


add_page("prioritisation/round/<int:pk>/publish/", publish, name="prioritisation_publish")
add_page("prioritisation/round/<int:pk>/published/", published, name="prioritisation_published")
