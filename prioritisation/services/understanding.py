"""Did we understand you? Asked of the senders of its ideas once an initiative is ready for assessment.

One answer a sender and initiative: who sent three of its ideas is asked once. Answers can be changed until
the round that assesses it is closed. Assessors and staff read them without names; a plan publishes how many
answered what (`plan_contents`).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.localized import localized
from engagement.models import Contact, Erasure, Idea, Notice
from engagement.privacy import mask
from engagement.services import (
    Asking,
    Question,
    Refused,
    Said,
    add_asking,
    add_preview,
    cancel_waiting,
    queue_notice,
)
from engagement.text import without_unseen
from engagement.workflow import IdeaState
from prioritisation import emails
from prioritisation.models import Entry, IdeaLink, Initiative, Round, Understanding
from prioritisation.workflow import InitiativeState, RoundState

ASKED = "prioritisation.understood"
WAIT = timedelta(minutes=10)
"""As long as the manager may notice that it was not ready after all."""
LEAST_ANSWERS = 3
"""Below this a plan publishes nothing of the answers: who knows the senders would read what each said."""
_FROM_FILES = (Idea.Channel.IMPORT, Idea.Channel.API)
_FIXED = (RoundState.CLOSED, RoundState.DECIDED)


def ask_senders(initiative: Initiative, *, at: datetime) -> int:
    """Asks the senders of its ideas who were not asked yet; gives how many. Inside a transaction."""
    links = list(
        initiative.idea_links.select_related("idea__contact", "understanding").order_by("linked_at", "pk")
    )
    if not _is_open(initiative):
        return 0
    asked = {_address(link) for link in links if hasattr(link, "understanding")} - {""}
    silent = _without_sender([link.idea for link in links])
    fresh = []
    for link in links:
        address = _address(link)
        if hasattr(link, "understanding") or address in asked or link.idea.reference in silent:
            continue
        asked |= {address} - {""}
        fresh.append(link)
    Understanding.objects.bulk_create(Understanding(link=link, asked_at=at) for link in fresh)
    for link in fresh:
        if _wants_mail(link.idea.contact):
            queue_notice(
                kind=ASKED,
                at=at,
                contact=link.idea.contact,
                idea=link.idea,
                context={"initiative": initiative.pk},
                wait=WAIT,
            )
    return len(fresh)


def _address(link: IdeaLink) -> str:
    contact = link.idea.contact
    return contact.email.lower() if contact else ""


def _without_sender(ideas: list[Idea]) -> set[str]:
    """References of ideas with nobody to answer: out of a file, taken back, or erased."""
    references = [idea.reference for idea in ideas]
    rows = Erasure.objects.exclude(what=Erasure.What.WITHDRAWN).filter(reference__in=references)
    erased = set(rows.values_list("reference", flat=True))
    return erased | {
        idea.reference
        for idea in ideas
        if idea.state != IdeaState.PUBLISHED
        or (idea.channel in _FROM_FILES and not (idea.contact and idea.contact.email))
    }


def take_question_back(initiative: Initiative, ideas: Iterable[Idea] | None = None) -> None:
    """It was not ready after all, or these ideas left it: mails that wait do not leave, and who was to get
    one is asked anew when the time comes."""
    waiting = Notice.objects.filter(kind=ASKED, context__initiative=initiative.pk)
    if ideas is not None:
        waiting = waiting.filter(idea__in=ideas)
    taken = cancel_waiting(waiting)
    asked = Understanding.objects.filter(link__initiative=initiative, answer="")
    asked.filter(link__idea__in=[one.idea_id for one in taken]).delete()


def _wants_mail(contact: Contact | None) -> bool:
    """Who agreed to be told, or to be asked. The others find the question on their private page."""
    return contact is not None and bool(contact.updates_consent_at or contact.questions_consent_at)


def asked_about(idea: Idea, reference: str) -> Understanding | None:
    """The question that the idea's sender is asked about this initiative."""
    rows = Understanding.objects.select_related("link__initiative__programme", "link__idea")
    return rows.filter(link__idea=idea, link__initiative__reference=reference).first()


def may_answer(asked: Understanding) -> bool:
    return asked.link.idea.state == IdeaState.PUBLISHED and _is_open(asked.link.initiative)


def _is_open(initiative: Initiative) -> bool:
    """Ready, and not in a round that is closed: of several rounds the newest counts."""
    if initiative.state != InitiativeState.READY:
        return False
    newest = initiative.entries.order_by("-round_id").values_list("round__state", flat=True).first()
    return newest not in _FIXED


