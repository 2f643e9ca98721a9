"""What the page of an idea shows of its notes, and of this browser's own."""

from typing import Any

from django.http import HttpRequest

from engagement import services
from engagement.forms.notes import AnswerNoteForm, NoteForm
from engagement.models import Call, Idea, Note
from engagement.paging import Paginator
from engagement.views.known import known_person
from engagement.views.supports import token_of
from engagement.workflow import NoteState

PAGE = 10


def own_note(request: HttpRequest, idea: Idea) -> Note | None:
    """The note of whoever uses this browser, by their address or by its token."""
    return services.note_of(idea=idea, author=services.Author(known_person(request), token_of(request)))


def note_context(request: HttpRequest, idea: Idea, form: Any = None, answer: Any = None) -> dict[str, Any]:
    """What the page of an idea shows of its notes: no query where the invitation takes none."""
    if idea.call.notes == Call.Notes.NONE or not idea.shows_text:
        return {}
    notes = Note.objects.filter(idea=idea, state=NoteState.PUBLISHED).order_by("-sent_at", "-pk")
    shown = notes.only("kind", "public_text", "language", "sent_at")
    own = own_note(request, idea)
    open_to_all = services.may_note(idea)
    return {
        "takes_notes": True,
        "page_obj": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "own_note": own,
        "form": form or (NoteForm() if open_to_all and own is None else None),
        "answer_form": answer or (AnswerNoteForm() if own and own.state == NoteState.HIDDEN else None),
        "notes_held": idea.call.notes == Call.Notes.HELD,
        "note_done": request.GET.get("note") in {"sent", "back", "answered"} and request.GET["note"],
    }
