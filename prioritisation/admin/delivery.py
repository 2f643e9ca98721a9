"""Followed to delivery: what a published plan holds, and what managers and departments tell of it."""

from collections.abc import Callable, Iterator
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.admin import previews, refusals
from engagement.desk_pages import Card, DeskLink, add_cards, add_page
from engagement.paging import Paginator
from engagement.services import UNDO_WINDOW, Refused, Stale
from engagement.tasks import nudge_mail
from engagement.workflow import ANSWER, TRIAGE
from prioritisation import delivery_words, services
from prioritisation.admin.finding import me, show
from prioritisation.admin.working_up import WORK_UP
from prioritisation.forms.delivery import StepForm
from prioritisation.models import Initiative
from prioritisation.workflow import DeliveryState

LIST, ONE, STEP, UNDO = (f"prioritisation_delivery{name}" for name in ("", "_one", "_step", "_undo"))
ON_A_PAGE = 50
SILENT = "silent"

VERBS: dict[str, tuple[Any, Callable[..., object]]] = {
    "start_delivery": (gettext_lazy("Work starts"), services.start_delivery),
    "report_progress": (gettext_lazy("Tell news or another date"), services.report_progress),
    "deliver": (gettext_lazy("It is delivered"), services.deliver_initiative),
    "drop": (gettext_lazy("Drop it"), services.drop_initiative),
    "take_up_again": (gettext_lazy("Take it up again"), services.take_up_again),
}
"""By verb the button, and the service."""


def _may_follow(request: HttpRequest) -> bool:
    """Asked for each page's menu, so without a query: who answers for a department or works ideas up."""
    answers = me(request).department_id is not None and request.user.has_perm(ANSWER)
    return answers or request.user.has_perm(WORK_UP)


def _asked(request: HttpRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in {*DeliveryState, services.LATE, SILENT} else ""


def _wanted(found: Any, asked: str) -> Any:
    now = timezone.now()
    if asked == services.LATE:
        return found.late(timezone.localdate(now))
    if asked == SILENT:
        return found.without_news(services.silent_since(now))
    return found.filter(delivery="" if asked == DeliveryState.PLANNED else asked) if asked else found


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """What I may tell the public about, the date that is nearest first; what is over comes last."""
    found = services.followed_by(me(request))
    asked, today = _asked(request), timezone.localdate()
    rows = list(_wanted(found, asked).with_news_at().order_by("reference"))
    over = (DeliveryState.DELIVERED, DeliveryState.DROPPED)
    rows.sort(key=lambda one: (one.delivery_state in over, one.expected_on is None, one.expected_on or today))
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        "deliveries",
        _("Carried out"),
        rows=[_row(one, today) for one in page],
        page_obj=page,
        count=len(rows),
        hidden=found.count() - len(rows),
        asked=asked,
        choices=[*((state, words) for state, (words, _tone) in delivery_words.STATES.items()), *_TOO],
    )


_TOO = [
    (services.LATE, pgettext_lazy("one initiative", "Late")),
    (SILENT, gettext_lazy("Without news for 90 days")),
]


def _row(initiative: Initiative, today: Any) -> dict[str, Any]:
    label, tone = delivery_words.STATES[initiative.delivery_state]
    late = initiative.is_late(today)
    return {
        "initiative": initiative,
        "state": label,
        "tone": tone,
        "late": late,
        "next": delivery_words.coming(initiative.delivery_state, initiative.expected_on, late=late),
    }


def _told_of(initiative: Initiative) -> dict[str, Any]:
    row = _row(initiative, timezone.localdate())
    return {"initiative": initiative, "delivery": row, "next": row["next"]}


def _find(request: HttpRequest, reference: str) -> Initiative:
    return get_object_or_404(services.followed_by(me(request)), reference=reference)


