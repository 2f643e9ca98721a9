"""Ideas that were passed on: what a department is asked, and where it answers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import services
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.submissions import age
from engagement.localized import LocalizedFormField
from engagement.models import Referral
from engagement.tasks import nudge_mail
from engagement.workflow import ANSWER, TRIAGE, IdeaState

WAITING, ANSWERED, ALL = "waiting", "answered", "all"


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


class AnswerFilter(admin.SimpleListFilter):
    """Opens on what waits."""

    title = gettext_lazy("answer")
    parameter_name = "answer"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waited for")), (ANSWERED, _("there")), (ALL, _("all"))]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or WAITING
        for value, label in self.lookup_choices:
            yield {
                "selected": str(value) == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.value() or WAITING
        if chosen == WAITING:
            return queryset.unanswered()
        return queryset.filter(answered_at__isnull=False) if chosen == ANSWERED else queryset


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """A department sees what was passed on to it, and of that only what everybody may read."""

    detail_template = "admin/engagement/referral_detail.html"
    list_title = gettext_lazy("Ideas that were passed on")
    list_display = ("reference", "shown_title", "receiver", "asked", "answered")
    list_filter = (AnswerFilter,)
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and any(request.user.has_perm(name) for name in (TRIAGE, ANSWER))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request).select_related("idea__call", "department", "answered_by")
        if request.user.has_perm(TRIAGE):
            return found
        return found.for_member(getattr(request.user, "department_id", None))

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["asked_at", "pk"]

    @admin.display(description=gettext_lazy("idea"))
    def reference(self, referral: Referral) -> str:
        return referral.idea.reference

    @admin.display(description=gettext_lazy("title"))
    def shown_title(self, referral: Referral) -> str:
        return referral.idea.public_title if referral.readable else _("(no text)")  # type: ignore[attr-defined]

    def note_row(self, request: HttpRequest, row: Any) -> None:
        row.readable = may_read(request.user, row)

    @admin.display(description=gettext_lazy("passed on to"))
    def receiver(self, referral: Referral) -> str:
        return str(referral.department or _("the plan that is being carried out"))

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, referral: Referral) -> str:
        return age(referral.asked_at)

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, referral: Referral) -> str:
        if referral.answered_at is not None:
            return format_html('<span class="pill good">{}</span>', _("answered"))
        if referral.idea.state != IdeaState.PASSED_ON:
            return format_html('<span class="pill">{}</span>', _("no longer asked"))
        return format_html('<span class="pill warn">{}</span>', _("waited for"))

    # One of them, with the form -----------------------------------------------------------------

    def get_urls(self) -> Any:
        page = self.admin_site.admin_view(self.answer_view)
        return [path("<int:pk>/answer/", page, name="engagement_referral_answer"), *super().get_urls()]

    def detail_context(self, request: HttpRequest, record: Referral) -> dict[str, Any]:
        return self._context(request, record, AnswerForm())

    def _context(self, request: HttpRequest, record: Referral, form: AnswerForm) -> dict[str, Any]:
        idea = record.idea
        asked = idea.events.standing().filter(verb="pass_on", at=record.asked_at).last()
        open_still = Referral.objects.unanswered().filter(pk=record.pk).exists()
        return {
            "title": _("Passed on: %(reference)s") % {"reference": idea.reference},
            "idea": idea,
            "readable": may_read(request.user, record),
            "asked": asked,
            "form": form,
            "asks": open_still or form.is_bound,
            "address": self.url("answer", record.pk),
            "media": self.media + form.media,
            "idea_url": self._idea_url(request, record),
        }

    def _idea_url(self, request: HttpRequest, record: Referral) -> str:
        """The idea's own page at the desk, for who may open it."""
        ideas = self.admin_site.get_model_admin(type(record.idea))
        return ideas.detail_url(record.idea_id) if ideas.has_view_permission(request) else ""  # type: ignore[attr-defined]

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record(request, str(pk))
        if request.method != "POST":
            return HttpResponseRedirect(self.detail_url(pk))
        if not services.may_answer(request.user, record):  # type: ignore[arg-type]
            raise PermissionDenied
        form = AnswerForm(request.POST)
        if form.is_valid() and self._answered(request, record, form):
            return HttpResponseRedirect(self.url("changelist"))
        context = {**self.page_context(request, ""), "record": record}
        return TemplateResponse(
            request, self.detail_template, {**context, **self._context(request, record, form)}
        )

    def _answered(self, request: HttpRequest, record: Referral, form: AnswerForm) -> bool:
        try:
            services.answer_referral(
                referral=record,
                answer=form.cleaned_data["answer"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except services.Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return False
        nudge_mail()
        messages.success(request, _("%(reference)s: answered.") % {"reference": record.idea.reference})
        return True
