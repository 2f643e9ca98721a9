"""How long personal data is kept: the rules, what would go now, and the register of what went."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from engagement.admin.base import PlainChangeList, ReadOnlyAdmin
from engagement.admin.reference import ReferenceAdmin
from engagement.models import Removal, RetentionRule
from engagement.services import keepings, purge_expired


def label_of(kind: str) -> Any:
    """A kind in words; its own name where the code no longer knows it."""
    known = keepings().get(kind)
    return known.label if known else kind


class RuleList(PlainChangeList):
    """The rules, each with how many rows it would remove now."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        would_go = {one.keeping.kind: one.count for one in purge_expired(at=timezone.now(), dry_run=True)}
        rows = list(self.result_list)
        for row in rows:
            row.would_go = would_go.get(row.kind)
        self.result_list = rows


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReferenceAdmin):
    """A city changes the days and may switch a kind off; the kinds themselves are Winnow's."""

    list_display = ("what", "kept", "active", "due")
    fields = ("what", "days", "active")
    readonly_fields = ("what",)
    ordering = ("kind",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PlainChangeList]:
        return RuleList

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, rule: RetentionRule) -> Any:
        return label_of(rule.kind)

    @admin.display(description=gettext_lazy("kept for"), ordering="days")
    def kept(self, rule: RetentionRule) -> str:
        return ngettext("%(n)d day", "%(n)d days", rule.days) % {"n": rule.days}

    @admin.display(description=gettext_lazy("would go now"))
    def due(self, rule: RetentionRule) -> str:
        """With words: on a phone no head stands above it."""
        count = getattr(rule, "would_go", None)
        if count is None:
            return "–"
        return ngettext("%(n)d would go now", "%(n)d would go now", count) % {"n": count}


@admin.register(Removal)
class RemovalAdmin(ReadOnlyAdmin):
    """The register: which kind, how many, when. Never what it said."""

    list_display = ("what", "count", "days", "at")
    list_display_links = None
    ordering = ("-at", "-pk")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A line says all that there is to say: its page is the list."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        self.record(request, str(kwargs.get("object_id") or (args[0] if args else "")))
        return HttpResponseRedirect(self.url("changelist"))

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, removal: Removal) -> Any:
        return label_of(removal.kind)
