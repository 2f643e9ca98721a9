"""Taking lists away: what and in which format, of the rows chosen or of the whole list as it is filtered."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import exports
from engagement.admin.base import FILTERS, ReadOnlyAdmin
from engagement.forms.choices import is_key
from engagement.models import User
from engagement.services import Refused
from engagement.tables.writing import WritingError
from engagement.tasks import nudge_jobs

FORMAT_NAMES = {
    "xlsx": gettext_lazy("Spreadsheet (XLSX)"),
    "csv": gettext_lazy("Table (CSV)"),
    "json": gettext_lazy("Data (JSON)"),
    "geojson": gettext_lazy("Map (GeoJSON)"),
}


class ExportForm(forms.Form):
    what = forms.ChoiceField(label=gettext_lazy("What"), widget=forms.RadioSelect)
    format = forms.ChoiceField(
        label=gettext_lazy("Format"), widget=forms.RadioSelect, choices=list(FORMAT_NAMES.items())
    )
    keys = forms.CharField(required=False, widget=forms.HiddenInput)
    filters = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whats: list[exports.What], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [(one.key, one.title) for one in whats]  # type: ignore[attr-defined]
        self.fields["what"].initial = whats[0].key
        self.fields["format"].initial = "xlsx"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("what") == exports.CONTACTS.key and cleaned.get("format") == "geojson":
            self.add_error("format", _("Contacts are no places: choose another format."))
        return cleaned


class ExportPages(ReadOnlyAdmin):
    """`exportable`: what can be taken away from this list."""

    exportable: tuple[exports.What, ...] = ()
    actions = ("export_chosen",)

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        page = self.admin_site.admin_view(self.export_view)
        return [path("export/", page, name=name), *super().get_urls()]

    def may_export(self, request: HttpRequest) -> list[exports.What]:
        user = request.user
        return [what for what in self.exportable if user.is_active and user.has_perm(what.permission)]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.may_export(request))

    def export_links(self, request: HttpRequest) -> list[tuple[Any, str]]:
        """The list as it is filtered, to take away."""
        if not self.may_export(request):
            return []
        return [(_("Export this list"), f"{self.url('export')}?{_quoted(request.GET.urlencode())}")]

    @admin.action(description=gettext_lazy("Export the chosen ones"), permissions=["export"])
    def export_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        """Opens the page for the rows that are ticked, or for all that the list has."""
        keys = ",".join(str(key) for key in queryset.values_list("pk", flat=True))
        form = ExportForm(whats=self.may_export(request), initial={"keys": keys})
        return self._page(request, form, keys=keys)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        whats = self.may_export(request)
        if not whats or not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            form = ExportForm(whats=whats, initial={"filters": request.GET.get(FILTERS, "")})
            return self._page(request, form, filters=request.GET.get(FILTERS, ""))
        form = ExportForm(request.POST, whats=whats)
        if form.is_valid():
            try:
                return self._exported(request, form)
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
            except WritingError as error:
                form.add_error("format", exports.in_words(error))
        return self._page(
            request, form, keys=form.data.get("keys", ""), filters=form.data.get("filters", ""), status=422
        )

    def _to_export(self, request: HttpRequest, keys: str, filters: str) -> list[int]:
        """Primary keys, in the order of the list; none that the person may not see."""
        if keys:
            wanted = [int(key) for key in keys.split(",") if is_key(key)]
            there = set(self.get_queryset(request).filter(pk__in=wanted).values_list("pk", flat=True))
            return [key for key in wanted if key in there]
        return list(self.listed(request, filters).values_list("pk", flat=True))

    def _exported(self, request: HttpRequest, form: ExportForm) -> HttpResponseBase:
        said = form.cleaned_data
        what, kind, now = exports.WHATS[said["what"]], said["format"], timezone.now()
        keys = self._to_export(request, said["keys"], said["filters"])
        user = request.user
        assert isinstance(user, User)
        if len(keys) > settings.WINNOW_EXPORT_INLINE_ROWS:
            job = exports.queue_export(what=what, kind=kind, keys=keys, by=user, at=now)
            nudge_jobs()
            messages.success(request, _("The file is being written. You get a mail when it is ready."))
            return HttpResponseRedirect(reverse("admin:engagement_job_change", args=[job.pk]))
        file, written = exports.temporary(what, kind, keys=keys, by=user, at=now)
        for note in exports.notes(written.as_result()):
            messages.info(request, note)
        response = FileResponse(
            file,
            as_attachment=True,
            filename=exports.file_name(what, kind, now),
            content_type=exports.CONTENT_TYPES[kind],
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def _page(
        self, request: HttpRequest, form: ExportForm, *, keys: str = "", filters: str = "", status: int = 200
    ) -> HttpResponse:
        count = len(self._to_export(request, keys, filters))
        context = {
            **self.page_context(request, _("Export")),
            "form": form,
            "count": count,
            "filtered": bool(filters),
            "chosen": bool(keys),
            "as_job": count > settings.WINNOW_EXPORT_INLINE_ROWS,
            "address": self.url("export"),
            "back": self.url("changelist") + (f"?{filters}" if filters else ""),
        }
        return TemplateResponse(request, "admin/engagement/export.html", context, status=status)


def _quoted(filters: str) -> str:
    query = QueryDict(mutable=True)
    query[FILTERS] = filters
    return query.urlencode()
