"""A translation beside an idea: put there by staff, never over the sender's words.

It is masked as the words are, found by the same search, and goes with them: when the sender withdraws or
erases, and when their time is over.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Idea, Translation, User
from engagement.privacy import mask
from engagement.services import moves
from engagement.services.errors import Refused
from engagement.services.holds import keep_as_held
from engagement.services.ideas import search_of
from engagement.services.staff_lines import write_staff_line

MAY = "engagement.translate_idea"
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Beside:
    """The words of a translation, and how they were made."""

    language: str
    title: str
    problem: str
    proposal: str = ""
    by_machine: bool = False


@transaction.atomic
def translate_idea(
    *, idea: Idea, words: Beside, by: User, at: datetime, version: int | None = None, sent_in: str = ""
) -> Translation:
    """Puts a translation beside the idea, in place of one into the same language.

    `sent_in` says in which language the sender wrote, where that is known better now than when it was sent.
    Stale when the idea, or a translation of it, changed since `version`.
    """
    _check(idea, by)
    original = sent_in or idea.language
    _check_words(idea, words, original)
    shown = {
        "title": mask(words.title.strip())[:LONGEST_TITLE],
        "problem": mask(words.problem.strip()),
        "proposal": mask(words.proposal.strip()),
    }
    if idea.translations.filter(language=words.language).exists():
        keep_as_held(idea)
    beside, _new = Translation.objects.update_or_create(
        idea=idea,
        language=words.language,
        defaults={
            **shown,
            "by_machine": words.by_machine,
            "earlier_wording": False,
            "made_at": at,
            "made_by": by,
        },
    )
    _searched_anew(idea, at, version, {"language": original})
    how = ", machine" if words.by_machine else ""
    write_staff_line(idea, "translate", by=by, at=at, note=f"{original} → {words.language}{how}")
    return beside


@transaction.atomic
def remove_translation(
    *, idea: Idea, language: str, by: User, at: datetime, version: int | None = None
) -> None:
    """Takes a translation away: the sender's words stand alone again in that language."""
    _check(idea, by)
    keep_as_held(idea)
    gone, _models = idea.translations.filter(language=language).delete()
    if not gone:
        raise Refused(_("There is no translation into this language."), code="missing")
    _searched_anew(idea, at, version, {})
    write_staff_line(idea, "remove_translation", by=by, at=at, note=language)


def _check(idea: Idea, by: User) -> None:
    if not by.has_perm(MAY):
        raise Refused(_("You are not allowed to do this."), code="forbidden")
    if not idea.shows_text or not idea.public_problem:
        raise Refused(_("The text of this idea is not shown: nothing is put beside it."), code="wrong_state")


def _check_words(idea: Idea, words: Beside, original: str) -> None:
    if words.language not in dict(settings.LANGUAGES):
        raise Refused(_("Choose one of the city’s languages."), field="language")
    if words.language == original or idea.translations.filter(language=original).exists():
        raise Refused(
            _("The sender’s words and the translation are in the same language. Say in which they wrote."),
            field="sent_in",
        )
    if not words.title.strip():
        raise Refused(_("Write the title."), field="title")
    if not words.problem.strip():
        raise Refused(_("Translate what the sender wrote."), field="problem")
    if idea.public_proposal and not words.proposal.strip():
        raise Refused(_("Translate what the sender wrote."), field="proposal")


def _searched_anew(idea: Idea, at: datetime, version: int | None, changes: dict[str, str]) -> None:
    """Whoever decides about the idea at this moment, or translates it too, is told that it changed."""
    shown = {name: getattr(idea, name) for name in ("public_title", "public_problem", "public_proposal")}
    moves.change(idea, {**changes, "search": search_of(idea, shown)}, at=at, version=version)
