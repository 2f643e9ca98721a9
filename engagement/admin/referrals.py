"""Ideas that were passed on: what a department is asked, and where it answers."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from engagement import services
from engagement.admin import previews
from engagement.admin.answering import AnswerPages
from engagement.admin.opening import ALL, OpeningFilter
from engagement.localized import LocalizedFormField
from engagement.models import Referral
from engagement.workflow import ANSWER, TRIAGE, IdeaState

WAITING, ANSWERED = "waiting", "answered"


def may_read(user: Any, referral: Referral) -> bool:
    """What is no longer passed on, a department reads as far as everybody may; it was opened again for a
    reason, perhaps for what stands in it."""
    idea = referral.idea
    open_to_all = idea.state == IdeaState.PASSED_ON or idea.is_public
    return bool(idea.shows_text and (open_to_all or user.has_perm(TRIAGE)))


class AnswerForm(forms.Form):
    answer = LocalizedFormField(
        label=gettext_lazy("The answer"),
        help_text=gettext_lazy("The sender and the public read it. One language is enough."),
        rows=5,
    )


class AnswerFilter(OpeningFilter):
    title = gettext_lazy("answer")
    parameter_name = "answer"
    opening = WAITING

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waiting")), (ANSWERED, pgettext("answer", "given")), (ALL, _("all"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen()
        if chosen == WAITING:
            return queryset.unanswered()
        return queryset.filter(answered_at__isnull=False) if chosen == ANSWERED else queryset


@admin.register(Referral)
class ReferralAdmin(AnswerPages):
    """A department sees what was passed on to it, and of that only what everybody may read."""

    page = "answer"
    opened_by = (TRIAGE, ANSWER)
    answer_form = AnswerForm
    done = gettext_lazy("%(reference)s: answered.")
    detail_template = "admin/engagement/referral_detail.html"
    list_title = gettext_lazy("Ideas that were passed on")
    list_display = ("reference", "shown_title", "receiver", "asked", "answered")
    list_filter = (AnswerFilter,)

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request).select_related("idea__call", "department", "answered_by")
        if request.user.has_perm(TRIAGE):
            return found
        return found.for_member(getattr(request.user, "department_id", None))

    @admin.display(description=gettext_lazy("title"))
    def shown_title(self, referral: Referral) -> str:
        return referral.idea.public_title if referral.readable else _("(no text)")  # type: ignore[attr-defined]

    def note_row(self, request: HttpRequest, row: Any) -> None:
        row.readable = may_read(request.user, row)

    @admin.display(description=gettext_lazy("passed on to"))
    def receiver(self, referral: Referral) -> str:
        return str(referral.department or _("the plan that is being carried out"))

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, referral: Referral) -> str:
        if referral.answered_at is not None:
            return format_html('<span class="pill good">{}</span>', _("answered"))
        if referral.idea.state != IdeaState.PASSED_ON:
            return format_html('<span class="pill">{}</span>', _("no longer asked"))
        return format_html('<span class="pill warn">{}</span>', _("waiting"))

    def may_answer(self, request: HttpRequest, record: Referral) -> bool:
        return services.may_answer(request.user, record)  # type: ignore[arg-type]

    def answer(self, record: Referral, form: forms.Form, *, by: Any, at: datetime) -> object:
        return services.answer_referral(referral=record, answer=form.cleaned_data["answer"], by=by, at=at)

    def for_reader(self, request: HttpRequest, preview: dict[str, Any]) -> dict[str, Any]:
        return preview if request.user.has_perm(TRIAGE) else previews.without_sender(preview)

    def form_context(self, request: HttpRequest, record: Referral, form: Any) -> dict[str, Any]:
        idea = record.idea
        open_still = Referral.objects.unanswered().filter(pk=record.pk).exists()
        return {
            "title": _("Passed on: %(reference)s") % {"reference": idea.reference},
            "readable": may_read(request.user, record),
            "asked": idea.events.standing().filter(verb="pass_on", at=record.asked_at).last(),
            "asks": open_still or form.is_bound,
        }
