"""The filters beside the list of initiatives."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from engagement.forms.choices import is_key
from engagement.models import Department, Theme
from prioritisation.models import Understanding

BANDS = {
    "short": (_("under 12 months"), Q(timeframe_months__lt=12)),
    "medium": (_("1 to 3 years"), Q(timeframe_months__range=(12, 36))),
    "long": (_("over 3 years"), Q(timeframe_months__gt=36)),
    "unknown": (_("not known yet"), Q(timeframe_months__isnull=True)),
}


class ThemeFilter(admin.SimpleListFilter):
    title = _("theme")
    parameter_name = "theme"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(theme.pk), str(theme)) for theme in Theme.objects.filter(active=True)]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(theme_impacts__theme=value) if is_key(value) else queryset


class OwnerFilter(admin.SimpleListFilter):
    title = _("owner department")
    parameter_name = "owner"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        found = [(str(one.pk), str(one)) for one in Department.objects.filter(active=True)]
        return [*found, ("none", _("none yet"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value() or ""
        if value == "none":
            return queryset.filter(owner__isnull=True)
        return queryset.filter(owner=value) if is_key(value) else queryset


class AgreedFilter(admin.SimpleListFilter):
    title = _("owner agreed")
    parameter_name = "agreed"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("not yet"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() in {"yes", "no"}:
            return queryset.filter(owner_agreed_at__isnull=self.value() == "no")
        return queryset


class BandFilter(admin.SimpleListFilter):
    title = _("time to carry out")
    parameter_name = "band"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, _condition) in BANDS.items()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        band = BANDS.get(self.value() or "")
        return queryset.filter(band[1]) if band else queryset


class UnderstoodFilter(admin.SimpleListFilter):
    title = _("did we understand the senders")
    parameter_name = "understood"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("doubt", _("somebody says partly or no")), ("silent", _("asked, nobody answered yet"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        asked = Understanding.objects.filter(link__initiative=OuterRef("pk"))
        if self.value() == "doubt":
            return queryset.filter(Exists(asked.filter(answer__in=["partly", "no"])))
        if self.value() == "silent":
            return queryset.filter(Exists(asked), ~Exists(asked.exclude(answer="")))
        return queryset
