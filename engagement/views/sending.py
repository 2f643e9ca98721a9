"""Sending an idea: one page, one button."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from engagement import links, services, tasks
from engagement.client import client_address
from engagement.forms.ideas import IdeaForm
from engagement.models import Call
from engagement.views.calls import call_context
from engagement.views.responses import SeeOther, refused

SENDS_AN_HOUR = 30


def too_many(request: HttpRequest, what: str) -> bool:
    """Has this visitor sent too much within the hour? Generous: a library has one address for many."""
    return not services.count_attempt(
        what=what, who=client_address(request), limit=SENDS_AN_HOUR, seconds=3600, at=timezone.now()
    )


def too_many_words() -> str:
    return _(
        "Many texts came from your network within an hour, so we cannot take this one now. "
        "Your text is still here: please send it again a little later."
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def idea_new(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_object_or_404(Call.objects.public(), slug=slug)
    if request.method != "POST":
        if not call.is_open(timezone.now()):
            return render(request, "engagement/call_detail.html", call_context(call, timezone.now()))
        return _form_page(request, call, IdeaForm(call=call))
    form = IdeaForm(request.POST, call=call)
    status = 422
    if form.is_valid():
        if too_many(request, "send"):
            form.add_error(None, too_many_words())
            status = 429
        elif answer := _send(call, form):
            return answer
    return _form_page(request, call, form, status)


def _form_page(request: HttpRequest, call: Call, form: IdeaForm, status: int = 200) -> HttpResponse:
    context = {**call_context(call, timezone.now()), "form": form}
    return render(request, "engagement/idea_new.html", context, status=status)


def _send(call: Call, form: IdeaForm) -> HttpResponse | None:
    at = timezone.now()
    draft = form.draft(get_language() or "en")
    try:
        idea = services.submit_idea(
            call=call,
            draft=draft,
            at=at,
            form_key=form.key_for(call.slug, draft.problem, draft.proposal),
            held="looks automatic" if form.looks_automatic(at) else "",
        )
    except services.Refused as error:
        refused(form, error)
        return None
    tasks.nudge_mail()
    return SeeOther(f"{links.tracking_path(idea, get_language())}?thanks=1")
