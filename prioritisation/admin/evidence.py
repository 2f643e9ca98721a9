"""Evidence from problem reports in the admin: the verb that adds it, and the page that changes it."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.admin import refusals
from engagement.admin.verbs import Verb, VerbAdmin, VerbForm
from engagement.localized import LocalizedFormField
from engagement.models import User
from engagement.services import Refused, Stale, archive
from prioritisation import services
from prioritisation.admin.scope import person
from prioritisation.forms.programmes import DateInput
from prioritisation.models import EvidenceLink, Initiative

OFFERED = 40
"""Kinds of report that a search offers: more are found with better words."""


class EvidenceForm(VerbForm):
    """Which kinds of report, in which period. They are found by words; "Search" only asks again."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    find = forms.CharField(
        label=gettext_lazy("Find kinds of report by words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of report"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose at least one kind of report."),
            "invalid_choice": gettext_lazy("Choose among the kinds that were found."),
        },
    )
    from_date = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    to_date = forms.DateField(label=gettext_lazy("To"), widget=DateInput())
    words = LocalizedFormField(
        label=gettext_lazy("What it shows"),
        help_text=gettext_lazy("A sentence for who reads the figures. It is published with them."),
        required=False,
        rows=2,
    )

    def __init__(self, *args: Any, link: EvidenceLink | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(link)
        super().__init__(*args, **kwargs)
        del self.fields["note"]
        self.order_fields(["version", "find", "services", "from_date", "to_date", "words"])
        stored = list(link.services) if link else []
        chosen = self.data.getlist("services") if isinstance(self.data, QueryDict) else stored
        field = self.fields["services"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices, field.help_text = _offered(str(self.data.get("find", "")), chosen, stored)

    @property
    def asks_again(self) -> bool:
        return "_search" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.asks_again:
            self.errors.clear()
            return cleaned
        first, last = cleaned.get("from_date"), cleaned.get("to_date")
        if first and last and last < first:
            self.add_error("to_date", _("This is before it starts."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """For `services.link_evidence` and `change_evidence`."""
        said = self.cleaned_data
        return {
            "services": said["services"],
            "from_date": said["from_date"],
            "to_date": said["to_date"],
            "note": said["words"],
        }

    def overwrite(self, version: int) -> None:
        """Who was told that somebody else changed it, and saves again, means it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data


def _initial(link: EvidenceLink | None) -> dict[str, Any]:
    if link is not None:
        return {
            "version": link.version,
            "services": link.services,
            "from_date": link.from_date,
            "to_date": link.to_date,
            "words": link.note,
        }
    today = timezone.localdate()
    return {"from_date": date(today.year - 2, today.month, 1), "to_date": today}


def _offered(words: str, chosen: list[str], stored: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Names with their counts, those chosen first, and what to say when there is nothing to choose.

    What the archive does not have may stay where it is `stored`, and is else nobody's choice.
    """
    try:
        found = archive.report_services(words, OFFERED)
        known = {one.name: one for one in archive.report_services("", 10_000)} if chosen else {}
    except Refused as refusal:
        return [(name, name) for name in stored], str(refusal.message)
    offered = {name: known[name] for name in chosen if name in known} | {one.name: one for one in found}
    choices = [(name, _line(one)) for name, one in offered.items()]
    lost = [(name, _("%(name)s (no longer in the archive)") % {"name": name}) for name in stored]
    choices += [pair for pair in lost if pair[0] not in offered]
    if choices:
        return choices, ""
    if words:
        return [], _("Nothing was found. Try other words, or fewer.")
    return [], _("The archive holds no problem reports yet. Bring a file in first.")


def _line(one: archive.ServiceCount) -> str:
    counted = ngettext("%(n)s report", "%(n)s reports", one.reports) % {
        "n": number_format(one.reports, use_l10n=True, force_grouping=True)
    }
    first, last = (date_format(day, "YEAR_MONTH_FORMAT") for day in (one.first, one.last))
    return f"{one.name} · {counted}, {first} – {last}"


def _link(initiative: Initiative, form: VerbForm, *, by: User, at: datetime, version: int) -> object:
    assert isinstance(form, EvidenceForm)
    return services.link_evidence(initiative=initiative, by=by, at=at, **form.values())


LINK_EVIDENCE = Verb(
    "link_evidence",
    gettext_lazy("Add evidence from problem reports"),
    lambda n: _("evidence added"),
    _link,
    form=EvidenceForm,
    in_bulk=False,
    leads_on=False,
)


class EvidencePages(VerbAdmin):
    """The page of one link, for who manages the initiative's programme."""

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_evidence"
        page = self.admin_site.admin_view(self.evidence_view)
        return [path("<int:pk>/evidence/<int:key>/", page, name=name), *super().get_urls()]

    def evidence_rows(self, initiative: Initiative, *, changing: bool) -> list[dict[str, Any]]:
        """Each link as it counts now, with what rounds froze of it."""
        counted = services.evidence_of(initiative, at=timezone.now())
        return [
            {
                "link": one.link,
                "name": f"evidence-{one.link.pk}",
                "document": one.document,
                "why_not": one.why_not,
                "frozen": [
                    (
                        frozen.round,
                        {
                            "document": frozen.figures,
                            "archive": frozen.archive,
                            "as_of_day": frozen.frozen_at,
                        },
                    )
                    for frozen in one.link.frozen.select_related("round__programme").order_by("round")
                ],
                "url": self.url("evidence", initiative.pk, one.link.pk) if changing else "",
            }
            for one in counted
        ]

    def evidence_view(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        initiative = self.record(request, str(pk))
        link = initiative.evidence_links.standing().filter(pk=key).first()
        if link is None or not self.may(request, LINK_EVIDENCE, initiative):
            raise Http404
        data = request.POST if request.method == "POST" else None
        form = EvidenceForm(data, verb=LINK_EVIDENCE, records=[initiative], link=link)
        removing = "_remove" in request.POST
        if data is None or ((not form.is_valid() or form.asks_again) and not removing):
            status = 422 if form.errors else 200
            return self._evidence_page(request, initiative, form, status=status)
        version = form.cleaned_data.get("version")
        try:
            if removing:
                services.remove_evidence(link=link, by=person(request), at=timezone.now(), version=version)
            else:
                services.change_evidence(
                    link=link, by=person(request), at=timezone.now(), version=version, **form.values()
                )
        except Refused as refusal:
            refusals.tell(form, refusal)
            if not isinstance(refusal, Stale):
                return self._evidence_page(request, initiative, form, status=422)
            form.overwrite(EvidenceLink.objects.get(pk=key).version)
            return self._evidence_page(request, initiative, form, status=409)
        messages.success(
            request, _("The evidence is taken away.") if removing else _("The evidence is saved.")
        )
        return HttpResponseRedirect(self.detail_url(pk))

    def _evidence_page(
        self, request: HttpRequest, initiative: Initiative, form: EvidenceForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.page_context(request, _("Evidence from problem reports")),
            "record": initiative,
            "form": form,
            "back": self.detail_url(initiative.pk),
        }
        template = "admin/prioritisation/evidence_edit.html"
        return TemplateResponse(request, template, context, status=status)
