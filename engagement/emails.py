"""Writes mails out of the outbox rows, in the reader's language, as text and as HTML from one template.

A template says its sentences once, in blocks; `emails/base.txt` and `emails/base.html` set them. Private
links and codes are made here, when the mail is written, and are stored nowhere.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from engagement import links
from engagement.localized import localized
from engagement.models import Department, Event, Idea, Notice, Person, Report, Step, appeal_window, other_half
from engagement.text import without_unseen

LINK_LIVES = timedelta(hours=24)
"""How long a mailed link carries out what it was mailed for."""

KINDS = {
    f"engagement.{name}": f"emails/{name}.txt"
    for name in (
        "idea_received",
        "idea_publish",
        "idea_decline",
        "idea_ask_correction",
        "idea_grant_appeal",
        "idea_refuse_appeal",
        "idea_pass_on",
        "idea_link_duplicate",
        "idea_joined_by",
        "idea_unlink_duplicate",
        "idea_reopen",
        "idea_outcome",
        "idea_answer",
        "idea_split",
        "idea_take_as_report",
        "idea_take_back",
        "report_take_as_idea",
        "report_take_back",
        "referral_asked",
        "department_reports",
        "person_link",
        "person_news",
        "report_received",
        "report_start",
        "report_update",
        "report_close",
        "report_reopen",
        "import_done",
        "export_done",
    )
}
"""Every kind of notice that this app sends, with the template that says it."""


class UnknownKind(Exception):  # noqa: N818 - it is said as a sentence
    """A notice whose kind has no mail: its row says so, and it is not tried for ever."""


def compose(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The mail for one notice as it stands at `at`. Raises UnknownKind."""
    return written(notice, KINDS, lambda language: _context(notice, at, language))


def preview(notice: Notice, at: datetime) -> EmailMultiAlternatives:
    """The same mail for staff to read before it leaves: without what only its sender may see."""
    return written(notice, KINDS, lambda language: _for_staff(notice, _context(notice, at, language)))


def _for_staff(notice: Notice, context: dict[str, Any]) -> dict[str, Any]:
    if notice.idea is not None:
        context = context | {"title": shown_title(notice.idea)}
    if context.get("desk"):  # the question has no address before it was asked
        context = context | {"desk": _("(the page of this question)")}
    return without_secrets(context)


def without_secrets(context: dict[str, Any], *private_pages: str) -> dict[str, Any]:
    """Words in place of what lets whoever has it act for the sender.

    `private_pages`: further names in `context` whose address holds the sender's token.
    """
    private = _("(the sender’s private link)")
    words = {
        "link": private,
        "code": _("(code)"),
        "address_link": _("(a link that confirms the address)"),
        **dict.fromkeys(private_pages, private),
    }
    return context | {name: words[name] for name in words if context.get(name)}


def written(
    notice: Notice, kinds: Mapping[str, str], context: Callable[[str], dict[str, Any]]
) -> EmailMultiAlternatives:
    """The mail for one notice, out of the template that `kinds` names, in the reader's language.

    `context` gives what the template needs, for a language that is in force when it is asked.
    """
    template = kinds.get(notice.kind)
    if template is None:
        raise UnknownKind(f"no mail is written for notices of the kind {notice.kind}")
    language = notice.language if notice.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return _write(notice, template, {**common(language), **context(language)})


def common(language: str) -> dict[str, Any]:
    """What every mail says about the city."""
    french = language == "fr"
    return {
        "city": settings.WINNOW_CITY_NAME_FR if french else settings.WINNOW_CITY_NAME,
        "city_email": settings.WINNOW_CONTACT_EMAIL,
        "language": language,
    }


