"""Ideas to take away: what the public may read, or the senders who agreed to be asked."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.exports.what import What
from engagement.models import Idea, Translation, User
from engagement.services import hand_out_contacts
from engagement.tables.writing import Column, Row
from engagement.workflow import IdeaState


def _public_columns() -> list[Column]:
    return [
        Column("reference", _("Reference"), _("Names the idea; it never changes.")),
        Column("call", _("Invitation"), _("Short name of the invitation that it answers.")),
        Column("state", _("State"), _("published, duplicate (joined), passed_on or declined.")),
        Column("title", _("Title"), _("In the sender’s words, personal data masked.")),
        Column("problem", _("Problem"), _("In the sender’s words, personal data masked.")),
        Column("proposal", _("Proposal"), _("In the sender’s words, personal data masked.")),
        Column("answers", _("Answers"), _("To the invitation’s own questions; none that are confidential.")),
        Column("language", _("Language"), _("Of the text, as a code.")),
        Column(
            "translations",
            _("Translations"),
            _("By the city’s staff, by language; never in place of the words."),
        ),
        Column("channel", _("How it came"), _("web, meeting, paper, phone, in_person, import or api.")),
        Column("themes", _("Themes"), _("Keys of its themes.")),
        Column("whole_city", _("Whole city"), _("Is it for the whole city?")),
        Column("district", _("District"), _("Code of the part of the city.")),
        Column("address", _("Address"), _("As the sender wrote it.")),
        Column("latitude", _("Latitude"), _("Degrees, WGS84. Empty: not known.")),
        Column("longitude", _("Longitude"), _("Degrees, WGS84. Empty: not known.")),
        Column("received_at", _("Received"), _("Where the city is.")),
        Column("published_at", _("Published"), _("Where the city is.")),
        Column("outcome", _("Outcome"), _("in_plan, set_aside or worked_up. Empty: no plan decided yet.")),
        *(
            Column(f"outcome_text_{code}", f"{_('Why')} ({name})", _("What the public was told."))
            for code, name in settings.LANGUAGES
        ),
        Column("outcome_link", _("Read on"), _("Path of the page about it.")),
    ]


_PLAIN = (
    *("reference", "state", "public_title", "public_problem", "public_proposal", "answers", "language"),
    *("channel", "whole_city", "address", "latitude", "longitude", "received_at", "published_at", "outcome"),
    *("outcome_text", "outcome_link"),
)


def _public_rows(keys: Sequence[int], by: User | None, at: datetime) -> Iterator[Row]:
    """Published texts only: none that is hidden, withdrawn, unpublished, of in-reach or erased."""
    readable = Idea.objects.public().readable().filter(pk__in=keys)
    found = {row["pk"]: row for row in readable.values("pk", "call__slug", "district__code", *_PLAIN)}
    themes: dict[int, list[str]] = {}
    through = Idea.themes.through._default_manager.filter(idea_id__in=list(found)).order_by("theme__order")
    for idea, theme in through.values_list("idea_id", "theme__key"):
        themes.setdefault(idea, []).append(theme)
    beside = _translations(list(found), timezone.get_current_timezone())
    codes = [code for code, _name in settings.LANGUAGES]
    zone = timezone.get_current_timezone()
    for key in keys:
        if (row := found.get(key)) is not None:
            yield _public_row({**row, "translations": beside.get(key)}, themes.get(key, []), codes, zone)


def _translations(keys: list[int], zone: tzinfo) -> dict[int, dict[str, dict[str, Any]]]:
    """What stands beside each idea, by its language, with the fields that the API gives."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    fields = (
        "idea_id",
        "language",
        "title",
        "problem",
        "proposal",
        "by_machine",
        "earlier_wording",
        "made_at",
    )
    for row in Translation.objects.filter(idea__in=keys).order_by("language").values(*fields):
        made = row["made_at"].astimezone(zone).isoformat()
        idea, language = row.pop("idea_id"), row.pop("language")
        found.setdefault(idea, {})[language] = {**row, "made_at": made}
    return found


def _public_row(row: dict[str, Any], themes: list[str], codes: list[str], zone: tzinfo) -> dict[str, Any]:
    published = row["published_at"]
    return {
        **row,
        "call": row["call__slug"],
        "title": row["public_title"],
        "problem": row["public_problem"],
        "proposal": row["public_proposal"],
        "answers": row["answers"] or None,
        "themes": themes,
        "district": row["district__code"],
        "received_at": row["received_at"].astimezone(zone),
        "published_at": published.astimezone(zone) if published else None,
        "outcome": row["outcome"] or None,
        **{f"outcome_text_{code}": row["outcome_text"].get(code) for code in codes},
        "outcome_link": row["outcome_link"] or None,
    }


IDEAS = What(
    key="ideas",
    title=gettext_lazy("Ideas, as the public reads them"),
    permission="engagement.export_idea",
    columns=_public_columns,
    rows=_public_rows,
)


def _contact_columns() -> list[Column]:
    return [
        Column("reference", _("Reference"), _("Of the idea.")),
        Column("title", _("Title"), _("Of the idea, personal data masked.")),
        Column("state", _("State"), _("Of the idea, as a code.")),
        Column("name", _("Name"), _("Personal data: every export is recorded.")),
        Column("email", _("E-mail"), _("Personal data: every export is recorded.")),
        Column("phone", _("Phone"), _("Personal data: every export is recorded.")),
        Column("language", _("Language"), _("In which the sender is written to.")),
        Column("agreed_at", _("Agreed to be asked"), _("When the sender agreed to be asked questions.")),
    ]


def _contact_rows(keys: Sequence[int], by: User | None, at: datetime) -> Iterator[Row]:
    """Only senders who agreed to be asked; a line in each idea's timeline says who took them away."""
    assert by is not None
    ideas = Idea.objects.filter(pk__in=keys)
    contacts = hand_out_contacts(ideas=ideas, by=by, at=at)
    shown = {idea.pk: idea for idea in ideas.only("reference", "public_title", "state")}
    for key in keys:
        idea = shown.get(key)
        contact = contacts.get(idea.reference) if idea is not None else None
        if idea is None or contact is None:
            continue
        yield {
            "reference": idea.reference,
            "title": idea.public_title if idea.state != IdeaState.WITHDRAWN else "",
            "state": idea.state,
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "language": contact.language,
            "agreed_at": timezone.localtime(contact.questions_consent_at),
        }


CONTACTS = What(
    key="contacts",
    title=gettext_lazy("Senders who agreed to be asked, with their contacts"),
    permission="engagement.export_contact",
    columns=_contact_columns,
    rows=_contact_rows,
    recorded=True,
)
