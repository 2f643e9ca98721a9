"""The page on which staff put a translation beside an idea; the sender's words stand next to the form."""

from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from engagement import services
from engagement.admin.base import FILTERS
from engagement.admin.verbs import VerbAdmin
from engagement.models import Idea, Translation
from engagement.services.translations import LONGEST_TITLE, MAY

BY_HAND, BY_MACHINE = "hand", "machine"


def _languages(current: str) -> list[tuple[str, str]]:
    """All that Django knows a name of, by that name, and the one that the idea has."""
    named = {code: str(_(get_language_info(code)["name_translated"])) for code in LANG_INFO if len(code) == 2}
    named.setdefault(current, current)
    return sorted(named.items(), key=lambda one: one[1].casefold())


class TranslationForm(forms.Form):
    """The words in one of the city's languages, and how they were made."""

    sent_in = forms.ChoiceField(
        label=gettext_lazy("The sender wrote in"),
        help_text=gettext_lazy("Change it where the text was sent from a page in another language."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST_TITLE,
        error_messages={"required": gettext_lazy("Write the title.")},
    )
    problem = forms.CharField(
        label=gettext_lazy("What is the problem, and for whom?"),
        max_length=20000,
        error_messages={"required": gettext_lazy("Translate what the sender wrote.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    proposal = forms.CharField(
        label=gettext_lazy("What could help?"),
        max_length=20000,
        error_messages={"required": gettext_lazy("Translate what the sender wrote.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Who translated it"),
        help_text=gettext_lazy("The public reads it beside the translation; your name is not shown."),
        choices=[
            (BY_HAND, gettext_lazy("A person")),
            (BY_MACHINE, gettext_lazy("A machine; I have read it")),
        ],
        error_messages={"required": gettext_lazy("Say who translated it.")},
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, idea: Idea, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent_in = self.fields["sent_in"]
        assert isinstance(sent_in, forms.ChoiceField)
        sent_in.choices = _languages(idea.language)
        if not idea.public_proposal:
            del self.fields["proposal"]
        for name in ("title", "problem", "proposal"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"lang": language, "dir": "auto"}

    def words(self, language: str) -> services.Beside:
        said = self.cleaned_data
        return services.Beside(
            language=language,
            title=said["title"],
            problem=said["problem"],
            proposal=said.get("proposal", ""),
            by_machine=said["how"] == BY_MACHINE,
        )


def _as_it_stands(idea: Idea, beside: Translation | None) -> dict[str, Any]:
    """What the form shows first."""
    if beside is None:
        return {"sent_in": idea.language}
    return {
        "sent_in": idea.language,
        "title": beside.title,
        "problem": beside.problem,
        "proposal": beside.proposal,
        "how": BY_MACHINE if beside.by_machine else BY_HAND,
    }


class TranslationPages(VerbAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_translation"
        page = self.admin_site.admin_view(self.translation_view)
        return [path("<int:pk>/translation/<slug:language>/", page, name=name), *super().get_urls()]

    def translation_rows(self, request: HttpRequest, idea: Idea) -> list[dict[str, Any]]:
        """For each of the city's languages: what stands there, and the way to the page for who may."""
        there = {one.language: one for one in idea.translations.select_related("made_by")}
        may = request.user.has_perm(MAY) and bool(idea.public_problem)
        rows = []
        for code, _name in settings.LANGUAGES:
            if code in there or may:
                address = self.url("translation", idea.pk, code) if may else ""
                rows.append(
                    {
                        "language": code,
                        "beside": there.get(code),
                        "url": address,
                        "own": code == idea.language,
                    }
                )
        return rows

    def translation_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        idea = self.record(request, str(pk))
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        if language not in dict(settings.LANGUAGES) or not idea.shows_text or not idea.public_problem:
            raise Http404
        beside = idea.translations.filter(language=language).select_related("made_by").first()
        back = self.detail_url(pk, request.GET.get(FILTERS, ""))
        form = TranslationForm(
            request.POST or None, idea=idea, language=language, initial=_as_it_stands(idea, beside)
        )
        if request.method == "POST":
            if "_remove" in request.POST:
                form = TranslationForm(idea=idea, language=language, initial=_as_it_stands(idea, beside))
            if self._carried_out(request, idea, language, form):
                return HttpResponseRedirect(back)
        context = {
            **self.page_context(request, _("A translation beside %(record)s") % {"record": idea}),
            "record": idea,
            "form": form,
            "beside": beside,
            "language": language,
            "version": idea.version,
            "back": back,
        }
        failed = request.method == "POST"
        return TemplateResponse(
            request, "admin/engagement/translation.html", context, status=422 if failed else 200
        )

    def _carried_out(self, request: HttpRequest, idea: Idea, language: str, form: TranslationForm) -> bool:
        """Calls the one service; what it refuses stands on the form, with everything typed kept."""
        seen = request.POST.get("version", "")
        acting: Any = {
            "idea": idea,
            "by": request.user,
            "at": timezone.now(),
            "version": int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        }
        try:
            if "_remove" in request.POST:
                services.remove_translation(language=language, **acting)
                messages.success(request, _("The translation was taken away."))
                return True
            if not form.is_valid():
                return False
            services.translate_idea(
                words=form.words(language), sent_in=form.cleaned_data["sent_in"], **acting
            )
        except services.Refused as refusal:
            if not form.is_bound:
                messages.error(request, str(refusal.message))
            else:
                field = refusal.field if refusal.field in form.fields else None
                form.add_error(field, str(refusal.message))
            return False
        messages.success(request, _("The translation stands beside the sender’s words."))
        return True
