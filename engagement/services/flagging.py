"""Flags: why a text waits for a moderator, written with the text itself."""

from datetime import datetime, timedelta
from itertools import chain

from engagement.flags import HELD_ALWAYS, Reason, Signs, reasons
from engagement.models import Call, Flag, Idea, Note, Report, ReportService
from engagement.privacy import mask
from engagement.services.similar import similar_ideas
from engagement.text import fold
from engagement.workflow import IdeaState, ReportState

LATELY = timedelta(days=30)
MOST_TWINS = 300
"""Texts of late that a new one is held against."""
BEGINNING = 80
"""Signs of a text, folded, that another has to share before the two are held against each other."""
ALIKE = 0.6
"""What the index finds less alike is not the same text."""


def body_of(problem: str, proposal: str) -> str:
    """What of an idea is held against others: its words without the title."""
    return "\n".join(words for words in (problem, proposal) if words.strip())


def find_flags(
    *, call: Call, problem: str, signs: Signs, at: datetime, proposal: str = "", title: str = ""
) -> list[Reason]:
    """What speaks for reading the text first: how it came, what it holds, and whether it came before."""
    body = body_of(problem, proposal)
    late = Idea.objects.filter(call=call, received_at__gte=at - LATELY).exclude(state=IdeaState.WITHDRAWN)
    # The newest, which the index may not know yet; and whatever the index finds among all older ones.
    newest = late.order_by("-received_at", "-pk").values_list("reference", "problem", "proposal")[:MOST_TWINS]
    among = Idea.objects.filter(call=call).exclude(state=IdeaState.WITHDRAWN)
    alike = [one.idea for one in similar_ideas(text=body, among=among, least=ALIKE)]
    rows = chain(newest, ((idea.reference, idea.problem, idea.proposal) for idea in alike))
    others = ((reference, body_of(problem, proposal)) for reference, problem, proposal in rows)
    text = f"{title}\n{body}" if title.strip() else body
    return reasons(text, signs=signs, words=call.word_list.splitlines(), others=others, body=body)


def find_report_flags(*, service: ReportService, text: str, signs: Signs, at: datetime) -> list[Reason]:
    """The same of a problem report, which is public and worked on all the same."""
    late = Report.objects.filter(service=service, received_at__gte=at - LATELY)
    # Among all that came of late, those that begin alike: a busy service has more than can be read.
    begun = fold(mask(text))[:BEGINNING]
    others = (
        late.exclude(state=ReportState.WITHDRAWN)
        .filter(search__contains=f" {begun}")
        .order_by("-received_at", "-pk")
        .values_list("reference", "description")[:MOST_TWINS]
    )
    return reasons(text, signs=signs, others=others)


def holds(moderation: str, found: list[Reason]) -> bool:
    """Does a text with these reasons wait for staff, although others of its invitation do not?"""
    if moderation == Call.Moderation.FLAGGED:
        return bool(found)
    return any(reason.kind in HELD_ALWAYS for reason in found)


def write_flags(
    found: list[Reason],
    *,
    at: datetime,
    idea: Idea | None = None,
    note: Note | None = None,
    report: Report | None = None,
) -> None:
    of = {"idea": idea, "note": note, "report": report}
    Flag.objects.bulk_create(
        Flag(**of, kind=reason.kind, detail=reason.detail[:200], raised_at=at) for reason in found
    )
