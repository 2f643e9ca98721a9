"""Notes on an idea's page, and reports of abuse: without an account, known by the browser's signed cookie."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from engagement import links, services
from engagement.client import client_address
from engagement.forms.notes import AbuseForm, AnswerNoteForm, NoteForm
from engagement.models import Idea, Note
from engagement.views import limits
from engagement.views.forgery import without_cookies
from engagement.views.ideas import idea_page
from engagement.views.known import known_person
from engagement.views.noted import note_context, own_note
from engagement.views.responses import SeeOther, refused
from engagement.views.supports import remember, token_of
from engagement.workflow import NoteState

NOTES_AN_HOUR = 30
REPORTS_AN_HOUR = 20
DAY = 24 * 3600


def _back(idea: Idea, done: str) -> SeeOther:
    return SeeOther(f"{links.public_path(idea, get_language())}?note={done}#notes")


@never_cache
@require_POST
def idea_note(request: HttpRequest, reference: str) -> HttpResponse:
    """Sends a note, takes one's own back, or answers why it was hidden."""
    idea = get_object_or_404(Idea.objects.public().with_page_parts(), reference=reference)
    act = {"back": _take_back, "answer": _answer}.get(request.POST.get("do", ""), _add)
    return act(request, idea)


def _page(request: HttpRequest, idea: Idea, status: int, **forms: Any) -> HttpResponse:
    context = {**idea_page(request, idea), **note_context(request, idea, **forms)}
    return render(request, "engagement/idea_detail.html", context, status=status)


def _add(request: HttpRequest, idea: Idea) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, idea, 422, form=form)
    if limits.over(request, "note", NOTES_AN_HOUR):
        form.add_error(None, limits.too_many_texts())
        return _page(request, idea, 429, form=form)
    at = timezone.now()
    said = form.cleaned_data
    person, token = known_person(request), token_of(request)
    if person is None and not token:
        token = form.token(idea.reference, said["kind"], said["text"])
    try:
        services.add_note(
            idea=idea,
            author=services.Author(person, token),
            kind=said["kind"],
            text=said["text"],
            language=get_language() or "en",
            at=at,
            signs=form.signs(at, services.count_network(what="text", who=client_address(request), at=at)),
        )
    except services.Refused as error:
        refused(form, error)
        return _page(request, idea, 422, form=form)
    answer = _back(idea, "sent")
    if person is None:
        remember(answer, token)
    return answer


def _own(request: HttpRequest, idea: Idea) -> Note:
    own = own_note(request, idea)
    if own is None:
        raise Http404
    return own


def _take_back(request: HttpRequest, idea: Idea) -> HttpResponse:
    services.take_back_note(note=_own(request, idea), at=timezone.now())
    return _back(idea, "back")


def _answer(request: HttpRequest, idea: Idea) -> HttpResponse:
    own = _own(request, idea)
    form = AnswerNoteForm(request.POST)
    if form.is_valid():
        try:
            services.answer_note(note=own, answer=form.cleaned_data["answer"], at=timezone.now())
        except services.Refused as error:
            refused(form, error)
        else:
            return _back(idea, "answered")
    return _page(request, idea, 422, answer=form)


@without_cookies
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def idea_abuse(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Tells moderators that an idea, or a note on it, should not stand there."""
    idea = get_object_or_404(Idea.objects.public().with_page_parts(), reference=reference)
    note = None
    if pk is not None:
        note = get_object_or_404(Note.objects.filter(idea=idea, state=NoteState.PUBLISHED), pk=pk)
    if not idea.shows_text:
        raise Http404
    form = AbuseForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        if limits.over(request, "abuse", REPORTS_AN_HOUR):
            form.add_error(None, limits.too_many_texts())
            status = 429
        elif _report(request, form, idea, note):
            return SeeOther(f"{request.path}?thanks=1")
    context = {"idea": idea, "note": note, "form": form, "thanks": "thanks" in request.GET}
    return render(request, "engagement/abuse.html", context, status=status)


def _report(request: HttpRequest, form: AbuseForm, idea: Idea, note: Note | None) -> bool:
    """Writes it down, once a day from one network; what filled the trap in is thanked for and forgotten."""
    at = timezone.now()
    about = f"abuse-{'note' if note else 'idea'}-{note.pk if note else idea.pk}"
    first = services.count_attempt(what=about, who=client_address(request), limit=1, seconds=DAY, at=at)
    if not first or form.trapped:
        return True
    try:
        services.report_abuse(
            idea=None if note else idea,
            note=note,
            reason=form.cleaned_data["reason"],
            text=form.cleaned_data["text"],
            at=at,
        )
    except services.Refused as error:
        refused(form, error)
        return False
    return True
