"""What the council changes in a published plan: search, tick, see what it does, adopt with the resolution."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement.admin import previews, refusals
from engagement.desk_pages import add_page
from engagement.localized import localized
from engagement.models import Job
from engagement.services import Refused
from engagement.tasks import nudge_mail
from engagement.text import fold
from prioritisation import amending, plan_documents, services, spending
from prioritisation.admin.finding import READERS, job_page, me, show
from prioritisation.forms.amendments import AmendmentForm, ReasonForm
from prioritisation.models import Amendment, Plan, PlanVersion
from prioritisation.workflow import Outcome, Role

MOST_FOUND = 40


def _find_plan(request: HttpRequest, pk: int) -> tuple[Plan, PlanVersion]:
    plan = Plan.objects.select_related("programme").filter(pk=pk).first()
    if plan is None or not services.has_role(me(request), plan.programme, *Role):
        raise Http404
    if not services.has_role(me(request), plan.programme, *READERS):
        raise PermissionDenied
    version = plan.versions.order_by("-number").first()
    if version is None:
        raise Http404
    return plan, version


@require_http_methods(["GET", "HEAD", "POST"])
def amendment(request: HttpRequest, pk: int) -> HttpResponse:
    plan, version = _find_plan(request, pk)
    draft = services.draft_of(plan)
    if request.method != "POST":
        return _page(request, plan, version, draft)
    action = "adopt" if previews.asked(request) else request.POST.get("action", "save")
    role = Role.PUBLISHER if action == "adopt" else Role.MANAGER
    if not services.has_role(me(request), plan.programme, role):
        raise PermissionDenied
    form = AmendmentForm(request.POST, programme=plan.programme)
    reasons = _reasons(request, draft)
    if action != "start" and not (form.is_valid() and all(one.is_valid() for one in reasons.values())):
        return _page(request, plan, version, draft, form=form, reasons=reasons, status=422)
    try:
        if previews.asked(request):
            preview = _mails(request, draft, form)
            if previews.part_asked(request):
                return previews.part(request, preview)
            return _page(request, plan, version, draft, form=form, reasons=reasons, preview=preview)
        job = _do(request, plan, draft, action, form, reasons)
    except Refused as refusal:
        refusals.tell(form, refusal)
        draft = services.draft_of(plan)
        return _page(request, plan, version, draft, form=form, reasons=reasons, status=422)
    if job is not None:
        return job_page(job)
    query = f"?q={request.POST.get('q', '')}" if action in ("add", "save") and request.POST.get("q") else ""
    return HttpResponseRedirect(reverse("admin:prioritisation_amendment", args=(plan.pk,)) + query)


def _mails(request: HttpRequest, draft: Amendment | None, form: AmendmentForm) -> dict[str, Any]:
    """What adopting the draft as it is saved would mail. Refuses where it cannot be adopted."""
    if draft is None:
        raise _no_draft()
    by, at, version = me(request), timezone.now(), form.cleaned_data["version"]
    found = services.amendment_mails(amendment=draft, by=by, at=at, version=version)
    return previews.mails_in_words(found.mails)


def _no_draft() -> Refused:
    return Refused(_("There is no draft of an amendment. Begin one first."))


def _reasons(request: HttpRequest, draft: Amendment | None) -> dict[str, ReasonForm]:
    """A form for each change; bound where the page sent it."""
    found = {}
    for change in draft.changes if draft else []:
        reference = change["reference"]
        sent = request.POST if f"{reference}-sent" in request.POST else None
        found[reference] = ReasonForm(
            sent, prefix=reference, initial={"reason": change["reason"], "keep": True}
        )
        if sent is None and request.method == "POST":
            found[reference] = ReasonForm(
                {f"{reference}-keep": "on"} | _as_sent(reference, change["reason"]), prefix=reference
            )
    return found


def _as_sent(reference: str, reason: dict[str, str]) -> dict[str, str]:
    return {f"{reference}-reason_{code}": words for code, words in reason.items()}


def _do(
    request: HttpRequest,
    plan: Plan,
    draft: Amendment | None,
    action: str,
    form: AmendmentForm,
    reasons: dict[str, ReasonForm],
) -> Job | None:
    """Gives the job that the worker does it by, where that takes long."""
    common: dict[str, Any] = {"by": me(request), "at": timezone.now()}
    if action == "start":
        services.start_amendment(plan=plan, **common)
        return None
    if draft is None:
        raise _no_draft()
    common["version"] = form.cleaned_data["version"]
    if action == "adopt" and _unsaved(request, draft, form, reasons):
        raise Refused(_("You changed the draft. Save it first: what is adopted is what was saved."))
    if action == "drop":
        services.drop_amendment(amendment=draft, **common)
        messages.success(request, _("The draft is thrown away. The plan is as it was."))
    elif action == "adopt" and services.amending_takes_long(draft):
        return services.queue_amendment(amendment=draft, **common)
    elif action == "adopt":
        services.adopt_amendment(amendment=draft, **common)
        nudge_mail()
        messages.success(request, _("The amended plan is public, and authors are being told."))
    else:
        changes = [
            {**one, "reason": reasons[one["reference"]].cleaned_data["reason"]}
            for one in draft.changes
            if reasons[one["reference"]].cleaned_data["keep"]
        ]
        there = {one["reference"] for one in draft.changes}
        changes += [one for one in _ticked(request) if one["reference"] not in there]
        services.save_amendment(
            amendment=draft,
            changes=changes,
            meeting=form.cleaned_data["meeting"],
            vote=form.cleaned_data["vote"],
            **common,
        )
        messages.success(request, _("The draft is saved. Nothing of it is public."))
    return None


def _unsaved(
    request: HttpRequest, draft: Amendment, form: AmendmentForm, reasons: dict[str, ReasonForm]
) -> bool:
    """Does the page say anything else than the draft? Who cannot save it is sent no fields."""
    sent = {name for name in ("meeting", "vote") if name in request.POST}
    asked = {"meeting": draft.meeting, "vote": draft.vote}
    if any(form.cleaned_data[name] != asked[name] for name in sent):
        return True
    return any(
        reasons[one["reference"]].cleaned_data != {"reason": one["reason"], "keep": True}
        for one in draft.changes
    )


def _ticked(request: HttpRequest) -> list[dict[str, Any]]:
    both = ((Outcome.ADVANCE, "put_in"), (Outcome.SET_ASIDE, "take_out"))
    return [
        {"reference": reference, "outcome": outcome, "reason": {}}
        for outcome, name in both
        for reference in request.POST.getlist(name)
    ]


def _page(
    request: HttpRequest,
    plan: Plan,
    version: PlanVersion,
    draft: Amendment | None,
    *,
    form: AmendmentForm | None = None,
    reasons: dict[str, ReasonForm] | None = None,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    document = draft.base.document if draft else version.document
    changes = draft.changes if draft else []
    before = plan_documents.chosen(document)
    after = amending.chosen_after(document, changes)
    if form is None:
        initial = {"meeting": draft.meeting_id, "vote": draft.vote, "version": draft.version} if draft else {}
        form = AmendmentForm(initial=initial, programme=plan.programme)
    found, more = _found(request, document, {one["reference"] for one in changes})
    obstacle = None
    if draft is not None:
        try:
            services.check_adoptable(amendment=draft, by=me(request))
        except Refused as refusal:
            obstacle = refusal
    reasons = reasons or _reasons(request, draft)
    return show(
        request,
        "amendment",
        _("Amend the plan"),
        status=status,
        plan=plan,
        version=version,
        draft=draft,
        form=form,
        changes=[
            {
                "change": one,
                "entry": plan_documents.find(document, one["reference"]),
                "form": reasons[one["reference"]],
            }
            for one in changes
            if one["reference"] in reasons
        ],
        found=found,
        more=more,
        words=_words(request),
        before=len(before),
        after=len(after),
        tables=_tables(plan, document, before, after),
        obstacle=obstacle,
        preview=preview,
        job=services.adoption_at_work(draft) if draft else None,
        manager=services.has_role(me(request), plan.programme, Role.MANAGER),
        publisher=services.has_role(me(request), plan.programme, Role.PUBLISHER),
        adopted=_adopted(plan, version.document),
    )


def _adopted(plan: Plan, document: dict[str, Any]) -> list[tuple[Amendment, list[dict[str, Any]]]]:
    """The amendments so far, each with what it changed."""
    amendments = plan.amendments.filter(adopted_at__isnull=False).select_related("meeting", "published")
    return [
        (
            one,
            [
                {"change": change, "entry": plan_documents.find(document, change["reference"])}
                for change in one.changes
            ],
        )
        for one in amendments
    ]


def _words(request: HttpRequest) -> str:
    return (request.GET.get("q") or request.POST.get("q") or "").replace("\0", "").strip()[:200]


def _found(
    request: HttpRequest, document: dict[str, Any], there: set[str]
) -> tuple[list[dict[str, Any]], int]:
    """Initiatives by words or reference, that may be put in or taken out; and how many more there are."""
    words = fold(_words(request))
    if not words:
        return [], 0
    hits = [
        {"entry": one, "inside": one["outcome"] == Outcome.ADVANCE}
        for one in plan_documents.entries(document)
        if one["outcome"] != Outcome.MERGE
        and one["reference"] not in there
        and words in fold(" ".join([one["reference"], *one["title"].values()]))
    ]
    return hits[:MOST_FOUND], max(0, len(hits) - MOST_FOUND)


def _tables(plan: Plan, document: dict[str, Any], before: Any, after: Any) -> list[dict[str, Any]]:
    lines = [services.budget_of(one) for one in services.budget_lines(plan.programme)]
    kinds = {
        "capital": _("costs, once"),
        "operating": _("costs, each year"),
        spending.TOGETHER: _("costs, once, of all years together"),
        "": _("the whole city"),
    }
    parts = [
        (_("Money"), amending.money(before, after, lines), True),
        (_("Time frames"), amending.frames(document, before, after), False),
        (_("Themes"), amending.themes(before, after), False),
        (_("Parts of the city"), amending.districts(before, after), False),
    ]
    return [
        {
            "title": title,
            "money": money,
            "limits": any(line.asked is not None for line in rows),
            "rows": [
                {"name": localized(dict(line.label)) or kinds.get(line.key, line.key), "line": line}
                for line in rows
            ],
        }
        for title, rows, money in parts
        if rows
    ]


add_page("prioritisation/plan/<int:pk>/amendment/", amendment, name="prioritisation_amendment")
