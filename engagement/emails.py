"""Writes mails out of the outbox rows, in the reader's language, as text and as HTML from one template.

A template says its sentences once, in blocks; `emails/base.txt` and `emails/base.html` set them. Private
links and codes are made here, when the mail is written, and are stored nowhere.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_date

from engagement import links
from engagement.localized import localized
from engagement.models import Idea, Notice, Report, other_half

KINDS = {
    f"engagement.{name}": f"emails/{name}.txt"
    for name in (
        "idea_received",
        "idea_publish",
        "idea_decline",
        "idea_ask_correction",
        "idea_pass_on",
        "idea_link_duplicate",
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
        "report_received",
        "report_start",
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
    recipient = notice.contact or notice.user or notice.department
    assert recipient is not None
    message = EmailMultiAlternatives(
        subject=subject,
        body=_tidy(text),
        to=[recipient.email],
        headers={
            "Message-ID": notice.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": translation.get_language() or settings.LANGUAGE_CODE,
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
    if notice.department is not None:
        return context | _about_referral(notice, language)
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
    if notice.idea is not None:
        context |= _about_idea(notice.idea, at)
    if notice.report is not None:
        context |= _about_report(notice.report)
    return context


def _about_referral(notice: Notice, language: str) -> dict[str, Any]:
    """What a department reads of an idea: what everybody may read, and where it answers. Nobody's link."""
    idea = notice.idea
    assert idea is not None
    asked = idea.referrals.filter(department=notice.department).last()
    with translation.override(language):
        page = reverse("admin:engagement_referral_change", args=[asked.pk]) if asked else ""
    return {
        "reference": idea.reference,
        "title": idea.public_title,
        "department": localized(notice.department.name if notice.department else {}, language),
        "desk": _absolute(page),
    }


def _about_idea(idea: Idea, at: datetime) -> dict[str, Any]:
    step = idea.next_step(at)
    about: dict[str, Any] = {
        "title": idea.title,
        "call": localized(idea.call.title),
        "after_cutoff": idea.after_cutoff,
        "is_public": idea.is_public,
        "public_link": _absolute(links.public_path(idea)),
        "outcome": idea.outcome,
        "outcome_link": _absolute(idea.outcome_link),
    }
    if step is not None:
        about["next_step"] = localized(step.get("label"))  # type: ignore[arg-type]
        about["next_date"] = parse_date(str(step["date"]))
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


def _about_report(report: Report) -> dict[str, Any]:
    idea = other_half(report)
    return {
        "service": localized(report.service.name),
        "expected_at": report.expected_at,
        "idea": idea.reference if idea else "",
    }


def _absolute(path: str) -> str:
    """The whole address of a page of this site; empty for what is none."""
    return f"{settings.WINNOW_BASE_URL}{path}" if path.startswith("/") else ""
