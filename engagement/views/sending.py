"""Sending an idea: one page, one button; a look at what will be public for who wants one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from engagement import links, services, tasks
from engagement.client import client_address
from engagement.forms.ideas import WORDS_LIMIT, IdeaForm
from engagement.models import PERSONAL_WORDS, Call, Idea
from engagement.privacy import mask
from engagement.text import title_from
from engagement.views import limits
from engagement.views.calls import call_context
from engagement.views.forgery import browser_of, without_cookies
from engagement.views.responses import SeeOther, kept_for_going_back, refused
from engagement.views.similar import compared, suggestions

SENDS_AN_HOUR = 30


@without_cookies
@kept_for_going_back
@require_http_methods(["GET", "HEAD", "POST"])
def idea_new(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_object_or_404(Call.objects.public(), slug=slug)
    if request.method != "POST":
        if not call.is_open(timezone.now()):
            return render(request, "engagement/call_detail.html", call_context(call, timezone.now()))
        return _form_page(request, call, IdeaForm(call=call))
    if "carry" in request.POST:
        # From the other door: what was typed there is not typed twice, and never stands in an address.
        carried = request.POST.get("description", "")[:WORDS_LIMIT]
        return _form_page(request, call, IdeaForm(call=call, initial={"problem": carried}))
    form = IdeaForm(request.POST, request.FILES, call=call)
    if "change" in request.POST or not form.is_valid():
        return _form_page(request, call, form, 200 if "change" in request.POST else 422)
    if "preview" in request.POST:
        return _preview(request, call, form)
    found = form.personal()
    if found and "personal_ok" not in request.POST:
        return _form_page(request, call, form, 422, personal=_in_words(found))
    if limits.over(request, "send", SENDS_AN_HOUR):
        form.add_error(None, limits.too_many_texts())
        return _form_page(request, call, form, 429)
    return _send(request, call, form) or _form_page(request, call, form, 422)


def _in_words(found: list[Any]) -> list[dict[str, Any]]:
    return [{"question": one.question, "kind": PERSONAL_WORDS[one.kind], "text": one.text} for one in found]


def _form_page(
    request: HttpRequest, call: Call, form: IdeaForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**call_context(call, timezone.now()), "form": form, **more}
    return render(request, "engagement/idea_new.html", context, status=status)


def _preview(request: HttpRequest, call: Call, form: IdeaForm) -> HttpResponse:
    """The idea as everybody will read it, with ideas like it: nothing is kept yet."""
    said = form.cleaned_data
    text = compared(said["title"], said["problem"])
    context = {
        **call_context(call, timezone.now()),
        **suggestions(text, call, form.offered_themes()),
        "form": form,
        "hidden_fields": [field.as_hidden() for field in form if not field.name.startswith("photo")],
        "title": mask(said["title"].strip() or title_from(mask(said["problem"]))),
        "problem": mask(said["problem"]),
        "proposal": mask(said["proposal"]),
        "chosen_themes": [str(theme) for theme in form.draft("").themes],
        "personal": _in_words(form.personal()),
    }
    return render(request, "engagement/idea_preview.html", context)


def _send(request: HttpRequest, call: Call, form: IdeaForm) -> HttpResponse | None:
    at = timezone.now()
    draft = form.draft(get_language() or "en")
    try:
        idea = services.submit_idea(
            call=call,
            draft=draft,
            at=at,
            form_key=form.key_for(call.slug, draft.problem, draft.proposal, browser=browser_of(request, at)),
            signs=form.signs(at, services.count_network(what="text", who=client_address(request), at=at)),
        )
        _attach_photo(idea, form)
    except services.Refused as error:
        refused(form, error)
        return None
    tasks.nudge_mail()
    return SeeOther(f"{links.tracking_path(idea, get_language())}?thanks=1")


def _attach_photo(idea: Idea, form: IdeaForm) -> None:
    photo = form.cleaned_data.get("photo")
    if photo is not None and not idea.photos.exists():
        services.attach_photo(
            record=idea,
            photo=photo,
            caption=form.cleaned_data["photo_caption"],
            rights_confirmed=form.cleaned_data["photo_rights"],
            at=timezone.now(),
        )
