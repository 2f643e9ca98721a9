"""Importing ideas from a file: uploaded here, read at once as far as its columns, done by the worker."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import desk_pages
from engagement.admin.base import ReadOnlyAdmin
from engagement.models import Call, Idea
from engagement.services import Refused
from engagement.services.imports import MappingError, queue_import, read_mapping, settle, worded
from engagement.tables import TableError, read
from engagement.tasks import nudge_jobs

MAY = "engagement.import_idea"


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, with column names on its first line."),
    )
    call: Any = forms.ModelChoiceField(label=gettext_lazy("Invitation"), queryset=Call.objects.all())
    mapping = forms.CharField(
        label=gettext_lazy("Columns"),
        help_text=gettext_lazy(
            "Usual names are recognized. Where they are not, write one FIELD=COLUMN a line, "
            "for example problem=Summary."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the texts, when no column says it"), choices=settings.LANGUAGES
    )
    state = forms.ChoiceField(
        label=gettext_lazy("The new ideas"),
        choices=[
            (Idea.State.RECEIVED.value, gettext_lazy("wait in the queue for a decision")),
            (Idea.State.PUBLISHED.value, gettext_lazy("were public elsewhere: publish them")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        upload = cleaned.get("file")
        if upload is None:
            return cleaned
        try:
            cleaned["mapping"] = read_mapping(
                cleaned.get("mapping", "").split("\n") if cleaned.get("mapping") else []
            )
            settle(read(upload, name=upload.name).columns, cleaned["mapping"])
        except TableError as error:
            self.add_error("file", worded(error.code, error.params))
        except MappingError as error:
            self.add_error("mapping", worded(error.code, error.params))
        return cleaned


def _may(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY)


desk_pages.links.append(
    desk_pages.DeskLink(
        "engagement", gettext_lazy("Import ideas from a file"), "engagement_idea_import", _may
    )
)


class ImportPages(ReadOnlyAdmin):
    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        page = self.admin_site.admin_view(self.import_view)
        return [path("import/", page, name=name), *super().get_urls()]

    def import_links(self, request: HttpRequest) -> list[tuple[Any, str]]:
        return [(_("Import a file"), self.url("import"))] if request.user.has_perm(MAY) else []

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                job = queue_import(
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    upload=said["file"],
                    call=said["call"],
                    mapping=said["mapping"],
                    language=said["language"],
                    state=said["state"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
            else:
                nudge_jobs()
                return HttpResponseRedirect(reverse("admin:engagement_job_change", args=[job.pk]))
        context = {
            **self.page_context(request, _("Import ideas from a file")),
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/engagement/import.html", context)