@require_safe
def delivery(request: HttpRequest, reference: str) -> HttpResponse:
    """One initiative: how far it is, what can be told now, and what was told."""
    initiative = _find(request, reference)
    by = me(request)
    undo = services.step_to_undo(initiative=initiative, by=by, at=timezone.now())
    return show(
        request,
        "delivery",
        initiative.shown_title,
        **_told_of(initiative),
        verbs=[(verb, VERBS[verb][0]) for verb in services.moves_for(by, initiative)],
        undo=undo,
        undo_until=undo.at + UNDO_WINDOW if undo else None,
        steps=[
            {"step": step, "title": delivery_words.HAPPENED[step.verb], "missed": delivery_words.missed(step)}
            for step in initiative.delivery_steps.standing().select_related("by").reverse()
        ],
        public_page=reverse(
            "prioritisation:initiative_detail", args=(initiative.programme.plan.slug, initiative.reference)
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """The form of one step; its button “Preview the mail” shows what senders will get."""
    initiative = _find(request, reference)
    if verb not in VERBS:
        raise Http404
    if verb not in services.moves_for(me(request), initiative):
        messages.warning(request, _("It is in another state by now: look again."))
        return HttpResponseRedirect(_page_of(initiative))
    form = StepForm(request.POST if request.method == "POST" else None, verb=verb, initiative=initiative)
    preview = None
    if previews.asked(request):
        preview = _preview(request, initiative, verb, form)
        if previews.part_asked(request):
            return previews.part(request, preview)
    elif request.method == "POST" and form.is_valid() and _told(request, initiative, verb, form):
        return HttpResponseRedirect(_page_of(initiative))
    return show(
        request,
        "delivery_step",
        str(VERBS[verb][0]),
        status=422 if form.errors else 200,
        form=form,
        verb=verb,
        preview=preview,
        page=_page_of(initiative),
        **_told_of(initiative),
    )


def _page_of(initiative: Initiative) -> str:
    return reverse(f"admin:{ONE}", args=(initiative.reference,))


def _act(initiative: Initiative, verb: str, form: StepForm, *, by: Any, at: datetime) -> None:
    _label, service = VERBS[verb]
    service(initiative=initiative, by=by, at=at, **form.cleaned_data)


def _preview(
    request: HttpRequest, initiative: Initiative, verb: str, form: StepForm
) -> dict[str, Any] | None:
    """What it would mail; nothing where the form or the service refuses it."""
    if not form.is_valid():
        return None
    try:
        preview = previews.shown(lambda at: _act(copy(initiative), verb, form, by=me(request), at=at))
    except Refused as refusal:
        _refused(initiative, form, refusal)
        return None
    return preview if request.user.has_perm(TRIAGE) else previews.without_sender(preview)


def _refused(initiative: Initiative, form: StepForm, refusal: Refused) -> None:
    """Says it; what somebody else changed is shown as it is now, and the next press goes by that."""
    refusals.tell(form, refusal)
    if isinstance(refusal, Stale):
        initiative.refresh_from_db()
        form.overwrite(initiative.version)


def _told(request: HttpRequest, initiative: Initiative, verb: str, form: StepForm) -> bool:
    try:
        _act(initiative, verb, form, by=me(request), at=timezone.now())
    except Refused as refusal:
        _refused(initiative, form, refusal)
        return False
    nudge_mail()
    messages.success(
        request,
        _("%(reference)s: told. The mails leave in five minutes; until then you can undo it.")
        % {"reference": initiative.reference},
    )
    return True


@require_POST
def undo(request: HttpRequest, reference: str) -> HttpResponse:
    """Takes the last step back while nobody was told."""
    initiative = _find(request, reference)
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else None
    try:
        services.undo_delivery(initiative=initiative, by=me(request), at=timezone.now(), version=version)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        told_nobody = _("%(record)s is as it was: nobody was told.")
        messages.success(request, told_nobody % {"record": initiative.reference})
    return HttpResponseRedirect(_page_of(initiative))


# --- The desk ---------------------------------------------------------------------------------------


def cards(request: HttpRequest) -> Iterator[Card]:
    """What is late, and of what nobody said anything for long. Nothing where I follow nothing."""
    now = timezone.now()
    found = services.followed_by(me(request))
    late = found.late(timezone.localdate(now)).count()
    if late:
        text = ngettext("initiative of the plan is late", "initiatives of the plan are late", late)
        yield Card(late, text, f"{reverse(f'admin:{LIST}')}?state={services.LATE}")
    silent = found.without_news(services.silent_since(now)).count()
    if silent:
        text = ngettext(
            "initiative of the plan is without news for 90 days",
            "initiatives of the plan are without news for 90 days",
            silent,
        )
        yield Card(silent, text, f"{reverse(f'admin:{LIST}')}?state={SILENT}")


add_cards(cards)
add_page(
    "prioritisation/delivery/",
    deliveries,
    name=LIST,
    link=DeskLink("prioritisation", gettext_lazy("Carried out"), LIST, _may_follow),
)
add_page("prioritisation/delivery/<slug:reference>/", delivery, name=ONE)
add_page("prioritisation/delivery/<slug:reference>/undo/", undo, name=UNDO)
add_page("prioritisation/delivery/<slug:reference>/<slug:verb>/", step, name=STEP)
