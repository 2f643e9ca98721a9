"""Files of past problem reports: what each brought, bringing one in, taking one out."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import desk_pages
from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.refusals import tell
from engagement.evidence.formats import AUTO, FORMATS, PUBLISHED
from engagement.models import ArchiveFile, User
from engagement.services import Refused, archive
from engagement.tasks import nudge_jobs

MAY = "engagement.import_report"


class ArchiveImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or JSON as a city publishes it, plain or packed with gzip."),
        error_messages={"required": gettext_lazy("Choose a file.")},
        required=False,
    )
    incoming = forms.ChoiceField(
        label=gettext_lazy("Or a file that lies on the server"),
        help_text=gettext_lazy(
            "For files too large to send: your operator lays them into the folder “incoming”."
        ),
        required=False,
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            (AUTO, gettext_lazy("recognized by its columns")),
            *((one.code, one.name) for one in PUBLISHED.values()),
        ],
        initial=AUTO,
    )
    licence = forms.CharField(
        label=gettext_lazy("Licence under which it was published"),
        help_text=gettext_lazy("It is named wherever figures from this file are shown."),
        max_length=200,
        required=False,
    )
    source = forms.CharField(label=gettext_lazy("Where it comes from"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = archive.incoming_files()
        if names:
            choices = [("", gettext_lazy("none")), *((name, name) for name in names)]
            self.fields["incoming"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["incoming"]
            self.fields["file"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("file") and not cleaned.get("incoming") and not self.has_error("file"):
            self.add_error("file", _("Choose a file."))
        return cleaned


def _may(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


desk_pages.links.append(
    desk_pages.DeskLink(
        "engagement",
        gettext_lazy("Import past problem reports from a file"),
        "engagement_archivefile_import",
        _may,
    )
)


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in_use", _("in use")), ("removed", _("removed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in {"in_use", "removed"}:
            return queryset.filter(removed_at__isnull=self.value() == "in_use")
        return queryset


class FormatFilter(admin.SimpleListFilter):
    title = gettext_lazy("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        there = ArchiveFile.objects.order_by("format").values_list("format", flat=True).distinct()
        return [(code, _format_name(code)) for code in there]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(format=self.value()) if self.value() else queryset


@admin.register(ArchiveFile)
class ArchiveFileAdmin(ReadOnlyAdmin):
    detail_template = "admin/engagement/archive_file.html"
    list_display = ("shown_name", "shown_format", "period", "records", "shown_state")
    list_filter = (StateFilter, FormatFilter)
    actions = None

    @admin.display(description=gettext_lazy("file"), ordering="name")
    def shown_name(self, file: ArchiveFile) -> str:
        return file.name

    @admin.display(description=gettext_lazy("format"), ordering="format")
    def shown_format(self, file: ArchiveFile) -> str:
        return _format_name(file.format)

    @admin.display(description=gettext_lazy("period"), ordering="first_at")
    def period(self, file: ArchiveFile) -> str:
        return _period(file)

    @admin.display(description=gettext_lazy("records"), ordering="kept")
    def records(self, file: ArchiveFile) -> str:
        said = [_("kept: %(n)s") % {"n": _grouped(file.kept)}]
        if file.refused:
            said.append(_("refused: %(n)s") % {"n": _grouped(file.refused)})
        return ", ".join(said)

    @admin.display(description=gettext_lazy("state"), ordering="removed_at")
    def shown_state(self, file: ArchiveFile) -> str:
        tone, label = ("", _("removed")) if file.removed_at else ("good", _("in use"))
        return format_html('<span class="pill {}">{}</span>', tone, label)

    def get_urls(self) -> Any:
        wrap, name = self.admin_site.admin_view, "engagement_archivefile"
        return [
            path("import/", wrap(self.import_view), name=f"{name}_import"),
            path("<int:pk>/remove/", wrap(self.remove_view), name=f"{name}_remove"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        links = [(_("Import a file"), self.url("import"))] if _may(request) else []
        return super().changelist_view(request, {"links": links, **(extra_context or {})})

    def detail_context(self, request: HttpRequest, record: ArchiveFile) -> dict[str, Any]:
        return {
            "title": record.name,
            "format_name": _format_name(record.format),
            "period": _period(record),
            "size": filesizeformat(record.size),
            "notes": archive.notes(record),
            "refusals": archive.refusals(record),
            "remove": self.url("remove", record.pk) if _may(request) and _removable(record) else "",
        }

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not _may(request):
            raise PermissionDenied
        form = ArchiveImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                job = archive.queue_report_import(
                    by=_user(request),
                    at=timezone.now(),
                    upload=said["file"],
                    incoming=said.get("incoming", ""),
                    format=said["format"],
                    licence=said["licence"],
                    source=said["source"],
                )
            except Refused as refusal:
                tell(form, refusal)
            else:
                nudge_jobs()
                return HttpResponseRedirect(reverse("admin:engagement_job_change", args=[job.pk]))
        page = self.page_context(request, _("Import past problem reports"))
        context = {**page, "form": form, "media": self.media + form.media}
        return TemplateResponse(request, "admin/engagement/archive_import.html", context)

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        file = self.record(request, str(pk))
        if not _may(request):
            raise PermissionDenied
        if request.method != "POST":
            page = self.page_context(request, _("Remove %(file)s") % {"file": file.name})
            context = {**page, "record": file, "period": _period(file), "back": self.detail_url(pk)}
            return TemplateResponse(request, "admin/engagement/archive_remove.html", context)
        try:
            archive.remove_archive_file(file=file, by=_user(request), at=timezone.now())
        except Refused as refusal:
            messages.warning(request, str(refusal.message))
        else:
            messages.success(request, _("Removed: %(file)s.") % {"file": file.name})
        return HttpResponseRedirect(self.detail_url(pk))


def _removable(file: ArchiveFile) -> bool:
    return file.removed_at is None and file.format in PUBLISHED


def _format_name(code: str) -> str:
    known = FORMATS.get(code)
    if known is None:
        return code
    return known.name if known.code in PUBLISHED else _("reports sent to this city")


def _grouped(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _period(file: ArchiveFile) -> str:
    if file.first_at is None or file.last_at is None:
        return ""
    days = [date_format(timezone.localdate(moment)) for moment in (file.first_at, file.last_at)]
    return " – ".join(dict.fromkeys(days))
