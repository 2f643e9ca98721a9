"""Read-only lists and details: what every domain model has in the admin.

Records change only through verbs (see `verbs.py`). Nothing here adds, edits or deletes, and Django's own
log stays empty: history is the record's events.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.admin.returning import KEPT, kept_keys

if TYPE_CHECKING:
    from django.db.models import QuerySet

    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

FILTERS = "_changelist_filters"
SHORT_NAME_HELP = gettext_lazy("Letters, digits and hyphens, without spaces.")
"""Beside every code and short name: what Django refuses as no “slug” nobody would guess."""
"""Django's name for the list's query string, as its links to a record carry it."""


class PlainChangeList(ChangeList):
    """A list whose address holds no NUL: PostgreSQL takes none, and would say so only while it answers."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise IncorrectLookupParameters
        return super().get_queryset(request, exclude_parameters)


class Unlogged(ModelAdmin):
    """Writes no line into Django's log: who did what stands in the record's events."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlainChangeList

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


class KeepingChangeList(PlainChangeList):
    """A list that ticks again the rows it was asked to keep ticked."""

    def get_filters_params(self, params: Any = None) -> Any:
        wanted = super().get_filters_params(params)
        wanted.pop(KEPT, None)
        return wanted

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        return super().get_query_string(new_params, [*(remove or []), KEPT])

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        return found.defer(*getattr(self.model_admin, "list_deferred", ()))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        kept = kept_keys(request)
        rows = list(self.result_list)
        for row in rows:
            row.kept_ticked = str(row.pk) in kept
            self.model_admin.note_row(request, row)  # type: ignore[attr-defined]
        self.result_list = rows


class UnreadChangeList(KeepingChangeList):
    """Only the filters of a list: which rows it would show, without a page of them."""

    def get_results(self, request: HttpRequest) -> None:
        self.result_list = []


class ReadOnlyAdmin(Unlogged):
    """A list and a detail page of our own. Subclasses say what the detail shows in `detail_context`."""

    detail_template = "admin/engagement/detail.html"
    change_list_template = "admin/engagement/change_list.html"
    list_per_page = 50
    list_max_show_all = 100
    list_title: Any = ""
    list_deferred: "list[str]" = []
    """Long texts that a list does not show and need not load."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UnreadChangeList if getattr(request, "only_filters", False) else KeepingChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the list offers as a filter.

        Django lets an address ask for any column of the row: who may see the list could find out, letter
        by letter, what stands in a column that its pages do not show them.
        """
        if lookup == KEPT:
            return True
        offered = lookup.partition("__")[0] in self._filter_names(request)
        return offered and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def _filter_names(self, request: HttpRequest | None) -> "set[str]":
        names: set[str] = set()
        for one in self.get_list_filter(request) if request is not None else self.list_filter:
            chosen = one[0] if isinstance(one, list | tuple) else one
            names.add(str(getattr(chosen, "parameter_name", chosen)))
        return names

    def action_checkbox(self, obj: Any) -> SafeString:
        return format_html(
            '<input type="checkbox" name="_selected_action" value="{}" class="action-select"'
            ' aria-label="{}"{}>',
            obj.pk,
            _("Select %(record)s") % {"record": obj},
            mark_safe(" checked") if getattr(obj, "kept_ticked", False) else "",
        )

    def note_row(self, request: HttpRequest, row: Any) -> None:
        """Writes on a row of the list what its columns need to know of who reads it."""

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        title = self.list_title or capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    # The detail page ----------------------------------------------------------------------------

    def record(self, request: HttpRequest, object_id: str) -> Any:
        """The record that this person may see, or 404, or 403."""
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if object_id is None:
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        record = self.record(request, object_id)
        context = {**self.page_context(request, str(record)), **(extra_context or {}), "record": record}
        context |= self.detail_context(request, record)
        return TemplateResponse(request, self.detail_template, context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A record's history is on its page."""
        self.record(request, object_id)
        return HttpResponseRedirect(self.detail_url(object_id))

    def detail_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {}

    def page_context(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        """What every page of ours inside the admin's frame needs."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_url": self.list_url(request),
            "list_name": capfirst(str(self.opts.verbose_name_plural)),
            "filters": request.GET.get(FILTERS, ""),
        }

    # Addresses ----------------------------------------------------------------------------------

    def url(self, page: str, *args: object) -> str:
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args
        )

    def list_url(self, request: HttpRequest) -> str:
        """The list, as filtered as it was when this page was opened from it."""
        return self.filtered_url(request.GET.get(FILTERS, ""))

    def filtered_url(self, filters: str) -> str:
        return self.url("changelist") + (f"?{filters}" if filters else "")

    def detail_url(self, pk: object, filters: str = "") -> str:
        query = QueryDict(mutable=True)
        if filters:
            query[FILTERS] = filters
        return self.url("change", pk) + (f"?{query.urlencode()}" if filters else "")

    # The way through a list ---------------------------------------------------------------------

    def neighbours(self, listed: "QuerySet[Any]", pk: object) -> dict[str, Any]:
        """The records before and after `pk` in the list, and its place: None where none.

        A record that is no longer in the list (somebody just decided it) is followed by the first.
        """
        keys = list(listed.values_list("pk", flat=True))
        if pk not in keys:
            return {"previous": None, "next": keys[0] if keys else None, "place": None, "count": len(keys)}
        place = keys.index(pk)
        return {
            "previous": keys[place - 1] if place else None,
            "next": keys[place + 1] if place + 1 < len(keys) else None,
            "place": place + 1,
            "count": len(keys),
        }

    def listed(self, request: HttpRequest, filters: str) -> "QuerySet[Any]":
        """The rows that the list shows under these filters, in its order."""
        asked = request.GET
        request.GET = QueryDict(filters)
        request.only_filters = True  # type: ignore[attr-defined]
        found: QuerySet[Any]
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            found = self.model._default_manager.none()
        finally:
            request.GET = asked
            request.only_filters = False  # type: ignore[attr-defined]
        return found
