"""Did we understand you? The private page on which an idea's sender answers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from engagement.models import Idea
from engagement.services import Refused
from engagement.views.responses import SeeOther, private_page, refused
from engagement.views.tracking import held_by, own_path
from prioritisation import services
from prioritisation.forms.understanding import UnderstandingForm
from prioritisation.workflow import InitiativeState


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def understood(request: HttpRequest, reference: str, token: str, initiative: str) -> HttpResponse:
    """What the initiative says now, and whether that is what the sender meant."""
    idea = held_by(reference, token)
    asked = services.asked_about(idea, initiative) if isinstance(idea, Idea) else None
    if asked is None:
        raise Http404
    said = {"answer": asked.answer, "why": asked.why}
    form = UnderstandingForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_bound and form.is_valid():
        try:
            services.answer_understanding(asked=asked, at=timezone.now(), **form.cleaned_data)
        except Refused as error:
            refused(form, error)
        else:
            return SeeOther(f"{own_path(idea)}?done=understood")
    context = {
        "idea": idea,
        "asked": asked,
        "initiative": asked.link.initiative,
        "form": form,
        "open": services.may_answer(asked),
        "draft": asked.link.initiative.state == InitiativeState.DRAFT,
        "status": own_path(idea),
        "changed": asked.answered_at is not None and asked.link.initiative.changed_at > asked.answered_at,
    }
    status = 422 if form.errors else 200
    return private_page(request, "prioritisation/understood.html", context, has_form=True, status=status)
