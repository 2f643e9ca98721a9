"""Asking for a refusal to be looked at again, on the sender's private pages."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from engagement import services
from engagement.forms.tracking import AppealForm
from engagement.models import Idea
from engagement.views.forgery import without_cookies
from engagement.views.responses import SeeOther, private_page, refused
from engagement.views.tracking import appeal_facts, held_by, own_path, private_context, to_status


@without_cookies
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_appeal(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """The form; where it is too late, the page says so and to whom to write."""
    idea = held_by(reference, token)
    facts = appeal_facts(idea) if isinstance(idea, Idea) else None
    if not isinstance(idea, Idea) or facts is None or facts["last"] is not None:
        return SeeOther(own_path(idea))
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.appeal(idea=idea, text=form.cleaned_data["text"], at=timezone.now())
        except services.Refused as error:
            refused(form, error)
        else:
            return to_status(idea, "appealed")
    context = {**private_context(request, idea), "form": form, "appeal": facts}
    context["refusal"] = idea.events.standing().filter(verb="decline").order_by("at", "pk").last()
    return private_page(
        request,
        "engagement/tracking_appeal.html",
        context,
        has_form=True,
        status=422 if form.errors else 200,
    )