def _write(notice: Notice, template: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """A mail out of a template: its first line is the subject, the rest is said as text and as HTML."""
    subject, _, text = _render(template, "emails/base.txt", context).partition("\n")
    subject = " ".join(subject.split())
    _subject, _, html = _render(template, "emails/base.html", {**context, "subject": subject}).partition("\n")
    recipient = notice.contact or notice.user or notice.department or notice.person
    assert recipient is not None
    message = EmailMultiAlternatives(
        subject=subject,
        body=_tidy(text),
        to=[recipient.email],
        headers={
            "Message-ID": notice.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": translation.get_language() or settings.LANGUAGE_CODE,
            **context.get("headers", {}),
        },
    )
    html = re.sub(r"\n\s*<p></p>", "", html)  # paragraphs this kind of mail has nothing to say in
    message.attach_alternative(html.strip() + "\n", "text/html")
    return message


def _render(template: str, layout: str, context: dict[str, Any]) -> str:
    compiled = get_template(template).template  # type: ignore[attr-defined]
    html = layout.endswith(".html")
    return str(
        compiled.render(Context({**context, "layout": layout, "html": html}, autoescape=html))
    ).lstrip()


def _tidy(text: str) -> str:
    """Text without the empty lines that unused blocks leave behind: at most one between paragraphs."""
    paragraphs = [
        "\n".join(line.rstrip() for line in part.strip().splitlines()) for part in text.split("\n\n")
    ]
    return "\n\n".join(part for part in paragraphs if part) + "\n"


_OF_A_JOB = ("name", "read", "created", "already_there", "refused", "rows")


def _context(notice: Notice, at: datetime, language: str) -> dict[str, Any]:
    counts = {name: notice.context[name] for name in _OF_A_JOB if name in notice.context}
    context: dict[str, Any] = {**counts, "text": localized(notice.context.get("text"), language)}
    if notice.person is not None:
        return context | _to_person(notice.person, notice, at, language)
    if notice.department is not None:
        about = _about_reports if notice.idea is None else _about_referral
        return context | about(notice, language)
    if "job" in notice.context:
        page = reverse("admin:engagement_job_change", args=[notice.context["job"]])
        context["job_link"] = _absolute(page)
    record = notice.idea or notice.report
    if record is not None:
        context |= {
            "reference": record.reference,
            "link": links.tracking_url(record, language),
            "code": links.tracking_code(record),
        }
        contact = notice.contact
        if contact is not None and contact.confirmed_at is None and notice.kind.endswith("_received"):
            context["address_link"] = _absolute(links.address_path(record, language))
    if notice.idea is not None:
        context |= _about_idea(notice.idea, at)
    if notice.report is not None:
        context |= _about_report(notice.report, at)
    return context


def _to_person(person: Person, notice: Notice, at: datetime, language: str) -> dict[str, Any]:
    """A link that carries out a wish, or news of what is followed with the way to end them."""
    if "wish" in notice.context:
        wish = str(notice.context["wish"])
        kind, _dash, reference = wish.partition("-")
        address = _absolute(links.wish_path(person, wish, at + LINK_LIVES))
        return {"wish": kind, "reference": reference, "wish_link": address}
    stop = _absolute(links.stop_path(person))
    with translation.override(language):
        mine = _absolute(reverse("engagement:mine"))
    return {
        "items": _news(notice.context.get("events", []), at),
        "stop_link": stop,
        "mine_link": mine,
        "headers": {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    }


def _news(keys: list[int], at: datetime) -> list[dict[str, Any]]:
    """One entry an event that still holds, of what is still public, in the order in which it happened."""
    events = Event.objects.public().filter(pk__in=keys).order_by("at", "pk")
    found = []
    for event in events.select_related("idea__call", "report__service"):
        record = event.idea or event.report
        if record is None or not record.is_public:
            continue
        found.append(
            {
                "title": shown_title(record),
                "reference": record.reference,
                "state": record.get_state_display(),
                "text": localized(event.text),
                "at": event.at,
                "link": _absolute(links.public_path(record, translation.get_language())),
                **_next(record.next_step(at)),
            }
        )
    return found


def shown_title(record: Idea | Report) -> str:
    """The title as others than its sender may read it: masked, or the reference where it is hidden."""
    if isinstance(record, Report):
        return localized(record.service.name)
    return record.public_title if record.shows_text else record.reference


def _about_referral(notice: Notice, language: str) -> dict[str, Any]:
    """What a department reads of an idea: what everybody may read, and where it answers. Nobody's link."""
    idea = notice.idea
    assert idea is not None
    asked = idea.referrals.filter(department=notice.department).last()
    with translation.override(language):
        page = reverse("admin:engagement_referral_change", args=[asked.pk]) if asked else ""
    return {
        "reference": idea.reference,
        "title": shown_title(idea),
        "department": localized(notice.department.name if notice.department else {}, language),
        "desk": _absolute(page),
    }


def _about_reports(notice: Notice, language: str) -> dict[str, Any]:
    """What a department reads of its own reports: what is public of them, and where it works on them."""
    assert notice.department is not None
    titles = {
        "new": pgettext("problem reports", "New"),
        "late": _("Past the promised day"),
        "back": _("Not fixed, says the sender"),
    }
    groups = []
    for name, title in titles.items():
        told = notice.context.get(name)
        rows = _own_reports(notice.department, told["reports"]) if told else []
        more = told["count"] - len(told["reports"]) if told else 0
        if rows or more:
            groups.append({"title": f"{title} ({len(rows) + more})", "reports": rows, "more": more})
    with translation.override(language):
        desk = reverse("admin:engagement_report_changelist")
    return {
        "groups": groups,
        "department": localized(notice.department.name, language),
        "desk": _absolute(desk),
    }


def _own_reports(department: Department, keys: list[int]) -> list[dict[str, Any]]:
    """Those that are still the department's and to do, in the order of the keys. The mail goes to a mailbox
    of many readers, and perhaps days late: no place of what stands on no public list."""
    mine = Report.objects.of_department(department.pk).open().select_related("service", "district")
    unread = ("description", "public_description", "answers", "search", "district__boundary")
    by_key = mine.defer(*unread).in_bulk(keys)
    listed = set(Report.objects.listed().filter(pk__in=by_key).values_list("pk", flat=True))
    found = []
    for report in (by_key[key] for key in keys if key in by_key):
        place = report.address or (localized(report.district.name) if report.district else "")
        found.append(
            {
                "reference": report.reference,
                "service": localized(report.service.name),
                "place": " ".join(place.split()) if report.pk in listed else "",
                "day": timezone.localdate(report.expected_at) if report.expected_at else None,
                "link": _absolute(reverse("admin:engagement_report_change", args=[report.pk])),
            }
        )
    return found


def _about_idea(idea: Idea, at: datetime) -> dict[str, Any]:
    about: dict[str, Any] = {
        "title": without_unseen(idea.title),
        "call": localized(idea.call.title),
        "after_cutoff": idea.after_cutoff,
        "is_public": idea.is_public,
        "public_link": _absolute(links.public_path(idea)),
        "outcome": idea.outcome,
        "outcome_link": _absolute(idea.outcome_link),
        **_next(idea.next_step(at)),
    }
    window = appeal_window(idea)
    if window is not None and window.last is None and at <= window.until:
        about["appeal_until"] = window.until
    report = other_half(idea)
    if isinstance(report, Report):
        about |= {"report": report.reference, "service": localized(report.service.name)}
    about["parts"] = ", ".join(idea.parts.order_by("pk").values_list("reference", flat=True))
    joined = idea.links_to_original.standing().select_related("original__call").first()
    if joined is not None:
        about["original"] = joined.original.reference
        if joined.original.is_public:
            about["original_link"] = _absolute(links.public_path(joined.original))
    return about


def _next(step: Step | None) -> dict[str, Any]:
    """What a mail says of the date that comes next, or of the last one that was not kept."""
    if step is None:
        return {}
    return {"next_step": localized(step.label), "next_date": step.day, "next_late": step.past}


def _about_report(report: Report, at: datetime) -> dict[str, Any]:
    idea = other_half(report)
    return {
        "service": localized(report.service.name),
        "expected_at": report.expected_at,
        "late": report.expected_at is not None and report.expected_at < at,
        "idea": idea.reference if idea else "",
    }


def _absolute(path: str) -> str:
    """The whole address of a page of this site; empty for what is none."""
    return f"{settings.WINNOW_BASE_URL}{path}" if path.startswith("/") else ""
