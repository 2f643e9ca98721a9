"""Appeals: what senders say against a refusal, and where somebody else than who refused decides."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from engagement import services
from engagement.admin.answering import AnswerPages
from engagement.admin.opening import ALL, OpeningFilter
from engagement.localized import LocalizedFormField
from engagement.models import Appeal
from engagement.workflow import APPEALS

WAITING, DECIDED = "waiting", "decided"


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What you decide"),
        choices=[
            (Appeal.Outcome.GRANTED, gettext_lazy("Take the refusal back: the idea waits again")),
            (Appeal.Outcome.REFUSED, gettext_lazy("The refusal stands")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you decide.")},
    )
    text = LocalizedFormField(
        label=gettext_lazy("Why: what the sender and the public will read"),
        help_text=gettext_lazy("One language is enough."),
        rows=5,
    )
    note = forms.CharField(
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("Only staff read it."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class DecidedFilter(OpeningFilter):
    title = gettext_lazy("decision")
    parameter_name = "decided"
    opening = WAITING

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waiting")), (DECIDED, pgettext("decision", "made")), (ALL, _("all"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        chosen = self.chosen()
        return queryset if chosen == ALL else queryset.filter(decided_at__isnull=chosen == WAITING)


@admin.register(Appeal)
class AppealAdmin(AnswerPages):
    page = "decide"
    opened_by = (APPEALS,)
    answer_form = DecisionForm
    done = gettext_lazy("%(reference)s: decided.")
    detail_template = "admin/engagement/appeal_detail.html"
    list_title = gettext_lazy("Appeals: refusals to be looked at again")
    list_display = ("reference", "shown_title", "asked", "refused", "decision")
    list_filter = (DecidedFilter,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("idea__call", "refused_by", "decided_by")

    @admin.display(description=gettext_lazy("title"))
    def shown_title(self, appeal: Appeal) -> str:
        return appeal.idea.public_title or _("(no text)")

    @admin.display(description=gettext_lazy("refused by"))
    def refused(self, appeal: Appeal) -> str:
        return str(appeal.refused_by)

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, appeal: Appeal) -> str:
        if not appeal.outcome:
            return format_html('<span class="pill warn">{}</span>', _("waiting"))
        return format_html('<span class="pill good">{}</span>', appeal.get_outcome_display())

    def empty_form(self, record: Appeal) -> forms.Form:
        return DecisionForm(initial={"version": record.idea.version})

    def answer(self, record: Appeal, form: forms.Form, *, by: Any, at: datetime) -> object:
        said = form.cleaned_data
        granted = said["outcome"] == Appeal.Outcome.GRANTED
        decide = services.grant_appeal if granted else services.refuse_appeal
        return decide(
            idea=record.idea, text=said["text"], note=said["note"], version=said["version"], by=by, at=at
        )

    def form_context(self, request: HttpRequest, record: Appeal, form: Any) -> dict[str, Any]:
        idea = record.idea
        return {
            "title": _("Appeal: %(reference)s") % {"reference": idea.reference},
            "refusal": idea.events.standing().filter(verb="decline", at__lte=record.asked_at).last(),
            "own": record.refused_by_id == request.user.pk,
        }
