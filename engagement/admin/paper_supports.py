"""Typing in who supports an idea on paper: a list that somebody carried from door to door."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import services
from engagement.admin.base import FILTERS
from engagement.admin.type_in import MAY
from engagement.admin.verbs import VerbAdmin
from engagement.models import Idea, Support

MOST_LINES, LONGEST_LINE = 500, 200


class PaperForm(forms.Form):
    """Who signed. What is typed is shown again after an error, and written down nowhere."""

    voters = forms.CharField(
        label=gettext_lazy("Who signed, one person a line"),
        help_text=gettext_lazy(
            "Name or e-mail address as it is written, a name best with the address. Only a code made from "
            "it is kept, which tells who is there already and from which nobody can read the name."
        ),
        error_messages={"required": gettext_lazy("Write who supports the idea.")},
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off", "spellcheck": "false"}),
        strip=False,
    )
    note = forms.CharField(
        label=gettext_lazy("Which list it is"),
        help_text=gettext_lazy("Such as who handed it in and where it lies. Only staff read it."),
        required=False,
        max_length=300,
    )

    def clean_voters(self) -> list[str]:
        lines: list[str] = self.cleaned_data["voters"].splitlines()
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(
                _("These are %(n)d lines. At most %(limit)d go in at a time: nothing was added."),
                params={"n": len(lines), "limit": MOST_LINES},
            )
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                raise forms.ValidationError(
                    _("Line %(n)d is too long to be one person: begin a new line for each."),
                    params={"n": number},
                )
        return lines


class PaperPages(VerbAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_paper"
        page = self.admin_site.admin_view(self.paper_view)
        return [path("<int:pk>/supports/", page, name=name), *super().get_urls()]

    def paper_url(self, request: HttpRequest, idea: Idea) -> str:
        """The way to the page, for who may type in, while the idea takes supports."""
        offered = request.user.has_perm(MAY) and services.may_support(idea, Support.Kind.PAPER)
        return self.url("paper", idea.pk) if offered else ""

    def paper_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        idea = self.record(request, str(pk))
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        back = self.detail_url(pk, request.GET.get(FILTERS, ""))
        form = PaperForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said, back_again = form.cleaned_data, "_take_back" in request.POST
            verb = services.take_back_supports if back_again else services.type_in_supports
            try:
                typed = verb(
                    idea=idea,
                    lines=said["voters"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    note=said["note"],
                )
            except services.Refused as refusal:
                form.add_error("voters" if refusal.field else None, str(refusal.message))
            else:
                (_tell_taken_back if back_again else _tell)(request, typed)
                return HttpResponseRedirect(back)
        context = {
            **self.page_context(request, _("Add supports from paper: %(record)s") % {"record": idea}),
            "record": idea,
            "form": form,
            "back": back,
        }
        response = TemplateResponse(request, "admin/engagement/paper_supports.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _tell(request: HttpRequest, typed: services.TypedIn) -> None:
    """By the lines' numbers: a name in a message would lie in the session."""
    if typed.changed:
        told = ngettext("%(n)d support added.", "%(n)d supports added.", typed.changed)
        messages.success(request, told % {"n": typed.changed})
    if typed.unchanged:
        told = ngettext(
            "Counted before, and not again: line %(lines)s.",
            "Counted before, and not again: lines %(lines)s.",
            len(typed.unchanged),
        )
        messages.warning(request, told % {"lines": _numbers(typed)})


def _tell_taken_back(request: HttpRequest, typed: services.TypedIn) -> None:
    if typed.changed:
        told = ngettext("%(n)d support taken back.", "%(n)d supports taken back.", typed.changed)
        messages.success(request, told % {"n": typed.changed})
    if typed.unchanged:
        told = ngettext(
            "Nobody to take back: line %(lines)s.",
            "Nobody to take back: lines %(lines)s.",
            len(typed.unchanged),
        )
        messages.warning(request, told % {"lines": _numbers(typed)})


def _numbers(typed: services.TypedIn) -> str:
    return ", ".join(map(str, typed.unchanged))