def _locked(asked: Understanding) -> Understanding | None:
    """The question as it is now; None where it is not asked any more.

    Locked with all that says whether it may be answered, in the order in which publishing takes them: rounds,
    initiative, idea. So nobody closes the round or takes the idea back between the look and the answer.
    """
    initiative, idea = asked.link.initiative_id, asked.link.idea_id
    entered = Entry.objects.filter(initiative=initiative).values("round")
    for rows in (
        Round.objects.filter(pk__in=entered).order_by("pk"),
        Initiative.objects.filter(pk=initiative),
        Idea.objects.filter(pk=idea),
    ):
        list(rows.select_for_update(no_key=True).values_list("pk"))
    now = Understanding.objects.select_for_update(of=("self",)).select_related(
        "link__initiative", "link__idea"
    )
    return now.filter(pk=asked.pk).first()


@transaction.atomic
def answer_understanding(*, asked: Understanding, answer: str, why: str, at: datetime) -> Understanding:
    """The sender's answer, in place of an earlier one. Others read the words, so they are masked at once."""
    if answer not in Understanding.Answer.values:
        raise Refused(_("Choose one of the answers."), field="answer")
    now = _locked(asked)
    if now is None or not may_answer(now):
        raise Refused(_("The assessment is over, so answers do not change any more."))
    asked = now
    asked.answer, asked.why, asked.answered_at = answer, mask(without_unseen(why).strip()), at
    asked.save(update_fields=["answer", "why", "answered_at"])
    return asked


# --- What is told of the answers ------------------------------------------------------------------


def understood(initiatives: Iterable[Initiative | int]) -> dict[int, dict[str, int]]:
    """By key of the initiative: asked, yes, partly, no, silent; nothing where nobody was asked. One query."""
    keys = [one.pk if isinstance(one, Initiative) else one for one in initiatives]
    rows = Understanding.objects.filter(link__initiative__in=keys).order_by()
    found: dict[int, Counter[str]] = {}
    for key, answer in rows.values_list("link__initiative_id", "answer"):
        found.setdefault(key, Counter()).update(["asked", *([answer] if answer else [])])
    return {key: _counts(counted) for key, counted in found.items()}


def _counts(counted: Counter[str]) -> dict[str, int]:
    said = {answer: counted[answer] for answer in Understanding.Answer.values}
    return {"asked": counted["asked"], **said, "silent": counted["asked"] - sum(said.values())}


def understood_in_short(initiative: Initiative) -> dict[str, Any]:
    """For a page: the counts (None where nobody was asked) and every answer, those that say no first."""
    rows = Understanding.objects.filter(link__initiative=initiative).select_related("link__idea")
    asked = list(rows.order_by("answered_at", "pk"))
    counted = Counter({"asked": len(asked)}) + Counter(one.answer for one in asked if one.answer)
    order = {"no": 0, "partly": 1, "yes": 2}
    answers = sorted((one for one in asked if one.answer), key=lambda one: order[one.answer])
    return {"understood": _counts(counted) if asked else None, "answers": answers}


def published_answers(initiatives: Iterable[Initiative]) -> dict[str, int] | None:
    """What a plan publishes: the sum over its initiatives, and nothing where fewer than three answered.

    Not of each initiative: many have one idea, and the sum less the others would tell what its sender said.
    """
    summed: Counter[str] = Counter()
    for one in understood(initiatives).values():
        summed.update(one)
    answered = sum(summed[answer] for answer in Understanding.Answer.values)
    return _counts(summed) if answered >= LEAST_ANSWERS else None


def answers_lost(initiative: Initiative, ideas: Iterable[Idea]) -> dict[int, str]:
    """By idea what its sender answered, for the timeline: it goes with the idea that is taken out."""
    rows = Understanding.objects.filter(link__initiative=initiative, link__idea__in=list(ideas))
    return {one.link.idea_id: f" ({one.answer})" for one in rows.exclude(answer="").select_related("link")}


# --- What the private page, the sender's copy and the eraser ask -----------------------------------


def _of(idea: Idea) -> Any:
    rows = Understanding.objects.filter(link__idea=idea).select_related("link__initiative", "link__idea")
    hidden = (InitiativeState.DRAFT, InitiativeState.MERGED)
    return rows.exclude(link__initiative__state__in=hidden).order_by("asked_at", "pk")


def _questions(idea: Idea) -> list[Question]:
    return [
        Question(
            about=one.link.initiative.reference,
            page="prioritisation:understood",
            title=localized(one.link.initiative.title),
            answered=one.get_answer_display() if one.answer else "",
            open=may_answer(one),
            until=None if one.answer else one.link.initiative.assessed_until(),
        )
        for one in _of(idea)
    ]


def _said(idea: Idea) -> list[Said]:
    return [
        {
            "asked": "did we understand you",
            "about": one.link.initiative.reference,
            "answer": one.answer,
            "why": one.why,
            "at": one.answered_at.isoformat() if one.answered_at else None,
        }
        for one in Understanding.objects.filter(link__idea=idea)
        .exclude(answer="")
        .select_related("link__initiative")
        .order_by("pk")
    ]


def _forget(idea: Idea) -> None:
    Understanding.objects.filter(link__idea=idea).update(why="")


ASKING = add_asking(Asking(questions=_questions, said=_said, forget=_forget))
PREVIEW = add_preview("prioritisation", emails.preview)
